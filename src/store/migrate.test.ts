import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { closeDatabase, openDatabase } from './database.ts';
import { inspectSchema, type Migration, migrate, migrationsFrom, statementsOf } from './migrate.ts';

const first: Migration = {
  id: 10,
  name: 'first',
  sql: "CREATE TABLE a (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;\n\n-- why\nINSERT INTO a (name) VALUES ('x;y');\n",
};
const second: Migration = { id: 20, name: 'second', sql: 'ALTER TABLE a ADD COLUMN extra TEXT;\n' };

function newPath(): string {
  return join(mkdtempSync(join(tmpdir(), 'pb-migrate-')), 'config.db');
}

describe('migrations', () => {
  it('orders files by number and refuses one that is not numbered or is there twice', () => {
    expect(migrationsFrom({ './m/0020-b.sql': 'B', './m/0010-a.sql': 'A' }).map(({ id, name }) => [id, name])).toEqual([
      [10, 'a'],
      [20, 'b'],
    ]);
    expect(() => migrationsFrom({ './m/first.sql': 'A' })).toThrow('Not a migration: ./m/first.sql');
    expect(() => migrationsFrom({ './m/0010-a.sql': 'A', './m/0010-b.sql': 'B' })).toThrow(
      'Two migrations have the id 10.',
    );
  });

  it('splits statements at empty lines and drops pure comments', () => {
    expect(statementsOf('-- only words\n\nSELECT 1;\n\n\n-- why\nSELECT 2;\n')).toEqual([
      'SELECT 1;',
      '-- why\nSELECT 2;',
    ]);
  });

  it('applies what is pending once, in order, and remembers it', () => {
    const db = openDatabase(newPath(), 'config');
    expect(migrate(db, [first])).toEqual([10]);
    expect(migrate(db, [first, second])).toEqual([20]);
    expect(migrate(db, [first, second])).toEqual([]);
    expect(db.prepare('SELECT * FROM a').all()).toEqual([{ id: 1, name: 'x;y', extra: null }]);
    expect(db.pragma('user_version', { simple: true })).toBe(20);
    closeDatabase(db);
  });

  it('leaves the old version when a statement fails', () => {
    const db = openDatabase(newPath(), 'config');
    migrate(db, [first]);
    const broken = {
      id: 20,
      name: 'broken',
      sql: 'ALTER TABLE a ADD COLUMN extra TEXT;\n\nSELECT x FROM nowhere;\n',
    };
    expect(() => migrate(db, [first, broken])).toThrow('no such table: nowhere');
    expect(db.pragma('user_version', { simple: true })).toBe(10);
    expect(db.pragma('foreign_keys', { simple: true })).toBe(1);
    expect(db.prepare('SELECT * FROM a').all()).toEqual([{ id: 1, name: 'x;y' }]);
    closeDatabase(db);
  });

  it('refuses a migration that leaves rows which refer to nothing', () => {
    const db = openDatabase(newPath(), 'config');
    const orphan = {
      id: 20,
      name: 'orphan',
      sql: 'CREATE TABLE b (a INTEGER REFERENCES a (id)) STRICT;\n\nINSERT INTO b VALUES (99);\n',
    };
    expect(() => migrate(db, [first, orphan])).toThrow('Migration 20 leaves 1 rows that refer to nothing.');
    expect(db.pragma('user_version', { simple: true })).toBe(10);
    closeDatabase(db);
  });

  it('does not write a byte of a profile that a newer version has used', () => {
    const path = newPath();
    const db = openDatabase(path, 'config');
    migrate(db, [first, second]);
    // Left open, so that the newer schema is in the WAL only.
    const before = [readFileSync(path), readFileSync(`${path}-wal`), statSync(path).mtimeMs] as const;
    expect(() => inspectSchema(path, [first])).toThrow('used by a newer version');
    expect([readFileSync(path), readFileSync(`${path}-wal`), statSync(path).mtimeMs]).toEqual(before);
    closeDatabase(db);
    const closed = readFileSync(path);
    expect(() => inspectSchema(path, [first])).toThrow('used by a newer version');
    expect(readFileSync(path)).toEqual(closed);
  });

  it('takes a migration whose text differs from the applied one for another build', () => {
    const path = newPath();
    const db = openDatabase(path, 'config');
    migrate(db, [first]);
    closeDatabase(db);
    expect(() => inspectSchema(path, [{ ...first, sql: `${first.sql}\n` }])).toThrow('Nothing was changed');
    expect(inspectSchema(path, [first, second])).toMatchObject({ version: 10, pending: [{ id: 20 }] });
  });
});
