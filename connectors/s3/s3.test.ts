import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestContext, serve, type TestContext, type TestServer } from '../kit/aws/s3-test-support.ts';
import {
  ConnectorError,
  type JsonValue,
  type Page,
  type ReadRequest,
  type SourceRecord,
  type SourceRejection,
} from '../kit/index.ts';
import { connector } from './manifest.ts';
import { OWNER, SESSION_TOKEN } from './practice/account.ts';
import { PracticeBucket } from './practice/bucket.ts';
import { acmeAccount, seededFiles } from './practice/company.ts';
import { wholeFile } from './practice/files.ts';
import { PracticeS3 } from './practice/service.ts';

const SECRETS = { secretAccessKey: OWNER.key.secretAccessKey };
const FIELDS = {
  bucket: 'acme-exports',
  region: '',
  prefix: 'exports',
  filePattern: '',
  accessKeyId: OWNER.key.accessKeyId,
};
const NOW_MS = Date.UTC(2026, 6, 15, 12);

let s3: PracticeS3;
let server: TestServer;
const contexts: TestContext[] = [];

beforeEach(async () => {
  s3 = new PracticeS3(new PracticeBucket('acme-exports', seededFiles(300, NOW_MS)));
  server = await serve((request) => s3.handle(request));
});

afterEach(async () => {
  await Promise.all(contexts.splice(0).map((context) => context.close()));
  await server.close();
});

function contextWith(
  fields: Readonly<Record<string, string>> = {},
  secrets: Readonly<Record<string, string>> = SECRETS,
): TestContext {
  const context = createTestContext({ connector, baseUrl: server.baseUrl, fields: { ...FIELDS, ...fields }, secrets });
  contexts.push(context);
  return context;
}

function put(key: string, content: string | Uint8Array, modifiedMs: number): void {
  s3.bucket.put(wholeFile(key, content, { modifiedMs }));
}

interface Whole {
  readonly records: SourceRecord[];
  readonly rejected: SourceRejection[];
  readonly pages: Page[];
  readonly checkpoint: JsonValue;
}

async function read(
  context: TestContext,
  request: Partial<ReadRequest> & { object: string },
  maxPages = Number.POSITIVE_INFINITY,
): Promise<Whole> {
  const whole = {
    records: [] as SourceRecord[],
    rejected: [] as SourceRejection[],
    pages: [] as Page[],
    checkpoint: null as JsonValue,
  };
  const pages = connector.read(context, { fields: [], filter: [], since: null, checkpoint: null, ...request });
  for await (const page of pages) {
    whole.records.push(...page.records);
    whole.rejected.push(...(page.rejected ?? []));
    whole.pages.push(page);
    // As it comes back from the database.
    whole.checkpoint = JSON.parse(JSON.stringify(page.checkpoint)) as JsonValue;
    if (whole.pages.length >= maxPages) break;
  }
  return whole;
}

function failure(promise: Promise<unknown> | undefined): Promise<unknown> {
  return Promise.resolve(promise).then(
    () => 'no failure',
    (error: unknown) => error,
  );
}

describe('connecting', () => {
  it('shows the key by its last four characters, the bucket and the region it looked up', async () => {
    expect(await connector.identify(contextWith())).toEqual({
      accountId: OWNER.key.accessKeyId,
      account: 'Access key …7Q2X',
      orgId: 'acme-exports',
      org: 'acme-exports (eu-west-1)',
      isActive: true,
    });
  });

  it('proves both rights: to list, and to read one byte', async () => {
    await connector.check(contextWith());
    const last = server.requests.at(-1);
    expect(last).toMatchObject({ method: 'GET', status: 206 });
    expect(last?.headers.range).toBe('bytes=0-0');
  });

  it('finds the right region when a wrong one was typed', async () => {
    const context = contextWith({ region: 'us-west-2' });
    expect(await connector.identify(context)).toMatchObject({ org: 'acme-exports (eu-west-1)' });
    expect(context.lines).toContain('The bucket acme-exports is in eu-west-1, not in us-west-2.');
  });

  it('takes nothing from the environment of the process', async () => {
    const poison = {
      AWS_REGION: 'ap-south-1',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
      AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9',
      AWS_ACCESS_KEY_ID: 'WRONG',
      AWS_SECRET_ACCESS_KEY: 'WRONG',
      AWS_PROFILE: 'none',
      AWS_CONFIG_FILE: '/nonexistent/config',
      AWS_USE_FIPS_ENDPOINT: 'true',
      AWS_MAX_ATTEMPTS: 'x',
    };
    const before = { ...process.env };
    Object.assign(process.env, poison);
    try {
      await connector.check(contextWith());
    } finally {
      process.env = before;
    }
    expect(server.requests.every(({ status }) => status < 300 || status === 403)).toBe(true);
  });

  it('works with a temporary key and its session token', async () => {
    await connector.check(contextWith({}, { ...SECRETS, sessionToken: SESSION_TOKEN }));
    expect(server.requests.at(-1)?.headers['x-amz-security-token']).toBe(SESSION_TOKEN);
  });

  it('never sends the secret key', async () => {
    await connector.check(contextWith());
    expect(JSON.stringify(server.requests)).not.toContain(OWNER.key.secretAccessKey);
  });
});

describe('failures', () => {
  it.each([
    [
      'an unknown or inactive key',
      () => s3.account.deactivate(),
      'reauthorize_deactivated',
      'AWS does not know this access key: it was deleted or made inactive',
    ],
    [
      'a changed secret',
      () => s3.account.changeSecret(),
      'reauthorize_password',
      'The secret access key does not belong to the access key ID',
    ],
    [
      'an ended subscription',
      () => s3.account.endSubscription(),
      'licence_expired',
      'The AWS account is not subscribed to S3',
    ],
    [
      'no right to list',
      () => s3.account.deny('*'),
      'reauthorize_permission',
      'The access key may not do this. It needs s3:ListBucket on the bucket and s3:GetObject on its files',
    ],
  ] as const)('%s', async (_name, misbehave, failureClass, message) => {
    misbehave();
    const error = await failure(connector.check(contextWith()));
    expect(error).toBeInstanceOf(ConnectorError);
    expect(error).toMatchObject({ failureClass, message: expect.stringContaining(message) });
  });

  it('no right to read the files, though they may be listed', async () => {
    s3.account.deny('exports/');
    expect(await failure(connector.check(contextWith()))).toMatchObject({
      failureClass: 'not_found',
      vendorCode: 'AccessDenied',
      message: expect.stringContaining('The access key may not read this file. It needs s3:GetObject on it'),
    });
  });

  it('an expired session token', async () => {
    s3.account.expireTokens();
    expect(await failure(connector.check(contextWith({}, { ...SECRETS, sessionToken: SESSION_TOKEN })))).toMatchObject({
      failureClass: 'reauthorize_expired',
    });
  });

  it('a bucket that does not exist', async () => {
    expect(await failure(connector.check(contextWith({ bucket: 'no-such-bucket' })))).toMatchObject({
      failureClass: 'not_found',
      message: 'There is no bucket "no-such-bucket". Check its name in the connection.',
    });
    expect(
      await failure(connector.check(contextWith({ bucket: 'no-such-bucket', region: 'eu-west-1' }))),
    ).toMatchObject({ failureClass: 'not_found' });
  });

  it('a clock that is an hour off', async () => {
    server.intercept((request) =>
      request.method === 'HEAD' ? null : s3.handle({ ...request, nowMs: request.nowMs + 3_600_000 }),
    );
    expect(await failure(connector.check(contextWith()))).toMatchObject({
      failureClass: 'bad_request',
      message: expect.stringContaining('The clock of this machine is more than 15 minutes off'),
    });
  });

  it('a missing secret is named before anything is sent', async () => {
    expect(await failure(connector.check(contextWith({}, {})))).toMatchObject({ failureClass: 'credential_missing' });
    expect(server.requests).toEqual([]);
  });

  it('something that is no S3 store', async () => {
    server.intercept(() => ({
      status: 200,
      headers: { 'content-type': 'text/html' },
      body: [Buffer.from('<html><body>Sign in</body></html>')],
    }));
    expect(await failure(connector.objects(contextWith({ region: 'eu-west-1' })))).toMatchObject({
      failureClass: 'invalid_response',
    });
  });
});

describe('objects and fields', () => {
  it('offers files by name, dated ones as one object, an empty one too, and neither folders, archived nor other files', async () => {
    put('exports/readme.pdf', 'x', NOW_MS);
    const objects = await connector.objects(contextWith());
    expect(objects).toEqual([
      { name: 'accounts.csv', label: 'accounts.csv', description: '1 file in acme-exports/exports/' },
      { name: 'contacts.csv.gz', label: 'contacts.csv.gz', description: '1 file in acme-exports/exports/' },
      { name: 'empty.csv', label: 'empty.csv', description: '1 file in acme-exports/exports/' },
      {
        name: 'invoices-with-errors.csv',
        label: 'invoices-with-errors.csv',
        description: '1 file in acme-exports/exports/',
      },
      { name: 'regions-utf16.csv', label: 'regions-utf16.csv', description: '1 file in acme-exports/exports/' },
      { name: 'usage/usage-*.csv', label: 'usage/usage-*.csv', description: '7 files in acme-exports/exports/' },
    ]);
  });

  it('offers the pattern of the connection first', async () => {
    const objects = await connector.objects(contextWith({ filePattern: 'usage/*' }));
    expect(objects.map(({ name }) => name)).toEqual(['usage/*', 'usage/usage-*.csv']);
  });

  it('pages through a listing of any length', async () => {
    for (let index = 0; index < 2500; index += 1) put(`exports/part/row-${index}.csv`, `id\n${index}\n`, NOW_MS);
    const objects = await connector.objects(contextWith({ prefix: 'exports/part/' }));
    expect(objects).toEqual([
      { name: 'row-*.csv', label: 'row-*.csv', description: '2500 files in acme-exports/exports/part/' },
    ]);
    expect(server.requests.filter(({ target }) => target.includes('continuation-token'))).toHaveLength(2);
  });

  it('gives columns with types, the likely key, and where a record comes from', async () => {
    const fields = await connector.fields(contextWith(), 'accounts.csv');
    expect(fields.map(({ name, type, isKey, isCursor }) => [name, type, isKey, isCursor])).toEqual([
      ['account_id', 'text', true, false],
      ['name', 'text', false, false],
      ['domain', 'text', false, false],
      ['industry', 'text', false, false],
      ['postal_code', 'text', false, false],
      ['arr', 'integer', false, false],
      ['renewal_date', 'datetime', false, false],
      ['is_active', 'boolean', false, false],
      ['notes', 'text', false, false],
      ['_modified', 'datetime', false, true],
      ['_file', 'text', false, false],
      ['_row', 'integer', false, false],
      ['_fileRow', 'text', false, false],
    ]);
  });

  it('takes file and row as the key where no column is unique', async () => {
    put('exports/votes.csv', 'answer\nyes\nyes\nno\n', NOW_MS);
    const fields = await connector.fields(contextWith(), 'votes.csv');
    expect(fields.filter(({ isKey }) => isKey).map(({ name }) => name)).toEqual(['_fileRow']);
    const { records } = await read(contextWith(), { object: 'votes.csv', fields: ['answer', '_fileRow'] });
    expect(records.map((record) => record._fileRow)).toEqual([
      'exports/votes.csv#2',
      'exports/votes.csv#3',
      'exports/votes.csv#4',
    ]);
  });

  it('reads a thousand rows to find the types, and hands some of their texts to the job editor', async () => {
    const rows = Array.from({ length: 600 }, (_, index) => `K${index},${10_000 + index},${index}.90`);
    put('exports/late.csv', `id,zip,price\n${rows.join('\n')}\nL1,00501,7.90\n`, NOW_MS);
    const [, zip, price] = await connector.fields(contextWith(), 'late.csv');
    expect(zip).toMatchObject({ name: 'zip', type: 'text' });
    expect(price).toMatchObject({ name: 'price', type: 'real', decimals: 2 });
    expect(price?.sample?.slice(0, 2)).toEqual(['0.90', '1.90']);
    expect(price?.sample).toHaveLength(200);
  });

  it('reads a file that names its separator in a line sep=', async () => {
    put('exports/excel.csv', 'sep=;\r\nid;zip\r\n1;00501\r\n', NOW_MS);
    const { records } = await read(contextWith(), { object: 'excel.csv', fields: ['id', 'zip'] });
    expect(records.map(({ id, zip }) => [id, zip])).toEqual([['1', '00501']]);
  });

  it('says which pattern matches nothing', async () => {
    expect(await failure(connector.fields(contextWith(), 'none-*.csv'))).toMatchObject({
      failureClass: 'not_found',
      message: 'No file in acme-exports/exports/ matches "none-*.csv".',
    });
    expect(await failure(read(contextWith(), { object: 'none-*.csv' }))).toMatchObject({ failureClass: 'not_found' });
  });
});

describe('reading', () => {
  it('gives every row as it was exported', async () => {
    const { records, rejected, pages } = await read(contextWith(), {
      object: 'accounts.csv',
      fields: Object.keys(acmeAccount(0)),
    });
    expect(rejected).toEqual([]);
    expect(records.map((record) => ({ ...record }))).toEqual(
      Array.from({ length: 300 }, (_, index) => ({ ...acmeAccount(index), _modified: '2026-07-07T01:00:00.000Z' })),
    );
    expect(pages.reduce((sum, page) => sum + page.bytes, 0)).toBe(s3.bucket.file('exports/accounts.csv')?.size);
  });

  it('reads all files of a pattern, oldest first, and packed ones', async () => {
    const { records } = await read(contextWith(), {
      object: 'usage/usage-*.csv',
      fields: ['usage_id', '_file', '_row'],
    });
    expect(records).toHaveLength(280);
    expect(records[0]).toMatchObject({
      usage_id: 'ACME-00001-2026-07-07',
      _file: 'exports/usage/usage-2026-07-07.csv',
      _row: 2,
    });
    expect(records.at(-1)).toMatchObject({ _file: 'exports/usage/usage-2026-07-13.csv' });
    expect((await read(contextWith(), { object: 'contacts.csv.gz' })).records).toHaveLength(120);
  });

  it('reads names with spaces, plus signs and other letters', async () => {
    put('exports/März + 100% "x"&<y>~*().csv', 'id\n1\n', NOW_MS);
    const context = contextWith();
    const name = (await connector.objects(context)).find((object) => object.name.startsWith('März'))?.name ?? '';
    expect((await read(context, { object: name, fields: ['id', '_file'] })).records).toHaveLength(1);
    expect((await read(contextWith({ prefix: 'other' }), { object: 'secret plan+draft.csv' })).records).toHaveLength(1);
  });

  it('keeps the whole rows of a broken file and names the others', async () => {
    const { records, rejected } = await read(contextWith(), { object: 'invoices-with-errors.csv' });
    expect(records.map((record) => record.invoice_id)).toEqual(['I-1', 'I-3', 'I-6']);
    expect(rejected.map(({ where }) => where)).toEqual([
      'exports/invoices-with-errors.csv, row 3',
      'exports/invoices-with-errors.csv, row 5',
      'exports/invoices-with-errors.csv, row 6',
      'exports/invoices-with-errors.csv, row 8',
    ]);
  });

  it('stops at a wrong encoding and says what to choose; the right one reads', async () => {
    expect(await failure(read(contextWith(), { object: 'regions-utf16.csv' }))).toMatchObject({
      failureClass: 'bad_data',
      message:
        'exports/regions-utf16.csv begins with the mark of UTF-16LE (byte 0), but the encoding is set to UTF-8. Choose UTF-16LE as the encoding.',
    });
    const { records } = await read(contextWith({ encoding: 'utf-16le' }), { object: 'regions-utf16.csv' });
    expect(records.map((record) => record.manager)).toEqual([
      'Åse Bjørnstad',
      'Jürgen Groß',
      '佐藤 花子',
      'Núria Peña',
    ]);
  });

  it('refuses a file with another header, not the job; all files, and it is the job', async () => {
    put('exports/usage/usage-2026-07-14.csv', 'id,account\n1,2\n', NOW_MS);
    put('exports/usage/usage-2026-07-15.csv', 'usage_id,usage_id\n1,2\n', NOW_MS);
    const { records, pages } = await read(contextWith(), { object: 'usage/usage-*.csv', fields: ['usage_id'] });
    expect(records).toHaveLength(280);
    expect(pages.flatMap(({ unread = [] }) => unread)).toEqual([
      {
        part: 'exports/usage/usage-2026-07-14.csv',
        reason: 'Lacks the column "usage_id", which the job reads. Capitals count in names of columns.',
      },
      {
        part: 'exports/usage/usage-2026-07-15.csv',
        reason: 'Row 1: the column name "usage_id" stands twice, in columns 1 and 2. Give every column its own name.',
      },
    ]);
    expect(await failure(read(contextWith(), { object: 'accounts.csv', fields: ['Account_ID'] }))).toMatchObject({
      failureClass: 'schema_changed',
    });
  });

  it('gives no rows for a header alone, and filters by the text of the cells', async () => {
    put('exports/new.csv', 'id,name\n', NOW_MS);
    expect((await read(contextWith(), { object: 'new.csv' })).records).toEqual([]);
    const filter = [
      { field: 'industry', operator: 'eq', value: 'Health' } as const,
      { field: 'arr', operator: 'gte', value: '100000' } as const,
    ];
    const { records } = await read(contextWith(), { object: 'accounts.csv', fields: ['account_id'], filter });
    const expected = Array.from({ length: 300 }, (_, index) => acmeAccount(index)).filter(
      ({ industry, arr }) => industry === 'Health' && Number(arr) >= 100_000,
    );
    expect(records.map((record) => record.account_id)).toEqual(expected.map((account) => account.account_id));
  });

  it('follows the settings of the form', async () => {
    put('exports/odd.txt', "id|note\n1|'it\\'s | fine'\n", NOW_MS);
    const { records } = await read(
      contextWith({ separator: 'pipe', textQualifier: 'single', escapeCharacter: 'backslash' }),
      { object: 'odd.txt' },
    );
    expect(records[0]).toMatchObject({ id: '1', note: "it's | fine" });
    put('exports/tabs.tsv', 'id\tnote\n1\ta,b\n', NOW_MS);
    expect((await read(contextWith({ separator: 'auto' }), { object: 'tabs.tsv' })).records[0]).toMatchObject({
      note: 'a,b',
    });
  });
});

describe('going on after an interruption', () => {
  const rows = Array.from({ length: 5000 }, (_, index) => `${index},"note ${index},\nü"\n`).join('');

  it.each([
    ['at the byte where it stopped', 'exports/big.csv', (text: string) => text],
    ['at the row where it stopped, for packed files', 'exports/big.csv.gz', (text: string) => gzipSync(text)],
  ])('%s', async (_name, key, pack) => {
    put(key, pack(`id,note\n${rows}`), NOW_MS);
    const object = key.slice('exports/'.length);
    for (const pages of [1, 3, 5]) {
      const first = await read(contextWith(), { object }, pages);
      const rest = await read(contextWith(), { object, checkpoint: first.checkpoint });
      expect([...first.records, ...rest.records].map((record) => record.id)).toEqual(
        Array.from({ length: 5000 }, (_, index) => String(index)),
      );
      expect([...first.records, ...rest.records].at(-1)?.note).toBe('note 4999,\nü');
    }
    const resumed = server.requests.some(({ headers }) => /^bytes=[1-9]\d*-$/.test(headers.range ?? ''));
    expect(resumed).toBe(!key.endsWith('.gz'));
  });

  it('at every page of several files, with the same rows as an unbroken run', async () => {
    const object = 'usage/usage-*.csv';
    const unbroken = (await read(contextWith(), { object, fields: ['usage_id'] })).records.map(
      (record) => record.usage_id,
    );
    for (let pages = 1; pages <= 8; pages += 1) {
      const first = await read(contextWith(), { object, fields: ['usage_id'] }, pages);
      const rest = await read(contextWith(), { object, fields: ['usage_id'], checkpoint: first.checkpoint });
      expect([...first.records, ...rest.records].map((record) => record.usage_id)).toEqual(unbroken);
    }
  });

  it('from the start of a file that was replaced meanwhile', async () => {
    put('exports/big.csv', `id,note\n${rows}`, NOW_MS);
    const first = await read(contextWith(), { object: 'big.csv' }, 2);
    put('exports/big.csv', 'id,note\nnew,row\n', NOW_MS + 60_000);
    const rest = await read(contextWith(), { object: 'big.csv', checkpoint: first.checkpoint });
    expect(rest.records.map((record) => record.id)).toEqual(['new']);
  });

  it('reads a file anew that is replaced while it is read, and passes over one that is deleted', async () => {
    let lists = 0;
    server.intercept((request) => {
      if (request.target.includes('list-type')) lists += 1;
      else if (lists > 0 && request.target.includes('usage-2026-07-08'))
        s3.bucket.delete('exports/usage/usage-2026-07-08.csv');
      else if (lists > 0 && request.target.includes('usage-2026-07-09'))
        put('exports/usage/usage-2026-07-09.csv', 'usage_id\nreplaced\n', NOW_MS);
      return null;
    });
    const context = contextWith();
    const { records } = await read(context, { object: 'usage/usage-*.csv', fields: ['usage_id'] });
    expect(records).toHaveLength(5 * 40 + 1);
    expect(records.at(-1)?.usage_id).toBe('replaced');
    expect(context.lines).toContain('exports/usage/usage-2026-07-08.csv was deleted while the job ran.');
    expect(context.lines).toContain(
      'exports/usage/usage-2026-07-09.csv was replaced while the job ran; it is read again from its start.',
    );
  });

  it('over connections that break in the middle, without a row lost or doubled', async () => {
    put('exports/big.csv', `id,note\n${rows}`, NOW_MS);
    server.cutAfter(30_001, 3);
    const { records } = await read(contextWith(), { object: 'big.csv' });
    expect(records.map((record) => record.id)).toEqual(Array.from({ length: 5000 }, (_, index) => String(index)));
    expect(server.requests.filter(({ target }) => target.includes('x-id=GetObject'))).toHaveLength(4);
  });

  it('reads anew from a checkpoint it does not know', async () => {
    for (const checkpoint of [{ version: 9 }, 'x', [], { version: 1, done: null }] as JsonValue[]) {
      expect((await read(contextWith(), { object: 'accounts.csv', checkpoint })).records).toHaveLength(300);
    }
  });
});

describe('reading what is new', () => {
  const object = 'usage/usage-*.csv';
  const since = (value: string): ReadRequest['since'] => ({ field: '_modified', value });

  it('reads files modified at that second or later', async () => {
    const { records } = await read(contextWith(), { object, since: since('2026-07-12T02:00:00.000Z') });
    expect(new Set(records.map((record) => record._modified))).toEqual(
      new Set(['2026-07-12T02:00:00.000Z', '2026-07-13T02:00:00.000Z']),
    );
  });

  it('loses no file of the same second, and reads none twice when it is told of the last run', async () => {
    const first = await read(contextWith(), { object });
    put('exports/usage/usage-2026-07-13b.csv', 'usage_id\nsame second\n', Date.UTC(2026, 6, 13, 2));
    const again = { object: 'usage/usage-*', fields: ['usage_id'], since: since('2026-07-13T02:00:00.000Z') };
    expect((await read(contextWith(), again)).records).toHaveLength(41);
    const informed = await read(contextWith(), { ...again, previous: first.checkpoint });
    expect(informed.records.map((record) => record.usage_id)).toEqual(['same second']);
    expect((await read(contextWith(), { ...again, previous: informed.checkpoint })).records).toEqual([]);
  });

  it('reads a file again that was replaced since', async () => {
    const first = await read(contextWith(), { object });
    put('exports/usage/usage-2026-07-07.csv', 'usage_id\ncorrected\n', NOW_MS);
    const { records } = await read(contextWith(), {
      object,
      fields: ['usage_id'],
      since: since('2026-07-13T02:00:00.000Z'),
      previous: first.checkpoint,
    });
    expect(records.map((record) => record.usage_id)).toEqual(['corrected']);
  });

  it('refuses a cursor that files do not have', async () => {
    expect(await failure(read(contextWith(), { object, since: { field: 'date', value: '2026-07-01' } }))).toMatchObject(
      { failureClass: 'bad_request' },
    );
  });
});

describe('real files', () => {
  const folder = fileURLToPath(new URL('../../node_modules/vega-datasets/data/', import.meta.url));

  it.each([
    ['zipcodes.csv', 42_049],
    ['birdstrikes.csv', 10_000],
    ['airports.csv', 3376],
  ])('%s: %i rows', async (name, count) => {
    put(`exports/${name}`, readFileSync(folder + name), NOW_MS);
    const { records, rejected } = await read(contextWith(), { object: name });
    expect(records).toHaveLength(count);
    expect(rejected).toEqual([]);
  });
});
