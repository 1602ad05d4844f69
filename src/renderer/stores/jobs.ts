/** The selected tenant's jobs as main sent them. */
import { create } from 'zustand';
import type { AppError } from '../../shared/app-error.ts';
import type { JobRow } from '../../shared/ipc/contract.ts';
import { calls, toAppError } from '../bridge.ts';

interface JobsState {
  readonly status: 'loading' | 'ready' | 'failed';
  readonly error: AppError | null;
  readonly rows: readonly JobRow[];
  /** When the rows were asked for last. */
  readonly asOf: string | null;
}

export const useJobs = create<JobsState>()(() => ({ status: 'loading', error: null, rows: [], asOf: null }));

let generation = 0;
/** Whether anything on the screen has needed the jobs yet. */
let isWanted = false;

export async function loadJobs(): Promise<void> {
  generation += 1;
  const mine = generation;
  const asOf = new Date().toISOString();
  try {
    const { rows } = await calls.jobs.list({});
    if (mine === generation) useJobs.setState({ rows, asOf, status: 'ready', error: null });
  } catch (error) {
    if (mine === generation) useJobs.setState({ status: 'failed', error: toAppError(error) });
  }
}

export function retryJobs(): void {
  useJobs.setState({ status: 'loading', error: null });
  void loadJobs();
}

export function clearJobs(): void {
  generation += 1;
  isWanted = false;
  useJobs.setState({ rows: [], asOf: null, status: 'loading', error: null });
}

/** Jobs are read when a page needs them: a tenant with 10,000 connections has more jobs than a start should carry. */
export function needJobs(): void {
  if (isWanted) return;
  isWanted = true;
  void loadJobs();
}

let isWaiting = false;

/** Several changes in one moment are one question. */
export function reloadJobsSoon(): void {
  if (isWaiting || !isWanted) return;
  isWaiting = true;
  setTimeout(() => {
    isWaiting = false;
    void loadJobs();
  }, 50);
}
