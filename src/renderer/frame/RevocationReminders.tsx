import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ListedRow } from '../../shared/ipc/contract/connection-list.ts';
import { calls } from '../bridge.ts';
import { Note } from '../components/ErrorNote.tsx';
import { SafeText } from '../components/SafeText.tsx';
import { useNow } from '../components/use-now.ts';
import { go } from '../routes.ts';
import { showOnly, useConnections } from '../stores/connections.ts';
import { openDialog } from '../stores/dialogs.ts';
import { formatExact, formatThings } from '../text/format.ts';
import classes from './Banners.module.css';
import { reportElsewhere } from './report.ts';

/** Banners shown at once; how many more there are is said. */
const MOST = 3;
const DAY_MS = 86_400_000;

/** Connections whose revocation was meant until a time that has come, the longest due first. */
export function useDueReminders(): readonly ListedRow[] {
  const rows = useConnections((state) => state.rows);
  const nowMs = useNow();
  return [...rows.values()]
    .filter(({ connection: { state } }) => isDue(state, nowMs))
    .sort((a, b) => dueMs(a) - dueMs(b));
}

function isDue(state: ListedRow['connection']['state'], nowMs: number): boolean {
  return state.kind === 'revoked' && state.until !== undefined && Date.parse(state.until) <= nowMs;
}

function dueMs({ connection: { state } }: ListedRow): number {
  return state.kind === 'revoked' && state.until !== undefined ? Date.parse(state.until) : 0;
}

/** One click back to what was revoked until a date, another day, or the decision that it stays revoked. */
export function RevocationReminders({ rows }: { rows: readonly ListedRow[] }) {
  const others = rows.length - MOST;
  return (
    <>
      {rows.slice(0, MOST).map((row) => (
        <Reminder key={row.connection.id} row={row} />
      ))}
      {others > 0 && (
        <Note
          kind="warning"
          action={
            <Button
              size="xs"
              variant="default"
              onClick={() => {
                showOnly('revoked');
                go({ page: 'connections' });
              }}
            >
              Show revoked connections
            </Button>
          }
        >
          And {formatThings(others, 'more connection')} whose time has come.
        </Note>
      )}
    </>
  );
}

function Reminder({ row: { connection } }: { row: ListedRow }) {
  const { id, name, state } = connection;
  const [isBusy, setBusy] = useState(false);
  const remind = async (until: string | null): Promise<void> => {
    setBusy(true);
    try {
      await calls.connections.setReminder({ id, until });
    } catch (error) {
      reportElsewhere(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Note
      kind="warning"
      action={
        <div className={classes.actions}>
          <Button size="xs" variant="default" onClick={() => openDialog({ kind: 'authorizeConnection', id })}>
            Re-Authorize
          </Button>
          <Button
            size="xs"
            variant="default"
            disabled={isBusy}
            onClick={() => void remind(new Date(Date.now() + DAY_MS).toISOString())}
          >
            Remind me tomorrow
          </Button>
          <Button size="xs" variant="default" disabled={isBusy} onClick={() => void remind(null)}>
            Keep revoked
          </Button>
        </div>
      }
    >
      <SafeText text={name} /> was revoked until {state.kind === 'revoked' && state.until && formatExact(state.until)}.
      Authorize it again when the reason is over.
    </Note>
  );
}
