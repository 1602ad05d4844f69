// Rows that are gone at the source: an unusual share of a job's rows is marked only once somebody has agreed.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FULL_PASS_DAYS } from '../shared/job/job.ts';
import { readHeldSweep } from '../store/cache/findings.ts';
import type { ConnectionFacts } from './messages.ts';
import { isUnusual } from './sweep.ts';
import { aJob, aRecord, connectionFacts, expectedRows, TestBench, TestSource } from './testing/bench.ts';

let source: TestSource;
let facts: ConnectionFacts;
let bench: TestBench;

beforeEach(async () => {
  source = new TestSource();
  facts = connectionFacts('salesforce', await source.start());
  bench = await TestBench.open();
  source.put(...Array.from({ length: 250 }, (_, index) => aRecord(index)));
});

afterEach(async () => {
  await bench.remove();
  await source.stop();
});

const remove = (from: number, to: number): void => {
  for (let index = from; index < to; index += 1) source.records.delete(aRecord(index).Id);
};

it.each([
  [20, 20, false],
  [21, 21, true],
  [21, 42, false],
  [22, 42, true],
  [500, 1_000, false],
  [501, 1_000, true],
])('%i of %i rows: unusual is %s', (missing, before, unusual) => {
  expect(isUnusual(missing, before)).toBe(unusual);
});

it('half of the rows is marked unasked', async () => {
  const job = aJob();
  await bench.run(job, facts);
  remove(0, 125);
  expect(await bench.run(job, facts)).toMatchObject({ status: 'success', counts: { gone: 125, missing: 0 } });
  expect(bench.rows(job)).toEqual(expectedRows(source));
});

it('more than half is kept for a person: the run is partial, says so, and the next full run asks again', async () => {
  const job = aJob();
  await bench.run(job, facts);
  remove(0, 126);
  const held = bench.start(job, facts);
  expect(await held.finished).toMatchObject({
    status: 'partial_success',
    failure: null,
    counts: { gone: 0, missing: 126 },
  });
  expect(bench.table(job)).toMatchObject({ rows: 250, gone: 0 });
  expect(bench.log().join()).toContain('126 rows no longer at the source. That is more than half');
  expect(readHeldSweep(bench.db, job.id)).toMatchObject({ runId: held.id, missing: 126 });

  const again = bench.start(job, facts);
  expect(await again.finished).toMatchObject({ status: 'partial_success', counts: { gone: 0, missing: 126 } });
  expect(readHeldSweep(bench.db, job.id)).toMatchObject({ runId: again.id });

  // They are back: nothing is left to decide.
  source.put(...Array.from({ length: 126 }, (_, index) => aRecord(index)));
  expect(await bench.run(job, facts)).toMatchObject({ status: 'success', counts: { gone: 0, missing: 0 } });
  expect(readHeldSweep(bench.db, job.id)).toBeNull();
});

it('an empty answer does not empty a table', async () => {
  const job = aJob();
  await bench.run(job, facts);
  remove(0, 250);
  expect(await bench.run(job, facts)).toMatchObject({ status: 'partial_success', counts: { read: 0, missing: 250 } });
  expect(bench.rows(job).size).toBe(250);
});

it('is marked when somebody agrees, exactly what the run has named, and once', async () => {
  const job = aJob();
  await bench.run(job, facts);
  remove(0, 200);
  source.put(aRecord(900));
  const held = bench.start(job, facts);
  await held.finished;
  const agreed = { finding: held.id as never, rows: 200 };
  expect(await bench.engine.markMissing(job.id, { ...agreed, rows: 199 })).toBeNull();
  expect(await bench.engine.markMissing(job.id, { ...agreed, finding: 'another' as never })).toBeNull();
  expect(bench.table(job)).toMatchObject({ rows: 251, gone: 0 });
  expect(await bench.engine.markMissing(job.id, agreed)).toBe(200);
  expect(bench.rows(job)).toEqual(expectedRows(source));
  expect(bench.table(job)).toMatchObject({ rows: 51, gone: 200 });
  expect(await bench.engine.markMissing(job.id, agreed)).toBeNull();
  expect(await bench.run(job, facts)).toMatchObject({ status: 'success', counts: { gone: 0, missing: 0 } });
});

it('is marked at once where that was agreed to beforehand', async () => {
  const job = aJob();
  await bench.run(job, facts);
  remove(0, 200);
  const finished = await bench.run(job, facts, { marksMissing: true });
  expect(finished).toMatchObject({ status: 'success', counts: { gone: 200, missing: 0 } });
  expect(bench.rows(job)).toEqual(expectedRows(source));
});

it('an incremental job goes on to say so, marks nothing that it meets again, and asks anew after a week', async () => {
  const job = aJob({ mode: 'incremental' });
  await bench.run(job, facts);
  remove(0, 200);
  bench.aheadMs = (FULL_PASS_DAYS + 1) * 86_400_000;
  const held = bench.start(job, facts);
  expect(await held.finished).toMatchObject({ status: 'partial_success', counts: { read: 50, missing: 200 } });
  // Two of them come back changed, and an incremental run reads them.
  const late = (index: number) => aRecord(index, { SystemModstamp: '2026-03-01T00:00:00.000Z' });
  source.put(late(7), late(8));
  const after = await bench.run(job, facts);
  expect(after).toMatchObject({ status: 'partial_success', counts: { gone: 0, missing: 198 } });
  expect(after.counts.read).toBeLessThan(20);
  expect(await bench.engine.markMissing(job.id, { finding: held.id as never, rows: 198 })).toBe(198);
  expect(bench.rows(job)).toEqual(expectedRows(source));
  expect(await bench.run(job, facts)).toMatchObject({ status: 'success', counts: { missing: 0 } });

  source.records.clear();
  bench.aheadMs = (FULL_PASS_DAYS + 1) * 2 * 86_400_000;
  expect(await bench.run(job, facts)).toMatchObject({ status: 'partial_success', counts: { missing: 52 } });
});

it('killed while it marks, what is left is still offered, with its number', async () => {
  const rows = 40_000;
  source.pageSize = 2_000;
  source.put(...Array.from({ length: rows }, (_, index) => aRecord(index)));
  const job = aJob();
  await bench.run(job, facts);
  remove(1, rows);
  const held = bench.start(job, facts);
  expect(await held.finished).toMatchObject({ counts: { missing: rows - 1 } });
  // The second of three chunks fails, as at a kill between two transactions.
  bench.db.exec(
    `CREATE TRIGGER stop BEFORE UPDATE ON "rows_${job.id}" WHEN NEW._id = 20000 BEGIN SELECT RAISE(ABORT, 'killed'); END`,
  );
  const finding = held.id as never;
  await expect(bench.engine.markMissing(job.id, { finding, rows: rows - 1 })).rejects.toThrow('killed');
  bench.db.exec('DROP TRIGGER stop');
  const left = readHeldSweep(bench.db, job.id)?.missing ?? 0;
  expect(left).toBeGreaterThan(1);
  expect(left).toBeLessThan(rows - 1);
  expect(bench.table(job)).toMatchObject({ rows: left + 1, gone: rows - 1 - left });
  expect(await bench.engine.markMissing(job.id, { finding, rows: left })).toBe(left);
  expect(bench.rows(job)).toEqual(expectedRows(source));
});

it('killed while the run looks or marks, it goes on as it was decided', async () => {
  const job = aJob();
  await bench.run(job, facts);
  remove(0, 200);
  const held = bench.start(job, facts);
  await held.finished;
  // As a run leaves it that was killed behind its last page.
  bench.db
    .prepare(
      `INSERT INTO passes (job_id, fingerprint, mode, phase, pages, started_at, touched_at, first_new_id, unkeyed, swept_to)
       SELECT job_id, fingerprint, 'full', 'sweeping', 1, ?, ?, 250, 0, 0 FROM job_tables`,
    )
    .run(Date.now(), Date.now());
  expect(await bench.run(job, facts)).toMatchObject({ status: 'partial_success', counts: { gone: 0, missing: 200 } });
  expect(bench.table(job)).toMatchObject({ rows: 250, gone: 0 });
});
