import { isBrokenOff } from '../../../src/shared/failure/rules.ts';
import { type ConnectorContext, ConnectorError } from '../contract.ts';
import { sleep } from '../http/rate-limit.ts';
import type { S3File } from './listed-file.ts';
import type { S3Body, S3Store } from './s3-store.ts';

/** Breaks in a row without one byte between them. */
const MAX_BREAKS = 4;
const FIRST_PAUSE_MS = 250;

export interface SteadyBody {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** False for a file stored with a content encoding: its bytes are decoded, and no range of them can be asked for. */
  readonly hasRanges: boolean;
}

/**
 * The bytes of a file from `from` on, over broken connections: each break is followed by a request for the rest, with the
 * ETag as a condition. Without ranges a break is an error.
 * @throws ConnectorError status 412 when the file was replaced meanwhile, 404 when it is gone
 */
export async function openSteady(
  context: ConnectorContext,
  store: S3Store,
  file: S3File,
  from: number,
): Promise<SteadyBody> {
  const first = await store.open(file, from);
  const hasRanges = first.contentEncoding === undefined;
  return { bytes: hasRanges ? steady(context, store, file, from, first) : first.bytes, hasRanges };
}

async function* steady(
  context: ConnectorContext,
  store: S3Store,
  file: S3File,
  from: number,
  first: S3Body,
): AsyncGenerator<Uint8Array> {
  let at = from;
  let body = first;
  for (let breaks = 0; ; ) {
    try {
      for await (const chunk of body.bytes) {
        at += chunk.length;
        breaks = 0;
        yield chunk;
      }
      if (at >= file.size) return;
      throw new ConnectorError('network', `${file.key} ended after ${at} of ${file.size} bytes.`);
    } catch (error) {
      breaks += 1;
      if (!isBreak(error) || breaks > MAX_BREAKS) throw error;
    }
    context.log(`${file.key}: the connection broke at byte ${at}; asking for the rest.`);
    await sleep(FIRST_PAUSE_MS * 2 ** (breaks - 1), context.signal);
    body = await store.open(file, at);
  }
}

function isBreak(error: unknown): boolean {
  return error instanceof ConnectorError && isBrokenOff(error.failureClass);
}
