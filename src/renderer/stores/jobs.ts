/** The selected tenant's jobs as main sent them. */
import { create } from 'zustand';
import type { AppError } from '../../shared/app-error.ts';
import type { JobRow } from '../../shared/ipc/contract.ts';
import { calls, toAppError } from '../bridge.ts';

interface JobsState {
  readonly status: 'loading' | 'ready' | 'failed';
  readonly error: AppError | null;
  readonly rows: readonly JobRow[];
}

export const useJobs = create<JobsState>()(() => ({ status: 'loading', error: null, rows: [] }));

let generation = 0;

export async function loadJobs(): Promise<void> {
  generation += 1;
  const mine = generation;
  try {
    const { rows } = await calls.jobs.list({});
    if (mine === generation) useJobs.setState({ rows, status: 'ready', error: null });
  } catch (error) {
    if (mine === generation) useJobs.setState({ status: 'failed', error: toAppError(error) });
  }
}

export function clearJobs(): void {
  generation += 1;
  useJobs.setState({ rows: [], status: 'loading', error: null });
}

let isWaiting = false;

/** Several changes in one moment are one question. */
export function reloadJobsSoon(): void {
  if (isWaiting) return;
  isWaiting = true;
  setTimeout(() => {
    isWaiting = false;
    void loadJobs();
  }, 50);
}
