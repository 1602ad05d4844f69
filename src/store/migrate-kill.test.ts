import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CACHE_MIGRATIONS } from './cache/cache.ts';
import { closeDatabase, type DataFile, openDatabase } from './database.ts';
import { inspectSchema, type Migration, migrate } from './migrate.ts';
import { CONFIG_MIGRATIONS, HISTORY_MIGRATIONS, VAULT_MIGRATIONS } from './migrations.ts';
import { copyAt, startFrom, takeCopy } from './testing/killed-copies.ts';

/** Rebuilds a table as a later version may have to, after the first tables were made. */
const REBUILD: Migration = {
  id: 9000,
  name: 'rebuild',
  sql: [
    'CREATE TABLE settings_new (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL, extra TEXT) STRICT',
    'INSERT INTO settings_new (key, value) SELECT key, value FROM settings',
    'DROP TABLE settings',
    'ALTER TABLE settings_new RENAME TO settings',
    'CREATE INDEX settings_by_extra ON settings (extra)',
  ].join(';\n\n'),
};

const HERE = (path: string) => fileURLToPath(new URL(path, import.meta.url));
/** Migrates the file it is given and is killed after the n-th statement. */
const CHILD = `
import { readFileSync } from 'node:fs';
import { openDatabase } from '${HERE('./database.ts')}';
import { migrate } from '${HERE('./migrate.ts')}';
const [path, file, list, at] = process.argv.slice(2);
const db = openDatabase(path, file);
let statements = 0;
migrate(db, JSON.parse(readFileSync(list, 'utf8')), () => {
  statements += 1;
  if (statements === Number(at)) process.kill(process.pid, 'SIGKILL');
});
`;

let folder: string;
let child: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pb-kill-'));
  child = join(folder, 'child.mts');
  writeFileSync(child, CHILD);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(path: string, file: DataFile, migrations: readonly Migration[], at: number): void {
  const list = join(folder, 'migrations.json');
  writeFileSync(list, JSON.stringify(migrations));
  const { signal, stderr } = spawnSync(process.execPath, [child, path, file, list, String(at)], {
    encoding: 'utf8',
  });
  expect(signal, stderr).toBe('SIGKILL');
}

interface Schema {
  readonly version: unknown;
  readonly schema: unknown[];
}

function schemaOf(path: string, file: DataFile): Schema {
  const db = openDatabase(path, file);
  try {
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    const schema = db
      .prepare(
        "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'schema_migrations%' AND name NOT LIKE '%autoindex%' ORDER BY name",
      )
      .all();
    return { version: db.pragma('user_version', { simple: true }), schema };
  } finally {
    closeDatabase(db);
  }
}

const CASES: readonly (readonly [string, DataFile, readonly Migration[], readonly Migration[]])[] = [
  ['config from nothing', 'config', [], CONFIG_MIGRATIONS],
  ['vault from nothing', 'vault', [], VAULT_MIGRATIONS],
  ['history from nothing', 'history', [], HISTORY_MIGRATIONS],
  ['cache from nothing', 'cache', [], CACHE_MIGRATIONS],
  ['config to a later version that rebuilds a table', 'config', CONFIG_MIGRATIONS, [...CONFIG_MIGRATIONS, REBUILD]],
];

/** A process is killed for real at each statement of this many; at the others a copy of the files stands for what a killed one leaves. */
const REAL_KILLS_EVERY = 12;

/** Migrates in this process; before each statement after the first, the files are copied as the operating system has them. */
function copiesAtEachStatement(path: string, file: DataFile, migrations: readonly Migration[]): number {
  const db = openDatabase(path, file);
  let statements = 0;
  migrate(db, migrations, () => {
    statements += 1;
    copyAt(path, statements);
  });
  closeDatabase(db);
  return statements;
}

describe('a migration', () => {
  it.each(CASES)(
    '%s, killed at every statement, is at one of its versions, whole',
    { timeout: 300_000 },
    (_name, file, before, after) => {
      const start = join(folder, `start-${file}.db`);
      rmSync(start, { force: true });
      const db = openDatabase(start, file);
      migrate(db, before);
      if (before.length > 0) db.prepare("INSERT INTO settings (key, value) VALUES ('kept', '1')").run();
      closeDatabase(db);
      const path = join(folder, `killed-${file}.db`);
      const reset = () => startFrom(start, path);
      // Each migration is a transaction of its own: between two of them the file is at the version of the first.
      const whole = after.slice(before.length).map((_one, index) => {
        reset();
        const step = openDatabase(path, file);
        migrate(step, after.slice(0, before.length + index));
        closeDatabase(step);
        return schemaOf(path, file);
      });
      reset();
      const statements = copiesAtEachStatement(path, file, after);
      const current = schemaOf(path, file);
      for (let at = 1; at <= statements; at += 1) {
        if (at % REAL_KILLS_EVERY === 1) {
          reset();
          run(path, file, after, at);
        } else takeCopy(path, at);
        const found = schemaOf(path, file);
        expect([...whole, current]).toContainEqual(found);
        const again = openDatabase(path, file);
        migrate(again, after);
        if (before.length > 0)
          expect(again.prepare("SELECT value FROM settings WHERE key = 'kept'").pluck().get()).toBe('1');
        closeDatabase(again);
        expect(schemaOf(path, file)).toEqual(current);
        expect(inspectSchema(path, after)?.pending).toEqual([]);
      }
    },
  );
});
