import '../theme/more-styles.ts';
import { Progress } from '@mantine/core';
import type { Execution } from '../../shared/activity/activity.ts';
import { formatCount, formatRate } from '../text/format.ts';
import { safeText } from '../text/safe-text.ts';
import classes from './RunProgress.module.css';

/** Share of the source's records read so far, 0 to 100; null where the source does not say how many there are. */
export function percentOf(execution: Execution): number | null {
  if (execution.expected === null || execution.expected <= 0) return null;
  return Math.min(100, Math.floor((execution.counts.read / execution.expected) * 100));
}

/** A run as it goes: rows read, rate, and a bar where the total is known. */
export function RunProgress({ execution, rate }: { execution: Execution; rate: number | null }) {
  const percent = percentOf(execution);
  const total = execution.expected === null ? '' : ` of ${formatCount(execution.expected)}`;
  return (
    <div className={classes.progress}>
      <span className="pb-num">
        {formatCount(execution.counts.read)}
        {total} rows{rate === null ? '' : `, ${formatRate(rate)}`}
      </span>
      {execution.waitingFor && <span>Waiting: {safeText(execution.waitingFor)}</span>}
      {percent !== null && (
        <Progress.Root size={5} className={classes.bar ?? ''}>
          <Progress.Section value={percent} aria-label={`Progress of ${safeText(execution.jobName, 120)}`} />
        </Progress.Root>
      )}
    </div>
  );
}
