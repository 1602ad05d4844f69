import { calls } from '../../bridge.ts';
import { ConfirmDialog } from '../../components/ConfirmDialog.tsx';
import { SafeText } from '../../components/SafeText.tsx';
import type { DialogProps } from '../../dialogs/DialogHost.tsx';
import { putConnection, useConnections } from '../../stores/connections.ts';
import { formatThings } from '../../text/format.ts';

export function RevokeDialog({ dialog, isTop, onClose }: DialogProps<'revokeConnection'>) {
  const row = useConnections((state) => state.rows.get(dialog.id));
  const revoke = async (): Promise<void> => putConnection(await calls.connections.revoke({ id: dialog.id }));
  return (
    <ConfirmDialog
      title="Revoke Connection"
      verb="Revoke"
      isTop={isTop}
      onClose={onClose}
      isDangerous
      isReady={row !== undefined}
      onConfirm={revoke}
    >
      {row && (
        <>
          <p>
            Revokes the authorization of <SafeText text={row.connection.name} /> at once: here, and at{' '}
            {row.connectorName} as soon as it can be reached.
          </p>
          <p>
            Its {formatThings(row.jobs, 'job')} {row.jobs === 1 ? 'stops' : 'stop'}
            {row.runningJobs > 0 ? `, ${formatThings(row.runningJobs, 'run')} under way included` : ''}. Mappings,
            history and cached rows stay, and Re-Authorize brings it back.
          </p>
        </>
      )}
    </ConfirmDialog>
  );
}
