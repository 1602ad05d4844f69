import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeAll } from '../../../connectors/catalog.ts';
import type { Connection } from '../../shared/connection/connection.ts';
import { byUrgency } from '../../shared/connection/order.ts';
import type { ConnectionState } from '../../shared/connection/state.ts';
import type { ConnectorDescriptor } from '../../shared/connector.ts';
import type { ConnectionId } from '../../shared/ids.ts';
import { listedRowSchema } from '../../shared/ipc/contract/connection-list.ts';
import { openProfile } from '../../store/profile.ts';
import { Store } from '../../store/store.ts';
import { aConnection, aJob, anExecution, anUpdate, aTenant } from '../../store/testing/records.ts';
import { ConnectionRows } from './rows.ts';
import { ConnectionTags } from './tags.ts';

const NOW = Date.parse('2026-03-02T12:00:00.000Z');
const HOUR = 3_600_000;
const tenant = aTenant();
const descriptor = (id: string, product?: 'px') =>
  ({
    id,
    name: `Connector ${id}`,
    fields: [{ name: 'orgType', options: [{ value: 'sandbox', label: 'Sandbox' }] }],
    ...(product ? { product } : {}),
  }) as unknown as ConnectorDescriptor;
const at = (hoursAgo: number): string => new Date(NOW - hoursAgo * HOUR).toISOString();
const ACTIVE: ConnectionState = { kind: 'active', since: at(90) };
const LOST: ConnectionState = { kind: 'disconnected', since: at(90), reason: 'user_deactivated', detail: '' };

let folder: string;
let store: Store;
let nowMs: number;
let rows: ConnectionRows;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pb-rows-'));
  const profile = openProfile(join(folder, 'profile'));
  store = await Store.open({ profile, version: '1', onNotice: () => undefined, log: () => undefined });
  store.change(() => store.tenants.insert(tenant), null);
  nowMs = NOW;
  rows = new ConnectionRows({
    store,
    descriptors: [descriptor('example-crm'), descriptor('product', 'px')],
    running: () => [],
    nowMs: () => nowMs,
  });
});

afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

function add(name: string, change: Partial<Connection> = {}): Connection {
  const connection = aConnection(tenant.id, { name, state: ACTIVE, ...change });
  store.change(() => store.connections.insert(connection), null);
  return connection;
}

function fail(connection: Connection, hoursAgo: readonly number[], message = 'The user was deactivated.'): void {
  const job = aJob(connection);
  store.change(() => store.jobs.insert(job), null);
  for (const hours of hoursAgo)
    store.executions.insert(
      anExecution(connection, job, {
        status: 'failed',
        startedAt: at(hours),
        endedAt: at(hours),
        failure: { class: 'reauthorize_deactivated', message, advice: '', retry: 'no' } as never,
      }),
    );
}

/** Everything the page would have after the first answer and all pages of the rest. */
function whole(limit: number) {
  const first = rows.first(tenant.id);
  const all = [...first.rows];
  for (let offset = 0; ; offset += limit) {
    const page = rows.rest(tenant.id, first.listing, offset, limit);
    all.push(...page.rows);
    if (page.isLast) return { first, all };
  }
}

describe('the list', () => {
  it('begins with Gainsight’s products, then what needs somebody, and counts everything', () => {
    for (let index = 0; index < 150; index += 1) add(`Works ${index}`);
    const product = add('Usage', { connectorId: 'product' });
    const failing = add('Fails');
    fail(failing, [1, 2]);
    const lost = add('Was lost', { state: LOST });
    const { first, all } = whole(40);
    const names = first.rows.map(({ connection }) => connection.name);
    expect(first.rows).toHaveLength(60);
    expect(names).toEqual(expect.arrayContaining([product.name, lost.name, failing.name]));
    expect(names.filter((name) => name.startsWith('Works')).every((name) => Number(name.slice(6)) < 57)).toBe(true);
    expect(first.counts).toEqual({
      total: 153,
      jobs: 1,
      failedLast24Hours: 2,
      byState: { draft: 0, active: 152, disconnected: 1, revoked: 0 },
    });
    expect(new Set(all.map(({ connection }) => connection.id)).size).toBe(153);
    expect(all.every((row) => listedRowSchema.safeParse(row).success)).toBe(true);
  });

  it('sends exactly the rows that sorting all of them puts first', () => {
    for (let index = 0; index < 90; index += 1)
      add(`Name ${(index * 37) % 90}`, {
        state: index % 7 === 0 ? LOST : index % 5 === 0 ? { kind: 'draft' } : ACTIVE,
      });
    const { first, all } = whole(1000);
    const sorted = all
      .map(({ connection: { id, name, state }, failedLast24Hours }) => ({
        id,
        name,
        state: state.kind,
        failedLast24Hours,
      }))
      .sort(byUrgency);
    expect(new Set(first.rows.map(({ connection }) => connection.id))).toEqual(
      new Set(sorted.slice(0, 60).map(({ id }) => id)),
    );
  });

  it('refuses pages of a listing that a newer one has replaced', () => {
    add('One');
    const { listing } = rows.first(tenant.id);
    rows.first(tenant.id);
    expect(rows.rest(tenant.id, listing, 0, 10)).toEqual({ rows: [], isLast: true, isStale: true });
  });

  it('refuses pages of a listing of another tenant than the one on screen', () => {
    add('One');
    const { listing } = rows.first(tenant.id);
    for (const selected of [null, aTenant().id])
      expect(rows.rest(selected, listing, 0, 10)).toEqual({ rows: [], isLast: true, isStale: true });
  });

  it('uses what was prepared while the window was loading only if nothing was written since', () => {
    add('One');
    rows.prepare(tenant.id);
    const two = add('Two');
    expect(rows.first(tenant.id).counts.total).toBe(2);
    rows.prepare(tenant.id);
    fail(two, [1]);
    expect(rows.first(tenant.id).counts.failedLast24Hours).toBe(1);
    rows.prepare(tenant.id);
    const { listing } = rows.first(tenant.id);
    expect(rows.first(tenant.id).listing).toBe(listing);
    nowMs += 10_000;
    expect(rows.first(tenant.id).listing).not.toBe(listing);
  });

  it('is empty without a tenant', () => {
    expect(rows.first(null).counts.total).toBe(0);
  });
});

describe('a row', () => {
  it('carries the words of the form for the environment, and nothing of hosts, fields or learnt facts', () => {
    add('Sandbox', { fields: { orgType: 'sandbox', secretish: 'x' }, learned: { instanceUrl: 'https://x.test' } });
    const [row] = rows.first(tenant.id).rows;
    expect(row?.environment).toBe('Sandbox');
    expect(JSON.stringify(listedRowSchema.parse(row))).not.toMatch(/secretish|instanceUrl/);
  });

  it('says that it may work offline only where it may reach private addresses', () => {
    const local = add('Local', { overrides: { allowPrivateNetwork: true } });
    const remote = add('Remote');
    const flags = new Map(rows.first(tenant.id).rows.map((row) => [row.connection.id, row.worksOffline]));
    expect([flags.get(local.id), flags.get(remote.id)]).toEqual([true, undefined]);
    expect(rows.row(local).worksOffline).toBe(true);
  });

  it('has the newest run of any job, the newest data, and the most frequent cause', () => {
    const connection = add('Busy');
    fail(connection, [3, 2], 'Rare');
    fail(connection, [5, 4, 1], 'Frequent');
    const good = aJob(connection);
    store.change(() => store.jobs.insert(good), null);
    for (const hours of [50, 8])
      store.executions.insert(
        anExecution(connection, good, { status: 'success', startedAt: at(hours), endedAt: at(hours - 1) }),
      );
    const row = rows.row(connection);
    expect(row).toMatchObject({
      jobs: 3,
      failedLast24Hours: 5,
      failedCause: 'Frequent',
      dataAsOf: at(7),
      lastRun: { status: 'failed', at: at(1) },
    });
    expect(rows.first(tenant.id).rows[0]).toMatchObject({ failedLast24Hours: 5, dataAsOf: at(7) });
  });

  it.each([
    ['zendesk', { subdomain: 'acme' }, {}, 'acme'],
    ['s3', { bucket: 'acme-exports', region: 'eu-west-1' }, {}, 'acme-exports'],
    ['gainsight-api', { domain: 'acme.gainsightcloud.com' }, {}, 'acme.gainsightcloud.com'],
    ['salesforce', { orgType: 'custom', customDomain: 'acme.my.salesforce.com' }, {}, 'acme.my.salesforce.com'],
    ['salesforce', { orgType: 'production' }, { apiBaseUrl: 'https://proxy.acme.test' }, 'https://proxy.acme.test'],
  ])('of a draft of %s shows what its form says: %j', (connectorId, fields, urls, place) => {
    const real = new ConnectionRows({ store, descriptors: describeAll(), running: () => [], nowMs: () => NOW });
    const overrides = { allowPrivateNetwork: false, ...urls };
    const draft = add('Draft', { connectorId, fields: fields as Connection['fields'], overrides, authorization: null });
    expect(real.row(draft).place).toBe(place);
    const authorization = { account: 'a', accountId: '1', org: 'Acme Org', orgId: '2', scopes: [], missingScopes: [] };
    expect(real.row({ ...draft, authorization: { ...authorization, grantedAt: at(1) } }).place).toBe('Acme Org');
  });

  it('lets a failure go when it is older than 24 hours', () => {
    const connection = add('Rolls');
    fail(connection, [23.5, 2]);
    expect(rows.first(tenant.id).rows[0]?.failedLast24Hours).toBe(2);
    expect(rows.changedFailures(tenant.id)).toEqual([]);
    nowMs += HOUR;
    expect(rows.changedFailures(tenant.id)).toEqual([connection.id]);
    expect(rows.rows(tenant.id, [connection.id])[0]?.failedLast24Hours).toBe(1);
    nowMs += 24 * HOUR;
    expect(rows.changedFailures(tenant.id)).toEqual([connection.id]);
    expect(rows.row(connection)).toMatchObject({ failedLast24Hours: 0, failedCause: null });
  });
});

describe('tags', () => {
  const tagsOf = (ids: readonly ConnectionId[]) => rows.rows(tenant.id, ids).map((row) => row.tags);

  it('are added to and taken from many, each with its Update, and refused where there would be too many', async () => {
    const full = add('Full');
    const plain = add('Plain');
    const shown: string[][] = [];
    const service = new ConnectionTags({
      tagged: (ids) =>
        store.connectionList
          .rows(ids)
          .map(({ connection: { id, name } }) => ({ id, name, tags: store.connectionList.tags([id]).get(id) ?? [] })),
      save: (id, tags, update) => store.change(() => store.connectionList.setTags(id, tags), update),
      newUpdate: (_id, _name, changes) => anUpdate(plain, 'Tags changed', { changes }),
      rows: (ids) => rows.rows(tenant.id, ids),
      onChanged: (changed) => shown.push(...changed.map((row) => row.tags)),
    });
    await service.change(
      [full.id],
      Array.from({ length: 20 }, (_, index) => `t${index}`),
      [],
    );
    const { changed, refused } = await service.change([full.id, plain.id], ['EU', 'prod'], []);
    expect(changed).toBe(1);
    expect(refused).toMatchObject([{ id: full.id, message: 'It would have more than 20 tags.' }]);
    expect(tagsOf([plain.id])).toEqual([['EU', 'prod']]);
    expect(await service.change([plain.id], ['eu'], ['PROD'])).toEqual({ changed: 1, refused: [] });
    expect(tagsOf([plain.id])).toEqual([['EU']]);
    expect(shown.at(-1)).toEqual(['EU']);
    expect(store.updates.list({ tenantId: tenant.id, offset: 0, limit: 1 }).updates[0]?.changes).toEqual([
      { field: 'Tags', before: 'EU, prod', after: 'EU' },
    ]);
  });
});
