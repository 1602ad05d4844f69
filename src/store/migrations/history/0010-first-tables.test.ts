import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeDatabase, openDatabase, type WritableDb } from '../../database.ts';
import { migrate } from '../../migrate.ts';
import { HISTORY_MIGRATIONS } from '../../migrations.ts';
import { planOf } from '../../testing/query-plan.ts';

let folder: string;
let db: WritableDb;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pb-0010-'));
  db = openDatabase(join(folder, 'history.db'), 'history');
  migrate(
    db,
    HISTORY_MIGRATIONS.filter(({ id }) => id <= 10),
  );
});

afterAll(() => {
  closeDatabase(db);
  rmSync(folder, { recursive: true, force: true });
});

describe('history 0010 first tables', () => {
  it('are strict, except those that FTS5 keeps for itself', () => {
    const loose = db
      .prepare(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '%_search_%'",
      )
      .all();
    expect(loose).toEqual([]);
    expect(['synchronous', 'journal_mode'].map((name) => db.pragma(name, { simple: true }))).toEqual([1, 'wal']);
  });

  it.each([
    [
      "SELECT subject_id, count(*) FROM executions INDEXED BY executions_failed WHERE tenant_no = 1 AND status = 'failed' AND ended_at >= 2 GROUP BY subject_id",
      'SEARCH executions USING COVERING INDEX executions_failed (tenant_no=? AND ended_at>?); USE TEMP B-TREE FOR GROUP BY',
    ],
    [
      'SELECT seq FROM executions WHERE tenant_no = 1 ORDER BY started_at DESC, seq DESC LIMIT 50',
      'SEARCH executions USING COVERING INDEX executions_by_start (tenant_no=?)',
    ],
    [
      "SELECT seq FROM executions WHERE tenant_no = 1 AND status = 'failed' AND status <> 'success' ORDER BY started_at DESC, seq DESC LIMIT 50",
      'SEARCH executions USING COVERING INDEX executions_unsuccessful (tenant_no=? AND status=?)',
    ],
    ['SELECT * FROM executions WHERE ended_at IS NULL', 'SCAN executions USING INDEX executions_open'],
    ['SELECT * FROM latest_runs WHERE tenant_no = 1', 'SEARCH latest_runs USING PRIMARY KEY (tenant_no=?)'],
    ["SELECT * FROM executions WHERE id = 'x'", 'SEARCH executions USING INDEX sqlite_autoindex_executions_1 (id=?)'],
    [
      "SELECT * FROM updates WHERE tenant_id = 'x' ORDER BY at DESC, seq DESC LIMIT 50",
      'SEARCH updates USING INDEX updates_by_time (tenant_id=?)',
    ],
    [
      'SELECT * FROM log_lines WHERE execution_seq = 1 ORDER BY n',
      'SEARCH log_lines USING PRIMARY KEY (execution_seq=?)',
    ],
  ])('%s reads an index and sorts nothing big', (sql, plan) => {
    expect(planOf(db, sql)).toBe(plan);
  });

  it('keep tallies and latest runs right by themselves, for rows however they come', () => {
    db.exec("INSERT INTO tenants (tenant_id) VALUES ('tenant0001')");
    db.exec("INSERT INTO subjects VALUES (4294967297, 1, 'connection1', 'job00001', 'C', 'J', 'S', 'D', 'c j s d')");
    const insert = db.prepare(
      "INSERT INTO executions VALUES (?, ?, 1, 4294967297, 'manual', ?, NULL, ?, ?, 0, NULL, NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)",
    );
    insert.run(1, 'a', 'success', 10, 20);
    insert.run(2, 'b', 'running', 30, null);
    insert.run(3, 'c', 'success', 5, 50);
    db.exec("UPDATE executions SET status = 'failed', ended_at = 40 WHERE id = 'b'");
    expect(db.prepare('SELECT status, n FROM tallies ORDER BY status').raw().all()).toEqual([
      ['failed', 1],
      ['running', 0],
      ['success', 2],
    ]);
    expect(db.prepare('SELECT execution_id, status, data_as_of FROM latest_runs').raw().all()).toEqual([
      ['b', 'failed', 50],
    ]);
    db.exec("DELETE FROM executions WHERE id = 'a'");
    expect(db.prepare("SELECT n FROM tenant_tallies WHERE status = 'success'").pluck().get()).toBe(1);
  });
});
