/** Undoes a content encoding with caps on size and ratio, so that a small answer cannot fill the memory. */

import type { Transform } from 'node:stream';
import zlib from 'node:zlib';
import { ConnectorError } from '../contract.ts';

/** What this client asks for. */
export const ACCEPT_ENCODING = 'gzip, deflate, br';
/** Largest accepted growth for answers above {@link RATIO_FREE_BYTES}; honest JSON and CSV stay well below. */
export const MAX_RATIO = 250;
const RATIO_FREE_BYTES = 4_000_000;

type Encoding = 'identity' | 'gzip' | 'deflate' | 'br';

/**
 * What stands in the header of stored files and says nothing about compression: character sets and other words that people
 * enter when they upload, and S3's own mark of how a file was uploaded.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
const NO_ENCODINGS = /^(?:|identity|none|null|binary|[78]bit|aws-chunked|utf-?(?:8|16)|us-ascii|ascii|iso-8859-\d+)$/;

/** @throws ConnectorError invalid_response for an encoding nobody asked for */
export function encodingOf(header: string | undefined, host: string): Encoding {
  if (header === undefined || header === '') return 'identity';
  const names = header.split(',').map((part) => part.trim().toLowerCase());
  const [name, ...more] = names.filter((part) => !NO_ENCODINGS.test(part));
  if (name === undefined) return 'identity';
  if (more.length === 0 && (name === 'gzip' || name === 'x-gzip')) return 'gzip';
  if (more.length === 0 && (name === 'deflate' || name === 'br')) return name;
  throw new ConnectorError('invalid_response', `${host} used a content encoding that was not asked for.`);
}

/** Inflates a whole body. @throws ConnectorError invalid_response when it is broken or grows beyond the caps */
export function decodeBody(
  body: Uint8Array,
  encoding: Encoding,
  maxBodyBytes: number,
  host: string,
): Promise<Uint8Array> {
  if (encoding === 'identity' || body.byteLength === 0) return Promise.resolve(body);
  const maxOutputLength = Math.min(maxBodyBytes, Math.max(RATIO_FREE_BYTES, body.byteLength * MAX_RATIO));
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, decoded: Buffer): void => {
      if (error === null) resolve(owned(decoded));
      else reject(decodeError(error, host));
    };
    if (encoding === 'gzip') zlib.gunzip(body, { maxOutputLength }, done);
    else if (encoding === 'br') zlib.brotliDecompress(body, { maxOutputLength }, done);
    else if (isZlibWrapped(body)) zlib.inflate(body, { maxOutputLength }, done);
    else zlib.inflateRaw(body, { maxOutputLength }, done);
  });
}

/** A decompressing transform for streams, or null for identity. The ratio is watched by {@link createRatioGuard}. */
export function decodeStream(encoding: Encoding): Transform | null {
  if (encoding === 'gzip') return zlib.createGunzip();
  if (encoding === 'br') return zlib.createBrotliDecompress();
  return encoding === 'deflate' ? zlib.createInflate() : null;
}

/** @throws ConnectorError invalid_response from `check` when the output outgrows the input */
export function createRatioGuard(host: string): { received(bytes: number): void; check(decodedBytes: number): void } {
  let wireBytes = 0;
  return {
    received(bytes) {
      wireBytes += bytes;
    },
    check(decodedBytes) {
      if (decodedBytes > Math.max(RATIO_FREE_BYTES, wireBytes * MAX_RATIO))
        throw tooLarge(host, 'grows far too much when decompressed');
    },
  };
}

export function tooLarge(host: string, how: string): ConnectorError {
  return new ConnectorError('invalid_response', `The answer of ${host} ${how}.`);
}

export function decodeError(error: Error, host: string): ConnectorError {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ERR_BUFFER_TOO_LARGE') return tooLarge(host, 'grows far too much when decompressed');
  return new ConnectorError('invalid_response', `${host} sent a compressed answer that is broken.`);
}

/** Some servers send raw deflate data under "deflate"; the zlib header's checksum tells (RFC 1950, section 2.2). */
function isZlibWrapped(body: Uint8Array): boolean {
  const [first = 0, second = 0] = body;
  return (first & 0x0f) === 8 && ((first << 8) | second) % 31 === 0;
}

/** A view over a pooled buffer cannot be transferred to another thread. */
function owned(buffer: Buffer): Uint8Array {
  return buffer.byteLength === buffer.buffer.byteLength
    ? new Uint8Array(buffer.buffer as ArrayBuffer)
    : new Uint8Array(buffer);
}
