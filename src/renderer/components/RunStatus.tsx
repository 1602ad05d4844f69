import type { ExecutionStatus } from '../../shared/activity/activity.ts';
import { EXECUTION_STATUS_NAMES } from '../../shared/activity/status-names.ts';
import classes from './RunStatus.module.css';
import { type DotKind, StateDot } from './StateDot.tsx';

const DOTS: Readonly<Record<ExecutionStatus, DotKind>> = {
  running: 'running',
  waiting: 'warn',
  success: 'good',
  partial_success: 'warn',
  failed: 'bad',
  stopped: 'quiet',
  interrupted: 'quiet',
};

export function RunStatus({ status }: { status: ExecutionStatus }) {
  return (
    <span className={classes.status} data-status={status}>
      <StateDot kind={DOTS[status]} />
      {EXECUTION_STATUS_NAMES[status]}
    </span>
  );
}
