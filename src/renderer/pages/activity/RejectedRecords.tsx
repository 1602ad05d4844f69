import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ActivityId } from '../../../shared/ids.ts';
import { calls } from '../../bridge.ts';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { ExportButton } from '../../components/ExportButton.tsx';
import { SafeText } from '../../components/SafeText.tsx';
import { useAnswer } from '../../components/use-answer.ts';
import { formatCount } from '../../text/format.ts';
import classes from './ExecutionDrawer.module.css';

const PAGE = 50;
const BY = { source: 'Source', mapping: 'Mapping', destination: 'Destination' } as const;

/** Rows that were refused, and by whom; nothing where there are none. */
export function RejectedRecords({ id, revision }: { id: ActivityId; revision: number }) {
  const [offset, setOffset] = useState(0);
  const { value, error } = useAnswer(`${id}/${revision}/${offset}`, () =>
    calls.activity.rejected({ id, offset, limit: PAGE }),
  );
  if (error) return <ErrorNote message={error.message} />;
  if (!value || value.total === 0) return null;
  const last = Math.min(offset + PAGE, value.total);
  return (
    <section className={classes.section} aria-label="Rejected records">
      <div className={classes.sectionHead}>
        <h3>Rejected records</h3>
        <ExportButton label="Export rejected as CSV" onExport={() => calls.activity.exportRejected({ id })} />
      </div>
      <table className={classes.records}>
        <thead>
          <tr>
            <th scope="col">Record</th>
            <th scope="col">Reason</th>
            <th scope="col">Refused by</th>
          </tr>
        </thead>
        <tbody>
          {value.records.map((record, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: one record can be rejected twice
            <tr key={offset + index}>
              <td>
                <SafeText text={record.key} />
              </td>
              <td>
                <SafeText text={record.reason} max={600} />
              </td>
              <td>{BY[record.by]}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {value.total > PAGE && (
        <div className={classes.pager}>
          <span className="pb-num">
            {formatCount(offset + 1)} to {formatCount(last)} of {formatCount(value.total)}
          </span>
          <Button
            size="compact-xs"
            variant="default"
            disabled={offset === 0}
            onClick={() => setOffset(Math.max(0, offset - PAGE))}
          >
            Previous
          </Button>
          <Button
            size="compact-xs"
            variant="default"
            disabled={last >= value.total}
            onClick={() => setOffset(offset + PAGE)}
          >
            Next
          </Button>
        </div>
      )}
    </section>
  );
}
