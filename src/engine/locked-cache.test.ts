// Another program keeps the record cache locked: the run waits for it, says so, and goes on.
import { join } from 'node:path';
import Database from 'better-sqlite3';
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
  // What another program needs longer than: SQLite's own patience is five seconds.
  bench.db.pragma('busy_timeout = 50');
  source.put(...Array.from({ length: 250 }, (_, index) => aRecord(index)));
});

afterEach(async () => {
  await bench.remove();
  await source.stop();
});

const locked = () => {
  const other = new Database(join(bench.folder, 'data', 'cache.db'));
  other.exec('BEGIN IMMEDIATE');
  return other;
};
const waits = () =>
  bench.messages.some(({ type, ...rest }) => type === 'progress' && 'waitingFor' in rest && rest.waitingFor !== null);
const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10));
};

it.each(['from the start', 'in the middle'])('%s', async (when) => {
  const job = aJob();
  let other = when === 'from the start' ? locked() : null;
  source.onPage = (count) => {
    if (count === 2) other ??= locked();
  };
  const { finished } = bench.start(job, facts);
  await until(() => bench.log().some((line) => line.startsWith('Another program has locked the record cache')));
  await until(() => when === 'from the start' || waits());
  other?.exec('COMMIT');
  other?.close();
  expect(await finished).toMatchObject({ status: 'success', failure: null, counts: { read: 250, inserted: 250 } });
  expect(bench.log()).toContain('The record cache is free again; the run goes on.');
  expect(bench.rows(job)).toEqual(expectedRows(source));
});

it('a stop while it waits ends the run', async () => {
  const job = aJob();
  const other = locked();
  const { id, finished } = bench.start(job, facts);
  await until(() => bench.log().some((line) => line.startsWith('Another program has locked the record cache')));
  await bench.engine.stop(id as never);
  expect((await finished).status).toBe('stopped');
  other.exec('ROLLBACK');
  other.close();
});
