/** Figures of a run that more than one place shows: each is worked out here alone, so that all of them show the same. */
import type { Execution, RunCounts } from './activity.ts';

/** Rows of the job that are not as they were before the run: new, updated, or no longer at the source. */
export function changedRows({ inserted, updated, gone }: RunCounts): number {
  return inserted + updated + gone;
}

/**
 * What is called the duration of a run, milliseconds: from its start to its end as both are shown, waits, interruptions and a closed
 * app among them; of a run under way, until now. Never less than the run has worked, should the clock be set back meanwhile.
 */
export function durationMs(run: Pick<Execution, 'startedAt' | 'endedAt' | 'durationMs'>, nowMs: number): number {
  const endMs = run.endedAt === null ? nowMs : Date.parse(run.endedAt);
  return run.endedAt === null
    ? Math.max(endMs - Date.parse(run.startedAt), run.durationMs)
    : Math.max(0, endMs - Date.parse(run.startedAt));
}

/** A difference that people would see, milliseconds. */
const VISIBLE_MS = 1_000;

/** The time a run was at work, milliseconds, where that is not its duration: it was interrupted. Null where it is. */
export function activeMs(run: Pick<Execution, 'startedAt' | 'endedAt' | 'durationMs'>, nowMs: number): number | null {
  return durationMs(run, nowMs) - run.durationMs >= VISIBLE_MS ? run.durationMs : null;
}

/**
 * The end of a run that is written down: what the clock says, but never before the start and the time that the run has worked by a
 * clock that nobody can set.
 */
export function endOf(run: Pick<Execution, 'startedAt' | 'durationMs'>, clock: string): string {
  return new Date(Math.max(Date.parse(clock), Date.parse(run.startedAt) + run.durationMs)).toISOString();
}
