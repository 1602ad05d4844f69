import { describe, expect, it } from 'vitest';
import { hrefOf, parseRoute, type Route, withoutIds } from './routes.ts';

const routes: Route[] = [
  { page: 'connections' },
  { page: 'jobs', connectionId: 'c1' },
  { page: 'activity', tab: 'executions', connectionId: 'c1', failedLast24Hours: true, id: 'a1' },
  { page: 'activity', tab: 'updates' },
  { page: 'data', jobId: 'j1' },
  { page: 'settings', section: 'vault' },
];

describe('routes', () => {
  it.each(routes)('an address leads back to its route: %o', (route) => {
    expect(parseRoute(hrefOf(route))).toMatchObject(JSON.parse(JSON.stringify(route)));
  });

  it.each([
    ['#/jobs?connection=c1', '#/jobs'],
    ['#/data?job=j1', '#/data'],
    ['#/activity/updates?connection=c1', '#/activity/updates'],
    ['#/activity/executions?job=j1&status=failed&open=a1', '#/activity/executions?status=failed'],
    ['#/settings/vault', '#/settings/vault'],
  ])('%s is %s for another tenant', (before, after) => {
    expect(hrefOf(withoutIds(parseRoute(before)))).toBe(after);
  });

  it.each(['', '#', '#/nowhere', '#/settings/none', '#/activity/what'])('%s leads to a page that exists', (hash) => {
    expect(() => hrefOf(parseRoute(hash))).not.toThrow();
  });

  it('keeps hostile text inside its parameter', () => {
    const route = parseRoute(hrefOf({ page: 'jobs', connectionId: 'a&open=b#/data' }));
    expect(route).toEqual({ page: 'jobs', connectionId: 'a&open=b#/data' });
  });
});
