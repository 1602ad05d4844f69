import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openDatabase } from './database.ts';
import { FullCheck } from './full-check.ts';
import type { StoreNotice } from './open-rules.ts';
import { openProfile, type ProfilePaths } from './profile.ts';
import { dataPath, markSuspect } from './startup-check.ts';
import { Store } from './store.ts';
import { aConnection, anUpdate, aTenant } from './testing/records.ts';

/** Node runs it as it is written; the app has it as a bundle of its own. */
const THREAD = fileURLToPath(new URL('./check-thread.ts', import.meta.url));
const WEEK = 7 * 86_400_000;
const PAGE = 4096;

let folder: string;
let profile: ProfilePaths;
let store: Store;
let notices: StoreNotice[];

async function open(): Promise<void> {
  notices = [];
  store = await Store.open({ version: '1', profile, onNotice: (notice) => notices.push(notice), log: () => undefined });
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pb-full-check-'));
  profile = openProfile(join(folder, 'profile'));
  await open();
  const tenant = aTenant();
  store.change(() => store.tenants.insert(tenant), null);
  for (let n = 0; n < 50; n += 1) {
    const connection = aConnection(tenant.id);
    store.change(() => store.connections.insert(connection), anUpdate(connection, `Change ${n}`));
  }
});

afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

function checkAt(now: number, found: string[] = []): FullCheck {
  const files = (['config', 'vault', 'history', 'cache'] as const).map((file) => ({
    file,
    path: dataPath(profile, file),
  }));
  const onDamage = (file: string): void => {
    found.push(file);
  };
  return new FullCheck({
    threadPath: THREAD,
    files,
    settings: store.settings,
    now: () => now,
    onDamage,
    log: (text) => found.push(text),
  });
}

const progress = () => store.settings.get('fullCheck', z.record(z.string(), z.unknown()));

/** An index page that only the whole check reads: quick_check does not compare indexes with their tables. */
function damageIndex(file: 'history'): void {
  const path = dataPath(profile, file);
  const db = openDatabase(path, file);
  const root =
    db.prepare<[], number>("SELECT rootpage FROM sqlite_schema WHERE name = 'updates_by_time'").pluck().get() ?? 0;
  db.close();
  const bytes = readFileSync(path);
  bytes.fill(0xff, (root - 1) * PAGE, root * PAGE);
  writeFileSync(path, bytes);
}

describe('the whole check', () => {
  it('reads every file there is, then rests for a week', async () => {
    const found: string[] = [];
    await checkAt(1_000, found).run();
    expect(found).toEqual([]);
    expect(progress()).toEqual({
      config: { doneAt: 1_000, after: null },
      vault: { doneAt: 1_000, after: null },
      history: { doneAt: 1_000, after: null },
    });
    await checkAt(1_000 + WEEK - 1).run();
    expect(progress()).toMatchObject({ history: { doneAt: 1_000 } });
    await checkAt(1_000 + WEEK).run();
    expect(progress()).toMatchObject({ history: { doneAt: 1_000 + WEEK } });
  });

  it('goes on behind the table where it was interrupted', async () => {
    store.settings.set('fullCheck', { config: { doneAt: null, after: 'zzz' }, vault: { doneAt: 5, after: null } });
    await checkAt(6).run();
    expect(progress()).toMatchObject({ config: { doneAt: 6, after: null }, vault: { doneAt: 5 } });
    const running = checkAt(7 + WEEK);
    const run = running.run();
    await running.stop();
    await run;
    expect(progress()).toMatchObject({ vault: { doneAt: 5 } });
  });

  it('finds damage that a start does not look for; the next start repairs it', async () => {
    await store.close();
    damageIndex('history');
    await open();
    expect(notices).toEqual([]);
    const found: string[] = [];
    await checkAt(1_000, found).run();
    expect(found).toEqual(['history']);
    markSuspect(profile, 'history');
    await store.close();
    await open();
    expect(notices.map(({ id }) => id)).toEqual([expect.stringMatching(/^history-salvaged-/)]);
    expect(existsSync(join(profile.data, 'history.suspect'))).toBe(false);
  });

  it('ends with what happened, and nowhere else, when it cannot write down how far it got', async () => {
    const found: string[] = [];
    // Whatever is written from now on fails, as on a full disk.
    const db = openDatabase(dataPath(profile, 'config'), 'config');
    db.exec("CREATE TRIGGER full BEFORE INSERT ON settings BEGIN SELECT RAISE(ABORT, 'full'); END");
    db.close();
    await checkAt(1_000, found).run();
    expect(found).toEqual(
      ['config', 'vault', 'history'].map((file) => `The check of ${file} did not end; it goes on later`),
    );
  });
});
