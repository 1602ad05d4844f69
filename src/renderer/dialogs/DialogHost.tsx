import { type ComponentType, lazy, Suspense } from 'react';
import { useInertPage } from '../components/use-inert-page.ts';
import { closeDialog, type Dialog, useDialogs } from '../stores/dialogs.ts';
import type { DialogProps } from './dialog-props.ts';

/** Kind -> component, each loaded when first opened. */
const DIALOGS: { readonly [K in Dialog['kind']]: ComponentType<DialogProps<K>> } = {
  createConnection: lazy(async () => ({
    default: (await import('../pages/connections/form/ConnectionDialog.tsx')).CreateConnectionDialog,
  })),
  editConnection: lazy(async () => ({
    default: (await import('../pages/connections/form/ConnectionDialog.tsx')).EditConnectionDialog,
  })),
  authorizeConnection: lazy(async () => ({
    default: (await import('../pages/connections/authorize/AuthorizeDialog.tsx')).AuthorizeDialog,
  })),
  revokeConnection: lazy(async () => ({
    default: (await import('../pages/connections/credentials/RevokeDialog.tsx')).RevokeDialog,
  })),
  deleteConnection: lazy(async () => ({
    default: (await import('../pages/connections/list/DeleteDialog.tsx')).DeleteDialog,
  })),
  bulkConnections: lazy(async () => ({
    default: (await import('../pages/connections/list/BulkDialog.tsx')).BulkDialog,
  })),
  tagConnections: lazy(async () => ({
    default: (await import('../pages/connections/list/TagsDialog.tsx')).TagsDialog,
  })),
  trash: lazy(async () => ({ default: (await import('../pages/connections/list/TrashDialog.tsx')).TrashDialog })),
  rehearse: lazy(async () => ({ default: (await import('./RehearseDialog.tsx')).RehearseDialog })),
  createJob: lazy(async () => ({ default: (await import('../pages/jobs/JobDialog.tsx')).CreateJobDialog })),
  editJob: lazy(async () => ({ default: (await import('../pages/jobs/JobDialog.tsx')).EditJobDialog })),
  markMissing: lazy(async () => ({
    default: (await import('../pages/activity/MarkMissingDialog.tsx')).MarkMissingDialog,
  })),
  deleteJob: lazy(async () => ({ default: (await import('../pages/jobs/DeleteJobDialog.tsx')).DeleteJobDialog })),
  addTenant: lazy(async () => ({ default: (await import('./AddTenantDialog.tsx')).AddTenantDialog })),
  removeTenant: lazy(async () => ({ default: (await import('./RemoveTenantDialog.tsx')).RemoveTenantDialog })),
  protectVault: lazy(async () => ({ default: (await import('./VaultDialogs.tsx')).ProtectVaultDialog })),
  unlockVault: lazy(async () => ({ default: (await import('./VaultDialogs.tsx')).UnlockVaultDialog })),
  forgottenPassphrase: lazy(async () => ({
    default: (await import('./ForgottenPassphraseDialog.tsx')).ForgottenPassphraseDialog,
  })),
  removeOAuthApp: lazy(async () => ({
    default: (await import('../pages/settings/RemoveOAuthAppDialog.tsx')).RemoveOAuthAppDialog,
  })),
  exportConnections: lazy(async () => ({
    default: (await import('./ExportConnectionsDialog.tsx')).ExportConnectionsDialog,
  })),
  importConnections: lazy(async () => ({
    default: (await import('./ImportConnectionsDialog.tsx')).ImportConnectionsDialog,
  })),
  restoreBackup: lazy(async () => ({
    default: (await import('../pages/settings/RestoreBackupDialog.tsx')).RestoreBackupDialog,
  })),
  oauthApp: lazy(async () => ({ default: (await import('../pages/settings/OAuthAppDialog.tsx')).OAuthAppDialog })),
  shortcuts: lazy(async () => ({ default: (await import('./ShortcutsDialog.tsx')).ShortcutsDialog })),
  palette: lazy(async () => ({ default: (await import('./Palette.tsx')).Palette })),
};

export function DialogHost() {
  const open = useDialogs((state) => state.open);
  useInertPage(open.length > 0);
  return (
    <Suspense fallback={null}>
      {open.map((entry, index) => {
        const Component = DIALOGS[entry.dialog.kind] as ComponentType<DialogProps<Dialog['kind']>>;
        return (
          <Component
            key={entry.key}
            dialog={entry.dialog}
            isTop={index === open.length - 1}
            onClose={() => closeDialog(entry.key)}
          />
        );
      })}
    </Suspense>
  );
}
