import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { calls } from '../bridge.ts';
import { ConfirmDialog } from '../components/ConfirmDialog.tsx';
import { SafeText } from '../components/SafeText.tsx';
import { useSession } from '../stores/session.ts';
import { followTenant } from '../stores/subscriptions.ts';
import { safeText } from '../text/safe-text.ts';
import type { DialogProps } from './DialogHost.tsx';

export function RemoveTenantDialog({ dialog, isTop, onClose }: DialogProps<'removeTenant'>) {
  const tenant = useSession((state) => state.tenants.find((each) => each.id === dialog.id));
  const [typedName, setTypedName] = useState('');
  const remove = async (): Promise<void> => {
    if (!tenant) return;
    await calls.tenants.remove({ id: tenant.id, typedName: typedName.trim() });
    await followTenant();
  };
  return (
    <ConfirmDialog
      title="Remove tenant"
      verb="Remove"
      isTop={isTop}
      onClose={onClose}
      isDangerous
      isReady={tenant !== undefined && typedName.trim() === tenant.name.trim()}
      onConfirm={remove}
    >
      <p>
        Removes <SafeText text={tenant?.name ?? ''} /> from this machine with its connections, jobs, activities, cached
        rows and credentials. The systems it connects are not touched.
      </p>
      <TextInput
        label="Type the tenant’s name to confirm"
        description={safeText(tenant?.name ?? '')}
        value={typedName}
        onChange={(event) => setTypedName(event.currentTarget.value)}
        autoComplete="off"
        spellCheck={false}
      />
    </ConfirmDialog>
  );
}
