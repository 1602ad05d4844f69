import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ListedRow } from '../../../../shared/ipc/contract/connection-list.ts';
import { matchesSearch, searchWords } from '../../../stores/connection-search.ts';
import { GROUPINGS, type GroupBy, NO_NARROWING, QUICK_FILTERS, SORTS } from '../../../stores/connection-view.ts';
import { sampleConnector, sampleRow } from '../../../testing/samples.ts';
import { countByConnector, countByFilter, countByTag, type Item, sectionsOf, sortRows } from './list.ts';

const at = '2026-03-12T14:02:00.000Z';
const active = sampleRow({ id: 'activeactive1', name: 'Beta', tags: ['EU', 'prod'] });
const failing = sampleRow({ id: 'failingfail01', name: 'Gamma', failed: 3, lastRunAt: at });
const lost = sampleRow({
  id: 'lostlostlost1',
  name: 'Zeta',
  state: { kind: 'disconnected', since: at, reason: 'user_deactivated', detail: '' },
  connectorId: 'zendesk',
  connectorName: 'Zendesk',
  tags: ['prod'],
});
const draft = sampleRow({ id: 'draftdraft001', name: 'Alpha', state: { kind: 'draft' } });
const revoked = sampleRow({
  id: 'revokedrevok1',
  name: 'Aaron',
  state: { kind: 'revoked', since: at, remote: 'done' },
  dataAsOf: at,
});
const all = [active, revoked, failing, draft, lost];
const mapOf = (rows: readonly ListedRow[]) => new Map(rows.map((row) => [row.connection.id as string, row]));
const names = (list: readonly ListedRow[]) => list.map((row) => row.connection.name);
const lines = (items: readonly Item[]) =>
  items.map((item) => (item.kind === 'group' ? `# ${item.label} ${item.count}` : item.row.connection.name));
const noConnectors = new Map();

describe('sorting', () => {
  it.each([
    ['urgency', ['Zeta', 'Alpha', 'Gamma', 'Beta', 'Aaron']],
    ['name', ['Aaron', 'Alpha', 'Beta', 'Gamma', 'Zeta']],
    ['state', ['Zeta', 'Alpha', 'Beta', 'Gamma', 'Aaron']],
    ['lastRun', ['Gamma', 'Aaron', 'Alpha', 'Beta', 'Zeta']],
    ['dataAsOf', ['Aaron', 'Alpha', 'Beta', 'Gamma', 'Zeta']],
    ['connector', ['Aaron', 'Alpha', 'Beta', 'Gamma', 'Zeta']],
  ] as const)('by %s', (sort, order) => {
    expect(names(sortRows(mapOf(all), sort))).toEqual(order);
  });

  it('sorts numbers in names as numbers', () => {
    const numbered = ['S 10', 'S 9', 's 2'].map((name, index) => sampleRow({ id: `numbered000${index}`, name }));
    expect(names(sortRows(mapOf(numbered), 'urgency'))).toEqual(['s 2', 'S 9', 'S 10']);
  });

  it('gives the same order from whatever order it had before', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(all, { minLength: 0 }),
        fc.shuffledSubarray(all, { minLength: 1 }),
        fc.constantFrom(...SORTS),
        (before, now, sort) => {
          expect(sortRows(mapOf(now), sort, before)).toEqual(sortRows(mapOf(now), sort));
        },
      ),
    );
  });
});

describe('counts', () => {
  it('add up to All, whatever else is chosen', () => {
    for (const narrowing of [
      NO_NARROWING,
      { ...NO_NARROWING, connector: 'salesforce' },
      { ...NO_NARROWING, tag: 'prod' },
    ]) {
      for (const search of ['', 'a', 'gamma', 'nobody has this']) {
        for (const filter of QUICK_FILTERS) {
          const { external, byState } = sectionsOf(all, noConnectors, search, { ...narrowing, filter }, 'none');
          const counts = countByFilter(byState);
          expect(counts.connected + counts.needsYou + counts.revoked).toBe(counts.all);
          expect(external).toHaveLength(counts[filter]);
        }
      }
    }
  });

  it('follow the search', () => {
    const { byState } = sectionsOf(all, noConnectors, 'gamma', { ...NO_NARROWING, filter: 'revoked' }, 'none');
    expect(countByFilter(byState)).toEqual({ all: 1, connected: 1, needsYou: 0, revoked: 0 });
    expect(countByConnector(all, 'gamma', NO_NARROWING).map(({ label, count }) => `${label} ${count}`)).toEqual([
      'Salesforce 1',
      'Zendesk 0',
    ]);
    expect(countByTag(all, 'beta', NO_NARROWING).map(({ value, count }) => `${value} ${count}`)).toEqual([
      'EU 1',
      'prod 1',
    ]);
  });

  it('of connectors add up to what is shown without one chosen', () => {
    for (const filter of QUICK_FILTERS) {
      const narrowing = { ...NO_NARROWING, filter, connector: 'zendesk' };
      const choices = countByConnector(all, '', narrowing);
      const shown = sectionsOf(all, noConnectors, '', { ...narrowing, connector: null }, 'none').external;
      expect(choices.reduce((sum, { count }) => sum + count, 0)).toBe(shown.length);
    }
    expect(countByConnector(all, '', NO_NARROWING).map(({ label, count }) => `${label} ${count}`)).toEqual([
      'Salesforce 4',
      'Zendesk 1',
    ]);
  });

  it('of tags count a connection for each of its tags', () => {
    expect(countByTag(all, '', NO_NARROWING).map(({ value, count }) => `${value} ${count}`)).toEqual([
      'EU 1',
      'prod 2',
    ]);
  });
});

describe('search', () => {
  it.each([
    ['', true],
    ['BÉTA', true],
    ['beta dana', true],
    ['my.salesforce', true],
    ['prod', true],
    ['beta zendesk', false],
  ])('%j', (search, matches) => {
    expect(matchesSearch(active, searchWords(search))).toBe(matches);
  });
});

describe('sections and groups', () => {
  it('show Gainsight products in their own section, by connector and not by name', () => {
    const px = sampleRow({ id: 'pxpxpxpxpxpx1', name: 'Usage', connectorId: 'px' });
    const connectors = new Map([
      ['px', sampleConnector({ id: 'px', product: 'px' })],
      ['salesforce', sampleConnector()],
    ]);
    const sections = sectionsOf([px, ...all], connectors, '', { ...NO_NARROWING, filter: 'connected' }, 'none');
    expect(lines(sections.gainsight)).toEqual(['Usage']);
    expect(lines(sections.external)).toEqual(['Beta', 'Gamma']);
  });

  it.each([
    ['connector', ['# Salesforce 4', 'Alpha', 'Gamma', 'Beta', 'Aaron', '# Zendesk 1', 'Zeta']],
    [
      'state',
      [
        '# Disconnected 1',
        'Zeta',
        '# Not authorized 1',
        'Alpha',
        '# Connected 2',
        'Gamma',
        'Beta',
        '# Revoked 1',
        'Aaron',
      ],
    ],
    ['tag', ['# EU 1', 'Beta', '# prod 2', 'Zeta', 'Beta', '# No tag 3', 'Alpha', 'Gamma', 'Aaron']],
  ] as const)('by %s', (group, expected) => {
    const sorted = sortRows(mapOf(all), 'urgency');
    expect(lines(sectionsOf(sorted, noConnectors, '', NO_NARROWING, group).external)).toEqual(expected);
  });

  it('never use a key twice', () => {
    for (const group of GROUPINGS as readonly GroupBy[]) {
      const { external } = sectionsOf(all, noConnectors, '', NO_NARROWING, group);
      expect(new Set(external.map(({ key }) => key)).size).toBe(external.length);
    }
  });
});
