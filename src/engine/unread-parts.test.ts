// A source that names parts it could not read: the run is partial, says which, marks nothing as gone, and the next one asks again.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createTransport } from '../../connectors/kit/doors/authorization.ts';
import { activityIdSchema } from '../shared/ids.ts';
import type { Job } from '../shared/job/job.ts';
import { type OpenedCache, openCache } from '../store/cache/cache.ts';
import { readRun, readUnread } from '../store/cache/ledger.ts';
import { tableInfo } from '../store/cache/table.ts';
import { newActivityId } from '../store/profile.ts';
import { type Connector, ConnectorError, createRateLimiter, type Page } from './connectors.ts';
import { JobRun, type RunEnd } from './run.ts';
import type { Systems } from './systems.ts';
import { aJob, connectionFacts, field } from './testing/bench.ts';

let folder: string;
let cache: OpenedCache;
let lines: string[];
const transport = createTransport();

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pb-unread-'));
  cache = await openCache(folder, () => undefined);
  lines = [];
});
afterEach(() => {
  cache.close();
  rmSync(folder, { recursive: true, force: true });
});

const fileJob = (change: Partial<Job> = {}): Job =>
  aJob({ mapping: [field('Id', 'text', true)], cursorField: null, mode: 'full', ...change });

interface Ended {
  readonly id: string;
  readonly end: RunEnd | null;
  readonly unread: readonly { part: string; reason: string }[];
}

/** A source that sends these pages; given more than one list, it fails passingly behind each but the last. */
async function run(job: Job, ...attempts: readonly (readonly Page[])[]): Promise<Ended> {
  let attempt = 0;
  async function* read(): AsyncGenerator<Page> {
    yield* attempts[attempt] ?? [];
    attempt += 1;
    if (attempt < attempts.length) throw new ConnectorError('server_error', 'The store failed.');
  }
  const limiter = createRateLimiter({ buckets: {}, maxConcurrent: 1 });
  const connector = { read, explain: async (_context: unknown, error: Error) => error } as unknown as Connector;
  const systems = { open: () => ({ connector, context: {}, limiter }) } as unknown as Systems;
  const activityId = activityIdSchema.parse(newActivityId(Date.now()));
  const source = connectionFacts('s3', 'http://127.0.0.1:9');
  const end = await new JobRun(
    { activityId, job, source, destination: null, isResumed: false, network: {} },
    {
      db: cache.db,
      folder: cache.profile.data,
      transport,
      systems,
      now: Date.now,
      log: (line) => lines.push(line),
      onProgress: () => undefined,
      onDamage: () => undefined,
      retryWaitsMs: [1],
    },
  ).run();
  return { id: activityId, end, unread: readUnread(cache.db, activityId, 200) };
}

const page = (checkpoint: string, ids: readonly string[], unread?: Page['unread']): Page => ({
  records: ids.map((Id) => ({ Id })),
  checkpoint,
  bytes: 1,
  unread,
});
const archived = { part: 'b.csv', reason: 'The file is archived.' };

it('ends as partial, counts and names what was not read, and marks nothing as gone', async () => {
  const job = fileJob();
  await run(job, [page('end', ['a', 'b', 'c'])]);
  const { id, end, unread } = await run(job, [page('a', ['a']), page('end', ['c'], [archived])]);
  expect(end).toMatchObject({ status: 'partial_success', failure: null });
  expect(unread).toEqual([archived]);
  expect(readRun(cache.db, activityIdSchema.parse(id))?.counts).toMatchObject({ read: 2, unread: 1, gone: 0 });
  expect(tableInfo(cache.db, job.id)).toMatchObject({ rows: 3, gone: 0 });
  expect(lines).toContain('Not read: b.csv. The file is archived.');
  expect(lines).toContain('Rows that are gone were not marked: 1 part of the source could not be read.');
  expect(lines).toContain('1 part of the source was not read. The next run tries it again.');
  expect((await run(job, [page('end', ['a', 'c'])])).end).toMatchObject({ status: 'success' });
  expect(tableInfo(cache.db, job.id)).toMatchObject({ rows: 2, gone: 1 });
});

it('asks again behind a passing failure: a part is counted once, and not at all when it was read then', async () => {
  const job = fileJob();
  const still = await run(job, [page('one', ['a'], [archived])], [page('end', ['c'], [archived])]);
  expect(still.end).toMatchObject({ status: 'partial_success' });
  expect(readRun(cache.db, activityIdSchema.parse(still.id))?.counts.unread).toBe(1);
  const readThen = await run(job, [page('one', ['a'], [archived])], [page('end', ['b'])]);
  expect(readThen.end).toMatchObject({ status: 'success' });
  expect(readThen.unread).toEqual([]);
});

it('is partial still where the run that goes on has only to finish: it names what the one before could not read', async () => {
  const job = fileJob();
  const first = await run(job, [page('end', ['a'], [archived])]);
  // As a run leaves it that was stopped behind its last page.
  cache.db
    .prepare(
      `INSERT INTO passes (job_id, fingerprint, mode, phase, pages, started_at, touched_at, first_new_id, unkeyed, swept_to)
       SELECT job_id, fingerprint, 'full', 'sweeping', 1, ?, ?, 1, 0, 0 FROM job_tables`,
    )
    .run(Date.now(), Date.now());
  const second = await run(job, []);
  expect(second.id).not.toBe(first.id);
  expect(second.end).toMatchObject({ status: 'partial_success' });
  expect(second.unread).toEqual([archived]);
  expect(tableInfo(cache.db, job.id)).toMatchObject({ rows: 1, gone: 0 });
});

it('keeps the first thousand of any number, and counts them all', async () => {
  const many = Array.from({ length: 1_500 }, (_, index) => ({ part: `part ${index}`, reason: 'No right.' }));
  const { id } = await run(fileJob(), [page('end', ['a'], many)]);
  expect(readUnread(cache.db, id, 5_000)).toHaveLength(1_000);
  expect(readRun(cache.db, activityIdSchema.parse(id))?.counts.unread).toBe(1_500);
  expect(lines.filter((line) => line.startsWith('Not read:'))).toHaveLength(50);
});

it('marks records that the source says are deleted at once, also in an incremental run, and takes them back when they return', async () => {
  const job = fileJob({
    mapping: [field('Id', 'text', true), field('At', 'datetime')],
    mode: 'incremental',
    cursorField: 'At',
    lookbackSeconds: 0,
  });
  const dated = (checkpoint: string, ids: readonly string[], deleted?: Page['deleted']): Page => ({
    records: ids.map((Id) => ({ Id, At: '2026-01-01T00:00:00Z' })),
    checkpoint,
    bytes: 1,
    deleted,
  });
  await run(job, [dated('end', ['a', 'b', 'c'])]);
  // Of "x" nothing is stored, "c" is there all the same, and one without a key cannot be told.
  const second = await run(job, [
    dated('one', ['a'], [{ Id: 'b' }]),
    dated('end', ['c'], [{ Id: 'c' }, { Id: 'x' }, {}]),
  ]);
  expect(second.end).toMatchObject({ status: 'success' });
  // "c" is sent as a record that exists too: it exists.
  expect(readRun(cache.db, activityIdSchema.parse(second.id))?.counts).toMatchObject({
    read: 2,
    gone: 1,
    updated: 0,
    unchanged: 2,
  });
  expect(tableInfo(cache.db, job.id)).toMatchObject({ rows: 2, gone: 1 });
  expect(lines).toContain('1 row no longer at the source, marked as gone.');
  await run(job, [dated('end', ['b'], [])]);
  expect(tableInfo(cache.db, job.id)).toMatchObject({ rows: 3, gone: 0 });
});

it('a rejected record that the source says is deleted keeps later runs no longer at Partial Success', async () => {
  const job = fileJob({
    mapping: [field('Id', 'text', true), field('At', 'datetime')],
    mode: 'incremental',
    cursorField: 'At',
    lookbackSeconds: 0,
  });
  const bad: Page = { records: [{ Id: 'a', At: 'no time' }], checkpoint: 'end', bytes: 1 };
  expect((await run(job, [bad])).end).toMatchObject({ status: 'partial_success' });
  const deleted: Page = { records: [], deleted: [{ Id: 'a' }], checkpoint: 'end', bytes: 1 };
  expect((await run(job, [deleted])).end).toMatchObject({ status: 'success' });
});
