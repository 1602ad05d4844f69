import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import { untouchedFiles } from './closed-files.ts';
import { assertSqliteVersion, openDatabase } from './database.ts';
import type { StoreNotice } from './open-rules.ts';
import { newActivityId, openProfile } from './profile.ts';
import { Store } from './store.ts';
import { aConnection, anUpdate, aTenant } from './testing/records.ts';

const folders: string[] = [];

function newProfile() {
  const folder = mkdtempSync(join(tmpdir(), 'pb-store-'));
  folders.push(folder);
  return openProfile(join(folder, 'profile'));
}

async function openStore(profile = newProfile()) {
  const notices: StoreNotice[] = [];
  const logged: string[] = [];
  const store = await Store.open({
    version: '1',
    profile,
    onNotice: (notice) => notices.push(notice),
    log: (text) => logged.push(text),
  });
  return { store, profile, notices, logged };
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

describe('a change and its Update activity', () => {
  it('are saved together and seen at once', async () => {
    const { store } = await openStore();
    const tenant = aTenant();
    const connection = aConnection(tenant.id);
    store.change(() => store.tenants.insert(tenant), null);
    store.change(() => store.connections.insert(connection), anUpdate(connection, 'Connection created'));
    expect(store.connections.get(connection.id)).toEqual(connection);
    expect(store.updates.list({ tenantId: tenant.id, offset: 0, limit: 10 })).toMatchObject({
      total: 1,
      updates: [{ action: 'Connection created', subject: connection.name }],
    });
    await store.close();
  });

  it('are both absent when the change fails', async () => {
    const { store } = await openStore();
    const tenant = aTenant();
    store.change(() => store.tenants.insert(tenant), null);
    const connection = aConnection(tenant.id);
    const failing = (): void => {
      store.connections.insert(connection);
      throw new Error('later step');
    };
    expect(() => store.change(failing, anUpdate(connection, 'Connection created'))).toThrow('later step');
    expect(store.connections.list(tenant.id)).toEqual([]);
    expect(store.updates.list({ tenantId: tenant.id, offset: 0, limit: 10 }).total).toBe(0);
    await store.close();
  });

  it('reach the history once when the process ended between the two files', async () => {
    const profile = newProfile();
    const first = await openStore(profile);
    const tenant = aTenant();
    first.store.change(() => first.store.tenants.insert(tenant), null);
    const update = anUpdate(aConnection(tenant.id), 'Connection created');
    first.store.change(() => undefined, update);
    await first.store.close();
    const config = openDatabase(join(profile.data, 'config.db'), 'config');
    config
      .prepare('INSERT INTO update_outbox (payload) VALUES (?), (?)')
      .run(JSON.stringify(update), JSON.stringify({ ...update, id: newActivityId(2) }));
    config.close();
    const second = await openStore(profile);
    expect(second.store.updates.list({ tenantId: tenant.id, offset: 0, limit: 10 }).total).toBe(2);
    await second.store.close();
  });
});

describe('the profile', () => {
  it('is readable by its owner only, even under umask 000', async () => {
    const before = process.umask(0);
    try {
      const { store, profile } = await openStore();
      const tenant = aTenant();
      store.change(() => store.tenants.insert(tenant), null);
      await store.backUp();
      const open = entries(profile.root);
      expect(open.filter(({ mode }) => (mode & 0o077) !== 0)).toEqual([]);
      expect(open.map(({ name }) => name)).toEqual(
        expect.arrayContaining(['config.db', 'config.db-wal', 'config.db-shm', 'vault.db', 'history.db']),
      );
      await store.close();
      expect(entries(profile.root).filter(({ mode }) => (mode & 0o077) !== 0)).toEqual([]);
    } finally {
      process.umask(before);
    }
  });

  it('leaves no journal behind when it is closed, and one verified copy of what changed', async () => {
    const { store, profile } = await openStore();
    store.change(() => store.tenants.insert(aTenant()), null);
    await store.close();
    expect(readdirSync(profile.data).sort()).toEqual([
      'backups',
      'closed.json',
      'config.db',
      'history.db',
      'quarantine',
      'vault.db',
    ]);
    expect(readdirSync(profile.backups)).toHaveLength(1);
  });

  it('is not looked at again when the same version closed it and nobody touched it since', async () => {
    const { store, profile } = await openStore();
    const tenant = aTenant();
    store.change(() => store.tenants.insert(tenant), null);
    const connection = aConnection(tenant.id);
    store.change(() => store.connections.insert(connection), null);
    await store.close();
    const paths = { config: join(profile.data, 'config.db'), vault: join(profile.data, 'vault.db') };
    expect(untouchedFiles(profile, '1', paths)).toEqual(new Set(['config', 'vault']));
    expect(untouchedFiles(profile, '2', paths)).toEqual(new Set());
    const trusting = await openStore(profile);
    expect(trusting.store.connections.list(tenant.id)).toEqual([connection]);
    // In use, or killed while it was: there is a journal.
    expect(untouchedFiles(profile, '1', paths)).toEqual(new Set());
    await trusting.store.close();

    const db = openDatabase(paths.config, 'config');
    db.prepare('UPDATE connections SET overrides = ?').run('{"unknown":1}');
    db.close();
    expect(untouchedFiles(profile, '1', paths)).toEqual(new Set(['vault']));
    const checking = await openStore(profile);
    expect(checking.store.connections.list(tenant.id)).toEqual([]);
    expect(checking.logged.join()).toContain(connection.id);
    await checking.store.close();
  });

  it('makes no copy when nothing changed', async () => {
    const { store, profile } = await openStore();
    await store.close();
    expect(readdirSync(profile.backups)).toEqual([]);
  });
});

function entries(folder: string): { name: string; mode: number }[] {
  return [folder, ...readdirSync(folder, { recursive: true }).map((name) => join(folder, String(name)))].map(
    (path) => ({
      name: path.split('/').at(-1) ?? '',
      mode: statSync(path).mode,
    }),
  );
}

describe('the SQLite that is built in', () => {
  it.each(['3.51.2', '3.50.9', '3.7.17', '2.99.99', '0'])('%s may lose a commit, and is refused', (version) => {
    expect(() => assertSqliteVersion(version)).toThrow(`SQLite ${version} is too old; 3.51.3 or later is needed.`);
  });

  it.each(['3.51.3', '3.52.0', '4.0.0'])('%s is accepted', (version) => {
    expect(() => assertSqliteVersion(version)).not.toThrow();
  });

  it('is asked for its version at each opening, before anything is read', () => {
    const { prepare } = Database.prototype;
    const asked: string[] = [];
    Database.prototype.prepare = function (this: Database.Database, sql: string) {
      asked.push(sql);
      return prepare.call(this, sql.replace('sqlite_version()', "'3.51.2'"));
    } as typeof prepare;
    try {
      const path = join(newProfile().data, 'old.db');
      expect(() => openDatabase(path, 'config')).toThrow('SQLite 3.51.2 is too old');
    } finally {
      Database.prototype.prepare = prepare;
    }
    expect(asked).toEqual(['SELECT sqlite_version()']);
  });
});
