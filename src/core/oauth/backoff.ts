import type { GrantEdition } from './grants.ts';

/** Pauses between token requests of one connection while the server fails, however many callers ask meanwhile. */
const FIRST_MS = 2000;
const CAP_MS = 120_000;
const MAX_RETRY_AFTER_MS = 3_600_000;
const JITTER = 0.5;

interface Pause {
  readonly failures: number;
  readonly untilMonotonicMs: number;
  readonly edition: GrantEdition;
}

export class RefreshBackoff {
  readonly #pauses = new Map<string, Pause>();
  readonly #random: () => number;

  /** @param random 0 to 1 */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** How long no request may be sent, milliseconds. What failed with another grant holds nothing up. */
  remainingMs(id: string, edition: GrantEdition, monotonicMs: number): number {
    return Math.max(0, (this.#pauseOf(id, edition)?.untilMonotonicMs ?? 0) - monotonicMs);
  }

  /** Each failure doubles the pause; never earlier than the server asks, never later than an hour. @returns the pause */
  failed(id: string, edition: GrantEdition, monotonicMs: number, retryAfterMs: number | undefined): number {
    const failures = (this.#pauseOf(id, edition)?.failures ?? 0) + 1;
    const grown = Math.min(CAP_MS, FIRST_MS * 2 ** Math.min(failures - 1, 20)) * (1 + JITTER * this.#random());
    const pauseMs = Math.max(grown, Math.min(retryAfterMs ?? 0, MAX_RETRY_AFTER_MS));
    this.#pauses.set(id, { failures, untilMonotonicMs: monotonicMs + pauseMs, edition });
    return pauseMs;
  }

  succeeded(id: string): void {
    this.#pauses.delete(id);
  }

  #pauseOf(id: string, edition: GrantEdition): Pause | undefined {
    const pause = this.#pauses.get(id);
    return pause?.edition === edition ? pause : undefined;
  }
}
