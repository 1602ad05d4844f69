import { calls } from '../../bridge.ts';
import { ConfirmDialog } from '../../components/ConfirmDialog.tsx';
import type { DialogProps } from '../../dialogs/dialog-props.ts';
import { LossList } from '../../dialogs/LossList.tsx';
import { useConnections } from '../../stores/connections.ts';
import { useSession } from '../../stores/session.ts';
import { formatThings } from '../../text/format.ts';

/** Says which connections log in through the app before it goes. */
export function RemoveOAuthAppDialog({ dialog, isTop, onClose }: DialogProps<'removeOAuthApp'>) {
  const { connectorId, authMethodId } = dialog;
  const connector = useSession((state) => state.connectorById.get(connectorId));
  const rows = useConnections((state) => state.rows);
  const users = [...rows.values()]
    .map(({ connection }) => connection)
    .filter((one) => one.connectorId === connectorId && one.authMethodId === authMethodId);
  return (
    <ConfirmDialog
      title="Remove OAuth app"
      verb="Remove"
      isTop={isTop}
      onClose={onClose}
      isDangerous
      onConfirm={() => calls.oauthApps.remove({ connectorId, authMethodId })}
    >
      <p>
        Removes the client id and client secret for {connector?.name ?? connectorId} from this tenant. The app itself
        stays registered at the provider.
      </p>
      {users.length > 0 && (
        <LossList
          title={`${formatThings(users.length, 'connection')} can neither renew ${users.length === 1 ? 'its' : 'their'} access nor be authorized without it`}
          items={users.map(({ name }) => ({ name, detail: '' }))}
        />
      )}
    </ConfirmDialog>
  );
}
