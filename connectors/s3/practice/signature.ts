/**
 * Checks AWS Signature Version 4 in the Authorization header, written from AWS's description and sharing nothing with the
 * client: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

export interface SignedRequest {
  readonly method: string;
  /** As received: path before the question mark, query behind it. */
  readonly rawPath: string;
  readonly rawQuery: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
}

export interface Key {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export type Verdict =
  | { readonly ok: true; readonly key: Key }
  | {
      readonly ok: false;
      readonly status: number;
      readonly code: string;
      readonly message: string;
      readonly region?: string;
    };

const MAX_SKEW_MS = 15 * 60_000;
const CREDENTIAL =
  /^AWS4-HMAC-SHA256\s+Credential=([^/,\s]+)\/(\d{8})\/([a-z0-9-]+)\/s3\/aws4_request,\s*SignedHeaders=([a-z0-9;-]+),\s*Signature=([0-9a-f]{64})$/;

/** @param region of the bucket @param find gives the key of this id, or undefined */
export function verifySignature(
  request: SignedRequest,
  region: string,
  nowMs: number,
  find: (accessKeyId: string) => Key | undefined,
): Verdict {
  const authorization = request.headers.authorization;
  if (authorization === undefined) return refuse(403, 'AccessDenied', 'Access Denied');
  const [, accessKeyId = '', date = '', scopeRegion = '', signedHeaders = '', signature = ''] =
    CREDENTIAL.exec(authorization) ?? [];
  if (signature === '') return refuse(400, 'AuthorizationHeaderMalformed', 'The authorization header is malformed.');
  const key = find(accessKeyId);
  if (key === undefined)
    return refuse(403, 'InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.');
  const amzDate = request.headers['x-amz-date'] ?? '';
  const atMs = parseAmzDate(amzDate);
  if (atMs === null || !amzDate.startsWith(date))
    return refuse(403, 'AccessDenied', 'AWS authentication requires a valid Date or x-amz-date header');
  if (scopeRegion !== region) {
    const message = `The authorization header is malformed; the region '${scopeRegion}' is wrong; expecting '${region}'`;
    return { ...refuse(400, 'AuthorizationHeaderMalformed', message), region };
  }
  if (Math.abs(nowMs - atMs) > MAX_SKEW_MS)
    return refuse(
      403,
      'RequestTimeTooSkewed',
      'The difference between the request time and the current time is too large.',
    );
  const expected = signatureOf(request, signedHeaders.split(';'), key, { date, region, amzDate });
  if (expected === null || !timingSafeEqual(Buffer.from(expected), Buffer.from(signature))) {
    return refuse(
      403,
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    );
  }
  return { ok: true, key };
}

function refuse(status: number, code: string, message: string): Extract<Verdict, { ok: false }> {
  return { ok: false, status, code, message };
}

/** Null when a header that must be signed is not. */
function signatureOf(
  request: SignedRequest,
  signedHeaders: readonly string[],
  key: Key,
  scope: { date: string; region: string; amzDate: string },
): string | null {
  const mustBeSigned = Object.keys(request.headers).filter((name) => name === 'host' || name.startsWith('x-amz-'));
  if (mustBeSigned.some((name) => !signedHeaders.includes(name))) return null;
  const canonicalHeaders = signedHeaders
    .map((name) => `${name}:${(request.headers[name] ?? '').trim().replace(/ +/g, ' ')}\n`)
    .join('');
  const payloadHash = request.headers['x-amz-content-sha256'] ?? '';
  const canonical = [
    request.method,
    canonicalPath(request.rawPath),
    canonicalQuery(request.rawQuery),
    canonicalHeaders,
    signedHeaders.join(';'),
    payloadHash,
  ].join('\n');
  const credentialScope = `${scope.date}/${scope.region}/s3/aws4_request`;
  const toSign = [
    'AWS4-HMAC-SHA256',
    scope.amzDate,
    credentialScope,
    createHash('sha256').update(canonical).digest('hex'),
  ].join('\n');
  const signingKey = [scope.date, scope.region, 's3', 'aws4_request'].reduce<string | Buffer>(
    (secret, part) => hmac(secret, part),
    `AWS4${key.secretAccessKey}`,
  );
  return hmac(signingKey, toSign).toString('hex');
}

function hmac(secret: string | Buffer, text: string): Buffer {
  return createHmac('sha256', secret).update(text).digest();
}

/** Each segment decoded and encoded once: `+`, space and the like must have arrived in one form only. */
function canonicalPath(rawPath: string): string {
  return rawPath
    .split('/')
    .map((segment) => uriEncode(decode(segment)))
    .join('/');
}

function canonicalQuery(rawQuery: string): string {
  if (rawQuery === '') return '';
  const pairs = rawQuery.split('&').map((pair) => {
    const cut = pair.indexOf('=');
    const name = cut === -1 ? pair : pair.slice(0, cut);
    return [uriEncode(decode(name)), uriEncode(decode(cut === -1 ? '' : pair.slice(cut + 1)))] as const;
  });
  pairs.sort(
    ([firstName, firstValue], [secondName, secondValue]) =>
      compare(firstName, secondName) || compare(firstValue, secondValue),
  );
  return pairs.map(([name, value]) => `${name}=${value}`).join('&');
}

function compare(first: string, second: string): number {
  return first === second ? 0 : first < second ? -1 : 1;
}

/** Percent-decodes; text that is not percent-encoded properly stands for itself and will not match. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}

const UNRESERVED = /[A-Za-z0-9\-._~]/;

function uriEncode(text: string): string {
  let encoded = '';
  for (const byte of Buffer.from(text, 'utf8')) {
    const character = String.fromCharCode(byte);
    encoded +=
      byte < 0x80 && UNRESERVED.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

function parseAmzDate(text: string): number | null {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? [];
  if (second === undefined) return null;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}
