/**
 * Against an S3 server nobody here wrote, @20minutes/s3rver 5.0.0, in a process of its own. What it cannot do, as found here:
 * - it pages with DES, which OpenSSL 3 keeps in its legacy provider: Node needs --openssl-legacy-provider to page at all;
 * - it forgets the slash behind the bucket in the path it signs, so it calls the signature of every listing wrong, also
 *   those of the AWS client alone. Listings are therefore asked of it with signatures unchecked (`lax`), and reads with
 *   signatures checked (`strict`). The practice S3 checks the signatures of listings;
 * - it escapes an ampersand in a listed name twice, so no name here has one.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestContext, type TestContext } from '../kit/aws/s3-test-support.ts';
import { openS3Store, type S3Listing, type SourceRecord } from '../kit/index.ts';
import { connector } from './manifest.ts';

const NODE_MAJOR = Number(process.versions.node.split('.')[0]);
const VEGA = fileURLToPath(new URL('../../node_modules/vega-datasets/data/', import.meta.url));
const KEY = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };

const SERVER = `
  const S3rver = require(process.argv[1]);
  const [directory, mode] = process.argv.slice(2);
  const server = new S3rver({ port: 0, address: '127.0.0.1', silent: true, directory, allowMismatchedSignatures: mode === 'lax', configureBuckets: [{ name: 'acme', configs: [] }] });
  server.run().then(({ port }) => console.log(port));
`;

interface Running {
  readonly baseUrl: string;
  readonly child: ChildProcess;
}

function start(directory: string, mode: 'strict' | 'lax'): Promise<Running> {
  const module = createRequire(import.meta.url).resolve('@20minutes/s3rver');
  const child = spawn(
    process.execPath,
    ['--openssl-legacy-provider', '--no-deprecation', '-e', SERVER, module, directory, mode],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`s3rver ended with ${code}.`)));
    child.stdout?.once('data', (line: Buffer) =>
      resolve({ baseUrl: `http://127.0.0.1:${line.toString().trim()}`, child }),
    );
  });
}

function contextOf(server: Running, fields: Readonly<Record<string, string>> = {}): TestContext {
  const all = { bucket: 'acme', region: '', prefix: 'in', filePattern: '', accessKeyId: KEY.accessKeyId, ...fields };
  return createTestContext({
    connector,
    baseUrl: server.baseUrl,
    fields: all,
    secrets: { secretAccessKey: KEY.secretAccessKey },
  });
}

async function readAll(context: TestContext, object: string): Promise<SourceRecord[]> {
  const records: SourceRecord[] = [];
  const pages = connector.read(context, {
    object,
    fields: [],
    filter: [],
    since: null,
    checkpoint: null,
  });
  for await (const page of pages) records.push(...page.records);
  return records;
}

describe.skipIf(NODE_MAJOR < 24)('s3rver (needs Node 24)', () => {
  const directory = mkdtempSync(join(tmpdir(), 's3rver-'));
  let lax: Running;
  let strict: Running;
  let put: (key: string, body: string | Uint8Array) => Promise<string>;

  beforeAll(async () => {
    [lax, strict] = await Promise.all([start(directory, 'lax'), start(directory, 'strict')]);
    put = async (key, body) => {
      const path = key.split('/').map(encodeURIComponent).join('/');
      const answer = await fetch(`${lax.baseUrl}/acme/${path}`, {
        method: 'PUT',
        body,
        headers: { 'x-amz-acl': 'private' },
      });
      expect(answer.status).toBe(200);
      return answer.headers.get('etag') ?? '';
    };
  }, 300_000);

  afterAll(() => {
    for (const server of [lax, strict]) {
      server?.child.removeAllListeners('exit');
      server?.child.kill();
    }
    rmSync(directory, { recursive: true, force: true });
  });

  it.each([
    ['zipcodes.csv', 42_049, { zip_code: '99950', city: 'Ketchikan' }],
    ['birdstrikes.csv', 10_000, { 'Airport Name': 'GREATER PITTSBURGH', 'Flight Date': '2002-07-25' }],
    ['airports.csv', 3376, { iata: 'ZZV', name: 'Zanesville Municipal' }],
  ])('reads %s: %i rows to the last', async (name, count, last) => {
    await put(`in/${name}`, readFileSync(VEGA + name));
    const context = contextOf(lax);
    const records = await readAll(context, name);
    expect(records).toHaveLength(count);
    expect(records.at(-1)).toMatchObject(last);
    await context.close();
  });

  it('pages through a listing, with awkward names', async () => {
    const keys = Array.from({ length: 25 }, (_, index) => `many/day + ü = (${index}).csv`);
    await Promise.all(keys.map((key, index) => put(key, `id\n${index}\n`)));
    const context = contextOf(lax, { prefix: 'many' });
    const store = await openS3Store(context, { bucket: 'acme', region: '', endpoint: lax.baseUrl, credentials: KEY });
    const pages: string[][] = [];
    let token: string | null = null;
    do {
      const page: S3Listing = await store.list({ prefix: 'many/', maxKeys: 10, token });
      pages.push(page.files.map(({ key }) => key));
      token = page.next;
    } while (token !== null);
    expect(pages.map((page) => page.length)).toEqual([10, 10, 5]);
    expect(pages.flat().sort()).toEqual([...keys].sort());
    const [object] = await connector.objects(context);
    expect(object?.description).toBe('25 files in acme/many/');
    const ids = (await readAll(context, object?.name ?? '')).map((record) => Number(record.id));
    expect(ids.sort((first, second) => first - second)).toEqual(Array.from({ length: 25 }, (_, index) => index));
    await context.close();
  });

  it('accepts the signatures of reads, with ranges and with names that must be encoded, and refuses a wrong secret', async () => {
    const context = contextOf(strict);
    const target = { bucket: 'acme', region: 'us-east-1', endpoint: strict.baseUrl, credentials: KEY };
    const store = await openS3Store(context, target);
    for (const key of ['in/plain.csv', "in/a b+c=d&e (1)!~*'.csv", 'in/Köln/日本.csv', 'in//double.csv']) {
      const etag = await put(key, 'id\n12345\n');
      const chunks: Uint8Array[] = [];
      for await (const chunk of (await store.open({ key, etag }, 3)).bytes) chunks.push(chunk);
      expect(Buffer.concat(chunks).toString()).toBe('12345\n');
    }
    const wrong = await openS3Store(context, { ...target, credentials: { ...KEY, secretAccessKey: 'wrong' } });
    await expect(wrong.open({ key: 'in/plain.csv', etag: '"x"' }, 0)).rejects.toMatchObject({
      failureClass: 'reauthorize_password',
      vendorCode: 'SignatureDoesNotMatch',
    });
    await context.close();
  });
});
