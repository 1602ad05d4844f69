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

const insert = (id: string, name: string): void => {
  db.prepare(
    `INSERT INTO connections (id, tenant_id, connector_id, name, name_key, auth_method_id, fields, overrides, state, learned,
       created_at, updated_at, version)
     VALUES (?, 'tenant0001', 'example', ?, ?, 'key', '{}', '{}', '{"kind":"draft"}', '{}', '2026', '2026', 1)`,
  ).run(id, name, name);
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pb-0030-'));
  db = openDatabase(join(folder, 'config.db'), 'config');
  migrate(
    db,
    CONFIG_MIGRATIONS.filter(({ id }) => id < 30),
  );
  db.exec(
    `INSERT INTO tenants (id, name, domain, products, kind, limits, created_at)
     VALUES ('tenant0001', 'Acme', 'acme.test', '[]', 'real', '{}', '2026')`,
  );
  insert('connection01', 'mirror');
  migrate(
    db,
    CONFIG_MIGRATIONS.filter(({ id }) => id <= 30),
  );
});

afterAll(() => {
  closeDatabase(db);
  rmSync(folder, { recursive: true, force: true });
});

describe('config 0030 trash', () => {
  it('leaves every connection where it was, and none of them deleted', () => {
    expect(db.prepare('SELECT id, deleted_at FROM connections').all()).toEqual([
      { id: 'connection01', deleted_at: null },
    ]);
    expect(db.pragma('user_version', { simple: true })).toBe(30);
  });

  it('frees the name of a deleted connection, and only of a deleted one', () => {
    expect(() => insert('connection02', 'mirror')).toThrow('UNIQUE constraint failed');
    db.exec("UPDATE connections SET deleted_at = '2026-01-01' WHERE id = 'connection01'");
    insert('connection02', 'mirror');
    expect(() => db.exec("UPDATE connections SET deleted_at = NULL WHERE id = 'connection01'")).toThrow(
      'UNIQUE constraint failed',
    );
  });

  it.each([
    [
      "SELECT * FROM connections WHERE tenant_id = 'x' AND deleted_at IS NULL ORDER BY name_key",
      'SEARCH connections USING INDEX connections_by_name (tenant_id=?)',
    ],
    [
      "SELECT * FROM connections WHERE deleted_at IS NOT NULL AND deleted_at < '2026'",
      'SEARCH connections USING INDEX connections_deleted (deleted_at>? AND deleted_at<?)',
    ],
  ])('%s reads an index', (sql, plan) => {
    expect(planOf(db, sql)).toBe(plan);
  });
});
