// Records the source has deleted: an incremental run cannot meet them, a full pass now and then does.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FULL_PASS_DAYS } from '../shared/job/job.ts';
import type { ConnectionFacts } from './messages.ts';
import { aJob, aRecord, connectionFacts, expectedRows, TestBench, TestSource } from './testing/bench.ts';

const DAY_MS = 86_400_000;
const FULL_PASS =
  /^Full pass: the last one was on \d{4}-\d\d-\d\d, and incremental runs do not notice deleted records\.$/;
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

const fullPasses = (): string[] => bench.log().filter((line) => FULL_PASS.test(line));

it('are noticed by an incremental job once the last full pass is a week ago, and not read for before', async () => {
  const job = aJob({ mode: 'incremental' });
  await bench.run(job, facts);
  for (const index of [0, 100, 249]) source.records.delete(aRecord(index).Id);
  source.put(aRecord(5, { Name: 'Changed', SystemModstamp: '2026-02-01T00:00:00.000Z' }));
  bench.aheadMs = (FULL_PASS_DAYS - 1) * DAY_MS;
  const before = await bench.run(job, facts);
  expect(before.counts).toMatchObject({ updated: 1, gone: 0 });
  expect(before.counts.read).toBeLessThan(20);
  expect(fullPasses()).toEqual([]);
  expect(bench.rows(job).size).toBe(250);

  bench.aheadMs = (FULL_PASS_DAYS + 1) * DAY_MS;
  const after = await bench.run(job, facts);
  expect(after.counts).toMatchObject({ read: 247, gone: 3, inserted: 0, updated: 0 });
  expect(fullPasses()).toHaveLength(1);
  expect(bench.rows(job)).toEqual(expectedRows(source));

  expect((await bench.run(job, facts)).counts.read).toBeLessThan(20);
  expect(fullPasses()).toHaveLength(1);
});

it('are noticed too when the full pass was interrupted and another run ends it', async () => {
  const job = aJob({ mode: 'incremental' });
  await bench.run(job, facts);
  source.records.delete(aRecord(3).Id);
  bench.aheadMs = (FULL_PASS_DAYS + 1) * DAY_MS;
  const asked = source.pages.length;
  source.onPage = (count) => {
    if (count === asked + 2) void bench.engine.stop(first.id as never);
  };
  const first = bench.start(job, facts);
  expect((await first.finished).status).toBe('stopped');
  source.onPage = null;
  expect((await bench.run(job, facts)).counts.gone).toBe(1);
  expect(bench.rows(job)).toEqual(expectedRows(source));
  expect(fullPasses()).toHaveLength(1);
  expect((await bench.run(job, facts)).counts.read).toBeLessThan(20);
});
