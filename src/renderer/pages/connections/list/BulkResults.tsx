import { useMemo } from 'react';
import type { BulkResult } from '../../../../shared/ipc/contract/connection-list.ts';
import { SafeText } from '../../../components/SafeText.tsx';
import { type DotKind, StateDot } from '../../../components/StateDot.tsx';
import { formatCount } from '../../../text/format.ts';
import { safeText } from '../../../text/safe-text.ts';
import classes from './BulkDialog.module.css';
import type { BulkWords } from './bulk-words.ts';

/** Longest list drawn; what failed comes first, so nothing that matters is left out. */
const MOST_LINES = 200;
const DOTS: Readonly<Record<BulkResult['status'], DotKind>> = {
  running: 'running',
  failed: 'bad',
  skipped: 'quiet',
  done: 'good',
};
const ORDER: readonly BulkResult['status'][] = ['failed', 'running', 'skipped', 'done'];

interface BulkResultsProps {
  readonly results: ReadonlyMap<string, BulkResult>;
  readonly total: number;
  readonly isRunning: boolean;
  readonly words: BulkWords;
}

/** How far it is, and what became of each connection: those that failed first, with the reason. */
export function BulkResults({ results, total, isRunning, words }: BulkResultsProps) {
  const lines = useMemo(
    () => [...results.values()].sort((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status)),
    [results],
  );
  const count = (status: BulkResult['status']): number => lines.filter((line) => line.status === status).length;
  const ended = lines.length - count('running');
  const skipped = count('skipped');
  const rest = lines.length - MOST_LINES;
  return (
    <div className={classes.results}>
      <progress className={classes.progress} max={total} value={ended} aria-label="Connections done" />
      <p role="status">
        {isRunning ? `${formatCount(ended)} of ${formatCount(total)} done: ` : ''}
        {formatCount(count('done'))} {words.done}, {formatCount(count('failed'))} {words.failed}
        {skipped > 0 ? `, ${formatCount(skipped)} not begun` : ''}
      </p>
      <ul className={classes.lines} aria-label="Results">
        {lines.slice(0, MOST_LINES).map((line) => (
          <li key={line.id} className={classes.line}>
            <StateDot kind={DOTS[line.status]} />
            <span className={classes.what}>
              <SafeText className={classes.name} text={line.name} max={120} />
              <bdi className={classes.message} data-bad={line.status === 'failed' || undefined}>
                {line.status === 'running' ? 'Under way' : safeText(line.message, 500)}
              </bdi>
            </span>
          </li>
        ))}
      </ul>
      {rest > 0 && <p>And {formatCount(rest)} more.</p>}
    </div>
  );
}
