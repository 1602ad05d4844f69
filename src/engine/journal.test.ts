/** Threat 44: a run that writes much while the page searches and exports keeps the journal of cache.db small. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { cachePath } from '../store/cache/cache.ts';
import { CacheReader } from '../store/cache/reader.ts';
import { openProfile } from '../store/profile.ts';
import { aJob, aRecord, connectionFacts, TestBench, TestSource } from './testing/bench.ts';

const RECORDS = 8_000;
const RUNS = 6;
const WIDE = 'x'.repeat(3_000);
const MOST_WAL_BYTES = 64 * 1024 * 1024;
const thread = fileURLToPath(new URL('../core/data/reader-thread.ts', import.meta.url));

let source: TestSource;
let bench: TestBench;
let reader: CacheReader;
let file: string;

beforeEach(async () => {
  source = new TestSource();
  source.pageSize = 500;
  bench = await TestBench.open();
  file = cachePath(openProfile(bench.folder));
  reader = new CacheReader({ file, thread, onDamage: () => undefined });
});

afterEach(async () => {
  await reader.close();
  await bench.remove();
  await source.stop();
});

it('stays below 64 MB over a run several times as large, with searches, sorts and exports all the while', async () => {
  const facts = connectionFacts('salesforce', await source.start());
  const job = aJob();
  let most = 0;
  const timer = setInterval(() => {
    most = Math.max(most, statSync(`${file}-wal`).size);
  }, 10);
  const asked = { rows: 0, exports: 0 };
  let isRunning = true;
  const ask = async (): Promise<void> => {
    while (isRunning) {
      const sort = { column: 'Name', descending: asked.rows % 2 === 0 };
      await reader.rows({ jobId: job.id, offset: 0, limit: 100, search: `${asked.rows % 10}x`, sort });
      asked.rows += 1;
      if (asked.rows % 5 === 0)
        asked.exports += await reader.exportRows(
          { jobId: job.id, search: '', sort: null },
          join(bench.folder, 'rows.csv'),
        );
    }
  };
  const put = (run: number): void =>
    source.put(...Array.from({ length: RECORDS }, (_, at) => aRecord(at, { Name: `${run} ${at}${WIDE}` })));
  put(0);
  await bench.run(job, facts);
  const asking = ask();
  for (let run = 1; run < RUNS; run += 1) {
    put(run);
    expect((await bench.run(job, facts)).counts.updated).toBe(RECORDS);
  }
  isRunning = false;
  await asking;
  clearInterval(timer);
  console.info(`journal at most ${Math.round(most / 1e6)} MB; ${asked.rows} searches, ${asked.exports} rows exported`);
  expect(RUNS * RECORDS * WIDE.length).toBeGreaterThan(2 * MOST_WAL_BYTES);
  expect(asked.rows).toBeGreaterThan(5);
  expect(asked.exports).toBeGreaterThan(RECORDS);
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(MOST_WAL_BYTES);
}, 120_000);
