// Two tenants on a real store, and what the page of one is told while things happen in the other.
import type { WebContents } from 'electron';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ConnectionRows } from '../core/connections/rows.ts';
import { openTestProfile, type TestProfile } from '../core/network/testing/servers.ts';
import type { Connection } from '../shared/connection/connection.ts';
import type { TenantId } from '../shared/ids.ts';
import { aConnection, aJob, anExecution, aTenant } from '../store/testing/records.ts';
import { createPush } from './ipc/events.ts';
import { TenantEvents } from './page-events.ts';

const [mine, other] = [aTenant({ name: 'Mine' }), aTenant({ name: 'Other' })];
let here: TestProfile;
let selected: TenantId | null;
let sent: { name: string; payload: Record<string, unknown> }[];
let events: TenantEvents;
let shown: Connection;
let hidden: Connection;

beforeEach(async () => {
  here = await openTestProfile();
  const { store } = here;
  [shown, hidden] = [aConnection(mine.id), aConnection(other.id)];
  store.change(() => {
    for (const one of [mine, other]) store.tenants.insert(one);
    for (const one of [shown, hidden]) store.connections.insert(one);
  }, null);
  selected = mine.id;
  sent = [];
  const window = {
    isDestroyed: () => false,
    send: (name: string, text: string) => void sent.push({ name, payload: JSON.parse(text) }),
  };
  const rows = new ConnectionRows({ store, descriptors: [], running: () => [], nowMs: Date.now });
  events = new TenantEvents({
    push: createPush(() => [window as unknown as WebContents]),
    selected: () => selected,
    connection: (id) => store.connections.get(id),
    row: (connection) => rows.row(connection),
  });
});
afterEach(() => here.close());

const rowIds = (): string[] =>
  sent.flatMap(({ payload }) =>
    ((payload.rows ?? []) as { connection: { id: string } }[]).map((one) => one.connection.id),
  );

it('of changed connections only those of the tenant on screen are told', () => {
  events.connectionsChanged([hidden, shown]);
  expect(rowIds()).toEqual([shown.id]);
  selected = other.id;
  events.connectionsChanged([hidden, shown]);
  expect(rowIds()).toEqual([shown.id, hidden.id]);
});

it('changes of another tenant alone, or without a tenant, are not told at all; removals are', () => {
  events.connectionsChanged([hidden]);
  selected = null;
  events.connectionsChanged([hidden, shown]);
  expect(sent).toEqual([]);
  events.connectionsChanged([], [hidden.id]);
  expect(sent).toMatchObject([{ name: 'connections.changed', payload: { rows: [], removed: [hidden.id] } }]);
});

it('a run is told of while its tenant is on screen, from its progress to the row of its connection', () => {
  const ofMine = anExecution(shown, aJob(shown));
  const ofOther = anExecution(hidden, aJob(hidden));
  for (const run of [ofOther, ofMine]) {
    events.progress(run);
    events.runsChanged(run);
  }
  expect(sent.map(({ name }) => name)).toEqual([
    'activity.progress',
    'activity.changed',
    'jobs.changed',
    'connections.changed',
  ]);
  expect(JSON.stringify(sent)).not.toContain(hidden.id);
  expect(rowIds()).toEqual([shown.id]);
});

it('a job of another tenant that changes brings no row', () => {
  events.jobsChanged(hidden.id);
  expect(rowIds()).toEqual([]);
  events.jobsChanged(shown.id);
  expect(rowIds()).toEqual([shown.id]);
});
