// Whatever number or text a source sends: it is in the cache, the export and the destination as it was, or its record is rejected
// with a reason; and a second run changes nothing.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { practiceById } from '../../connectors/practice/catalog.ts';
import type { ColumnType } from '../shared/connector.ts';
import { connectionIdSchema } from '../shared/ids.ts';
import type { Job } from '../shared/job/job.ts';
import { cachePath } from '../store/cache/cache.ts';
import { readRejected } from '../store/cache/ledger.ts';
import { CacheQueries } from '../store/cache/queries.ts';
import { CacheReader } from '../store/cache/reader.ts';
import { openReadOnly } from '../store/database.ts';
import { openProfile } from '../store/profile.ts';
import { type AccessProvider, Secret } from './connectors.ts';
import type { ConnectionFacts } from './messages.ts';
import { aJob, connectionFacts, field, type RowObject, TestBench } from './testing/bench.ts';

let bodies: string[];
let server: http.Server;
let facts: ConnectionFacts;
let bench: TestBench;

beforeEach(async () => {
  bodies = [];
  server = http.createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(`{"totalSize":${bodies.length},"done":true,"records":[${bodies.join(',')}]}`);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  facts = connectionFacts('salesforce', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  bench = await TestBench.open();
});

afterEach(async () => {
  await bench.remove();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** Records whose values are these JSON texts, word for word. */
function send(values: readonly string[], ids: readonly string[] = values.map((_, index) => `k${index}`)): void {
  bodies = values.map((value, index) => `{"Id":${JSON.stringify(ids[index])},"v":${value}}`);
}

const jobOf = (type: ColumnType, change: Partial<Job> = {}): Job =>
  aJob({ mapping: [field('Id', 'text', true), field('v', type)], cursorField: null, ...change });

interface Outcome {
  readonly rows: ReadonlyMap<string, RowObject>;
  readonly reasons: ReadonlyMap<string, string>;
}

/** Runs the job twice: the second time nothing may change. */
async function runTwice(job: Job): Promise<Outcome> {
  const first = bench.start(job, facts);
  expect(['success', 'partial_success']).toContain((await first.finished).status);
  const { records } = readRejected(bench.db, first.id, { offset: 0, limit: 10_000 });
  const again = await bench.run(job, facts);
  expect(again.counts).toMatchObject({ inserted: 0, updated: 0, gone: 0 });
  return { rows: bench.rows(job), reasons: new Map(records.map(({ key, reason }) => [key, reason])) };
}

/** A decimal as a whole number of 1e-60ths. */
function inUnits(text: string): bigint {
  const [, sign, whole = '', fraction = '', exponent = '0'] = /^(-?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(text) ?? [];
  return (sign === '-' ? -1n : 1n) * BigInt(whole + fraction) * 10n ** BigInt(60 - fraction.length + Number(exponent));
}

const digits = (max: number) =>
  fc.array(fc.constantFrom(...'0123456789'), { minLength: 1, maxLength: max }).map((all) => all.join(''));
const number = fc.oneof(
  fc
    .tuple(fc.constantFrom('', '-'), digits(22), fc.option(digits(20)), fc.option(fc.integer({ min: -9, max: 9 })))
    .map(
      ([sign, whole, fraction, exponent]) =>
        `${sign}${whole.replace(/^0+(?=\d)/, '')}${fraction === null ? '' : `.${fraction}`}${exponent === null ? '' : `E${exponent}`}`,
    ),
  fc.bigInt({ min: -(2n ** 53n) - 9n, max: -(2n ** 53n) + 9n }).map(String),
  fc.bigInt({ min: 2n ** 53n - 9n, max: 2n ** 53n + 9n }).map(String),
  fc.constantFrom('999999999999999999', '0.1234567890123456789', '-0', '0.0', '250.00', '0.30000000000000004'),
);

describe('numbers of JSON', () => {
  it.each<ColumnType>(['text', 'json', 'integer', 'real'])(
    'in a %s column are what was sent, or rejected',
    async (type) => {
      await fc.assert(
        fc.asyncProperty(fc.array(number, { minLength: 60, maxLength: 60 }), async (values) => {
          send(values);
          const { rows, reasons } = await runTwice(jobOf(type));
          values.forEach((value, index) => {
            const row = rows.get(`k${index}`);
            if (row === undefined) expect(reasons.get(`k${index}`)).toMatch(/^"v" (?:is|has) .*\.$/);
            else expect(inUnits(String(row.v))).toBe(inUnits(value));
          });
          if (type === 'text' || type === 'json') expect(rows.size).toBe(values.length);
        }),
        { numRuns: 5, endOnFailure: true },
      );
    },
  );

  it('that people met elsewhere', async () => {
    const values = [
      '9007199254740993',
      '999999999999999999',
      '0.1234567890123456789',
      '1e400',
      '-1e-400',
      '9007199254740991',
    ];
    send(values);
    expect([...(await runTwice(jobOf('text'))).rows.values()].map(({ v }) => v)).toEqual(values);
    expect([...(await runTwice(jobOf('json'))).rows.values()].map(({ v }) => v)).toEqual(values);
    const real = await runTwice(jobOf('real'));
    expect([...real.rows.values()].map(({ v }) => v)).toEqual([9007199254740991]);
    expect(new Set(real.reasons.values())).toEqual(
      new Set(['"v" has more digits than a number keeps exactly; map it as text.']),
    );
  });

  it('within a JSON column keep their digits, beside everything else', async () => {
    const value = '{"id":9007199254740993,"list":[1e400,0.5,"9007199254740993"],"half":"\\ud83d","none":null}';
    send([value]);
    expect((await runTwice(jobOf('json'))).rows.get('k0')?.v).toBe(value);
    expect((await runTwice(jobOf('text'))).rows.get('k0')?.v).toBe(value);
  });

  it('and everything else in a JSON column is no change in another order', async () => {
    const job = jobOf('json');
    send(['{"a":9007199254740993,"b":{"c":1,"d":[1,2]}}', '{"a":1,"b":2}', '{"a":1,"b":2}']);
    const { rows } = await runTwice(job);
    send(['{"b":{"d":[1,2],"c":1},"a":9007199254740993}', '{"b":1,"a":2}', '{"b":2,"a":1}']);
    expect((await bench.run(job, facts)).counts).toMatchObject({ inserted: 0, updated: 1, unchanged: 2 });
    expect(bench.rows(job).get('k0')).toEqual(rows.get('k0'));
    expect(bench.rows(job).get('k1')?.v).toBe('{"b":1,"a":2}');
  });

  it('as keys are told apart from their neighbours', async () => {
    bodies = ['"a","key":9007199254740992', '"b","key":9007199254740993', '"c","key":9007199254740994'].map(
      (start, index) => `{"Id":${start},"v":${index + 1}}`,
    );
    const mapping = [field('key', 'text', true), field('v', 'integer')];
    const { rows } = await runTwice(jobOf('integer', { mapping, keyColumn: 'key' }));
    expect([...rows.values()].map(({ key, v }) => [key, v])).toEqual([
      ['9007199254740992', 1],
      ['9007199254740993', 2],
      ['9007199254740994', 3],
    ]);
  });
});

describe('texts', () => {
  const unit = fc.oneof(
    fc.integer({ min: 0, max: 0xffff }),
    fc.integer({ min: 0xd800, max: 0xdfff }),
    fc.constantFrom(0, 0x0a, 0x22, 0x5c, 0xfeff, 0xfffd, 0xe9, 0x301, 0x65),
  );
  const text = fc.array(unit, { maxLength: 12 }).map((codes) => String.fromCharCode(...codes));
  const isWhole = (value: string) => Buffer.from(value, 'utf8').toString('utf8') === value;

  it.each<ColumnType>(['text', 'json'])(
    'in a %s column and in the key are what was sent, or rejected',
    async (type) => {
      await fc.assert(
        fc.asyncProperty(fc.uniqueArray(text, { minLength: 60, maxLength: 60 }), async (values) => {
          const ids = values.map((value, index) => `${index % 2 === 0 ? value : ''}k${index}`);
          send(
            values.map((value) => JSON.stringify(value)),
            ids,
          );
          const { rows, reasons } = await runTwice(jobOf(type));
          values.forEach((value, index) => {
            const row = rows.get(ids[index] as string);
            const isHeld = type === 'text' ? isWhole(value) : !/\\udc[89a-f]/.test(JSON.stringify(value));
            if (row !== undefined) expect(row.v).toBe(type === 'text' ? value : JSON.stringify(value));
            expect(row !== undefined).toBe(isHeld && isWhole(ids[index] as string));
          });
          for (const reason of reasons.values()) expect(reason).toMatch(/^"(?:v|Id)" holds half a character/);
        }),
        { numRuns: 5, endOnFailure: true },
      );
    },
  );

  it('that differ by their composition only are two keys', async () => {
    send(['1', '2'], ['Caf\u00e9', 'Cafe\u0301']);
    expect([...(await runTwice(jobOf('integer'))).rows.keys()]).toEqual(['Caf\u00e9', 'Cafe\u0301']);
  });

  it('with bytes that are no UTF-8 are rejected, and their neighbours stored', async () => {
    const broken = Buffer.concat([Buffer.from('{"Id":"a","v":"M'), Buffer.from([0xfc]), Buffer.from('nchen"}')]);
    server.removeAllListeners('request');
    server.on('request', (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const rest = Buffer.from(',{"Id":"b","v":"München \ufffd"}]}');
      response.end(Buffer.concat([Buffer.from('{"totalSize":2,"done":true,"records":['), broken, rest]));
    });
    const { rows, reasons } = await runTwice(jobOf('text'));
    expect([...rows.values()].map(({ v }) => v)).toEqual(['München \ufffd']);
    expect(reasons.get('a')).toBe('"v" holds half a character or bytes that are no text.');
  });
});

it('an export holds every number and text as it is stored', async () => {
  const values = fc.sample(number, { numRuns: 300, seed: 7 });
  send(values);
  const reader = new CacheReader({
    file: cachePath(openProfile(bench.folder)),
    thread: fileURLToPath(new URL('../core/data/reader-thread.ts', import.meta.url)),
    onDamage: () => undefined,
  });
  for (const type of ['text', 'integer', 'real', 'json'] as const) {
    const job = jobOf(type);
    const { rows } = await runTwice(job);
    const path = join(bench.folder, `${type}.csv`);
    await reader.exportRows({ jobId: job.id, search: '', sort: null }, path);
    const lines = parse(readFileSync(path), { bom: true, columns: true }) as { Id: string; v: string }[];
    // A text that a spreadsheet could take for a formula has an apostrophe before it.
    const guarded = (cell: unknown) => (typeof cell === 'string' && cell.startsWith('-') ? `'${cell}` : String(cell));
    expect(lines.map(({ v }) => v)).toEqual([...rows.values()].map(({ v }) => guarded(v)));
  }
  await reader.close();
});

it('a search finds numbers as they are shown', async () => {
  const values = ['0.3333333333333333', '0.7999999999999999', '123456789012345680', '1e21', '1234.5', '5'];
  send(values);
  const job = jobOf('real');
  await runTwice(job);
  const db = openReadOnly(cachePath(openProfile(bench.folder)));
  const queries = new CacheQueries(db);
  const found = (search: string) =>
    queries.page({ jobId: job.id, offset: 0, limit: 10, search, sort: null }).rows.map(([, v]) => v);
  for (const value of values) expect(found(String(Number(value)))).toContain(Number(value));
  expect(found('123,456,789,012,345,680')).toEqual([123456789012345680]);
  expect(found('1,234.5')).toEqual([1234.5]);
  expect(found('5.0')).toEqual([]);
  db.close();
});

it('a destination gets every number as it is, or its record is refused', async () => {
  const practice = await practiceById('gainsight-api').start({ port: 0, records: 0 });
  const token = new Secret(practice.samples.token ?? '');
  const access = { credentials: { accessToken: token, accessKey: token }, expiresAtMs: null, learned: {} };
  const provider: AccessProvider = { current: async () => access, renew: async () => access };
  const destination = connectionFacts('gainsight-api', practice.baseUrl, {
    connectionId: connectionIdSchema.parse('testtarget'),
    authMethodId: practice.samples.authMethodId,
    fields: practice.samples.fields,
  });
  const KEY = 'SFDC_Account_ID__gc';
  const values = [...fc.sample(number, { numRuns: 150, seed: 3 }), '9007199254740993', '12.5'];
  send(values);
  const at = (target: string, path: string) => ({ ...field(target), from: { kind: 'direct' as const, path } });
  const job = aJob({
    mapping: [at(KEY, 'Id'), at('Name', 'v'), at('Employees', 'v')],
    keyColumn: KEY,
    cursorField: null,
    destination: { kind: 'connection', connectionId: destination.connectionId, object: 'Company', keys: [KEY] },
  });
  const delivering = await TestBench.open(undefined, provider);
  const finished = await delivering.run(job, facts, { destination });
  const records = new Map(practice.records('Company').map((record) => [record[KEY], record]));
  expect(finished.counts.refused + records.size).toBe(values.length);
  expect(records.get(`k${values.length - 1}`)).toMatchObject({ Name: '12.5', Employees: 12.5 });
  expect(records.has(`k${values.length - 2}`)).toBe(false);
  values.forEach((value, index) => {
    const record = records.get(`k${index}`);
    if (record === undefined) return;
    expect(inUnits(String(record.Employees))).toBe(inUnits(value));
    expect(inUnits(String(record.Name))).toBe(inUnits(value));
  });
  await delivering.remove();
  await practice.close();
});
