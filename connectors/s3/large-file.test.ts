/**
 * A file far larger than memory should be: streamed from the practice S3, which makes it while it is read. The server runs
 * in a process of its own, so that only the reader's memory counts.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { createTestContext, type TestContext } from '../kit/aws/s3-test-support.ts';
import type { Page } from '../kit/index.ts';
import { connector } from './manifest.ts';
import { OWNER } from './practice/account.ts';

/** The child reads TypeScript as it is. */
const CAN_START = Number(process.versions.node.split('.')[0]) >= 24;
const ROW_BYTES = 104;
const MAX_GROWTH_BYTES = 150_000_000;
const SAMPLE_EVERY_PAGES = 20;

const SERVER = `
  const { serve } = await import(process.argv[1] + '../kit/aws/s3-test-support.ts');
  const { PracticeBucket } = await import(process.argv[1] + 'practice/bucket.ts');
  const { accountsFile } = await import(process.argv[1] + 'practice/company.ts');
  const { PracticeS3 } = await import(process.argv[1] + 'practice/service.ts');
  const s3 = new PracticeS3(new PracticeBucket('acme-exports', [accountsFile(Number(process.argv[2]), Date.now() - 60_000)]));
  console.log((await serve((request) => s3.handle(request))).baseUrl);
`;

let child: ChildProcess | null = null;
let context: TestContext | null = null;

afterEach(async () => {
  await context?.close();
  child?.removeAllListeners('exit');
  child?.kill();
});

function start(rows: number): Promise<string> {
  const running = spawn(
    process.execPath,
    ['--input-type=module', '-e', SERVER, new URL('./', import.meta.url).href, String(rows)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  child = running;
  return new Promise((resolve, reject) => {
    running.once('exit', (code) => reject(new Error(`The practice S3 ended with ${code}.`)));
    running.stdout.once('data', (line: Buffer) => resolve(line.toString().trim()));
  });
}

async function expectFlat(rows: number): Promise<void> {
  const fields = { bucket: 'acme-exports', region: '', prefix: 'exports', accessKeyId: OWNER.key.accessKeyId };
  const secrets = { secretAccessKey: OWNER.key.secretAccessKey };
  context = createTestContext({ connector, baseUrl: await start(rows), fields, secrets });
  // Loads the AWS client, which belongs to the start.
  await connector.check(context);
  const request = { object: 'accounts.csv', fields: [], filter: [], since: null, checkpoint: null };
  const before = process.memoryUsage().rss;
  const startedAt = performance.now();
  let [records, bytes, peak, count] = [0, 0, before, 0];
  const pages: AsyncIterable<Page> = connector.read(context, request);
  for await (const page of pages) {
    records += page.records.length;
    bytes += page.bytes;
    count += 1;
    if (count % SAMPLE_EVERY_PAGES === 0) peak = Math.max(peak, process.memoryUsage().rss);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const growth = peak - before;
  const speed = `${Math.round(bytes / 1e6 / seconds)} MB/s, ${Math.round(records / seconds)} rows/s`;
  console.info(
    `${Math.round(bytes / 1e6)} MB in ${seconds.toFixed(1)} s: ${speed}; resident memory +${Math.round(growth / 1e6)} MB`,
  );
  expect(records).toBe(rows);
  expect(bytes).toBeGreaterThanOrEqual(rows * ROW_BYTES);
  expect(growth).toBeLessThan(MAX_GROWTH_BYTES);
}

/** PATCHBAY_LARGE_FILE_MB=1000 reads a gigabyte. */
const LARGEST_MB = Number(process.env.PATCHBAY_LARGE_FILE_MB ?? 256);
const LIMIT_MS = 600_000;

describe.skipIf(!CAN_START)('large files (needs Node 24)', () => {
  // The first one also brings the process to the size that reading at full speed needs.
  it('64 MB in constant memory', () => expectFlat(620_000), LIMIT_MS);
  it(`${LARGEST_MB} MB in constant memory`, () => expectFlat(LARGEST_MB * 9_700), LIMIT_MS);
});
