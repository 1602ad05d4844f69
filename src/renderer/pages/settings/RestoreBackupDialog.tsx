import { useState } from 'react';
import { calls } from '../../bridge.ts';
import { ConfirmDialog } from '../../components/ConfirmDialog.tsx';
import type { DialogProps } from '../../dialogs/dialog-props.ts';
import { formatExact } from '../../text/format.ts';

/** What a restored configuration brings back and what it does not; then the app starts again. */
export function RestoreBackupDialog({ dialog, isTop, onClose }: DialogProps<'restoreBackup'>) {
  const [isRestarting, setRestarting] = useState(false);
  const restore = async (): Promise<void> => {
    await calls.backups.restore({ id: dialog.id });
    setRestarting(true);
    // The app ends in a moment; until then the dialog stays and says so.
    await new Promise(() => undefined);
  };
  return (
    <ConfirmDialog
      title="Restore this backup"
      verb="Restore and restart"
      isTop={isTop}
      onClose={onClose}
      isDangerous
      onConfirm={restore}
    >
      <p>
        Tenants, connections, OAuth apps and jobs become what they were on {formatExact(dialog.madeAt)}. A backup of now
        is made first, so that you can come back.
      </p>
      <ul>
        <li>
          Credentials are never part of a backup. Connections that were deleted or revoked since then come back without
          theirs and have to be re-authorized.
        </li>
        <li>Activities and cached rows stay as they are.</li>
        <li>Running jobs are interrupted, and go on after the restart where their job still exists.</li>
      </ul>
      <p role="status">{isRestarting ? 'Patchbay restarts now.' : ''}</p>
    </ConfirmDialog>
  );
}
