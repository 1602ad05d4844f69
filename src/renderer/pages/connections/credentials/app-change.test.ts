import { describe, expect, it } from 'vitest';
import { sampleRow } from '../../../testing/samples.ts';
import { appChangeWarning, authorizedBy, isOtherClient } from './app-change.ts';

const at = '2026-03-12T14:02:00.000Z';
const rows = [
  sampleRow({ id: 'connection0001', name: 'Sales' }),
  sampleRow({ id: 'connection0002', name: 'Support', connectorId: 'zendesk' }),
  sampleRow({ id: 'connection0003', name: 'Draft', state: { kind: 'draft' } }),
  sampleRow({ id: 'connection0004', name: 'Gone', state: { kind: 'revoked', since: at, remote: 'done' } }),
];
const stored = { clientId: 'the-app' };
const change = (clientId: string, clientSecret = '') => ({ stored, clientId, clientSecret });

describe('another OAuth app', () => {
  it('concerns the connections that are authorized by it, and no other', () => {
    expect(authorizedBy(rows, 'salesforce', 'oauth')).toEqual(['Sales']);
    expect(authorizedBy(rows, 'zendesk', 'token')).toEqual([]);
  });

  it('is said to need a new authorization of each by name before it is saved', () => {
    expect(appChangeWarning(change('another-app'), ['Sales'])).toMatch(
      /^"Sales" was authorized .* needs a new authoriz/,
    );
    const many = Array.from({ length: 8 }, (_, index) => `C${index}`);
    expect(appChangeWarning(change(' another-app '), many)).toContain('"C4" and 3 more were authorized');
  });

  it('is not what a new client secret is: that one is used by the same connections', () => {
    expect(appChangeWarning(change('the-app', 'new-secret'), ['Sales'])).toContain('uses the new client secret');
    expect(appChangeWarning(change('the-app', 'new-secret'), ['Sales'])).not.toContain('new-secret');
    expect(isOtherClient(change('the-app', 'new-secret'))).toBe(false);
  });

  it.each([
    ['the same id', change(' the-app '), ['Sales']],
    ['nothing typed', change(''), ['Sales']],
    ['the first app', { ...change('another-app'), stored: undefined }, ['Sales']],
    ['nobody authorized by it', change('another-app', 'secret'), []],
  ])('says nothing with %s', (_what, one, names) => {
    expect(appChangeWarning(one, names)).toBeNull();
  });
});
