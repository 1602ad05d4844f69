import { TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { CallOutput } from '../../../../shared/ipc/contract.ts';
import { calls, toAppError } from '../../../bridge.ts';
import { ConfirmDialog } from '../../../components/ConfirmDialog.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { SafeText } from '../../../components/SafeText.tsx';
import type { DialogProps } from '../../../dialogs/dialog-props.ts';
import { tellElsewhere } from '../../../frame/report.ts';
import { dropConnection, useConnections } from '../../../stores/connections.ts';
import { useSession } from '../../../stores/session.ts';
import { formatThings } from '../../../text/format.ts';
import { safeText } from '../../../text/safe-text.ts';
import classes from './DeleteDialog.module.css';
import { methodOf, remoteText } from './row-text.ts';

type Impact = CallOutput<'connections.removalImpact'>;
const MOST_NAMES = 6;

/** Delete: what goes with it, the name typed where something is lost. */
export function DeleteDialog({ dialog, isTop, onClose }: DialogProps<'deleteConnection'>) {
  // As it was when it was asked for: the row is gone while the provider is still being told.
  const [row] = useState(() => useConnections.getState().rows.get(dialog.id));
  const [impact, setImpact] = useState<Impact | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [typedName, setTypedName] = useState('');
  useEffect(() => {
    calls.connections
      .removalImpact({ id: dialog.id })
      .then(setImpact, (error: unknown) => setProblem(toAppError(error).message));
  }, [dialog.id]);

  const name = row?.connection.name ?? '';
  const isReady = impact !== null && (!impact.needsTypedName || typedName.trim() === name.trim());
  const remove = async (): Promise<void> => {
    const { remote } = await calls.connections.remove({ id: dialog.id, typedName: typedName.trim() });
    dropConnection(dialog.id);
    if (!row || remote === null || remote === 'done') return;
    const connector = useSession.getState().connectorById.get(row.connection.connectorId);
    const method = methodOf(connector, row.connection);
    // The dialog is about to close, and what is left to do lies elsewhere.
    if (remote !== 'none' || method?.notRevoked !== undefined)
      tellElsewhere(`${name} is in the trash. ${remoteText(remote, method)}`);
  };
  return (
    <ConfirmDialog
      title="Delete Connection"
      verb="Delete"
      isTop={isTop}
      onClose={onClose}
      isDangerous
      isReady={isReady}
      onConfirm={remove}
    >
      <div className={classes.body}>
        <p>
          Deletes <SafeText className={classes.name} text={name} />. Its authorization is revoked and its secret erased.
          For 30 days it can be restored from the trash, to be authorized again.
        </p>
        {problem && <ErrorNote message={problem} />}
        {impact && <ImpactList impact={impact} />}
        {impact?.needsTypedName && (
          <TextInput
            label="Type the connection’s name to confirm"
            description={safeText(name)}
            value={typedName}
            onChange={(event) => setTypedName(event.currentTarget.value)}
            autoComplete="off"
            spellCheck={false}
          />
        )}
      </div>
    </ConfirmDialog>
  );
}

function ImpactList({ impact }: { impact: Impact }) {
  const { jobs, dependentJobs, cachedRows, executions } = impact;
  return (
    <ul className={classes.impact}>
      <li>
        {jobs.length === 0
          ? 'No jobs'
          : `${formatThings(jobs.length, 'job')} with ${jobs.length === 1 ? 'its mappings and schedule' : 'their mappings and schedules'}: ${namesOf(jobs)}`}
      </li>
      <li>{cachedRows === 0 ? 'No cached rows' : formatThings(cachedRows, 'cached row')}</li>
      {dependentJobs.length > 0 && (
        <li>Other jobs load through it and will not run any more: {namesOf(dependentJobs)}</li>
      )}
      <li>
        {executions === 0
          ? 'No activities'
          : `The ${formatThings(executions, 'activity', 'activities')} of its jobs stay as history`}
      </li>
    </ul>
  );
}

function namesOf(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).map((name) => safeText(name, 120));
  return names.length > MOST_NAMES ? `${shown.join(', ')} and ${names.length - MOST_NAMES} more` : shown.join(', ');
}
