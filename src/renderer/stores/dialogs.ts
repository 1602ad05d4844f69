/** Which dialogs are open, the topmost last. A dialog is data; dialogs/DialogHost.tsx maps each kind to its component. */
import { create } from 'zustand';
import type { ActivityId, ConnectionId, JobId } from '../../shared/ids.ts';
import type { BulkAction } from '../../shared/ipc/contract/connection-list.ts';

export type Dialog =
  | { kind: 'createConnection'; connectorId?: string | undefined }
  | { kind: 'editConnection'; id: ConnectionId }
  | { kind: 'authorizeConnection'; id: ConnectionId }
  | { kind: 'revokeConnection'; id: ConnectionId }
  | { kind: 'deleteConnection'; id: ConnectionId }
  | { kind: 'trash' }
  | { kind: 'rehearse' }
  | { kind: 'bulkConnections'; action: BulkAction; ids: ConnectionId[] }
  | { kind: 'tagConnections'; ids: ConnectionId[] }
  | { kind: 'createJob'; connectionId?: ConnectionId | undefined }
  | { kind: 'editJob'; id: JobId }
  | { kind: 'deleteJob'; id: JobId }
  | { kind: 'markMissing'; jobId: JobId; finding: ActivityId; rows: number }
  | { kind: 'addTenant' }
  | { kind: 'removeTenant'; id: string }
  | { kind: 'protectVault' }
  | { kind: 'unlockVault' }
  | { kind: 'forgottenPassphrase' }
  | { kind: 'oauthApp'; connectorId: string; authMethodId: string }
  | { kind: 'removeOAuthApp'; connectorId: string; authMethodId: string }
  /** Without ids: the person chooses among all. */
  | { kind: 'exportConnections'; ids?: readonly ConnectionId[] | undefined }
  | { kind: 'importConnections' }
  | { kind: 'restoreBackup'; id: string; madeAt: string }
  | { kind: 'shortcuts' }
  | { kind: 'palette' };

export interface OpenDialog {
  readonly key: number;
  readonly dialog: Dialog;
  /** What had the focus before, to give it back. */
  readonly opener: Element | null;
}

interface DialogsState {
  readonly open: readonly OpenDialog[];
}

export const useDialogs = create<DialogsState>()(() => ({ open: [] }));

let nextKey = 1;

export function openDialog(dialog: Dialog): void {
  const opener = document.activeElement === document.body ? null : document.activeElement;
  nextKey += 1;
  const entry = { key: nextKey, dialog, opener };
  useDialogs.setState(({ open }) =>
    open.some((other) => other.dialog.kind === dialog.kind) ? { open } : { open: [...open, entry] },
  );
}

export function closeDialog(key: number): void {
  const closed = useDialogs.getState().open.find((entry) => entry.key === key);
  useDialogs.setState(({ open }) => ({ open: open.filter((entry) => entry.key !== key) }));
  const opener = closed?.opener;
  if (!(opener instanceof HTMLElement)) return;
  // After the page behind has stopped being inert, and unless something else has taken the focus by then.
  setTimeout(() => {
    if (opener.isConnected && document.activeElement === document.body) opener.focus();
  }, 0);
}
