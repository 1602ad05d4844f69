import { calls } from '../../bridge.ts';
import { ConfirmDialog } from '../../components/ConfirmDialog.tsx';
import { SafeText } from '../../components/SafeText.tsx';
import type { DialogProps } from '../../dialogs/dialog-props.ts';
import { loadJobsOf, useJobs } from '../../stores/jobs.ts';

export function DeleteJobDialog({ dialog, isTop, onClose }: DialogProps<'deleteJob'>) {
  const row = useJobs((state) => state.rows.find((each) => each.job.id === dialog.id));
  const remove = async (): Promise<void> => {
    await calls.jobs.remove({ id: dialog.id });
    if (row) await loadJobsOf(row.job.connectionId);
  };
  return (
    <ConfirmDialog
      title="Delete Job"
      verb="Delete"
      isTop={isTop}
      onClose={onClose}
      isDangerous
      isReady={row !== undefined}
      onConfirm={remove}
    >
      <p>
        Deletes <SafeText text={row?.job.name ?? ''} /> with its mapping and its cached rows. Its activities stay as
        history; nothing changes at <SafeText text={row?.connectionName ?? ''} /> or at the destination.
      </p>
    </ConfirmDialog>
  );
}
