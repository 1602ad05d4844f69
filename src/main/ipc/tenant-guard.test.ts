// Ids of two tenants on a real store: the page may name those of the tenant it shows.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestProfile, type TestProfile } from '../../core/network/testing/servers.ts';
import type { TenantId } from '../../shared/ids.ts';
import type { CallName } from '../../shared/ipc/channels.ts';
import { aConnection, aJob, anExecution, aTenant } from '../../store/testing/records.ts';
import { createTenantGuard } from './tenant-guard.ts';

const [mine, other] = [aTenant({ name: 'Mine' }), aTenant({ name: 'Other' })];
let here: TestProfile;
let selected: TenantId | null;
let guard: (call: CallName, input: unknown) => void;
let ids: Record<'mine' | 'other', { connection: string; job: string; activity: string }>;

beforeEach(async () => {
  here = await openTestProfile();
  const { store } = here;
  selected = mine.id;
  guard = createTenantGuard({ store, selected: () => selected });
  const furnish = (tenant: typeof mine) => {
    const connection = aConnection(tenant.id);
    const job = aJob(connection);
    const run = anExecution(connection, job);
    store.change(() => {
      store.tenants.insert(tenant);
      store.connections.insert(connection);
      store.jobs.insert(job);
    }, null);
    store.executions.insert(run);
    return { connection: connection.id, job: job.id, activity: run.id };
  };
  ids = { mine: furnish(mine), other: furnish(other) };
});
afterEach(() => here.close());

const OTHER = /belongs to another tenant/;

describe('a call', () => {
  it.each([
    ['connections.get', 'id', 'connection'],
    ['connections.test', 'id', 'connection'],
    ['connections.remove', 'id', 'connection'],
    ['trash.restore', 'id', 'connection'],
    ['jobs.create', 'connectionId', 'connection'],
    ['jobs.runNow', 'id', 'job'],
    ['data.rows', 'jobId', 'job'],
    ['activity.execution', 'id', 'activity'],
  ] as const)('%s goes through for the tenant on screen and is refused for another', (call, key, subject) => {
    expect(() => guard(call, { [key]: ids.mine[subject] })).not.toThrow();
    expect(() => guard(call, { [key]: ids.other[subject] })).toThrow(OTHER);
    selected = other.id;
    expect(() => guard(call, { [key]: ids.other[subject] })).not.toThrow();
    selected = null;
    expect(() => guard(call, { [key]: ids.other[subject] })).toThrow(OTHER);
  });

  it('about many is refused when one of them is another tenant’s, also from its trash', () => {
    const { store } = here;
    const trashed = aConnection(other.id);
    store.change(() => {
      store.connections.insert(trashed);
      store.connections.trash(trashed, '2026-03-02T09:00:00.000Z');
    }, null);
    expect(() => guard('connections.bulk', { ids: [ids.mine.connection] })).not.toThrow();
    for (const foreign of [ids.other.connection, trashed.id])
      expect(() => guard('connections.bulk', { ids: [ids.mine.connection, foreign] })).toThrow(OTHER);
    expect(() => guard('trash.remove', { id: trashed.id })).toThrow(OTHER);
  });

  it('about nothing that is there, or without an id, is left to the call itself', () => {
    guard('connections.get', { id: 'gone00000001' });
    guard('connections.test', { input: {} });
    guard('jobs.runNow', { id: 'gone00000001' });
  });

  it('that only cancels goes through', () => {
    expect(() => guard('connections.cancelAuthorization', { id: ids.other.connection })).not.toThrow();
  });
});
