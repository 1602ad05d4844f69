// Files are known by key and ETag, never by their time: one that appears late is read at the next run.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { S3TestBench, type Whole } from '../kit/aws/s3-test-bench.ts';
import type { JsonValue } from '../kit/index.ts';
import { connector } from './manifest.ts';
import { OWNER } from './practice/account.ts';
import { PracticeBucket } from './practice/bucket.ts';
import { type FileDetails, wholeFile } from './practice/files.ts';
import { PracticeS3 } from './practice/service.ts';

const DAY = Date.UTC(2026, 6, 1);
const at = (minute: number): FileDetails => ({ modifiedMs: DAY + minute * 60_000 });
const object = '*.csv';
let bench: S3TestBench;
let s3: PracticeS3;

const put = (key: string, content: string | Uint8Array, details: FileDetails): void =>
  s3.bucket.put(wholeFile(key, content, details));

beforeEach(async () => {
  s3 = new PracticeS3(new PracticeBucket('acme-exports', []));
  bench = new S3TestBench(connector, OWNER.key, (request) => s3.handle(request));
  await bench.start();
  for (let minute = 0; minute < 10; minute += 1) put(`in/${minute}.csv`, `id\n${minute}\n`, at(minute));
});
afterEach(() => bench.stop());

const ids = ({ records }: Whole): unknown[] => records.map(({ id }) => id);

/** The next incremental run, its cursor at the newest file. */
function next(previous: JsonValue, maxPages?: number): Promise<Whole> {
  const since = { field: '_modified', value: new Date(DAY + 9 * 60_000).toISOString() };
  return bench.read({ object, since, previous }, maxPages === undefined ? {} : { maxPages });
}

it('reads a file at the next run that carries the time at which its long upload began, and the newer ones behind it', async () => {
  const first = await bench.read({ object });
  put('in/late.csv', 'id\nlate\n', at(7.5));
  const second = await next(first.checkpoint);
  // 8 and 9 once more: where keys meet, the row of the newer file stays.
  expect(ids(second)).toEqual(['late', '8', '9']);
  expect(ids(await next(second.checkpoint))).toEqual([]);
});

it('reads a file of any age that was not read before, and nothing twice without reason', async () => {
  const first = await bench.read({ object });
  expect(ids(await next(first.checkpoint))).toEqual([]);
  put('in/old.csv', 'id\nold\n', at(-60 * 24 * 400));
  const second = await next(first.checkpoint);
  expect(ids(second)).toHaveLength(11);
  expect(ids(second)[0]).toBe('old');
  put('in/empty.csv', '', at(2));
  expect(ids(await next(second.checkpoint))).toEqual([]);
});

it('reads a file again that was overwritten within the same second', async () => {
  const first = await bench.read({ object });
  put('in/9.csv', 'id\nnine\n', at(9));
  expect(ids(await next(first.checkpoint))).toEqual(['nine']);
});

it('tries a file again at every run until it can be read, however old it is, and then the newer ones behind it', async () => {
  s3.account.deny('in/3');
  const first = await bench.read({ object });
  expect(first.unread.map(({ part }) => part)).toEqual(['in/3.csv']);
  const second = await next(first.checkpoint);
  expect(second.unread.map(({ part }) => part)).toEqual(['in/3.csv']);
  expect(ids(second)).toEqual([]);
  s3.account.restore();
  const third = await next(second.checkpoint);
  expect([ids(third), third.unread]).toEqual([['3', '4', '5', '6', '7', '8', '9'], []]);
  expect(ids(await next(third.checkpoint))).toEqual([]);
});

it('is interrupted anywhere behind a late file, and every newer file is read behind it all the same', async () => {
  const first = await bench.read({ object });
  put('in/late.csv', 'id\nlate\n', at(4.5));
  for (let pages = 1; pages <= 6; pages += 1) {
    const since = { field: '_modified', value: new Date(DAY + 9 * 60_000).toISOString() };
    const cut = await next(first.checkpoint, pages);
    const rest = await bench.read({ object, since, previous: first.checkpoint, checkpoint: cut.checkpoint });
    expect([...ids(cut), ...ids(rest)]).toEqual(['late', '5', '6', '7', '8', '9']);
    expect(ids(await next(rest.checkpoint))).toEqual([]);
  }
});

it('reads a file that appears while a run is interrupted, among the files it had finished', async () => {
  const cut = await bench.read({ object }, { maxPages: 8 });
  put('in/late.csv', 'id\nlate\n', at(2.5));
  const rest = await bench.read({ object, checkpoint: cut.checkpoint });
  expect(ids(rest)).toEqual(['late', '3', '4', '5', '6', '7', '8', '9']);
});

it('begins anew where a file has appeared among finished ones that the checkpoint no longer names', async () => {
  for (let minute = 10; minute < 200; minute += 1) put(`in/${minute}.csv`, `id\n${minute}\n`, at(minute));
  const cut = await bench.read({ object }, { maxPages: 190 });
  expect(JSON.stringify(cut.checkpoint).length).toBeLessThan(2_000);
  expect(ids(await bench.read({ object, checkpoint: cut.checkpoint }))).toHaveLength(10);
  put('in/late.csv', 'id\nlate\n', at(2.5));
  expect(ids(await bench.read({ object, checkpoint: cut.checkpoint }))).toHaveLength(201);
});

it('keeps 15 bytes of each file it has read', async () => {
  const count = 3_000;
  for (let index = 0; index < count; index += 1) put(`in/many/${index}.csv`, '', at(30));
  const first = await bench.read({ object: 'many/*' });
  expect(JSON.stringify(first.checkpoint).length).toBeLessThan(count * 15 + 70 * 15 + count * 15);
  put('in/many/one-more.csv', 'id\nnew\n', at(-5));
  const since = { field: '_modified', value: new Date(DAY).toISOString() };
  expect(ids(await bench.read({ object: 'many/*', since, previous: first.checkpoint }))).toEqual(['new']);
});

it('gives the rows before the damage of a file once, and all of it when it can be read', async () => {
  const rows = Array.from({ length: 3_000 }, (_, index) => `${index}-${Math.sin(index)}\n`).join('');
  const bad = Buffer.concat([Buffer.from(`id\n${rows}`), Buffer.from([0xff]), Buffer.from(`\n${rows}`)]);
  put('in/4.csv', bad, at(4));
  const first = await bench.read({ object });
  expect(first.unread).toEqual([{ part: 'in/4.csv', reason: expect.stringContaining('near row 3002') }]);
  expect(ids(first).length).toBeGreaterThan(2_000);
  const second = await next(first.checkpoint);
  expect([ids(second), second.unread.length]).toEqual([[], 1]);
  const since = { field: '_modified', value: new Date(DAY).toISOString() };
  const windows = { fields: { encoding: 'windows-1252' } };
  const third = await bench.read({ object, since, previous: second.checkpoint }, windows);
  expect(third.unread).toEqual([]);
  expect(ids(third)).toHaveLength(6_001 + 5);
});
