// A table is complete once a pass over the whole source has ended with the job's settings, and says so until then.
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Job } from '../shared/job/job.ts';
import type { ConnectionFacts } from './messages.ts';
import { aJob, aRecord, connectionFacts, FIELDS, TestBench, TestSource } from './testing/bench.ts';

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

/** Ends behind the first page. */
async function stopped(job: Job): Promise<void> {
  const asked = source.pages.length;
  source.onPage = (count) => {
    if (count === asked + 2) void bench.engine.stop(run.id as never);
  };
  const run = bench.start(job, facts);
  expect((await run.finished).status).toBe('stopped');
  source.onPage = null;
}

it('a stopped first run leaves an incomplete table, the run that ends the pass a complete one', async () => {
  const job = aJob();
  await stopped(job);
  expect(bench.table(job)).toMatchObject({ isIncomplete: true });
  expect(bench.table(job)?.rows).toBeGreaterThan(0);
  expect(bench.table(job)?.rows).toBeLessThan(250);
  await bench.run(job, facts);
  expect(bench.table(job)).toMatchObject({ isIncomplete: false, rows: 250 });
});

it('a failed first run too', async () => {
  const job = aJob();
  source.onPage = (count) => {
    if (count === 2) source.misbehave({ status: 400 });
  };
  expect((await bench.run(job, facts)).status).toBe('failed');
  expect(bench.table(job)).toMatchObject({ isIncomplete: true });
});

it('a complete table stays so when a later run is stopped, and not when that run reads with other settings', async () => {
  const job = aJob();
  await bench.run(job, facts);
  await stopped(job);
  expect(bench.table(job)).toMatchObject({ isIncomplete: false });
  const other = { ...job, mapping: FIELDS.filter(({ target }) => target !== 'Rate') };
  await stopped(other);
  expect(bench.table(job)).toMatchObject({ isIncomplete: true });
  await bench.run(other, facts);
  expect(bench.table(job)).toMatchObject({ isIncomplete: false });
});
