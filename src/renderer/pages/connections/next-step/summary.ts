/** The runs that were started after a connection's first authorization, taken together. */
import type { Execution } from '../../../../shared/activity/activity.ts';
import type { JobId } from '../../../../shared/ids.ts';
import type { JobRow } from '../../../../shared/ipc/contract.ts';
import type { StartedRuns } from '../../../stores/next-step.ts';

export interface RunsSummary {
  readonly total: number;
  readonly done: number;
  /** Names of the jobs whose run failed or was stopped. */
  readonly unsuccessful: readonly string[];
  /** Names of the jobs that ended at Partial Success. */
  readonly partial: readonly string[];
  /** Records read so far by the runs under way. */
  readonly read: number;
  /** The first job whose rows can be looked at. */
  readonly viewable: JobId | null;
}

type ProgressOf = (jobId: JobId) => Execution | undefined;
type RunRow = Pick<JobRow, 'job' | 'lastRun' | 'running'>;

/** Jobs that a person can start now. */
export function runnableOf(rows: readonly JobRow[]): JobRow[] {
  return rows.filter(({ job, cannotRun, running }) => job.isEnabled && cannotRun === null && running === null);
}

/** @param rows the connection's jobs, in the order they are shown in */
export function summarize(rows: readonly RunRow[], started: StartedRuns, progressOf: ProgressOf): RunsSummary {
  const runs = rows.filter(({ job }) => started.has(job.id));
  const endings = runs.map((row) => endingOf(row, started, progressOf));
  const namesOf = (ending: Ending): string[] =>
    runs.filter((_, index) => endings[index] === ending).map(({ job }) => job.name);
  const viewable = runs.find(
    ({ job }, index) =>
      endings[index] === 'successful' || endings[index] === 'partial' || (progressOf(job.id)?.counts.read ?? 0) > 0,
  );
  return {
    total: started.size,
    done: endings.filter((ending) => ending !== null).length,
    unsuccessful: namesOf('unsuccessful'),
    partial: namesOf('partial'),
    read: runs.reduce((sum, { job }) => sum + (progressOf(job.id)?.counts.read ?? 0), 0),
    viewable: viewable?.job.id ?? null,
  };
}

type Ending = 'successful' | 'partial' | 'unsuccessful';

/** How the started run ended; null while it is under way, or not listed yet. */
function endingOf({ job, lastRun, running }: RunRow, started: StartedRuns, progressOf: ProgressOf): Ending | null {
  if (running !== null || progressOf(job.id) !== undefined || lastRun?.activityId !== started.get(job.id)) return null;
  switch (lastRun?.status) {
    case 'success':
      return 'successful';
    case 'partial_success':
      return 'partial';
    case 'failed':
    case 'stopped':
      return 'unsuccessful';
    default:
      return null;
  }
}
