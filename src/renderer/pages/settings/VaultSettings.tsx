import { Button } from '@mantine/core';
import { useState } from 'react';
import { calls, toAppError } from '../../bridge.ts';
import { ErrorNote, Note } from '../../components/ErrorNote.tsx';
import { openDialog } from '../../stores/dialogs.ts';
import { setVault, useSession } from '../../stores/session.ts';
import { formatThings } from '../../text/format.ts';
import classes from './SettingsPage.module.css';

const STATES = {
  unlocked: 'Open',
  locked: 'Locked',
  unset: 'No passphrase set yet',
  waiting: 'Waiting for the keyring',
} as const;
const PROTECTION = { keyring: 'The system’s keyring', passphrase: 'Your passphrase', none: 'Nothing yet' } as const;

export function VaultSettings() {
  const vault = useSession((state) => state.app?.vault);
  const [problem, setProblem] = useState<string | null>(null);
  if (!vault) return null;
  const lock = async (): Promise<void> => {
    setProblem(null);
    try {
      setVault(await calls.vault.lock({}));
    } catch (error) {
      setProblem(toAppError(error).message);
    }
  };
  return (
    <div className={classes.section}>
      <p className={classes.dim}>{vault.explanation}</p>
      <dl className={classes.facts}>
        <dt>State</dt>
        <dd>{STATES[vault.state]}</dd>
        <dt>Protected by</dt>
        <dd>{PROTECTION[vault.protection]}</dd>
        <dt>Keyring backend</dt>
        <dd>{vault.backend}</dd>
        <dt>Credentials stored</dt>
        <dd className="pb-num">{formatThings(vault.secrets, 'secret')}</dd>
      </dl>
      {vault.unreadable > 0 && (
        <Note kind="warning">
          {formatThings(vault.unreadable, 'secret')} cannot be opened now. They are kept; their connections work again
          once the keyring or passphrase they were stored with is back.
        </Note>
      )}
      <div className={classes.buttons}>
        {vault.state === 'locked' && <Button onClick={() => openDialog({ kind: 'unlockVault' })}>Unlock vault</Button>}
        {vault.state === 'locked' && vault.protection === 'passphrase' && (
          <Button variant="default" onClick={() => openDialog({ kind: 'forgottenPassphrase' })}>
            Forgotten passphrase
          </Button>
        )}
        {vault.state === 'unset' && (
          <Button onClick={() => openDialog({ kind: 'protectVault' })}>Set a passphrase</Button>
        )}
        {vault.state === 'unlocked' && (
          <>
            <Button variant="default" onClick={() => openDialog({ kind: 'protectVault' })}>
              {vault.protection === 'passphrase' ? 'Change passphrase' : 'Use a passphrase instead'}
            </Button>
            <Button variant="default" onClick={() => void lock()}>
              Lock vault
            </Button>
          </>
        )}
      </div>
      {problem && <ErrorNote message={problem} />}
      <p className={classes.dim}>
        Credentials stay on this machine: they are in no backup, no export without a passphrase of its own, no activity
        and no log.
      </p>
    </div>
  );
}
