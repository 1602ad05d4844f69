// Pages as only some sources send them: empty ones whose checkpoint matters, ones with rejected records, none at all.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createTransport } from '../../connectors/kit/doors/authorization.ts';
import { activityIdSchema } from '../shared/ids.ts';
import type { Job } from '../shared/job/job.ts';
import { type OpenedCache, openCache } from '../store/cache/cache.ts';
import { tableInfo } from '../store/cache/table.ts';
import { newActivityId } from '../store/profile.ts';
import { type Connector, ConnectorError, createRateLimiter, type Page, type ReadRequest } from './connectors.ts';
import { JobRun, type RunEnd } from './run.ts';
import type { Systems } from './systems.ts';
import { aJob, connectionFacts, field } from './testing/bench.ts';

let folder: string;
let cache: OpenedCache;
let asked: ReadRequest[];
let lines: string[];
const transport = createTransport();

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pb-scripted-'));
  cache = await openCache(folder, () => undefined);
  asked = [];
  lines = [];
});
afterEach(() => {
  cache.close();
  rmSync(folder, { recursive: true, force: true });
});

const fileJob = (change: Partial<Job> = {}): Job =>
  aJob({ mapping: [field('Id', 'text', true), field('At', 'datetime')], cursorField: 'At', ...change });

/** A source that sends these pages, and then fails if it is told to. */
function run(job: Job, pages: readonly Page[], failure?: ConnectorError): Promise<RunEnd | null> {
  async function* read(_context: unknown, request: ReadRequest): AsyncGenerator<Page> {
    asked.push(request);
    yield* pages;
    if (failure !== undefined) throw failure;
  }
  const limiter = createRateLimiter({ buckets: {}, maxConcurrent: 1 });
  const connector = { read, explain: async (_context: unknown, error: Error) => error } as unknown as Connector;
  const systems = { open: () => ({ connector, context: {}, limiter }) } as unknown as Systems;
  const activityId = activityIdSchema.parse(newActivityId(Date.now()));
  const source = connectionFacts('s3', 'http://127.0.0.1:9');
  return new JobRun(
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
      retryWaitsMs: [],
    },
  ).run();
}

const row = (id: string, day: number) => ({ Id: id, At: `2026-01-${String(day).padStart(2, '0')}T00:00:00.000Z` });
const page = (checkpoint: string, records: Page['records'], rejected?: Page['rejected']): Page => ({
  records,
  checkpoint,
  bytes: 1,
  ...(rejected === undefined ? {} : { rejected }),
});

it('goes on behind an empty page', async () => {
  const job = fileJob();
  const broken = new ConnectorError('bad_data', 'The third file cannot be read.');
  expect(await run(job, [page('one', [row('a', 1)]), page('two', [])], broken)).toMatchObject({ status: 'failed' });
  expect(await run(job, [page('end', [row('b', 2)])])).toMatchObject({ status: 'success' });
  expect(asked.map(({ checkpoint }) => checkpoint)).toEqual([null, 'two']);
  expect(tableInfo(cache.db, job.id)).toMatchObject({ rows: 2, gone: 0 });
});

it('marks nothing as gone when the source could not deliver records whole', async () => {
  const job = fileJob({ mode: 'full' });
  await run(job, [page('end', [row('a', 1), row('b', 2)])]);
  const rejected = [{ where: 'b.csv', reason: 'The file is damaged.' }];
  expect(await run(job, [page('end', [row('a', 1)], rejected)])).toMatchObject({ status: 'partial_success' });
  expect(tableInfo(cache.db, job.id)).toMatchObject({ rows: 2, gone: 0 });
  expect(lines.join()).toContain('Rows that are gone were not marked');
  await run(job, [page('end', [row('a', 1)])]);
  expect(tableInfo(cache.db, job.id)).toMatchObject({ rows: 1, gone: 1 });
});

it('tells an incremental read what the last one ended with, also past a run in which the source was silent', async () => {
  const job = fileJob({ mode: 'incremental', lookbackSeconds: 86_400 });
  await run(job, [page('files a and b', [row('a', 1), row('b', 2)])]);
  await run(job, []);
  await run(job, []);
  expect(asked.map(({ since, previous }) => [since === null, previous])).toEqual([
    [true, undefined],
    [false, 'files a and b'],
    [false, 'files a and b'],
  ]);
});

it('logs what it reads and how far it came', async () => {
  await run(fileJob({ sourceObject: 'usage/*.csv' }), [page('end', [row('a', 1)])]);
  expect(lines).toEqual(['Reads every record of usage/*.csv.', 'Read to the end: 1 record on 1 page.']);
});
