import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeDatabase, openDatabase, type WritableDb } from '../../database.ts';
import { migrate } from '../../migrate.ts';
import { CONFIG_MIGRATIONS } from '../../migrations.ts';
import { planOf } from '../../testing/query-plan.ts';

let folder: string;
let db: WritableDb;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pb-0010-'));
  db = openDatabase(join(folder, 'config.db'), 'config');
  migrate(
    db,
    CONFIG_MIGRATIONS.filter(({ id }) => id <= 10),
  );
});

afterAll(() => {
  closeDatabase(db);
  rmSync(folder, { recursive: true, force: true });
});

describe('config 0010 first tables', () => {
  it('are all strict and follow the file’s rules', () => {
    const loose = db
      .prepare(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite_%'",
      )
      .all();
    expect(loose).toEqual([]);
    expect(db.pragma('user_version', { simple: true })).toBe(10);
    const rules = ['journal_mode', 'synchronous', 'foreign_keys', 'secure_delete'].map((name) =>
      db.pragma(name, { simple: true }),
    );
    expect(rules).toEqual(['wal', 2, 1, 0]);
    expect(db.pragma('busy_timeout', { simple: true })).toBe(5000);
    expect(db.pragma('journal_size_limit', { simple: true })).toBe(16 * 1024 * 1024);
  });

  it.each([
    [
      "SELECT * FROM connections WHERE tenant_id = 'x' ORDER BY name_key",
      'SEARCH connections USING INDEX connections_by_name (tenant_id=?)',
    ],
    [
      "SELECT * FROM connections WHERE id = 'x'",
      'SEARCH connections USING INDEX sqlite_autoindex_connections_1 (id=?)',
    ],
    [
      "SELECT connection_id, count(*) FROM jobs WHERE tenant_id = 'x' GROUP BY connection_id",
      'SEARCH jobs USING COVERING INDEX jobs_by_tenant (tenant_id=?)',
    ],
    ["SELECT * FROM jobs WHERE connection_id = 'x'", 'SEARCH jobs USING INDEX jobs_by_connection (connection_id=?)'],
    [
      "SELECT * FROM jobs WHERE destination_connection_id = 'x'",
      'SEARCH jobs USING INDEX jobs_by_destination (destination_connection_id=?)',
    ],
  ])('%s reads an index', (sql, plan) => {
    expect(planOf(db, sql)).toBe(plan);
  });

  it('refuse what no code of ours would write', () => {
    const tenant = "INSERT INTO tenants VALUES ('tenant0001', 'Acme', 'acme.test', '[]', 'real', '{}', '2026')";
    db.exec(tenant);
    const connection = (id: string, state: string, tenantId = 'tenant0001') =>
      db
        .prepare(
          `INSERT INTO connections VALUES (?, ?, 'example', ?, ?, 'key', '{}', '{}', ?, NULL, '{}', '2026', '2026', 1)`,
        )
        .run(id, tenantId, id, id, state);
    expect(() => db.exec(tenant.replace('tenant0001', '../../etc'))).toThrow('CHECK constraint failed');
    expect(() => connection('connection01', '{"kind":"unknown"}')).toThrow('CHECK constraint failed');
    expect(() => connection('connection01', 'not json')).toThrow('CHECK constraint failed');
    expect(() => connection('connection01', '{"kind":"draft"}', 'nobody0001')).toThrow('FOREIGN KEY constraint failed');
    expect(connection('connection01', '{"kind":"draft"}').changes).toBe(1);
  });
});
