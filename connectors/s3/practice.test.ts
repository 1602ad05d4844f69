import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestContext, type TestContext } from '../kit/aws/s3-test-support.ts';
import { describeConnector } from '../kit/conformance.ts';
import type { SourceRecord } from '../kit/index.ts';
import type { PracticeCommand, RunningPractice } from '../kit/practice/index.ts';
import { connector } from './manifest.ts';
import { type SignedRequest, verifySignature } from './practice/signature.ts';
import { practice } from './practice.ts';

let running: RunningPractice;
let context: TestContext;

beforeEach(async () => {
  running = await practice.start({ port: 0 });
  const { fields, secrets, apiBaseUrl } = running.samples;
  context = createTestContext({ connector, baseUrl: apiBaseUrl, fields, secrets });
});

afterEach(async () => {
  await context.close();
  await running.close();
});

async function read(object: string): Promise<SourceRecord[]> {
  const records: SourceRecord[] = [];
  const request = { object, fields: [], filter: [], since: null, checkpoint: null };
  for await (const page of connector.read(context, request)) records.push(...page.records);
  return records;
}

function withoutProvenance(record: SourceRecord): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !name.startsWith('_')));
}

// Four pages of accounts, and the one that ends a read.
describeConnector(connector, practice, { records: 3500 });

describe('practice S3', () => {
  it('gives the connector the rows it says it has', async () => {
    for (const object of ['accounts.csv', 'usage/usage-*.csv']) {
      expect((await read(object)).map(withoutProvenance)).toEqual(running.records(object));
    }
    expect(running.records('accounts.csv')).toHaveLength(300);
  });

  it('takes another number of rows, also one it makes while it is read', async () => {
    for (const count of [7, 25_000]) {
      running.command({ kind: 'setRecords', count });
      expect((await read('accounts.csv')).map(withoutProvenance)).toEqual(running.records('accounts.csv'));
    }
  });

  it.each([
    [{ kind: 'deactivateUser', email: 'export.reader@acme.example' }, 'reauthorize_deactivated'],
    [{ kind: 'revokeGrants' }, 'reauthorize_deactivated'],
    [{ kind: 'changePassword', email: 'export.reader@acme.example' }, 'reauthorize_password'],
    [{ kind: 'endLicence' }, 'licence_expired'],
    [{ kind: 'denyObject', object: '*' }, 'reauthorize_permission'],
  ] as const)('%j ends in %s until it is restored', async (command: PracticeCommand, failureClass) => {
    running.command(command);
    await expect(connector.check(context)).rejects.toMatchObject({ failureClass });
    running.command({ kind: 'restore' });
    await connector.check(context);
  });

  it('denies one object and leaves the others', async () => {
    running.command({ kind: 'denyObject', object: 'usage/usage-*.csv' });
    await expect(read('usage/usage-*.csv')).rejects.toMatchObject({ failureClass: 'not_found' });
    expect(await read('accounts.csv')).toHaveLength(300);
  });

  it('slows down, and the reader gets through', async () => {
    running.command({ kind: 'rateLimit', requests: 3, perSeconds: 1 });
    expect(await read('usage/usage-*.csv')).toHaveLength(280);
    expect(running.requests.some(({ status }) => status === 503)).toBe(true);
  });

  it('fails for a while, and the reader gets through', async () => {
    running.command({ kind: 'failNext', status: 500, times: 2 });
    expect(await read('accounts.csv')).toHaveLength(300);
  });

  it('refuses commands and users it does not know', () => {
    expect(() => running.command({ kind: 'denyField', object: 'accounts.csv', field: 'arr' })).toThrow(
      'does not know the command denyField',
    );
    expect(() => running.command({ kind: 'deactivateUser', email: 'x@acme.example' })).toThrow(
      'has no user x@acme.example',
    );
  });
});

describe('signature check', () => {
  // "GET Object" of https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
  const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
  const example: SignedRequest = {
    method: 'GET',
    rawPath: '/test.txt',
    rawQuery: '',
    headers: {
      host: 'examplebucket.s3.amazonaws.com',
      range: 'bytes=0-9',
      'x-amz-content-sha256': EMPTY,
      'x-amz-date': '20130524T000000Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    },
  };
  const key = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };
  const atMs = Date.UTC(2013, 4, 24);
  const verify = (request: SignedRequest): unknown => verifySignature(request, 'us-east-1', atMs, () => key);

  it("accepts AWS's own example", () => {
    expect(verify(example)).toEqual({ ok: true, key });
  });

  it.each([
    ['another path', { ...example, rawPath: '/test2.txt' }, 'SignatureDoesNotMatch'],
    ['another query', { ...example, rawQuery: 'a=b' }, 'SignatureDoesNotMatch'],
    [
      'another signed header',
      { ...example, headers: { ...example.headers, range: 'bytes=0-10' } },
      'SignatureDoesNotMatch',
    ],
    [
      'an unsigned x-amz header',
      { ...example, headers: { ...example.headers, 'x-amz-acl': 'private' } },
      'SignatureDoesNotMatch',
    ],
    ['no authorization', { ...example, headers: {} }, 'AccessDenied'],
    [
      'a broken authorization',
      { ...example, headers: { ...example.headers, authorization: 'AWS4-HMAC-SHA256 x' } },
      'AuthorizationHeaderMalformed',
    ],
  ])('refuses %s', (_name, request, code) => {
    expect(verify(request)).toMatchObject({ ok: false, code });
  });
});
