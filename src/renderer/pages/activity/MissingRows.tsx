import { Button } from '@mantine/core';
import type { Execution } from '../../../shared/activity/activity.ts';
import { calls } from '../../bridge.ts';
import { ErrorNote, Note } from '../../components/ErrorNote.tsx';
import { useAnswer } from '../../components/use-answer.ts';
import { openDialog } from '../../stores/dialogs.ts';
import { formatCount } from '../../text/format.ts';

/** Rows that a full run did not find any more, too many to be marked unasked; the button where that can still be decided. */
export function MissingRows({ execution, revision }: { execution: Execution; revision: number }) {
  const { id, jobId, counts } = execution;
  const { value, error } = useAnswer(`${id}/${revision}/missing`, () => calls.activity.missing({ id }));
  if (error) return <ErrorNote message={error.message} />;
  if (!value) return null;
  const { missing } = value;
  if (missing === null) {
    return (
      <Note>
        This run did not find {formatCount(counts.missing)} rows at the source and marked none of them. That is decided
        since, or a later run has looked again.
      </Note>
    );
  }
  const rows = formatCount(missing.rows);
  return (
    <Note
      kind="warning"
      action={
        <Button
          size="xs"
          variant="default"
          onClick={() => openDialog({ kind: 'markMissing', jobId, finding: missing.finding, rows: missing.rows })}
        >
          Mark {rows} {missing.rows === 1 ? 'row' : 'rows'} as deleted…
        </Button>
      }
    >
      {rows} rows are no longer at the source. That is more than half of this job’s rows, so they were not marked as
      deleted. Check first whether the source is complete: the next full run looks again.
    </Note>
  );
}
