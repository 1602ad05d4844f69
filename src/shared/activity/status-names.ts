import type { Execution, ExecutionStatus } from './activity.ts';

export const EXECUTION_STATUS_NAMES: Readonly<Record<ExecutionStatus, string>> = {
  running: 'Running',
  waiting: 'Waiting',
  success: 'Success',
  partial_success: 'Partial Success',
  failed: 'Failed',
  stopped: 'Stopped',
  interrupted: 'Interrupted',
};

/** How a run was started, as the activity says it. */
export const TRIGGER_NAMES: Readonly<Record<Execution['trigger'], string>> = {
  manual: 'Run now',
  schedule: 'Schedule',
  resumed: 'Resumed after an interruption',
};

/** What finds the runs that were started so. */
export const TRIGGER_WORDS: Readonly<Record<Execution['trigger'], readonly string[]>> = {
  manual: [TRIGGER_NAMES.manual, 'manual', 'manually'],
  schedule: [TRIGGER_NAMES.schedule, 'scheduled'],
  resumed: [TRIGGER_NAMES.resumed, 'resumed', 'resumed after'],
};
