import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { backUp, keptOf, listBackups, newestGood, restore } from './backup.ts';
import { closeDatabase, inTransaction, openDatabase, type WritableDb } from './database.ts';

let folder: string;
let backups: string;
let db: WritableDb;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pb-backup-'));
  backups = mkdtempSync(join(folder, 'backups-'));
  db = openDatabase(join(folder, 'config.db'), 'config');
  db.exec('CREATE TABLE pairs (a INTEGER NOT NULL, b INTEGER NOT NULL, filler TEXT NOT NULL) STRICT');
  db.exec('CREATE INDEX pairs_by_b ON pairs (b)');
});

afterEach(() => {
  closeDatabase(db);
  rmSync(folder, { recursive: true, force: true });
});

const minute = (n: number) => new Date(Date.UTC(2026, 2, 1, 0, n));

/** Each transaction leaves the sum at zero, so a copy that holds half of one is known. */
function write(times: number): void {
  const insert = db.prepare('INSERT INTO pairs VALUES (?, ?, hex(randomblob(400)))');
  const remove = db.prepare(
    'DELETE FROM pairs WHERE rowid IN (SELECT rowid FROM pairs WHERE a > 0 ORDER BY random() LIMIT 3)',
  );
  for (let n = 0; n < times; n += 1) {
    inTransaction(db, () => {
      const { changes } = remove.run();
      insert.run(n + 1, 1);
      db.prepare('DELETE FROM pairs WHERE a = 0').run();
      db.prepare('INSERT INTO pairs SELECT 0, -count(*), hex(randomblob(400)) FROM pairs WHERE a > 0').run();
      expect(changes).toBeLessThanOrEqual(3);
    });
  }
}

/** Opens nothing but the copied file, in another folder. */
function sumAlone(path: string): unknown {
  const alone = join(mkdtempSync(join(folder, 'alone-')), 'copy.db');
  copyFileSync(path, alone);
  const copy = new Database(alone, { readonly: true });
  try {
    expect(copy.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(copy.pragma('journal_mode', { simple: true })).toBe('delete');
    return copy.prepare('SELECT sum(b) FROM pairs').pluck().get();
  } finally {
    copy.close();
  }
}

describe('backups', () => {
  it('100 made while the file is written pass the check and open alone, each at a whole transaction', {
    timeout: 120_000,
  }, async () => {
    inTransaction(db, () => {
      for (let n = 0; n < 1_500; n += 1) db.prepare('INSERT INTO pairs VALUES (1, 1, hex(randomblob(400)))').run();
      db.prepare("INSERT INTO pairs SELECT 0, -count(*), 'x' FROM pairs").run();
    });
    let isWriting = true;
    const writer = (async () => {
      while (isWriting) {
        write(3);
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    for (let n = 0; n < 100; n += 1) {
      const backup = await backUp(db, { folder: backups, file: 'config', now: minute(n) });
      expect(sumAlone(backup.path)).toBe(0);
    }
    isWriting = false;
    await writer;
    expect(readdirSync(backups)).toHaveLength(3);
  });

  it('keep the newest three and the newest of each day before, seven in all', () => {
    const copy = (day: number, hour: number) => ({
      path: '',
      file: 'config' as const,
      madeAt: new Date(Date.UTC(2026, 2, day, hour)),
    });
    const all = [20, 19, 18, 17, 16, 15, 14, 13].flatMap((day) => [22, 12, 2].map((hour) => copy(day, hour)));
    expect(keptOf(all).map(({ madeAt }) => madeAt.toISOString().slice(5, 13))).toEqual([
      '03-20T22',
      '03-20T12',
      '03-20T02',
      '03-19T22',
      '03-18T22',
      '03-17T22',
      '03-16T22',
    ]);
    expect(keptOf(all, 1)).toHaveLength(1);
  });

  it('that are damaged are passed over for an older good one, which comes back as it was', async () => {
    write(5);
    const good = await backUp(db, { folder: backups, file: 'config', now: minute(1) });
    const before = db.prepare('SELECT * FROM pairs').all();
    write(5);
    const bad = await backUp(db, { folder: backups, file: 'config', now: minute(2) });
    const bytes = readFileSync(bad.path);
    bytes.fill(0, 4096, 8192);
    writeFileSync(bad.path, bytes);
    const passed: string[] = [];
    expect(newestGood(backups, 'config', (path) => passed.push(path))).toEqual(good);
    expect(passed).toEqual([bad.path]);
    const path = join(folder, 'restored.db');
    restore(good, path);
    const restored = openDatabase(path, 'config');
    expect(restored.prepare('SELECT * FROM pairs').all()).toEqual(before);
    closeDatabase(restored);
  });

  it('that cannot be written leave no half copy, and the older ones as they are', async () => {
    write(1);
    await backUp(db, { folder: backups, file: 'config', now: minute(1) });
    const before = readdirSync(backups);
    await expect(backUp(db, { folder: join(backups, 'nowhere'), file: 'config', now: minute(2) })).rejects.toThrow();
    expect(readdirSync(backups)).toEqual(before);
    expect(listBackups(backups, 'config').map(({ madeAt }) => madeAt)).toEqual([minute(1)]);
  });
});
