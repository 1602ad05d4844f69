/**
 * The rate limits of one connection, shared by all its runs: sliding windows per bucket, concurrency, waits the system asked
 * for, and a circuit that opens after many failures in a row.
 */

import { ConnectorError } from '../contract.ts';
import type { RateLimit, RateWindow } from '../manifest.ts';
import { MAX_WAIT_MS } from './retry.ts';
import { cancelledError } from './transport.ts';

/** Failed attempts in a row (network, timeout, 5xx) that open the circuit, and for how long, milliseconds. */
export const CIRCUIT_FAILURES = 10;
export const CIRCUIT_OPEN_MS = 30_000;

export interface RateLimiter {
  /**
   * Waits for a slot in the bucket. Resolves within a microtask when one is free. The caller gives it back with
   * {@link Slot.release} when the answer is there.
   * @throws ConnectorError cancelled; server_error while the circuit is open; where the wait is longer than a call may hang,
   *   rate_limited with the wait, or quota_exceeded when it is longer than an hour
   */
  acquire(bucket: string, signal: AbortSignal): Promise<Slot>;
  /** No request of the bucket starts before this moment (monotonic milliseconds from now). */
  pause(bucket: string, waitMs: number): void;
  /** Milliseconds until the bucket's asked-for pause ends; 0 = none. */
  pausedForMs(bucket: string): number;
  /** Tells the circuit how an attempt ended. */
  report(outcome: 'answered' | 'failed'): void;
}

export interface Slot {
  release(): void;
}

interface Bucket {
  readonly windows: readonly Window[];
  pausedUntil: number;
}

interface Window {
  readonly requests: number;
  readonly windowMs: number;
  /** Starts of the last `requests` requests, a ring. */
  readonly starts: Float64Array;
  next: number;
}

/** @param clock monotonic milliseconds */
export function createRateLimiter(limit: RateLimit, clock: () => number = () => performance.now()): RateLimiter {
  const buckets = new Map<string, Bucket>();
  for (const [name, { also = [], ...first }] of Object.entries(limit.buckets))
    buckets.set(name, { windows: [first, ...also].map(createWindow), pausedUntil: Number.NEGATIVE_INFINITY });
  const gate = createGate(limit.maxConcurrent);
  let failures = 0;
  let openUntil = 0;

  const bucketOf = (name: string): Bucket => {
    const bucket = buckets.get(name) ?? buckets.get('default');
    if (bucket === undefined) throw new Error(`No rate-limit bucket "${name}".`);
    return bucket;
  };

  return {
    async acquire(name, signal) {
      const bucket = bucketOf(name);
      const release = await gate.enter(signal);
      try {
        for (;;) {
          if (signal.aborted) throw cancelledError();
          const now = clock();
          if (failures >= CIRCUIT_FAILURES && now < openUntil) throw circuitError(openUntil - now);
          const waitMs = waitOf(bucket, now);
          if (waitMs <= 0) {
            // A half-open circuit lets one attempt through and closes again behind it.
            if (failures >= CIRCUIT_FAILURES) openUntil = now + CIRCUIT_OPEN_MS;
            take(bucket, now);
            return { release };
          }
          if (waitMs > MAX_WAIT_MS) throw usedUp(waitMs);
          await sleep(waitMs, signal);
        }
      } catch (error) {
        release();
        throw error;
      }
    },
    pause(name, waitMs) {
      const bucket = bucketOf(name);
      bucket.pausedUntil = Math.max(bucket.pausedUntil, clock() + waitMs);
    },
    pausedForMs: (name) => Math.max(0, bucketOf(name).pausedUntil - clock()),
    report(outcome) {
      failures = outcome === 'answered' ? 0 : failures + 1;
      if (failures >= CIRCUIT_FAILURES) openUntil = clock() + CIRCUIT_OPEN_MS;
    },
  };
}

function createWindow({ requests, perMs }: RateWindow): Window {
  // A little longer than the vendor's window: its clock starts when the request arrives, ours when it leaves.
  const windowMs = perMs + Math.min(perMs * 0.01, 100);
  return { requests, windowMs, starts: new Float64Array(requests).fill(Number.NEGATIVE_INFINITY), next: 0 };
}

function waitOf({ windows, pausedUntil }: Bucket, now: number): number {
  let until = pausedUntil;
  for (const { starts, next, windowMs } of windows)
    until = Math.max(until, (starts[next] ?? Number.NEGATIVE_INFINITY) + windowMs);
  return until - now;
}

function take({ windows }: Bucket, now: number): void {
  for (const window of windows) {
    window.starts[window.next] = now;
    window.next = (window.next + 1) % window.requests;
  }
}

/** A run waits for the end of a shorter window; a used-up day ends it. */
const LONGEST_RATE_WAIT_MS = 3_600_000;

function usedUp(waitMs: number): ConnectorError {
  const minutes = Math.ceil(waitMs / 60_000);
  return new ConnectorError(
    waitMs > LONGEST_RATE_WAIT_MS ? 'quota_exceeded' : 'rate_limited',
    `The system’s quota is used up. It resets in ${minutes} minutes.`,
    { retryAfterMs: Math.ceil(waitMs) },
  );
}

function circuitError(waitMs: number): ConnectorError {
  return new ConnectorError(
    'server_error',
    `The system failed ${CIRCUIT_FAILURES} times in a row; requests rest for ${Math.ceil(waitMs / 1000)} seconds.`,
    { retryAfterMs: waitMs },
  );
}

/** First come, first served. */
function createGate(size: number): { enter(signal: AbortSignal): Promise<() => void> } {
  let free = size;
  const waiting: (() => void)[] = [];
  const leave = (): void => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };
  const pass = (): (() => void) => {
    let isIn = true;
    return () => {
      if (isIn) leave();
      isIn = false;
    };
  };
  return {
    enter(signal) {
      if (signal.aborted) return Promise.reject(cancelledError());
      if (free > 0) {
        free -= 1;
        return Promise.resolve(pass());
      }
      return new Promise((resolve, reject) => {
        const admit = (): void => {
          signal.removeEventListener('abort', abandon);
          resolve(pass());
        };
        const abandon = (): void => {
          const place = waiting.indexOf(admit);
          if (place >= 0) waiting.splice(place, 1);
          reject(cancelledError());
        };
        waiting.push(admit);
        signal.addEventListener('abort', abandon, { once: true });
      });
    },
  };
}

/** @throws ConnectorError cancelled when the signal aborts first */
export function sleep(waitMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(cancelledError());
      return;
    }
    const abandon = (): void => {
      clearTimeout(timer);
      reject(cancelledError());
    };
    // Timers may fire up to a millisecond early; a wait that was asked for must never be cut short. Long waits in parts,
    // because a timer holds at most 2^31 ms.
    const timer = setTimeout(
      () => {
        signal.removeEventListener('abort', abandon);
        resolve();
      },
      Math.min(Math.ceil(waitMs) + 1, 2 ** 31 - 1),
    );
    signal.addEventListener('abort', abandon, { once: true });
  });
}
