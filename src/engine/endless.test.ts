// Sources whose pages do not end, or end where they should not: the run fails with the reason, and nothing is marked as gone.
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ConnectionFacts } from './messages.ts';
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

const MORE_THAN_ENOUGH = 400;

it.each<[string, (page: number) => unknown[]]>([
  ['empty', () => []],
  ['the same', () => [aRecord(1), aRecord(2)]],
  ['a circle of twenty', (page) => [aRecord(page % 20)]],
])('pages that are %s, each with a new next one, end the run; the next one begins anew', async (_what, recordsOf) => {
  const job = aJob();
  await bench.run(job, facts);
  const before = source.pages.length;
  source.onPage = (count) => {
    const page = count - before;
    const nextRecordsUrl = `/services/data/v62.0/query/qx-${page}`;
    const body = JSON.stringify({ totalSize: 9, done: false, nextRecordsUrl, records: recordsOf(page) });
    if (page < MORE_THAN_ENOUGH) source.misbehave({ status: 200, body });
  };
  const failed = await bench.run(job, facts);
  expect(failed).toMatchObject({ status: 'failed', failure: { class: 'invalid_response' }, counts: { gone: 0 } });
  expect(failed.failure?.message).toContain('does not come forward');
  expect(source.pages.length - before).toBeLessThan(MORE_THAN_ENOUGH);
  expect(bench.table(job)).toMatchObject({ rows: 250, gone: 0 });
  source.onPage = null;
  const finished = await bench.run(job, facts);
  expect(finished).toMatchObject({ status: 'success', counts: { read: 250, gone: 0 } });
  expect(bench.rows(job)).toEqual(expectedRows(source));
});

it.each<[string, Record<string, unknown>]>([
  ['not whether more follows', {}],
  ['that more follows, and not where', { done: false }],
  ['that more follows at another host', { done: false, nextRecordsUrl: 'https://evil.example/q' }],
  ['that more follows at "@host"', { done: false, nextRecordsUrl: '@evil.example' }],
  ['that more follows behind backslashes', { done: false, nextRecordsUrl: '\\\\evil.example\\q' }],
  ['that more follows in a file', { done: false, nextRecordsUrl: 'file:///etc/passwd' }],
  ['that more follows at an object', { done: false, nextRecordsUrl: {} }],
])('an answer that says %s fails the run with the reason, and marks nothing as gone', async (_what, members) => {
  const job = aJob();
  await bench.run(job, facts);
  source.misbehave({ status: 200, body: JSON.stringify({ totalSize: 250, ...members, records: [aRecord(1)] }) });
  const failed = await bench.run(job, facts);
  expect(failed).toMatchObject({ status: 'failed', counts: { gone: 0 } });
  expect(['invalid_response', 'host_refused']).toContain(failed.failure?.class);
  expect(bench.table(job)).toMatchObject({ rows: 250, gone: 0 });
  // Nothing of the bad answer stays: the next run asks again.
  expect(await bench.run(job, facts)).toMatchObject({ status: 'success', counts: { read: 250, gone: 0 } });
});
