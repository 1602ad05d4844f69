// A profile of version 0.1.0 opens with nothing lost: every row of every table is there afterwards, and reads as what it was.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../../connectors/kit/doors/authorization.ts';
import { OLD_PASSPHRASE, unpackOldProfile } from '../../test/support/old-profile.ts';
import { Keyring } from '../core/vault/keyring.ts';
import { SecretMask } from '../core/vault/masking.ts';
import { NodeKeyring } from '../core/vault/testing/vault.ts';
import { VaultService } from '../core/vault/vault-service.ts';
import { activityIdSchema, connectionIdSchema, jobIdSchema, tenantIdSchema } from '../shared/ids.ts';
import { type OpenedCache, openCache } from './cache/cache.ts';
import { readPass, readRejected, unfinishedRun } from './cache/ledger.ts';
import { tableInfos } from './cache/table.ts';
import { DATA_FILES, type DataFile } from './database.ts';
import type { StoreNotice } from './open-rules.ts';
import { openProfile } from './profile.ts';
import { Store } from './store.ts';

const PRACTICE = tenantIdSchema.parse('1tr9dhga1k8r0j7twp3v');
const S3 = connectionIdSchema.parse('ndzfy057fzpt95ex3gn1');
const SALESFORCE = connectionIdSchema.parse('pfjf3mfyv1k1arna15g3');
const ARCHIVE = connectionIdSchema.parse('d921a22ph9e4dwn29s41');
const ALL_TICKETS = jobIdSchema.parse('bedkwbraevk1rgw1n08q');
const OPEN_RUN = activityIdSchema.parse('01m8q960wce2sstwmmm0rcyy0b');
const DELIVERY = activityIdSchema.parse('01m8q95wj0dsa9q2ejh7b7dmpn');
/** What a newer version may derive anew. */
const DERIVED = new Set(['search_text']);

type Row = Record<string, unknown>;

let folder: string;
let store: Store;
let cache: OpenedCache;
const notices: StoreNotice[] = [];
const said: string[] = [];

const untouched = (file: DataFile): string => join(folder, 'as-it-was', 'data', `${file}.db`);
const opened = (file: DataFile): string => join(folder, 'opened', 'data', `${file}.db`);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pb-old-profile-'));
  unpackOldProfile(join(folder, 'as-it-was'));
  cpSync(join(folder, 'as-it-was'), join(folder, 'opened'), { recursive: true });
  const profile = openProfile(join(folder, 'opened'));
  const log = (text: string): void => void said.push(text);
  store = await Store.open({ version: 'newer', profile, onNotice: (notice) => notices.push(notice), log });
  cache = await openCache(profile.root, log);
});

afterAll(async () => {
  cache?.close();
  await store?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Tables with content of their own: not those of a search index, and not the list of migrations. */
function tablesIn(db: Database.Database): string[] {
  const names = db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").pluck();
  return names.all().filter((name) => !/_search(_|$)|^sqlite_|^schema_migrations$/.test(name));
}

function rowsOf(db: Database.Database, table: string, columns: readonly string[]): string[] {
  const list = columns.map((name) => `"${name}"`).join(', ');
  return db
    .prepare<[], Row>(`SELECT ${list} FROM "${table}"`)
    .all()
    .map((row) => JSON.stringify(row))
    .sort();
}

const columnsOf = (db: Database.Database, table: string): string[] =>
  (db.pragma(`table_info("${table}")`) as { name: string }[])
    .map(({ name }) => name)
    .filter((name) => !DERIVED.has(name));

describe('a profile of version 0.1.0', () => {
  it('opens without a word about damage or an unreadable row', () => {
    expect(notices).toEqual([]);
    expect(said).toEqual([]);
  });

  it.each(DATA_FILES)('has every row of %s.db afterwards, each with the value it had', (file) => {
    const before = new Database(untouched(file));
    const after = new Database(opened(file), { readonly: true });
    const tables = tablesIn(before);
    expect(tables.length).toBeGreaterThanOrEqual(2);
    for (const table of tables) {
      const columns = columnsOf(before, table);
      expect(rowsOf(after, table, columns), table).toEqual(rowsOf(before, table, columns));
    }
    before.close();
    after.close();
  });

  it('reads as what was set up: tenants, connections in each state, tags, jobs, the trash, a form’s draft', () => {
    expect(store.tenants.list().map(({ name }) => name)).toEqual(['Practice tenant (Acme)', 'Acme']);
    const connections = store.connections.list(PRACTICE);
    expect(Object.fromEntries(connections.map(({ name, state }) => [name, state.kind]))).toEqual({
      S3: 'active',
      Gainsight: 'active',
      Salesforce: 'disconnected',
      'Support archive': 'active',
      'Sales EMEA': 'revoked',
      'Sales APAC': 'draft',
    });
    expect(store.connections.listTrashed().map(({ connection }) => connection.name)).toEqual(['Zendesk']);
    expect(store.connections.get(SALESFORCE)?.authorization?.account).toBe('dana@acme.example');
    // With the three of the connection in the trash there are 19.
    expect(store.jobs.list(PRACTICE)).toHaveLength(16);
    expect(store.jobs.get(ALL_TICKETS)).toMatchObject({ name: 'All tickets', connectionId: ARCHIVE, mode: 'full' });
    expect(store.oauthApps.list(PRACTICE)).toHaveLength(2);
  });

  it('reads as what happened: nine runs, one of them open, 25 updates, and both are found by a search', () => {
    const page = { tenantId: PRACTICE, offset: 0, limit: 100 };
    const { executions, total } = store.executions.list(page);
    expect([executions.length, total]).toEqual([9, 9]);
    expect(store.executions.listOpen().map(({ id, status, counts }) => [id, status, counts.read])).toEqual([
      [OPEN_RUN, 'running', 1000],
    ]);
    expect(store.executions.get(DELIVERY)?.counts).toMatchObject({ read: 320, rejected: 24, delivered: 296 });
    expect(store.logs.list(OPEN_RUN).length).toBeGreaterThan(0);
    expect(store.updates.list(page).total).toBe(24);
    expect(store.updates.list({ ...page, search: 'sales emea' }).total).toBe(4);
    expect(store.executions.list({ ...page, search: 'all tickets' }).total).toBe(1);
  });

  it('reads as what was stored: rows, rejected records and the checkpoint of the open run', () => {
    const rows = Object.fromEntries(tableInfos(cache.db).map((info) => [info.jobId, info.rows]));
    expect(Object.values(rows).sort((a, b) => a - b)).toEqual([3, 120, 243, 296, 300, 320, 400, 1000]);
    expect(readPass(cache.db, ALL_TICKETS)).toMatchObject({ mode: 'full', phase: 'reading', pages: 1 });
    expect(unfinishedRun(cache.db, ALL_TICKETS)).toMatchObject({ id: OPEN_RUN });
    const { records, total } = readRejected(cache.db, DELIVERY, { offset: 0, limit: 1 });
    expect(total).toBe(24);
    expect(records).toEqual([
      { key: '001PB0000000013YAA', reason: '"Annual_Revenue__gc" is required but empty.', by: 'mapping' },
    ]);
  });

  it('opens its vault with its passphrase', async () => {
    const keyring = new NodeKeyring();
    keyring.mood = 'absent';
    const vault = new VaultService({
      db: store.vaultDb,
      keyring: new Keyring(keyring, 'linux'),
      mask: new SecretMask(),
      application: 'Patchbay',
      now: () => new Date().toISOString(),
      log: () => undefined,
    });
    expect(vault.status()).toMatchObject({ protection: 'passphrase', state: 'locked', secrets: 9 });
    await vault.unlock(new Secret(OLD_PASSPHRASE));
    expect(vault.status()).toMatchObject({ state: 'unlocked', secrets: 9, unreadable: 0 });
    const key = await vault.get({ kind: 'connection', id: S3 }, 'secretAccessKey');
    expect(key.reveal()).toBe('practice/secret+key/of/acme');
    const names = vault.list({ kind: 'connection', id: ARCHIVE }).map(({ name }) => name);
    expect(names).toEqual(['accessToken', 'expiresAt', 'refreshToken']);
  });
});
