import type { Execution, RunCounts } from '../../../shared/activity/activity.ts';
import { changedRows } from '../../../shared/activity/figures.ts';
import { formatBytes, formatCount } from '../../text/format.ts';
import classes from './ExecutionDrawer.module.css';

/** What the list's "Changed" is made of comes behind it. */
const NAMES: readonly (readonly [keyof RunCounts, string])[] = [
  ['inserted', 'New'],
  ['updated', 'Updated'],
  ['gone', 'Gone'],
  ['unchanged', 'Unchanged'],
  ['rejected', 'Rejected'],
];
const DELIVERY_NAMES: typeof NAMES = [
  ['delivered', 'Delivered'],
  ['refused', 'Refused'],
];
/** Shown where there are any: what keeps a run from being whole. */
const EXCEPTIONS: typeof NAMES = [
  ['stillRejected', 'Still rejected'],
  ['missing', 'Missing, not marked'],
  ['unread', 'Parts not read'],
];
const PAGES: (typeof NAMES)[number] = ['pages', 'Pages'];
/** How main names the destination of a job whose rows stay here. */
const CACHE = 'Local cache';

export function CountsTable({ execution }: { execution: Execution }) {
  const { counts } = execution;
  const isDelivered = execution.destination !== CACHE || counts.delivered + counts.refused > 0;
  return (
    <section className={classes.section} aria-label="Counts">
      <div className={classes.sectionHead}>
        <h3>Rows</h3>
      </div>
      <dl className={classes.counts}>
        <div>
          <dt>Read</dt>
          <dd>{formatCount(counts.read)}</dd>
        </div>
        <div>
          <dt>Changed</dt>
          <dd>{formatCount(changedRows(counts))}</dd>
        </div>
        {[
          ...NAMES,
          ...(isDelivered ? DELIVERY_NAMES : []),
          ...EXCEPTIONS.filter(([key]) => counts[key] > 0),
          PAGES,
        ].map(([key, name]) => (
          <div key={key}>
            <dt>{name}</dt>
            <dd>{formatCount(counts[key])}</dd>
          </div>
        ))}
        <div>
          <dt>Received</dt>
          <dd>{formatBytes(counts.bytes)}</dd>
        </div>
        <div>
          <dt>At the source</dt>
          <dd>{execution.expected === null ? 'not told' : formatCount(execution.expected)}</dd>
        </div>
      </dl>
    </section>
  );
}
