/** What a run knows of itself in memory; the ledger has it on disk as of the last committed page. */
import { NO_COUNTS, type RunCounts } from '../shared/activity/activity.ts';
import type { Pass, Run } from '../store/cache/ledger.ts';

export type Counts = { -readonly [K in keyof RunCounts]: RunCounts[K] };

/** Changes of a page, added to the run's counts once its transaction is committed. */
export function noCounts(): Counts {
  return { ...NO_COUNTS };
}

export function addCounts(into: Counts, more: Counts): void {
  for (const name of Object.keys(more) as (keyof Counts)[]) into[name] += more[name];
}

export class RunState {
  counts: Counts;
  expected: number | null;
  pass: Pass;
  readonly #elapsedBefore: number;
  readonly #startedAt = performance.now();

  constructor(pass: Pass, run: Run | null) {
    this.pass = pass;
    this.counts = { ...(run?.counts ?? NO_COUNTS) };
    this.expected = run?.expected ?? null;
    this.#elapsedBefore = run?.elapsedMs ?? 0;
  }

  /** Milliseconds the run has worked, over all resumptions. */
  get elapsedMs(): number {
    return Math.round(this.#elapsedBefore + performance.now() - this.#startedAt);
  }
}
