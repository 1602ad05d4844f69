/** Runs under way, as their progress arrives, and a number that rises when paged lists of activities are out of date. */
import { create } from 'zustand';
import type { Execution } from '../../shared/activity/activity.ts';

export interface Progress {
  readonly execution: Execution;
  /** Records a second over the last few events; null until two have come. */
  readonly rate: number | null;
}

interface Sample {
  readonly atMs: number;
  readonly read: number;
}

interface ActivityState {
  /** By job id. */
  readonly progress: ReadonlyMap<string, Progress>;
  /** Rises with every finished, started or removed activity. */
  readonly revision: number;
}

export const useActivity = create<ActivityState>()(() => ({ progress: new Map(), revision: 0 }));

const RATE_WINDOW_MS = 5000;
const samples = new Map<string, Sample[]>();

/** Records a second between the oldest and the newest sample of the last five seconds. */
export function rateOf(list: readonly Sample[]): number | null {
  const first = list[0];
  const last = list[list.length - 1];
  if (!first || !last || last.atMs - first.atMs < 200) return null;
  return Math.max(0, ((last.read - first.read) * 1000) / (last.atMs - first.atMs));
}

const isUnderWay = (execution: Execution): boolean => execution.status === 'running' || execution.status === 'waiting';

export function onProgress(execution: Execution): void {
  const nowMs = performance.now();
  const recent = [...(samples.get(execution.id) ?? []), { atMs: nowMs, read: execution.counts.read }].filter(
    (sample) => nowMs - sample.atMs <= RATE_WINDOW_MS,
  );
  if (isUnderWay(execution)) samples.set(execution.id, recent);
  else samples.delete(execution.id);
  useActivity.setState(({ progress, revision }) => {
    const next = new Map(progress);
    if (isUnderWay(execution)) next.set(execution.jobId, { execution, rate: rateOf(recent) });
    else next.delete(execution.jobId);
    return { progress: next, revision: isUnderWay(execution) ? revision : revision + 1 };
  });
}

export function onActivityChanged(): void {
  useActivity.setState(({ revision }) => ({ revision: revision + 1 }));
}

export function clearActivity(): void {
  samples.clear();
  useActivity.setState(({ revision }) => ({ progress: new Map(), revision: revision + 1 }));
}
