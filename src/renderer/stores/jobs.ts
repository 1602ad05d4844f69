/** The selected tenant's jobs as main sent them. */
import { create } from 'zustand';
import type { AppError } from '../../shared/app-error.ts';
import type { ConnectionId } from '../../shared/ids.ts';
import type { EventPayload, JobRow } from '../../shared/ipc/contract.ts';
import { calls, toAppError } from '../bridge.ts';

interface JobsState {
  readonly status: 'loading' | 'ready' | 'failed';
  readonly error: AppError | null;
  readonly rows: readonly JobRow[];
  /** When the rows were asked for last. */
  readonly asOf: string | null;
}

export const useJobs = create<JobsState>()(() => ({ status: 'loading', error: null, rows: [], asOf: null }));

/** Where more change in one moment, all are read. */
const MOST_CONNECTIONS = 20;

let generation = 0;
/** Whether anything on the screen has needed the jobs yet. */
let isWanted = false;

async function loadJobs(): Promise<void> {
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

/** One connection's jobs as they are now: reading all of a large tenant would hold up main at each start and end of a run. */
export async function loadJobsOf(connectionId: ConnectionId): Promise<void> {
  if (useJobs.getState().status !== 'ready') return loadJobs();
  const mine = generation;
  const asOf = new Date().toISOString();
  try {
    const { rows } = await calls.jobs.list({ connectionId });
    // All of them, asked for meanwhile, are newer.
    if (mine !== generation) return;
    useJobs.setState((state) => ({
      rows: [...state.rows.filter(({ job }) => job.connectionId !== connectionId), ...rows],
      asOf,
    }));
  } catch (error) {
    if (mine === generation) useJobs.setState({ status: 'failed', error: toAppError(error) });
  }
}

export function clearJobs(): void {
  generation += 1;
  isWanted = false;
  changed.clear();
  useJobs.setState({ rows: [], asOf: null, status: 'loading', error: null });
}

/** Jobs are read when a page needs them: a tenant with 10,000 connections has more jobs than a start should carry. */
export function needJobs(): void {
  if (isWanted) return;
  isWanted = true;
  void loadJobs();
}

const changed = new Set<ConnectionId | null>();

/** Several changes in one moment are one question for each connection, or one for all. */
export function reloadJobsSoon({ connectionId }: EventPayload<'jobs.changed'>): void {
  if (!isWanted) return;
  if (changed.size === 0) setTimeout(reloadChanged, 50);
  changed.add(connectionId);
}

function reloadChanged(): void {
  const ids = [...changed];
  changed.clear();
  if (ids.includes(null) || ids.length > MOST_CONNECTIONS) void loadJobs();
  else for (const id of ids) if (id !== null) void loadJobsOf(id);
}
