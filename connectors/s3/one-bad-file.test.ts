// One file that cannot be read is named, and the others are read. Only the bucket or the key can take the connection along.
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { S3TestBench } from '../kit/aws/s3-test-bench.ts';
import { ConnectorError, type JsonValue } from '../kit/index.ts';
import { markOf } from './checkpoint.ts';
import { connector } from './manifest.ts';
import { OWNER } from './practice/account.ts';
import { PracticeBucket } from './practice/bucket.ts';
import { type FileDetails, wholeFile } from './practice/files.ts';
import { PracticeS3 } from './practice/service.ts';

const DAY = Date.UTC(2026, 6, 1);
const at = (minute: number): FileDetails => ({ modifiedMs: DAY + minute * 60_000 });
const object = '*';
let bench: S3TestBench;
let s3: PracticeS3;

const put = (key: string, content: string | Uint8Array, details: FileDetails): void =>
  s3.bucket.put(wholeFile(key, content, details));

beforeEach(async () => {
  s3 = new PracticeS3(new PracticeBucket('acme-exports', []));
  bench = new S3TestBench(connector, OWNER.key, (request) => s3.handle(request));
  await bench.start();
  put('in/a.csv', 'id\na\n', at(0));
  put('in/z.csv', 'id\nz\n', at(9));
});
afterEach(() => bench.stop());

const ids = (records: readonly Readonly<Record<string, unknown>>[]): unknown[] => records.map(({ id }) => id);

function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'no failure',
    (error: unknown) => error,
  );
}

function flipped(bytes: Buffer): Buffer {
  const damaged = Buffer.from(bytes);
  damaged.fill(0xff, damaged.length >> 1, (damaged.length >> 1) + 20);
  return damaged;
}

const LONG_CSV = `id\n${Array.from({ length: 4000 }, (_, index) => `row ${Math.sin(index)}\n`).join('')}`;

describe('a file that cannot be read is named with the reason, and the others are read', () => {
  const key = 'in/m.csv';
  it.each<[string, () => void, RegExp]>([
    [
      'no right to read it (403)',
      () => s3.account.deny('in/m'),
      /^The access key may not read this file\. It needs s3:GetObject on it, and kms:Decrypt where the file is encrypted with a KMS key \(HTTP 403, AccessDenied\)\.$/,
    ],
    [
      'archived',
      () => put(key, 'id\nm\n', { ...at(5), storageClass: 'GLACIER' }),
      /^The file is archived\. Restore it in S3; the next run reads it \(HTTP 403, InvalidObjectState\)\.$/,
    ],
    [
      'archived, and its copy on the way',
      () => put(key, 'id\nm\n', { ...at(5), storageClass: 'DEEP_ARCHIVE', restore: 'ongoing' }),
      /archived/,
    ],
    [
      'KMS key disabled',
      () => put(key, 'id\nm\n', { ...at(5), kms: 'disabled' }),
      /KMS key .* is disabled.*KMS\.DisabledException/,
    ],
    [
      'KMS key to be deleted',
      () => put(key, 'id\nm\n', { ...at(5), kms: 'pendingDeletion' }),
      /KMS key .* to be deleted .*KMS\.KMSInvalidStateException/,
    ],
    ['no right to the KMS key', () => put(key, 'id\nm\n', { ...at(5), kms: 'denied' }), /kms:Decrypt/],
    ['damaged gzip', () => put(key, flipped(gzipSync(LONG_CSV)), at(5)), /damaged compressed data/],
    [
      'cut gzip',
      () => put(key, gzipSync(LONG_CSV).subarray(0, 300), at(5)),
      /^Ends in the middle of its compressed data/,
    ],
    [
      'damaged gzip, unpacked by the store’s own header',
      () => put(key, flipped(gzipSync(LONG_CSV)), { ...at(5), contentEncoding: 'gzip' }),
      /compressed answer that is broken/,
    ],
    [
      'a content encoding of which nothing is known',
      () => put(key, 'id\nm\n', { ...at(5), contentEncoding: 'zstd' }),
      /content encoding that was not asked for/,
    ],
    ['another header', () => put(key, 'key\nm\n', at(5)), /^Lacks the column "id"/],
    ['another encoding', () => put(key, Buffer.from('\uFEFFid\nm\n', 'utf16le'), at(5)), /mark of UTF-16LE/],
  ])('%s', async (_name, spoil, reason) => {
    put(key, 'id\nm\n', at(5));
    spoil();
    const { records, unread } = await bench.read({ object });
    expect(ids(records)).toEqual(expect.arrayContaining(['a', 'z']));
    expect(unread).toEqual([{ part: key, reason: expect.stringMatching(reason) }]);
  });

  it.each(['in/../other/b.csv', 'in/./b.csv', 'in/b/..'])('a name that cannot be asked for: %s', async (odd) => {
    put(odd, 'id\nb\n', at(5));
    const { records, unread } = await bench.read({ object: '**' });
    expect(ids(records)).toEqual(['a', 'z']);
    expect(unread).toEqual([{ part: odd, reason: expect.stringContaining('cannot be asked for over the web') }]);
  });

  it('names every one of many, also where they fill pages of their own', async () => {
    for (let index = 0; index < 450; index += 1) put(`in/no/${index}.csv`, 'id\nx\n', at(1));
    s3.account.deny('in/no/');
    const { records, unread, pages } = await bench.read({ object: '**' });
    expect(ids(records)).toEqual(['a', 'z']);
    expect(new Set(unread.map(({ part }) => part)).size).toBe(450);
    expect(pages.length).toBeGreaterThan(3);
  });

  it('is one of the job where none of its files can be read, and never of a class that disconnects', async () => {
    s3.account.deny('in/');
    const error = await failure(bench.read({ object }));
    expect(error).toBeInstanceOf(ConnectorError);
    expect(error).toMatchObject({
      failureClass: 'not_found',
      vendorCode: 'AccessDenied',
      message: expect.stringContaining('None of the 2 files of * could be read. The first: in/a.csv: The access key'),
    });
    expect(await failure(bench.read({ object: 'a.csv' }))).toMatchObject({ failureClass: 'not_found' });
    expect(await failure(connector.fields(bench.context(), 'a.csv'))).toMatchObject({ failureClass: 'not_found' });
  });

  it('asks the bucket whom a wrong signature concerns: the file where the bucket still answers', async () => {
    const refusal = '<Error><Code>SignatureDoesNotMatch</Code><Message>No.</Message></Error>';
    bench.server.intercept(({ target }) =>
      target.includes('/in/a.csv')
        ? { status: 403, headers: { 'content-type': 'application/xml' }, body: [Buffer.from(refusal)] }
        : null,
    );
    const { records, unread } = await bench.read({ object });
    expect(ids(records)).toEqual(['z']);
    expect(unread).toEqual([{ part: 'in/a.csv', reason: expect.stringContaining('SignatureDoesNotMatch') }]);
  });

  it('names a file for which S3 answers an internal error each time, while the bucket answers', async () => {
    const refusal = '<Error><Code>InternalError</Code><Message>Please try again.</Message></Error>';
    bench.server.intercept(({ target }) =>
      target.includes('/in/a.csv')
        ? { status: 500, headers: { 'content-type': 'application/xml' }, body: [Buffer.from(refusal)] }
        : null,
    );
    const { records, unread } = await bench.read({ object });
    expect(ids(records)).toEqual(['z']);
    expect(unread).toEqual([{ part: 'in/a.csv', reason: expect.stringContaining('InternalError') }]);
  });

  it('asks the bucket whom a wrong signature concerns: the key where the bucket says the same', async () => {
    let reads = 0;
    bench.server.intercept(({ target }) => {
      if (target.includes('GetObject')) reads += 1;
      if (reads === 1) s3.account.changeSecret();
      return null;
    });
    expect(await failure(bench.read({ object }))).toMatchObject({ failureClass: 'reauthorize_password' });
  });

  it.each<[string, () => void, string]>([
    ['the key is gone', () => s3.account.deactivate(), 'reauthorize_deactivated'],
    ['the subscription has ended', () => s3.account.endSubscription(), 'licence_expired'],
    ['nothing may be listed any more', () => s3.account.deny('*'), 'reauthorize_permission'],
  ])('but is one of the connection where %s', async (_name, spoil, failureClass) => {
    spoil();
    expect(await failure(bench.read({ object }))).toMatchObject({ failureClass });
  });

  it('names a file again that the interrupted run could not read, and reads it when it can', async () => {
    put('in/m.csv', 'id\nm\n', at(5));
    s3.account.deny('in/a');
    const first = await bench.read({ object }, { maxPages: 1 });
    expect(first.unread).toHaveLength(1);
    const still = await bench.read({ object, checkpoint: first.checkpoint });
    expect(still.unread.map(({ part }) => part)).toEqual(['in/a.csv']);
    expect(ids(still.records)).toEqual(['z']);
    s3.account.restore();
    const again = await bench.read({ object, checkpoint: first.checkpoint });
    expect(again.unread).toEqual([]);
    // The newer files once more behind it: their rows are the ones to stay.
    expect(ids(again.records)).toEqual(['a', 'm', 'z']);
  });
});

describe('names as people give them', () => {
  const long = `in/${'ü'.repeat(508)}.csv`;
  it.each([
    ['spaces and plus signs', 'in/a b+c  d.csv'],
    ['percent signs', 'in/100%25 %zz%.csv'],
    ['letters of the world', 'in/Köln/日本😀.csv'],
    ['both slashes', 'in//double\\back.csv'],
    ['brackets and quotes', 'in/[x]{y}"\'`^|<>&=#;,~!$().csv'],
    ['1,024 bytes', `${long.slice(0, 3)}${'x'.repeat(1024 - Buffer.byteLength(long))}${long.slice(3)}`],
  ])('%s', async (_name, key) => {
    put(key, 'id\nodd\n', at(20));
    const { records, unread } = await bench.read({ object: '**', fields: ['id', '_file'] });
    expect(unread).toEqual([]);
    expect(records.at(-1)).toMatchObject({ id: 'odd', _file: key });
  });

  it('a slash at the beginning, in a connection without a folder', async () => {
    put('/top.csv', 'id\ntop\n', at(20));
    const { records } = await bench.read({ object: '**', fields: ['id', '_file'] }, { fields: { prefix: '' } });
    expect(records.at(-1)).toMatchObject({ id: 'top', _file: '/top.csv' });
  });
});

describe('what the store says of a file beside its bytes', () => {
  it.each(['UTF-8', 'utf8', 'none', 'identity', 'aws-chunked', 'aws-chunked, UTF-8', ''])(
    'content encoding "%s" is none',
    async (contentEncoding) => {
      put('in/a.csv', 'id\na\n', { ...at(0), contentEncoding });
      await connector.check(bench.context());
      expect((await connector.fields(bench.context(), 'a.csv')).map(({ name }) => name)).toContain('id');
      const { records, unread } = await bench.read({ object });
      expect(unread).toEqual([]);
      expect(ids(records)).toEqual(['a', 'z']);
    },
  );

  it.each(['gzip', 'aws-chunked,gzip', 'aws-chunked, gzip', 'GZIP'])(
    'content encoding "%s" is undone, whatever the form says of compression, and fails no creation',
    async (contentEncoding) => {
      put('in/a.csv', gzipSync(LONG_CSV), { ...at(0), contentEncoding });
      for (const compression of ['auto', 'gzip', 'none']) {
        await connector.check(bench.context({ compression }));
        const fields = await connector.fields(bench.context({ compression }), 'a.csv');
        expect(fields.map(({ name }) => name)).toContain('id');
        const { records } = await bench.read({ object: 'a.csv' }, { fields: { compression } });
        expect(records).toHaveLength(4000);
      }
    },
  );

  it('a restored copy of an archived file is read, and gives the columns where there is no other', async () => {
    put('in/old.csv', 'id,more\nold,1\n', { ...at(-5), storageClass: 'GLACIER', restore: 'done' });
    const { records, unread } = await bench.read({ object });
    expect(ids(records)).toEqual(['old', 'a', 'z']);
    expect(unread).toEqual([]);
    expect((await connector.fields(bench.context(), 'old.csv')).map(({ name }) => name)).toContain('more');
  });

  it('an ETag without quotes is the same ETag, in listings, answers and checkpoints', async () => {
    const quoted = await bench.read({ object });
    s3.bucket.hasUnquotedEtags = true;
    const since = { field: '_modified', value: '2026-06-01T00:00:00.000Z' };
    expect((await bench.read({ object, since, previous: quoted.checkpoint })).records).toEqual([]);
    expect(ids((await bench.read({ object })).records)).toEqual(['a', 'z']);
    await connector.check(bench.context());
  });

  it('an empty file is 0 rows, in a run and at discovery', async () => {
    put('in/none.csv', '', at(20));
    expect((await connector.objects(bench.context())).map(({ name }) => name)).toContain('none.csv');
    expect((await connector.fields(bench.context(), 'none.csv')).map(({ name }) => name)).toEqual([
      '_modified',
      '_file',
      '_row',
      '_fileRow',
    ]);
    const alone = await bench.read({ object: 'none.csv' });
    expect([alone.records, alone.unread]).toEqual([[], []]);
    const { records, unread } = await bench.read({ object });
    expect([ids(records), unread]).toEqual([['a', 'z'], []]);
    // The columns of the newest file that has any.
    expect((await connector.fields(bench.context(), object)).map(({ name }) => name)).toContain('id');
  });

  it('creates a connection to a bucket whose first files only others may read, and to one of archived files', async () => {
    s3.account.deny('in/a');
    await connector.check(bench.context());
    s3.account.restore();
    for (const key of ['in/a.csv', 'in/z.csv']) put(key, 'id\n1\n', { ...at(0), storageClass: 'GLACIER' });
    await connector.check(bench.context());
  });
});

describe('something other than a list of files', () => {
  const LISTING = '<ListBucketResult><Name>acme-exports</Name><IsTruncated>false</IsTruncated>';
  it.each([
    ['JSON', '{}'],
    ['nothing', ''],
    ['a word', 'OK'],
    ['a web page', '<html><body>Sign in</body></html>'],
    ['other XML', '<?xml version="1.0"?><ListAllMyBucketsResult><Name>acme-exports</Name></ListAllMyBucketsResult>'],
    ['an error with status 200', '<Error><Code>InternalError</Code></Error>'],
    ['a list that is cut off', `${LISTING}<Contents><Key>in/a.csv</Key>`],
    ['broken XML', `${LISTING}<Contents></Wrong></ListBucketResult>`],
    ['a list without the fields of one', '<ListBucketResult></ListBucketResult>'],
  ])('%s is a clear failure and no empty bucket', async (_name, body) => {
    bench.server.intercept(({ target }) =>
      target.includes('list-type') ? { status: 200, headers: {}, body: [Buffer.from(body)] } : null,
    );
    for (const work of [bench.read({ object }), connector.objects(bench.context()), connector.check(bench.context())])
      expect(await failure(work)).toMatchObject({
        failureClass: 'invalid_response',
        message: expect.stringContaining('did not answer as an S3 store does'),
      });
  });
});

it('goes on from a checkpoint and a memory of version 0.1.0', async () => {
  const seen = [markOf({ key: 'in/a.csv', etag: s3.bucket.file('in/a.csv')?.etag ?? '' })];
  const previous: JsonValue = { version: 1, done: { atMs: DAY, marks: seen }, current: null, seen };
  const since = { field: '_modified', value: '2026-07-01T00:00:00.000Z' };
  expect(ids((await bench.read({ object, since, previous })).records)).toEqual(['z']);
  const checkpoint: JsonValue = { version: 1, done: { atMs: DAY, marks: seen }, current: null, seen: null };
  expect(ids((await bench.read({ object, checkpoint })).records)).toEqual(['z']);
});

it('reads a file whose first line names its separator, at discovery and in a run', async () => {
  put('in/sep.csv', 'sep=;\r\nid;name\r\n7;"a;b"\r\n', at(30));
  expect((await connector.fields(bench.context(), 'sep.csv')).map(({ name }) => name)).toEqual(
    expect.arrayContaining(['id', 'name']),
  );
  const { records, unread } = await bench.read({ object: 'sep.csv', fields: ['id', 'name'] });
  expect(unread).toEqual([]);
  expect(records).toMatchObject([{ id: '7', name: 'a;b' }]);
});
