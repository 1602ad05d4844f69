import { Button } from '@mantine/core';
import { useState } from 'react';
import type { BackupInfo } from '../../../shared/ipc/contract/settings.ts';
import { calls, toAppError } from '../../bridge.ts';
import { Ago } from '../../components/Ago.tsx';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { NotReady } from '../../components/NotReady.tsx';
import { useAnswer } from '../../components/use-answer.ts';
import { openDialog } from '../../stores/dialogs.ts';
import { useSession } from '../../stores/session.ts';
import { formatBytes, formatExact } from '../../text/format.ts';
import classes from './SettingsPage.module.css';

export function DataSettings() {
  const hasTenant = useSession((state) => state.tenant !== null);
  const [problem, setProblem] = useState<string | null>(null);
  const show = (): void => {
    setProblem(null);
    calls.app.showProfile({}).catch((error: unknown) => setProblem(toAppError(error).message));
  };
  return (
    <div className={classes.section}>
      <section className={classes.block} aria-labelledby="data-location">
        <h2 id="data-location" className={classes.heading}>
          Data location
        </h2>
        <p className={classes.dim}>
          Everything Patchbay knows lies in one folder of yours, readable by you alone: configuration, history, cached
          rows, the sealed credentials, backups and logs.
        </p>
        <div className={classes.buttons}>
          <Button variant="default" onClick={show}>
            Show in file manager
          </Button>
        </div>
        {problem && <ErrorNote message={problem} />}
      </section>
      <Backups />
      {hasTenant && (
        <section className={classes.block} aria-labelledby="transfer">
          <h2 id="transfer" className={classes.heading}>
            Export and import of connections
          </h2>
          <p className={classes.dim}>
            As one readable file, with jobs and mappings. Without a passphrase it holds no secret. What is imported is
            new, not authorized, and its jobs are off; nothing that is here is changed.
          </p>
          <div className={classes.buttons}>
            <Button variant="default" onClick={() => openDialog({ kind: 'exportConnections' })}>
              Export connections
            </Button>
            <Button variant="default" onClick={() => openDialog({ kind: 'importConnections' })}>
              Import connections
            </Button>
          </div>
        </section>
      )}
    </div>
  );
}

function Backups() {
  const listed = useAnswer('backups', async () => (await calls.backups.list({})).backups);
  const [newest, setNewest] = useState<readonly BackupInfo[] | null>(null);
  const backups = newest ?? listed.value;
  const [problem, setProblem] = useState<string | null>(null);
  const [state, setState] = useState<'idle' | 'making' | 'made'>('idle');
  const make = async (): Promise<void> => {
    setProblem(null);
    setState('making');
    try {
      setNewest((await calls.backups.make({})).backups);
      setState('made');
    } catch (error) {
      setProblem(toAppError(error).message);
      setState('idle');
    }
  };
  return (
    <section className={classes.block} aria-labelledby="backups">
      <h2 id="backups" className={classes.heading}>
        Backups of the configuration
      </h2>
      <p className={classes.dim}>
        Tenants, connections, OAuth apps (without secrets) and jobs, copied and checked while you work. Seven are kept:
        the newest three, then the newest of each day before. Credentials are never part of a backup: a token restored
        from one would end its grant.
      </p>
      {backups === null && <NotReady error={listed.error} sentence="Reading the backups…" onRetry={listed.retry} />}
      {backups?.length === 0 && <p className={classes.dim}>No backup has been made yet.</p>}
      {backups !== null && backups.length > 0 && (
        <ul className={classes.lines}>
          {backups.map((backup) => (
            <li key={backup.id} className={classes.line}>
              <div className={classes.lineWords}>
                <span className={classes.lineTitle}>{formatExact(backup.madeAt)}</span>{' '}
                <span className={classes.dim}>
                  (<Ago at={backup.madeAt} />, {formatBytes(backup.sizeBytes)})
                </span>
              </div>
              <Button
                size="xs"
                variant="default"
                aria-label={`Restore the backup of ${formatExact(backup.madeAt)}`}
                onClick={() => openDialog({ kind: 'restoreBackup', id: backup.id, madeAt: backup.madeAt })}
              >
                Restore
              </Button>
            </li>
          ))}
        </ul>
      )}
      {problem && <ErrorNote message={problem} />}
      <div className={classes.buttons}>
        <Button variant="default" loading={state === 'making'} onClick={() => void make()}>
          Back up now
        </Button>
        <span role="status" className={classes.dim}>
          {state === 'made' ? 'Backed up and checked' : ''}
        </span>
      </div>
    </section>
  );
}
