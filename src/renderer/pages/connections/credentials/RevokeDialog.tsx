import { Button, Checkbox, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { AppError } from '../../../../shared/app-error.ts';
import type { AuthMethodDescriptor } from '../../../../shared/connector.ts';
import type { ListedRow } from '../../../../shared/ipc/contract/connection-list.ts';
import { calls, toAppError } from '../../../bridge.ts';
import { AppDialog } from '../../../components/AppDialog.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { fieldError } from '../../../components/FieldError.tsx';
import { SafeText } from '../../../components/SafeText.tsx';
import type { DialogProps } from '../../../dialogs/dialog-props.ts';
import { putConnection, useConnections } from '../../../stores/connections.ts';
import { useSession } from '../../../stores/session.ts';
import { formatThings } from '../../../text/format.ts';
import classes from '../list/DeleteDialog.module.css';
import { methodOf, remoteText } from '../list/row-text.ts';
import { RetryButton } from './RevokedNote.tsx';
import { inDays, toInstant, toLocalText } from './until.ts';

const USUAL_DAYS = 7;

/** Revoke: what it does, until when; afterwards both results, here and at the provider. */
export function RevokeDialog({ dialog, isTop, onClose }: DialogProps<'revokeConnection'>) {
  const row = useConnections((state) => state.rows.get(dialog.id));
  const connector = useSession((state) => state.connectorById.get(row?.connection.connectorId ?? ''));
  const method = row && methodOf(connector, row.connection);
  const [hasUntil, setHasUntil] = useState(false);
  const [until, setUntil] = useState(() => toLocalText(inDays(Date.now(), USUAL_DAYS)));
  const [isBusy, setBusy] = useState(false);
  const [isDone, setDone] = useState(false);
  const [error, setError] = useState<AppError | null>(null);

  const revoke = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      const instant = hasUntil ? toInstant(until) : null;
      putConnection(await calls.connections.revoke({ id: dialog.id, ...(instant === null ? {} : { until: instant }) }));
      setDone(true);
    } catch (thrown) {
      setError(toAppError(thrown));
    } finally {
      setBusy(false);
    }
  };
  const isUntilWrong = hasUntil && toInstant(until) === null;

  return (
    <AppDialog
      title="Revoke Connection"
      isTop={isTop}
      onClose={onClose}
      footer={
        isDone ? (
          <Button variant="default" onClick={onClose}>
            Done
          </Button>
        ) : (
          <>
            <Button variant="default" onClick={onClose} data-autofocus>
              Cancel
            </Button>
            <Button color="red.8" loading={isBusy} disabled={!row || isUntilWrong} onClick={() => void revoke()}>
              Revoke
            </Button>
          </>
        )
      }
    >
      <div className={classes.body}>
        {row && isDone && <Results row={row} method={method} />}
        {row && !isDone && (
          <>
            <What row={row} method={method} />
            <Checkbox
              label="Only until a date, with a reminder"
              checked={hasUntil}
              onChange={(event) => setHasUntil(event.currentTarget.checked)}
            />
            {hasUntil && (
              <TextInput
                type="datetime-local"
                label="Remind me to authorize it again"
                value={until}
                error={fieldError(
                  isUntilWrong ? 'Choose a date and time.' : error?.field === 'until' ? error.message : undefined,
                )}
                onChange={(event) => setUntil(event.currentTarget.value)}
              />
            )}
          </>
        )}
        {error && error.field !== 'until' && <ErrorNote message={error.message} />}
      </div>
    </AppDialog>
  );
}

interface AboutProps {
  readonly row: ListedRow;
  readonly method: AuthMethodDescriptor | undefined;
}

function What({ row, method }: AboutProps) {
  const { notRevoked } = method ?? {};
  return (
    <>
      {notRevoked === undefined ? (
        <p>
          Revokes the authorization of <SafeText text={row.connection.name} /> at once: here, and at {row.connectorName}{' '}
          as soon as it can be reached.
        </p>
      ) : (
        <>
          <p>
            Revokes the authorization of <SafeText text={row.connection.name} /> here at once, and erases its secret.{' '}
            {row.connectorName} cannot be told.
          </p>
          <p>{notRevoked}</p>
        </>
      )}
      <p>
        {row.jobs === 0
          ? 'It has no jobs'
          : `Its ${formatThings(row.jobs, 'job')} ${row.jobs === 1 ? 'stops' : 'stop'}`}
        {row.runningJobs > 0 ? `, ${formatThings(row.runningJobs, 'run')} under way included` : ''}. Mappings, history
        and cached rows stay, and Re-Authorize brings it back.
      </p>
    </>
  );
}

/** What has happened, from the row as it is now: another try changes it. */
function Results({ row, method }: AboutProps) {
  const { state, id } = row.connection;
  if (state.kind !== 'revoked') return <p>The connection has been authorized again meanwhile.</p>;
  return (
    <ul className={classes.impact} aria-label="Results">
      <li>Here: revoked. Its jobs have stopped and cannot use it any more.</li>
      <li>
        At {row.connectorName}: {remoteText(state.remote, method)}{' '}
        {(state.remote === 'failed' || state.remote === 'pending') && <RetryButton id={id} />}
      </li>
    </ul>
  );
}
