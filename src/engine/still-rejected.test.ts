// Rejected records stay in sight: a run that did not look at them does not call the job whole.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FULL_PASS_DAYS } from '../shared/job/job.ts';
import { readRejected } from '../store/cache/ledger.ts';
import type { ConnectionFacts } from './messages.ts';
import { aJob, aRecord, connectionFacts, TestBench, TestSource } from './testing/bench.ts';

let source: TestSource;
let facts: ConnectionFacts;
let bench: TestBench;
const DAY_MS = 86_400_000;
/** A whole number that is none: the mapping refuses it. */
const broken = (index: number) => aRecord(index, { Size: 'many' });

beforeEach(async () => {
  source = new TestSource();
  facts = connectionFacts('salesforce', await source.start());
  bench = await TestBench.open();
  source.put(...Array.from({ length: 250 }, (_, index) => aRecord(index)));
  source.put(broken(3), broken(4), broken(5), broken(6));
});

afterEach(async () => {
  await bench.remove();
  await source.stop();
});

const rejectedOf = (id: string) => readRejected(bench.db, id, { offset: 0, limit: 50 }).records;

it('an incremental run that reads nothing stays partial, and lists them', async () => {
  const job = aJob({ mode: 'incremental' });
  expect(await bench.run(job, facts)).toMatchObject({ status: 'partial_success', counts: { rejected: 4 } });
  const later = bench.start(job, facts);
  expect(await later.finished).toMatchObject({
    status: 'partial_success',
    counts: { rejected: 0, stillRejected: 4 },
  });
  const today = new Date().toISOString().slice(0, 10);
  expect(bench.log()).toContain(`4 records still rejected since ${today}. They were not read again in this run.`);
  expect(rejectedOf(later.id).map(({ key }) => key)).toEqual([3, 4, 5, 6].map((index) => aRecord(index).Id));
  expect(rejectedOf(later.id)[0]?.reason).toContain(`(Rejected since ${today}.)`);
});

it('until they are read again well, or rejected anew, one by one', async () => {
  const job = aJob({ mode: 'incremental' });
  await bench.run(job, facts);
  const changed = { SystemModstamp: '2026-03-01T00:00:00.000Z' };
  source.put(aRecord(3, changed), { ...broken(4), ...changed });
  expect(await bench.run(job, facts)).toMatchObject({
    status: 'partial_success',
    counts: { rejected: 1, stillRejected: 2 },
  });
  source.put(...[4, 5, 6].map((index) => aRecord(index, { SystemModstamp: '2026-03-02T00:00:00.000Z' })));
  expect(await bench.run(job, facts)).toMatchObject({ status: 'success', counts: { rejected: 0, stillRejected: 0 } });
});

it('or until a full pass has not met them', async () => {
  const job = aJob({ mode: 'incremental' });
  await bench.run(job, facts);
  for (const index of [3, 4, 5]) source.records.delete(aRecord(index).Id);
  bench.aheadMs = (FULL_PASS_DAYS + 1) * DAY_MS;
  expect(await bench.run(job, facts)).toMatchObject({
    status: 'partial_success',
    counts: { rejected: 1, stillRejected: 0 },
  });
  source.records.delete(aRecord(6).Id);
  bench.aheadMs *= 2;
  expect(await bench.run(job, facts)).toMatchObject({ status: 'success', counts: { rejected: 0, stillRejected: 0 } });
});

it('the date is that of the first rejection', async () => {
  const job = aJob({ mode: 'incremental' });
  await bench.run(job, facts);
  const first = new Date().toISOString().slice(0, 10);
  bench.aheadMs = (FULL_PASS_DAYS + 1) * DAY_MS;
  expect(await bench.run(job, facts)).toMatchObject({ counts: { rejected: 4 } });
  await bench.run(job, facts);
  expect(bench.log().join()).toContain(`4 records still rejected since ${first}.`);
});

it('records without a key are counted until the next full pass', async () => {
  const job = aJob({ mode: 'incremental', keyColumn: 'Name' });
  source.put(aRecord(7, { Name: null }), aRecord(8, { Name: null }));
  expect(await bench.run(job, facts)).toMatchObject({ counts: { rejected: 6 } });
  expect(await bench.run(job, facts)).toMatchObject({ status: 'partial_success', counts: { stillRejected: 6 } });
});
