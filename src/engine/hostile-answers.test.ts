/** Threat 61 where rows are made: what a system answers cannot change the objects of the worker. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { aJob, aRecord, connectionFacts, expectedRows, TestBench, TestSource } from './testing/bench.ts';

let source: TestSource;
let bench: TestBench;

beforeEach(async () => {
  source = new TestSource();
  bench = await TestBench.open();
});

afterEach(async () => {
  await bench.remove();
  await source.stop();
});

const record = JSON.stringify({ attributes: { type: 'Account' }, ...aRecord(1) }).slice(1, -1);
const page = (records: string, around = ''): string => `{"totalSize":1,"done":true,${around}"records":[${records}]}`;

it.each([
  ['around the records', page(`{${record}}`, '"__proto__":{"polluted":true},')],
  ['in a record', page(`{"__proto__":{"polluted":true},${record}}`)],
  ['in its attributes', page(`{${record},"Owner":{"__proto__":{"polluted":true}}}`)],
  ['deep in a value', page(`{${record},"Name":{"a":[{"b":{"__proto__":{"polluted":true}}}]}}`)],
  ['by the constructor', page(`{${record},"constructor":{"prototype":{"polluted":true}}}`)],
])('an answer with a prototype %s fails the run, leaves no row, and changes nothing', async (_where, body) => {
  source.put(aRecord(1));
  source.misbehave({ status: 200, body });
  const facts = connectionFacts('salesforce', await source.start());
  const job = aJob();
  const finished = await bench.run(job, facts);
  expect(finished).toMatchObject({ status: 'failed', failure: { class: 'invalid_response' } });
  expect(finished.failure?.message).toContain('a forbidden key');
  expect(bench.table(job)?.rows ?? 0).toBe(0);
  expect('polluted' in {}).toBe(false);
  // And the next answer is taken as ever.
  expect(await bench.run(job, facts)).toMatchObject({ status: 'success' });
  expect(bench.rows(job)).toEqual(expectedRows(source));
});

it('a web page in place of the second page fails the run once: the next one asks again', async () => {
  source.put(...Array.from({ length: 250 }, (_, at) => aRecord(at)));
  source.onPage = (count) => {
    if (count === 2) source.misbehave({ status: 200, body: '<!doctype html><title>Log in to this network</title>' });
  };
  const facts = connectionFacts('salesforce', await source.start());
  const job = aJob();
  const failed = await bench.run(job, facts);
  expect(failed).toMatchObject({ status: 'failed', counts: { pages: 1 }, failure: { class: 'invalid_response' } });
  const finished = await bench.run(job, facts);
  // From where it was, with what the source says now.
  expect(finished).toMatchObject({ status: 'success', counts: { pages: 2, inserted: 150 } });
  expect(bench.log().join()).not.toContain('reads everything again');
  expect(bench.rows(job)).toEqual(expectedRows(source));
});
