import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeDatabase, openDatabase, type WritableDb } from '../../database.ts';
import { migrate } from '../../migrate.ts';
import { VAULT_MIGRATIONS } from '../../migrations.ts';
import { planOf } from '../../testing/query-plan.ts';

let folder: string;
let db: WritableDb;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pb-0010-'));
  db = openDatabase(join(folder, 'vault.db'), 'vault');
  migrate(
    db,
    VAULT_MIGRATIONS.filter(({ id }) => id <= 10),
  );
});

afterAll(() => {
  closeDatabase(db);
  rmSync(folder, { recursive: true, force: true });
});

describe('vault 0010 first tables', () => {
  it('are strict, durable, and overwrite what is deleted', () => {
    const loose = db
      .prepare(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite_%'",
      )
      .all();
    expect(loose).toEqual([]);
    expect(['synchronous', 'secure_delete', 'foreign_keys'].map((name) => db.pragma(name, { simple: true }))).toEqual([
      2, 1, 1,
    ]);
  });

  it.each([
    [
      "SELECT * FROM secrets WHERE owner_kind = 'connection' AND owner_id = 'x' AND name = 'y'",
      'SEARCH secrets USING INDEX sqlite_autoindex_secrets_1 (owner_kind=? AND owner_id=? AND name=?)',
    ],
    ['SELECT key_id, count(*) FROM secrets GROUP BY key_id', 'SCAN secrets USING COVERING INDEX secrets_by_key'],
  ])('%s reads an index', (sql, plan) => {
    expect(planOf(db, sql)).toBe(plan);
  });

  it('know one active passphrase at most, and no secret without its key', () => {
    const key = db.prepare("INSERT INTO keys VALUES (?, 'passphrase', ?, '{}', x'00', '2026')");
    key.run('first', 1);
    expect(() => key.run('second', 1)).toThrow('UNIQUE constraint failed');
    key.run('second', 0);
    const secret = db.prepare("INSERT INTO secrets VALUES ('connection', 'x', 'y', ?, '{}', x'01', '2026')");
    expect(() => secret.run('third')).toThrow('FOREIGN KEY constraint failed');
    expect(secret.run('second').changes).toBe(1);
    expect(() => db.exec("DELETE FROM keys WHERE key_id = 'second'")).toThrow('FOREIGN KEY constraint failed');
  });
});
