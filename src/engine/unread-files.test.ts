// The S3 connector through the engine: one file that cannot be read, from the refusal to the row, the activity and the connection.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { practiceById, type RunningPractice } from '../../connectors/practice/catalog.ts';
import type { Job } from '../shared/job/job.ts';
import { readUnread } from '../store/cache/ledger.ts';
import { type AccessProvider, Secret } from './connectors.ts';
import type { ConnectionFacts } from './messages.ts';
import { aJob, connectionFacts, field, TestBench } from './testing/bench.ts';

let practice: RunningPractice;
let bench: TestBench;
let facts: ConnectionFacts;

beforeEach(async () => {
  const started = await practiceById('s3')?.start({ port: 0 });
  if (started === undefined) throw new Error('There is no practice S3.');
  practice = started;
  const { fields, secrets, apiBaseUrl } = practice.samples;
  const credentials = { secretAccessKey: new Secret(secrets.secretAccessKey ?? '') };
  const access: AccessProvider = {
    current: async () => ({ credentials, expiresAtMs: null, learned: {} }),
    renew: () => Promise.reject(new Error('Keys are not renewed.')),
  };
  bench = await TestBench.open(undefined, access);
  facts = connectionFacts('s3', apiBaseUrl, { authMethodId: 'access-key', fields });
});
afterEach(async () => {
  await bench.remove();
  await practice.close();
});

const usage = (change: Partial<Job> = {}): Job =>
  aJob({
    sourceObject: 'usage/usage-*.csv',
    mapping: [
      field('usage_id', 'text', true),
      field('date'),
      { ...field('File'), from: { kind: 'direct', path: '_file' } },
    ],
    keyColumn: 'usage_id',
    cursorField: '_modified',
    ...change,
  });

const lost = () => bench.messages.filter(({ type }) => type === 'lost');

/** Name of the newest usage file below the connection's folder. */
function newest(job: Job): string {
  const files = [...bench.rows(job).values()].map((row) => String(row.File)).sort();
  return (files.at(-1) ?? '').replace('exports/', '');
}

it('a file without rights: partial, named, its rows stay, the connection too; the next run reads it', async () => {
  const job = usage({ mode: 'full' });
  expect(await bench.run(job, facts)).toMatchObject({ status: 'success', counts: { inserted: 280 } });
  const object = newest(job);
  practice.command({ kind: 'denyObject', object });
  const { id, finished } = bench.start(job, facts);
  expect(await finished).toMatchObject({
    status: 'partial_success',
    failure: null,
    counts: { read: 240, unread: 1, gone: 0, rejected: 0 },
  });
  expect(readUnread(bench.db, id, 10)).toEqual([
    { part: `exports/${object}`, reason: expect.stringContaining('The access key may not read this file.') },
  ]);
  expect(bench.table(job)).toMatchObject({ rows: 280, gone: 0 });
  expect(lost()).toEqual([]);
  practice.command({ kind: 'restore' });
  expect(await bench.run(job, facts)).toMatchObject({ status: 'success', counts: { unchanged: 280, unread: 0 } });
});

it('an incremental job tries it again at its next run', async () => {
  const first = usage({ mode: 'full' });
  await bench.run(first, facts);
  const object = newest(first);
  const job = usage({ mode: 'incremental' });
  practice.command({ kind: 'denyObject', object });
  expect(await bench.run(job, facts)).toMatchObject({
    status: 'partial_success',
    counts: { inserted: 240, unread: 1 },
  });
  expect(await bench.run(job, facts)).toMatchObject({ status: 'partial_success', counts: { read: 0, unread: 1 } });
  practice.command({ kind: 'restore' });
  expect(await bench.run(job, facts)).toMatchObject({ status: 'success', counts: { inserted: 40, unread: 0 } });
  expect(await bench.run(job, facts)).toMatchObject({ status: 'success', counts: { read: 0 } });
});

it('no file of the job may be read: the job fails and the connection stays; no right to list, and it goes', async () => {
  practice.command({ kind: 'denyObject', object: 'usage/' });
  expect(await bench.run(usage(), facts)).toMatchObject({ status: 'failed', failure: { class: 'not_found' } });
  expect(lost()).toEqual([]);
  practice.command({ kind: 'denyObject', object: '*' });
  expect(await bench.run(usage(), facts)).toMatchObject({
    status: 'failed',
    failure: { class: 'reauthorize_permission' },
  });
  expect(lost()).toHaveLength(1);
});
