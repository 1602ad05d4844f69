import type { Readable } from 'node:stream';
import { ConnectorError } from '../contract.ts';
import { createRatioGuard, decodeError, decodeStream, encodingOf, tooLarge } from './decode.ts';
import { toNetworkError } from './network-errors.ts';

/** A source slower than this over one stall period is hung, whatever drips out of it. Bytes. */
const MIN_BYTES_PER_STALL = 4096;

export interface StreamLimits {
  readonly host: string;
  /** The answer is a range of bytes: it is handed over as it was sent, for a piece of packed data cannot be unpacked. */
  readonly isRange: boolean;
  /** Longest time the consumer may wait in vain, milliseconds. */
  readonly stallMs: number;
  readonly maxBodyBytes: number;
  /** Called once when the stream is over, whichever way. */
  close(): void;
}

/** The decompressed chunks of an answer, capped in size, ratio and slowness. */
export async function* streamBody(
  body: Readable,
  headers: Readonly<Record<string, string>>,
  limits: StreamLimits,
): AsyncGenerator<Uint8Array> {
  const guard = createRatioGuard(limits.host);
  const decoder = limits.isRange ? null : decodeStream(encodingOf(headers['content-encoding'], limits.host));
  body.on('data', (chunk: Buffer) => guard.received(chunk.byteLength));
  const source: Readable = decoder === null ? body : body.pipe(decoder);
  if (decoder === null) body.pause();
  else body.once('error', (error: Error) => decoder.destroy(error));
  const watch = createStallWatch(source, limits);
  let decodedBytes = 0;
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      watch.stop(chunk.byteLength);
      decodedBytes += chunk.byteLength;
      if (decodedBytes > limits.maxBodyBytes)
        throw tooLarge(limits.host, `is larger than ${Math.round(limits.maxBodyBytes / 1e6)} MB`);
      guard.check(decodedBytes);
      yield chunk;
      watch.start();
    }
  } catch (error) {
    throw isZlibError(error) ? decodeError(error, limits.host) : toNetworkError(error, limits.host);
  } finally {
    watch.stop(0);
    body.destroy();
    decoder?.destroy();
    limits.close();
  }
}

/** Counts only the time in which the consumer waits, so that a slow consumer is never blamed on the source. */
function createStallWatch(source: Readable, limits: StreamLimits): { start(): void; stop(bytes: number): void } {
  let remainingMs = limits.stallMs;
  let bytesInPeriod = 0;
  let startedAt = 0;
  let timer: NodeJS.Timeout | null = null;
  const hang = (): void =>
    void source.destroy(new ConnectorError('timeout', `The answer of ${limits.host} stopped midway.`));
  const watch = {
    start(): void {
      startedAt = performance.now();
      timer = setTimeout(hang, remainingMs);
    },
    stop(bytes: number): void {
      if (timer === null) return;
      clearTimeout(timer);
      timer = null;
      remainingMs = Math.max(1, remainingMs - (performance.now() - startedAt));
      bytesInPeriod += bytes;
      if (bytesInPeriod < MIN_BYTES_PER_STALL) return;
      bytesInPeriod = 0;
      remainingMs = limits.stallMs;
    },
  };
  watch.start();
  return watch;
}

function isZlibError(error: unknown): error is Error {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return (
    typeof code === 'string' &&
    (code.startsWith('Z_') ||
      code.startsWith('ERR__ERROR_') ||
      code === 'ERR_BUFFER_TOO_LARGE' ||
      code.startsWith('ERR_BROTLI'))
  );
}
