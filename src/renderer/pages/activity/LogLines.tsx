import type { ActivityId } from '../../../shared/ids.ts';
import { calls } from '../../bridge.ts';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { useAnswer } from '../../components/use-answer.ts';
import { formatExact } from '../../text/format.ts';
import { safeText } from '../../text/safe-text.ts';
import classes from './ExecutionDrawer.module.css';

const LINE_MAX = 2000;

export function LogLines({ id, revision }: { id: ActivityId; revision: number }) {
  const { value: lines, error } = useAnswer(`${id}/${revision}`, async () => (await calls.activity.log({ id })).lines);
  return (
    <section className={classes.section} aria-label="Log">
      <div className={classes.sectionHead}>
        <h3>Log</h3>
      </div>
      {error && <ErrorNote message={error.message} />}
      {lines && lines.length === 0 && <p className={classes.dim}>No lines.</p>}
      {lines && lines.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area must be reachable by keyboard
        <ol className={`${classes.log} pb-mono`} tabIndex={0} aria-label="Log lines">
          {lines.map((line, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines are only ever added at the end
            <li key={index}>
              <time dateTime={line.at} title={formatExact(line.at)}>
                {formatExact(line.at).slice(11)}
              </time>
              <bdi>{safeText(line.text, LINE_MAX)}</bdi>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
