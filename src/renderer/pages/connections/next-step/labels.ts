import { formatCount, formatThings } from '../../../text/format.ts';

/** What the Connections page says and offers after a connection's first authorization. */
export const NEXT_STEP = {
  region: 'Next step',
  connected: ' is connected.',
  run: (jobs: number) => (jobs === 1 ? 'Run its job' : `Run its ${formatCount(jobs)} jobs`),
  noJobs: ' Create a job to read its data.',
  createJob: 'Create Job',
  noneRunnable: ' None of its jobs can run now.',
  viewJobs: 'View jobs',
  running: (done: number, total: number, read: number) =>
    `: ${formatCount(done)} of ${formatThings(total, 'job')} done${read > 0 ? `, ${formatCount(read)} rows read` : ''}`,
  done: (total: number) => `: ${total === 1 ? 'the job has' : `all ${formatCount(total)} jobs have`} run.`,
  unsuccessful: (names: readonly string[]) => `: ${names.join(', ')} did not succeed.`,
  partial: (names: readonly string[]) => `: Partial Success of ${names.join(', ')}.`,
  viewData: 'View data',
  viewActivities: 'View activities',
  dismiss: 'Dismiss',
} as const;

/** What an empty list offers. */
export const FIRST_CONNECTION = {
  connect: (connector: string) => `Connect ${connector}`,
  other: 'Connect another system',
} as const;
