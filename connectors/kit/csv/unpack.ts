import { Buffer } from 'node:buffer';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ConnectorError } from '../contract.ts';
import { CsvFileError } from './csv-file-error.ts';
import type { CsvOptions } from './options.ts';
import { archiveName, isGzip } from './sniff.ts';

/** Text that repeats itself packs 100 to 1; nothing but a bomb packs much tighter over this much output. */
const MAX_RATIO = 250;
const RATIO_FREE_BYTES = 16_000_000;

/** What is known of the bytes as they came in, before decompression. */
export interface ByteCounter {
  received: number;
  isPacked: boolean;
}

/** The file's own bytes: gzip is undone, other containers are refused. @throws CsvFileError compression */
export async function* unpack(
  bytes: AsyncIterable<Uint8Array>,
  options: CsvOptions,
  counter: ByteCounter,
): AsyncGenerator<Buffer> {
  const source = counted(bytes, counter);
  const iterator = source[Symbol.asyncIterator]();
  let first = Buffer.alloc(0);
  try {
    while (first.length < 4) {
      const step = await iterator.next();
      if (step.done === true) break;
      first = Buffer.concat([first, step.value]);
    }
    const whole = chained(first, iterator);
    if (options.resume !== undefined) yield* whole;
    else if (isPacked(first, options)) {
      counter.isPacked = true;
      yield* gunzipped(whole, options.file, counter);
    } else yield* whole;
  } finally {
    await iterator.return?.(undefined);
  }
}

function isPacked(first: Buffer, options: CsvOptions): boolean {
  const compression = options.compression ?? 'auto';
  const archive = archiveName(first);
  if (archive !== null)
    throw new CsvFileError(
      'damaged',
      `${options.file} is ${archive}, not a text file. Upload it as CSV, plain or gzip-compressed.`,
    );
  if (compression === 'gzip' && !isGzip(first) && first.length > 0) {
    throw new CsvFileError(
      'compression',
      `${options.file} is not gzip-compressed, but the compression is set to gzip. Choose "None" or "Automatic".`,
    );
  }
  if (compression === 'none' && isGzip(first)) {
    throw new CsvFileError(
      'compression',
      `${options.file} is gzip-compressed, but the compression is set to none. Choose "gzip" or "Automatic".`,
    );
  }
  return isGzip(first);
}

async function* counted(bytes: AsyncIterable<Uint8Array>, counter: ByteCounter): AsyncGenerator<Buffer> {
  for await (const chunk of bytes) {
    counter.received += chunk.length;
    yield Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
}

async function* chained(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (first.length > 0) yield first;
  for (;;) {
    const step = await rest.next();
    if (step.done === true) return;
    yield step.value;
  }
}

async function* gunzipped(packed: AsyncIterable<Buffer>, file: string, counter: ByteCounter): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: 65_536 });
  // The error comes out of the iteration below; the callback only keeps it from being thrown twice.
  pipeline(Readable.from(packed, { objectMode: true, highWaterMark: 2 }), gunzip, () => undefined);
  let produced = 0;
  try {
    for await (const chunk of gunzip) {
      produced += (chunk as Buffer).length;
      if (produced > RATIO_FREE_BYTES && produced > counter.received * MAX_RATIO) {
        throw new CsvFileError(
          'damaged',
          `${file} unpacks to more than ${MAX_RATIO} times its size and was refused. Upload it uncompressed if it is a real table.`,
        );
      }
      yield chunk as Buffer;
    }
  } catch (error) {
    if (error instanceof ConnectorError || !isZlibError(error)) throw error;
    const what =
      error.code === 'Z_BUF_ERROR' ? 'ends in the middle of its compressed data' : 'has damaged compressed data';
    throw new CsvFileError('damaged', `${file} ${what}. Upload it again.`, { cause: error });
  }
}

function isZlibError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('Z_');
}
