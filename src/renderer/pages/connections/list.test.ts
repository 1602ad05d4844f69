import { describe, expect, it } from 'vitest';
import { countByFilter, matchesSearch, searchWords, sectionsOf, sortRows } from './list.ts';
import { sampleConnector, sampleRow } from './testing.ts';

const at = '2026-03-12T14:02:00.000Z';
const active = sampleRow({ id: 'activeactive1', name: 'Beta' });
const failing = sampleRow({ id: 'failingfail01', name: 'Gamma', failed: 3 });
const lost = sampleRow({
  id: 'lostlostlost1',
  name: 'Zeta',
  state: { kind: 'disconnected', since: at, reason: 'user_deactivated', detail: '' },
});
const draft = sampleRow({ id: 'draftdraft001', name: 'Alpha', state: { kind: 'draft' } });
const revoked = sampleRow({
  id: 'revokedrevok1',
  name: 'Aaron',
  state: { kind: 'revoked', since: at, remote: 'done' },
});
const rows = [active, revoked, failing, draft, lost];
const names = (list: readonly { connection: { name: string } }[]) => list.map((row) => row.connection.name);

describe('the list of connections', () => {
  it('puts what needs somebody first and what was revoked last', () => {
    expect(names(sortRows(rows))).toEqual(['Zeta', 'Alpha', 'Gamma', 'Beta', 'Aaron']);
  });

  it('counts each row in exactly one filter', () => {
    const { all, connected, needsYou, revoked: gone } = countByFilter(rows);
    expect([all, connected, needsYou, gone]).toEqual([5, 2, 2, 1]);
    expect(connected + needsYou + gone).toBe(all);
  });

  it('sorts numbers in names as numbers', () => {
    const numbered = ['S 10', 'S 9', 's 2'].map((name, index) => sampleRow({ id: `numbered000${index}`, name }));
    expect(names(sortRows(numbered))).toEqual(['s 2', 'S 9', 'S 10']);
  });

  it.each([
    ['', true],
    ['BÉTA', true],
    ['beta dana', true],
    ['my.salesforce', true],
    ['beta zendesk', false],
  ])('search %j', (search, matches) => {
    expect(matchesSearch(active, searchWords(search))).toBe(matches);
  });

  it('shows Gainsight products in their own section, by connector and not by name', () => {
    const px = sampleRow({ id: 'pxpxpxpxpxpx1', name: 'Usage', connectorId: 'px' });
    const connectors = new Map([
      ['px', sampleConnector({ id: 'px', product: 'px' })],
      ['salesforce', sampleConnector()],
    ]);
    const sections = sectionsOf([px, ...rows], connectors, '', 'connected');
    expect(names(sections.gainsight)).toEqual(['Usage']);
    expect(names(sections.external)).toEqual(['Beta', 'Gamma']);
  });
});
