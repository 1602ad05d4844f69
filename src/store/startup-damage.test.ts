import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Tenant } from '../shared/tenant.ts';
import { checkpoint, openDatabase } from './database.ts';
import type { StoreNotice } from './open-rules.ts';
import { openProfile, type ProfilePaths } from './profile.ts';
import { Store } from './store.ts';
import { DAMAGES, edit, PAGE, random } from './testing/damage.ts';
import { aConnection, aJob, anExecution, anUpdate, aTenant } from './testing/records.ts';

/** Enough rows for several levels of pages in each file. */
const CONNECTIONS = 300;
const FILES = ['config', 'vault', 'history'] as const;

let folder: string;
let seeded: ProfilePaths;
let foreign: ProfilePaths;
let tenant: Tenant;
let count = 0;

async function seed(profile: ProfilePaths): Promise<Tenant> {
  const store = await Store.open({ version: '1', profile, onNotice: () => undefined, log: () => undefined });
  const owner = aTenant();
  store.change(() => store.tenants.insert(owner), null);
  store.vaultDb.exec("INSERT INTO keys VALUES ('key', 'keyring', 1, '{}', x'00', '2026')");
  for (let n = 0; n < CONNECTIONS; n += 1) {
    const connection = aConnection(owner.id, { name: `Connection ${n}` });
    const job = aJob(connection);
    store.change(
      () => {
        store.connections.insert(connection);
        store.jobs.insert(job);
      },
      anUpdate(connection, 'Connection created'),
    );
    store.executions.insert(
      anExecution(connection, job, { status: n % 3 === 0 ? 'failed' : 'success', endedAt: new Date().toISOString() }),
    );
    store.vaultDb
      .prepare("INSERT INTO secrets VALUES ('connection', ?, 'token', 'key', '{}', randomblob(200), '2026')")
      .run(connection.id);
  }
  await store.close();
  return owner;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pb-damage-'));
  seeded = openProfile(join(folder, 'seeded'));
  foreign = openProfile(join(folder, 'foreign'));
  tenant = await seed(seeded);
  await seed(foreign);
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function copyOfProfile(): ProfilePaths {
  count += 1;
  const profile = openProfile(join(folder, `damaged-${count}`));
  for (const name of readdirSync(seeded.data))
    if (name.endsWith('.db')) copyFileSync(join(seeded.data, name), join(profile.data, name));
  for (const name of readdirSync(seeded.backups)) copyFileSync(join(seeded.backups, name), join(profile.backups, name));
  return profile;
}

const CHANGES = {
  config: ['connections', "name = name || '!'"],
  vault: ['secrets', "set_at = '2027'"],
  history: ['executions', 'duration_ms = duration_ms + 1'],
} as const;

const CASES = FILES.flatMap((file) =>
  DAMAGES.map(([name, damage], place) => ({ file, name, damage, seed: place * 31 + file.length })),
);

describe('a damaged profile', () => {
  it(`has ${CASES.length} damages here, at least sixty`, () => expect(CASES.length).toBeGreaterThanOrEqual(60));

  it.each(CASES.map((one) => [`${one.file}.db with ${one.name}`, one] as const))(
    '%s opens, and no connection is lost',
    async (_title, { file, damage, seed: seedValue }) => {
      const profile = copyOfProfile();
      damage({
        path: join(profile.data, `${file}.db`),
        file,
        next: random(seedValue),
        foreign: join(foreign.data, `${file}.db`),
        otherKind: join(seeded.data, file === 'vault' ? 'history.db' : 'vault.db'),
        change: CHANGES[file],
      });
      const notices: StoreNotice[] = [];
      const unreadable: string[] = [];
      const store = await Store.open({
        version: '1',
        profile,
        onNotice: (notice) => notices.push(notice),
        log: (text) => unreadable.push(text),
      });
      const found = store.connections.list(tenant.id);
      expect(found.length).toBe(CONNECTIONS);
      expect(store.jobs.list(tenant.id)).toHaveLength(CONNECTIONS);
      // What a start reads of the history, and a write into every file.
      store.executions.latestByConnection(tenant.id);
      store.executions.failedSince(tenant.id, Date.now() - 86_400_000);
      const connection = aConnection(tenant.id, { name: 'After the damage' });
      store.change(() => store.connections.insert(connection), anUpdate(connection, 'Connection created'));
      store.vaultDb.exec("INSERT INTO keys VALUES ('after', 'keyring', 1, '{}', x'00', '2026')");
      const isEmptied = file === 'vault' && store.isVaultEmptied;
      if (isEmptied) expect(notices.map(({ id }) => id)).toEqual([expect.stringMatching(/^vault-(lost|salvaged)-/)]);
      for (const { text } of notices) expect(text).toMatch(/^[A-Z].*\.$/s);
      // Whatever was put aside is still there.
      if (notices.some(({ kind }) => kind === 'warning'))
        expect(readdirSync(profile.quarantine).length).toBeGreaterThan(0);
      await store.close();
      const again = await Store.open({
        version: '1',
        profile,
        onNotice: (notice) => notices.push(notice),
        log: () => undefined,
      });
      expect(again.connections.get(connection.id)).toEqual(connection);
      await again.close();
      rmSync(profile.root, { recursive: true, force: true });
    },
  );

  it('keeps what was in the backup when the journal with newer changes is lost', async () => {
    const profile = copyOfProfile();
    const path = join(profile.data, 'config.db');
    const db = openDatabase(path, 'config');
    db.pragma('wal_autocheckpoint = 0');
    db.exec("UPDATE connections SET name = 'changed later', name_key = id");
    copyFileSync(path, `${path}.kept`);
    checkpoint(db, 'truncate');
    db.close();
    copyFileSync(`${path}.kept`, path);
    expect(existsSync(`${path}-wal`)).toBe(false);
    const store = await Store.open({ version: '1', profile, onNotice: () => undefined, log: () => undefined });
    expect(store.connections.list(tenant.id)).toHaveLength(CONNECTIONS);
    await store.close();
  });

  it('meets damage in an old activity later: the page fails once, then what can be read is in a new file, and it says so', async () => {
    const profile = copyOfProfile();
    const notices: StoreNotice[] = [];
    const store = await Store.open({
      version: '1',
      profile,
      onNotice: (notice) => notices.push(notice),
      log: () => undefined,
    });
    await store.close();
    const path = join(profile.data, 'history.db');
    const db = openDatabase(path, 'history');
    const root = db.prepare<[], number>("SELECT rootpage FROM sqlite_schema WHERE name = 'updates'").pluck().get() ?? 0;
    db.close();
    edit(path, (bytes) => bytes.fill(0xff, (root - 1) * PAGE, root * PAGE));
    const damaged = await Store.open({
      version: '1',
      profile,
      onNotice: (notice) => notices.push(notice),
      log: () => undefined,
    });
    expect(notices).toEqual([]);
    const list = () => damaged.updates.list({ tenantId: tenant.id, offset: 0, limit: 10 });
    expect(list).toThrow(expect.objectContaining({ code: 'database_damaged' }));
    await expect.poll(() => notices.length).toBe(1);
    expect(notices[0]?.text).toContain('entries could still be read and are in a new file');
    expect(list()).toEqual({ updates: [], total: 0 });
    expect(damaged.connections.list(tenant.id)).toHaveLength(CONNECTIONS);
    await damaged.close();
  });
});
