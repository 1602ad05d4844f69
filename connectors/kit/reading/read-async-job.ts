import { type ConnectorContext, ConnectorError, type JsonValue, type Page } from '../contract.ts';
import { pick } from '../http/pages/parts.ts';
import { sleep } from '../http/rate-limit.ts';

/** What the system says of a job. */
export type JobState =
  | { readonly kind: 'running' }
  /** `result` leads to the rows: an address, a number of parts. Plain JSON: it is kept in the checkpoint. */
  | { readonly kind: 'done'; readonly result: JsonValue }
  /** Thrown as it is. */
  | { readonly kind: 'failed'; readonly error: ConnectorError };

/** An export or query that the system works on by itself: created, asked about, then fetched in parts. */
export interface AsyncJob {
  /** Creates it. @returns what names it at the system, plain JSON without a secret */
  create(): Promise<JsonValue>;
  poll(job: JsonValue): Promise<JobState>;
  /**
   * Reads the rows from a checkpoint of its own on.
   * @throws ConnectorError not_found when the system has forgotten the result: a new job is then created, once
   */
  results(result: JsonValue, checkpoint: JsonValue): AsyncIterable<Page>;
  /** Ends it at the system when it runs past its limit. Absent = the vendor has no such call. */
  cancel?(job: JsonValue): Promise<void>;
  /** First pause between two polls, milliseconds; doubles up to `longestPauseMs`. Default 1 000 and 30 000. */
  readonly pauseMs?: number | undefined;
  readonly longestPauseMs?: number | undefined;
  /** How long a job may run, milliseconds; default 4 hours. */
  readonly limitMs?: number | undefined;
  readonly checkpoint: JsonValue;
}

interface Place {
  readonly job: JsonValue;
  readonly since: number;
  readonly result?: JsonValue | undefined;
  readonly part: JsonValue;
}

const HOUR_MS = 3_600_000;

/**
 * Reads the rows of a job. The job's name is in the checkpoint of the first, empty page, so that a run which was interrupted finds the
 * job again and does not pay for a second one.
 * @throws ConnectorError timeout when the job runs longer than its limit
 */
export async function* readAsyncJob(
  context: Pick<ConnectorContext, 'signal' | 'now' | 'log'>,
  job: AsyncJob,
): AsyncGenerator<Page> {
  const isResumed = job.checkpoint !== null;
  let place = isResumed ? placeOf(job.checkpoint) : await begin(context, job);
  if (!isResumed) yield emptyPage(place);
  for (let isLastTry = !isResumed; ; isLastTry = true) {
    try {
      if (place.result === undefined) {
        place = { ...place, result: await finished(context, job, place) };
        yield emptyPage(place);
      }
      for await (const page of job.results(place.result ?? null, place.part)) {
        place = { ...place, part: page.checkpoint };
        yield { ...page, checkpoint: place as unknown as JsonValue };
      }
      return;
    } catch (error) {
      if (isLastTry || !(error instanceof ConnectorError) || error.failureClass !== 'not_found') throw error;
      context.log('The system no longer has the job of the interrupted run. A new one was created.');
      place = await begin(context, job);
      yield emptyPage(place);
    }
  }
}

async function begin(context: Pick<ConnectorContext, 'now'>, job: AsyncJob): Promise<Place> {
  return { job: await job.create(), since: context.now(), part: null };
}

function emptyPage(place: Place): Page {
  return { records: [], bytes: 0, checkpoint: place as unknown as JsonValue };
}

async function finished(
  { signal, now }: Pick<ConnectorContext, 'signal' | 'now'>,
  job: AsyncJob,
  place: Place,
): Promise<JsonValue> {
  const { pauseMs = 1_000, longestPauseMs = 30_000, limitMs = 4 * HOUR_MS } = job;
  for (let pause = pauseMs; ; pause = Math.min(pause * 2, longestPauseMs)) {
    const state = await job.poll(place.job);
    if (state.kind === 'done') return state.result;
    if (state.kind === 'failed') throw state.error;
    if (now() - place.since > limitMs) {
      await job.cancel?.(place.job);
      throw new ConnectorError(
        'timeout',
        `The system did not finish the export within ${Math.round(limitMs / HOUR_MS)} hours.`,
      );
    }
    await sleep(pause, signal);
  }
}

function placeOf(checkpoint: JsonValue): Place {
  if (pick(checkpoint, 'job') === undefined || typeof pick(checkpoint, 'since') !== 'number')
    throw new ConnectorError('internal', 'The stored checkpoint names no job. Start the job again from the beginning.');
  return checkpoint as unknown as Place;
}
