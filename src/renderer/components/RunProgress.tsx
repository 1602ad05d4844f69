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

interface RunProgressProps {
  readonly execution: Execution;
  readonly rate: number | null;
  /** One short line, for a narrow column whose rows must keep their height. */
  readonly isShort?: boolean;
}

/** A run as it goes: rows read, rate, and a bar where the total is known. */
export function RunProgress({ execution, rate, isShort = false }: RunProgressProps) {
  const percent = percentOf(execution);
  const read = formatCount(execution.counts.read);
  const total = execution.expected === null ? '' : ` of ${formatCount(execution.expected)}`;
  const whole = `${read}${total} rows${rate === null ? '' : `, ${formatRate(rate)}`}`;
  const short = percent === null ? `${read} rows` : `${percent} %${total}`;
  return (
    <div className={classes.progress}>
      <span className="pb-num" title={isShort ? whole : undefined}>
        {isShort ? short : whole}
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
