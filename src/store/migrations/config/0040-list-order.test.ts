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
  folder = mkdtempSync(join(tmpdir(), 'pb-0040-'));
  db = openDatabase(join(folder, 'config.db'), 'config');
  migrate(
    db,
    CONFIG_MIGRATIONS.filter(({ id }) => id <= 40),
  );
});

afterAll(() => {
  closeDatabase(db);
  rmSync(folder, { recursive: true, force: true });
});

describe('config 0040 list order', () => {
  it.each([
    [
      "SELECT id, connector_id, name, state ->> 'kind' AS kind FROM connections INDEXED BY connections_for_list WHERE tenant_id = 'x' AND deleted_at IS NULL",
      'SEARCH connections USING COVERING INDEX connections_for_list (tenant_id=? AND deleted_at=?)',
    ],
    [
      "SELECT id FROM connections INDEXED BY connections_for_list WHERE tenant_id = 'x' AND deleted_at IS NULL AND state ->> 'kind' = 'revoked'",
      'SEARCH connections USING COVERING INDEX connections_for_list (tenant_id=? AND deleted_at=?)',
    ],
    [
      "SELECT * FROM connections WHERE tenant_id = 'x' AND deleted_at IS NULL ORDER BY name_key",
      'SEARCH connections USING INDEX connections_by_name (tenant_id=?)',
    ],
  ])('%s reads an index', (sql, plan) => {
    expect(planOf(db, sql)).toBe(plan);
  });

  it('follows a change of state', () => {
    db.exec("INSERT INTO tenants VALUES ('tenant0001', 'Acme', 'acme.test', '[]', 'real', '{}', '2026')");
    db.exec(`INSERT INTO connections VALUES ('connection01', 'tenant0001', 'example', 'A', 'a', 'key', '{}', '{}',
      '{"kind":"draft"}', NULL, '{}', '2026', '2026', 1, NULL)`);
    db.exec(`UPDATE connections SET state = '{"kind":"active"}'`);
    expect(
      db
        .prepare(
          "SELECT state ->> 'kind' AS kind FROM connections WHERE tenant_id = 'tenant0001' AND deleted_at IS NULL",
        )
        .get(),
    ).toEqual({
      kind: 'active',
    });
  });
});
