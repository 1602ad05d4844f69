// Drafts on a real profile: what is kept is there after it was closed and opened again.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeAll } from '../../../connectors/catalog.ts';
import { DRAFT_CALLS, type DraftValues } from '../../shared/ipc/contract/drafts.ts';
import { openProfile } from '../../store/profile.ts';
import { Store } from '../../store/store.ts';
import { aConnection, aTenant } from '../../store/testing/records.ts';
import { ConnectionDrafts } from './drafts.ts';

const tenant = aTenant();
let folder: string;
let store: Store;
let drafts: ConnectionDrafts;

async function open(): Promise<void> {
  const profile = openProfile(join(folder, 'profile'));
  store = await Store.open({ profile, version: '1', onNotice: () => undefined, log: () => undefined });
  drafts = new ConnectionDrafts({
    settings: store.settings,
    descriptor: (id) => {
      const found = describeAll().find((one) => one.id === id);
      if (found === undefined) throw new Error(id);
      return found;
    },
    isThere: (id) => store.connections.get(id) !== null,
    now: () => new Date().toISOString(),
  });
}
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pb-drafts-'));
  await open();
  store.change(() => store.tenants.insert(tenant), null);
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const base: DraftValues = {
  connectorId: 's3',
  name: 'S3',
  authMethodId: 'access-key',
  fields: { bucket: '' },
  clientId: '',
  apiBaseUrl: '',
  loginBaseUrl: '',
  allowPrivateNetwork: false,
};
const typed = { ...base, fields: { bucket: 'acme-exports' } };
const parse = (input: unknown) => DRAFT_CALLS['drafts.keep'].input.safeParse(input);

it('a draft is there after the app was closed and opened again, in its tenant only, until it is discarded', async () => {
  drafts.keep(tenant.id, { key: 'new:s3', values: typed, base });
  await store.close();
  await open();
  expect(drafts.list(tenant.id)).toMatchObject([{ key: 'new:s3', values: typed, base }]);
  expect(drafts.list(aTenant().id)).toEqual([]);
  drafts.discard(tenant.id, 'new:zendesk');
  expect(drafts.list(tenant.id)).toHaveLength(1);
  drafts.discard(tenant.id, 'new:s3');
  expect(drafts.list(tenant.id)).toEqual([]);
});

it('each connector and each connection has one, the newest first, and forty at most', () => {
  const connections = Array.from({ length: 42 }, (_, index) => aConnection(tenant.id, { name: `S3 ${index}` }));
  store.change(() => {
    for (const one of connections) store.connections.insert(one);
  }, null);
  for (const { id } of connections) drafts.keep(tenant.id, { key: id, values: typed, base });
  drafts.keep(tenant.id, { key: connections[41]?.id ?? 'new:s3', values: { ...typed, name: 'Newer' }, base });
  const kept = drafts.list(tenant.id);
  expect(kept).toHaveLength(40);
  expect(kept[0]).toMatchObject({ key: connections[41]?.id, values: { name: 'Newer' } });
  expect(kept.at(-1)?.key).toBe(connections[2]?.id);
});

it('of a connection that is gone goes with it', () => {
  const connection = aConnection(tenant.id);
  store.change(() => store.connections.insert(connection), null);
  drafts.keep(tenant.id, { key: connection.id, values: typed, base });
  store.change(() => store.connections.remove(connection.id), null);
  expect(drafts.list(tenant.id)).toEqual([]);
});

it('has no place for a secret: neither the schema of the call nor a field that holds one', () => {
  expect(parse({ key: 'new:s3', values: typed, base }).success).toBe(true);
  for (const values of [
    { ...typed, secrets: { secretAccessKey: 'x' } },
    { ...typed, clientSecret: 'x' },
  ])
    expect(parse({ key: 'new:s3', values, base }).success).toBe(false);
  const values = { ...typed, fields: { secretAccessKey: 'a-key-of-somebody' } };
  expect(() => drafts.keep(tenant.id, { key: 'new:s3', values, base })).toThrow('is a secret');
  expect(drafts.list(tenant.id)).toEqual([]);
});
