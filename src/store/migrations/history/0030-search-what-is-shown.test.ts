import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TenantId } from '../../../shared/ids.ts';
import { closeDatabase, openDatabase, type WritableDb } from '../../database.ts';
import { migrate } from '../../migrate.ts';
import { HISTORY_MIGRATIONS } from '../../migrations.ts';
import { ExecutionRepository } from '../../repositories/executions.ts';
import { SearchIndexing } from '../../repositories/search-indexing.ts';
import { UpdateRepository } from '../../repositories/updates.ts';
import { planOf } from '../../testing/query-plan.ts';

const TENANT = 'tenant0001' as TenantId;
const RUNS = 9_001;
let folder: string;
let db: WritableDb;
let executions: ExecutionRepository;
let updates: UpdateRepository;

const found = (search: string): number => executions.list({ tenantId: TENANT, search, offset: 0, limit: 1 }).total;
const foundUpdates = (search: string): number => updates.list({ tenantId: TENANT, search, offset: 0, limit: 1 }).total;

/** As version 0.1.0 has stored them: names folded without a look at accents, causes not indexed. */
function oldProfile(): void {
  db.exec(`INSERT INTO tenants (tenant_id) VALUES ('${TENANT}')`);
  db.exec(
    "INSERT INTO subjects VALUES (4294967297, 1, 'connection1', 'job000000001', 'Ägypten', 'ΟΔΟΣ', 'S', 'D', 'ägypten\nοδος\ns\nd')",
  );
  const insert = db.prepare(
    `INSERT INTO executions VALUES (?, ?, 1, 4294967297, 'manual', ?, NULL, ?, ?, 0, NULL, ?, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)`,
  );
  const failure = JSON.stringify({
    class: 'reauthorize_expired',
    message: 'Die Straße ist gesperrt.',
    advice: 'Wait.',
    vendorCode: 'invalid_grant',
  });
  db.exec('BEGIN');
  for (let n = 1; n <= RUNS; n += 1) {
    const isFailed = n % 9 === 0;
    insert.run(
      n,
      `a${String(n).padStart(11, '0')}`,
      isFailed ? 'failed' : 'success',
      n * 10,
      n * 10 + 5,
      isFailed ? failure : null,
    );
  }
  db.exec('COMMIT');
  db.exec(
    `INSERT INTO updates VALUES (1, 'u00000000001', '${TENANT}', NULL, NULL, 'Zürich', 'Edited', 1, 'ada', '[{"field":"Host","before":"МОСКВА","after":"x"}]', 'zürich\nedited\nada')`,
  );
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pb-0030-'));
  db = openDatabase(join(folder, 'history.db'), 'history');
  migrate(
    db,
    HISTORY_MIGRATIONS.filter(({ id }) => id <= 10),
  );
  oldProfile();
  migrate(db, HISTORY_MIGRATIONS);
  const report = (table: string, id: string, error: unknown): void => {
    throw new Error(`${table} ${id}`, { cause: error });
  };
  executions = new ExecutionRepository(db, report);
  updates = new UpdateRepository(db, report);
});

afterAll(() => {
  closeDatabase(db);
  rmSync(folder, { recursive: true, force: true });
});

describe('history 0030 search what is shown', () => {
  it('finds older runs by what they show when the slices are through, and by their names all the time', () => {
    expect([found('S'), found('failed'), found('invalid_grant')]).toEqual([RUNS, 0, 0]);
    expect(executions.list({ tenantId: TENANT, offset: 0, limit: 1 }).total).toBe(RUNS);
    const indexing = new SearchIndexing(db);
    let slices = 0;
    while (indexing.step()) slices += 1;
    expect(slices).toBeGreaterThan(3);
    expect(indexing.step()).toBe(false);
    expect(['invalid_grant', 'STRASSE', 'agypten', 'ÄGYPTEN', 'οδοσ', 'failed'].map(found)).toEqual([
      1000,
      1000,
      RUNS,
      RUNS,
      RUNS,
      1000,
    ]);
    expect(['zurich', 'москва', 'ada'].map(foundUpdates)).toEqual([1, 1, 1]);
    expect(db.prepare('SELECT count(*) FROM causes').pluck().get()).toBe(1);
  });

  it('counts as a scan would, whatever happens to the runs afterwards', () => {
    db.exec("UPDATE executions SET status = 'stopped' WHERE seq % 90 = 0");
    db.exec('DELETE FROM executions WHERE seq % 18 = 0');
    const scanned = db
      .prepare(
        'SELECT subject_id, started_by, status, coalesce(cause_id, 0), count(*) FROM executions GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4',
      )
      .raw()
      .all();
    expect(db.prepare('SELECT * FROM search_tallies WHERE n > 0').raw().all()).toEqual(scanned);
    expect(db.prepare('SELECT seq FROM cause_runs ORDER BY seq').pluck().all()).toEqual(
      db.prepare('SELECT seq FROM executions WHERE cause_id IS NOT NULL ORDER BY seq').pluck().all(),
    );
  });

  it.each(['subjects_search', 'causes_search', 'updates_search'])('%s is made anew from its table', (index) => {
    db.exec(`INSERT INTO ${index} (${index}) VALUES ('integrity-check')`);
    db.exec(`INSERT INTO ${index} (${index}) VALUES ('delete-all')`);
    db.exec(`INSERT INTO ${index} (${index}) VALUES ('rebuild')`);
    db.exec(`INSERT INTO ${index} (${index}) VALUES ('integrity-check')`);
    expect(Math.max(...['agypten', 'invalid_grant'].map(found), foundUpdates('zurich'))).toBeGreaterThan(0);
  });

  it('reads runs by their cause from an index', () => {
    expect(planOf(db, 'SELECT seq FROM cause_runs WHERE cause_id IN (1, 2)')).toBe(
      'SEARCH cause_runs USING PRIMARY KEY (cause_id=?)',
    );
  });
});
