import type { ActivityId } from '../../../shared/ids.ts';
import { calls } from '../../bridge.ts';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { SafeText } from '../../components/SafeText.tsx';
import { useAnswer } from '../../components/use-answer.ts';
import { formatCount } from '../../text/format.ts';
import classes from './ExecutionDrawer.module.css';

/** Parts of the source that could not be read, and why. */
export function UnreadParts({ id, revision, count }: { id: ActivityId; revision: number; count: number }) {
  const { value, error } = useAnswer(`${id}/${revision}/${count}`, () => calls.activity.unread({ id }));
  if (error) return <ErrorNote message={error.message} />;
  if (!value || value.parts.length === 0) return null;
  const more = count - value.parts.length;
  return (
    <section className={classes.section} aria-label="Not read">
      <div className={classes.sectionHead}>
        <h3>Not read</h3>
      </div>
      <p className={classes.note}>These parts of the source could not be read. The next run tries them again.</p>
      <table className={classes.records}>
        <thead>
          <tr>
            <th scope="col">Part of the source</th>
            <th scope="col">Reason</th>
          </tr>
        </thead>
        <tbody>
          {value.parts.map(({ part, reason }) => (
            <tr key={part}>
              <td>
                <SafeText text={part} max={1_100} />
              </td>
              <td>
                <SafeText text={reason} max={600} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {more > 0 && <p className={classes.note}>And {formatCount(more)} more.</p>}
    </section>
  );
}
