import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openPlain } from './database.ts';
import type { StoreNotice } from './open-rules.ts';
import { openProfile, type ProfilePaths } from './profile.ts';
import { Store } from './store.ts';
import { aTenant } from './testing/records.ts';

let folder: string;
let profile: ProfilePaths;
let notices: StoreNotice[];
let store: Store;

async function open(): Promise<Store> {
  notices = [];
  return Store.open({ profile, version: '1', onNotice: (notice) => notices.push(notice), log: () => undefined });
}
const names = (): string[] =>
  store.tenants
    .list()
    .map(({ name }) => name)
    .sort();
const add = (name: string): void => store.change(() => store.tenants.insert(aTenant({ name })), null);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pb-restore-'));
  profile = openProfile(join(folder, 'profile'));
  store = await open();
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('restoring a backup that was chosen', () => {
  it('brings the configuration of then back at the next start, and that of now can be restored again', async () => {
    add('First');
    await store.backUpNow();
    const [first] = store.backups();
    add('Second');
    await store.restoreAtNextStart(first?.id ?? '');
    expect(names()).toEqual(['First', 'Second']);
    await store.close();

    store = await open();
    expect(names()).toEqual(['First']);
    expect(store.isRestored).toBe(true);
    expect(notices).toMatchObject([
      { kind: 'info', text: expect.stringMatching(/was restored\. Credentials are never part/) },
    ]);
    expect(readdirSync(profile.quarantine).some((name) => name.startsWith('config-'))).toBe(true);
    const ofThen = store.backups().find(({ id }) => id !== first?.id);
    await store.restoreAtNextStart(ofThen?.id ?? '');
    await store.close();

    store = await open();
    expect(names()).toEqual(['First', 'Second']);
    await store.close();
    store = await open();
    expect(store.isRestored).toBe(false);
    expect(notices).toEqual([]);
  });

  it('the chosen one is restored even when newer backups have pushed it out meanwhile', async () => {
    add('First');
    await store.backUpNow();
    const id = store.backups()[0]?.id ?? '';
    add('Second');
    await store.restoreAtNextStart(id);
    for (let copy = 0; copy < 4; copy += 1) await store.backUpNow();
    expect(store.backups().some((backup) => backup.id === id)).toBe(false);
    await store.close();
    store = await open();
    expect(names()).toEqual(['First']);
  });

  it('a damaged, unknown or foreign backup is refused before anything is written down', async () => {
    add('First');
    await store.backUpNow();
    const id = store.backups()[0]?.id ?? '';
    await expect(store.restoreAtNextStart('config-20200101T000000000Z-aaaa.db')).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(store.restoreAtNextStart('../config.db')).rejects.toMatchObject({ code: 'not_found' });
    const bytes = readFileSync(join(profile.backups, id));
    bytes.fill(0xff, 4096, 8192);
    writeFileSync(join(profile.backups, id), bytes);
    await expect(store.restoreAtNextStart(id)).rejects.toMatchObject({ code: 'database_damaged' });
    await store.close();
    store = await open();
    expect(names()).toEqual(['First']);
    expect(notices).toEqual([]);
  });

  it('a backup of a newer version is refused', async () => {
    await store.backUpNow();
    const id = store.backups()[0]?.id ?? '';
    const copy = openPlain(join(profile.backups, id));
    copy.pragma('user_version = 9999');
    copy.close();
    await expect(store.restoreAtNextStart(id)).rejects.toMatchObject({ code: 'newer_profile' });
  });

  it('what happened to the copy before the next start leaves everything as it is, and says so', async () => {
    add('First');
    await store.backUpNow();
    add('Second');
    await store.restoreAtNextStart(store.backups()[0]?.id ?? '');
    await store.close();
    appendFileSync(join(profile.data, 'restore-wish.json'), 'garbage');
    store = await open();
    expect(names()).toEqual(['First', 'Second']);
    expect(notices).toMatchObject([{ kind: 'warning', text: expect.stringContaining('Nothing was restored') }]);
    expect(existsSync(join(profile.data, 'restore-wish.db'))).toBe(false);
  });

  it('a start that was killed between the two steps is finished by the next one', async () => {
    add('First');
    await store.backUpNow();
    add('Second');
    await store.restoreAtNextStart(store.backups()[0]?.id ?? '');
    await store.close();
    // As a kill right after the copy took its place leaves it.
    for (const suffix of ['', '-wal', '-shm']) rmSync(join(profile.data, `config.db${suffix}`), { force: true });
    renameSync(join(profile.data, 'restore-wish.db'), join(profile.data, 'config.db'));
    store = await open();
    expect(names()).toEqual(['First']);
    expect(existsSync(join(profile.data, 'restore-wish.json'))).toBe(false);
  });
});
