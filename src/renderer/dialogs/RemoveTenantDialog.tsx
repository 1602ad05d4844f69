import { TextInput } from '@mantine/core';
import { useState } from 'react';
import type { TenantImpact } from '../../shared/ipc/contract/settings.ts';
import { calls } from '../bridge.ts';
import { ConfirmDialog } from '../components/ConfirmDialog.tsx';
import { ErrorNote } from '../components/ErrorNote.tsx';
import { SafeText } from '../components/SafeText.tsx';
import { useAnswer } from '../components/use-answer.ts';
import { useSession } from '../stores/session.ts';
import { followTenant } from '../stores/subscriptions.ts';
import { formatThings } from '../text/format.ts';
import { safeText } from '../text/safe-text.ts';
import type { DialogProps } from './dialog-props.ts';

export function RemoveTenantDialog({ dialog, isTop, onClose }: DialogProps<'removeTenant'>) {
  const tenant = useSession((state) => state.tenants.find((each) => each.id === dialog.id));
  const impact = useAnswer(tenant ? tenant.id : null, async () =>
    tenant ? calls.tenants.removalImpact({ id: tenant.id }) : null,
  );
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
      isReady={impact.value !== null && typedName.trim() === tenant?.name.trim()}
      onConfirm={remove}
    >
      <p>
        Removes <SafeText text={tenant?.name ?? ''} /> from this machine. Nothing of it can be brought back, and it does
        not go to the trash.
      </p>
      {impact.error && <ErrorNote message={impact.error.message} />}
      {impact.value && <ImpactList impact={impact.value} />}
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

function ImpactList({ impact }: { impact: TenantImpact }) {
  const { connections, jobs, runningJobs, executions, oauthApps, toRevoke } = impact;
  return (
    <ul>
      <li>
        {formatThings(connections, 'connection')} with {connections === 1 ? 'its credential' : 'their credentials'}
        {toRevoke > 0 && `; ${toRevoke} ${toRevoke === 1 ? 'authorization is' : 'authorizations are'} revoked first`}
      </li>
      <li>
        {formatThings(jobs, 'job')} and all rows cached by them
        {runningJobs > 0 && `; ${runningJobs} running now ${runningJobs === 1 ? 'is' : 'are'} stopped`}
      </li>
      <li>{formatThings(executions, 'Execution activity', 'Execution activities')} and all Update activities</li>
      <li>{formatThings(oauthApps, 'OAuth app')}</li>
    </ul>
  );
}
