import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { TrashEntry } from '../../../../shared/ipc/contract/credentials.ts';
import { calls, events, toAppError } from '../../../bridge.ts';
import { AppDialog } from '../../../components/AppDialog.tsx';
import { EmptyState } from '../../../components/EmptyState.tsx';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { SafeText } from '../../../components/SafeText.tsx';
import type { DialogProps } from '../../../dialogs/dialog-props.ts';
import { revealConnection } from '../../../stores/connections.ts';
import { formatAgo, formatExact, formatThings } from '../../../text/format.ts';
import { safeText } from '../../../text/safe-text.ts';
import classes from './TrashDialog.module.css';

function useTrash(): { entries: readonly TrashEntry[] | null; problem: string | null; load: () => void } {
  const [entries, setEntries] = useState<readonly TrashEntry[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [attempt, setAttempt] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new attempt reads again
  useEffect(() => {
    let isOver = false;
    calls.trash.list({}).then(
      (answer) => !isOver && setEntries(answer.entries),
      (error: unknown) => !isOver && setProblem(toAppError(error).message),
    );
    return () => {
      isOver = true;
    };
  }, [attempt]);
  const load = (): void => setAttempt((before) => before + 1);
  useEffect(() => events.connections.changed(() => setAttempt((before) => before + 1)), []);
  return { entries, problem, load };
}

/** Deleted connections of the tenant: brought back, or removed for good. */
export function TrashDialog({ isTop, onClose }: DialogProps<'trash'>) {
  const { entries, problem, load } = useTrash();
  const restored = (id: string): void => {
    onClose();
    revealConnection(id);
  };
  return (
    <AppDialog
      title="Trash"
      isTop={isTop}
      onClose={onClose}
      size={640}
      footer={
        <Button variant="default" onClick={onClose} data-autofocus>
          Close
        </Button>
      }
    >
      {problem !== null && <ErrorNote message={problem} />}
      {entries?.length === 0 && <EmptyState sentence="No connection has been deleted in the last 30 days." />}
      {entries !== null && entries.length > 0 && (
        <>
          <p className={classes.intro}>
            Deleted connections wait here for 30 days with their jobs and rows, without their secret.
          </p>
          <ul className={classes.list}>
            {entries.map((entry) => (
              <Entry key={entry.id} entry={entry} onRestored={restored} onRemoved={load} />
            ))}
          </ul>
        </>
      )}
    </AppDialog>
  );
}

interface EntryProps {
  readonly entry: TrashEntry;
  readonly onRestored: (id: string) => void;
  readonly onRemoved: () => void;
}

function Entry({ entry, onRestored, onRemoved }: EntryProps) {
  const [isAsking, setAsking] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const name = safeText(entry.name, 120);
  const act = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      await work();
    } catch (error) {
      setProblem(toAppError(error).message);
      setBusy(false);
    }
  };
  const restore = (): Promise<void> => act(async () => onRestored((await calls.trash.restore({ id: entry.id })).id));
  const remove = (): Promise<void> =>
    act(async () => {
      await calls.trash.remove({ id: entry.id });
      onRemoved();
    });
  return (
    <li className={classes.entry} aria-label={name}>
      <div className={classes.words}>
        <SafeText className={classes.name} text={entry.name} />
        <span className={classes.detail}>
          {entry.connectorName}, {formatThings(entry.jobs, 'job')}, {formatThings(entry.cachedRows, 'cached row')}.
          Deleted {formatAgo(entry.deletedAt, Date.now())}, kept until {formatExact(entry.keptUntil)}.
          {entry.remote === 'pending' && ' The provider is still to be told of the revocation.'}
          {entry.remote === 'failed' && ' The provider refused the revocation: withdraw it there by hand.'}
        </span>
        {isAsking && <strong>Its jobs and cached rows go with it. This cannot be undone.</strong>}
        {problem !== null && <ErrorNote message={problem} />}
      </div>
      <div className={classes.buttons}>
        {isAsking ? (
          <>
            <Button size="xs" variant="default" onClick={() => setAsking(false)}>
              Keep
            </Button>
            <Button size="xs" color="red.8" loading={isBusy} onClick={() => void remove()}>
              Remove for good
            </Button>
          </>
        ) : (
          <>
            <Button size="xs" variant="subtle" aria-label={`Remove ${name} for good`} onClick={() => setAsking(true)}>
              Remove
            </Button>
            <Button
              size="xs"
              variant="default"
              loading={isBusy}
              aria-label={`Restore ${name}`}
              onClick={() => void restore()}
            >
              Restore
            </Button>
          </>
        )}
      </div>
    </li>
  );
}
