import type { ExecutionStatus } from './activity.ts';

export const EXECUTION_STATUS_NAMES: Readonly<Record<ExecutionStatus, string>> = {
  running: 'Running',
  waiting: 'Waiting',
  success: 'Success',
  partial_success: 'Partial Success',
  failed: 'Failed',
  stopped: 'Stopped',
  interrupted: 'Interrupted',
};
