import { calls } from '../../bridge.ts';
import { ConfirmDialog } from '../../components/ConfirmDialog.tsx';
import { SafeText } from '../../components/SafeText.tsx';
import type { DialogProps } from '../../dialogs/dialog-props.ts';
import { useJobs } from '../../stores/jobs.ts';
import { formatCount } from '../../text/format.ts';

export function MarkMissingDialog({ dialog, isTop, onClose }: DialogProps<'markMissing'>) {
  const { jobId, finding, rows } = dialog;
  const row = useJobs((state) => state.rows.find((each) => each.job.id === jobId));
  return (
    <ConfirmDialog
      title="Mark Rows as Deleted"
      verb={`Mark ${formatCount(rows)} as deleted`}
      isTop={isTop}
      onClose={onClose}
      isDangerous
      onConfirm={() => calls.jobs.markMissing({ id: jobId, finding, rows })}
    >
      <p>
        {formatCount(rows)} rows of <SafeText text={row?.job.name ?? 'this job'} /> leave the Data page and its exports,
        and are not delivered any more. Nothing changes at the source or at the destination. A row that a later run
        finds at the source comes back.
      </p>
    </ConfirmDialog>
  );
}
