import { Button } from '@mantine/core';
import type { ListedRow } from '../../shared/ipc/list-contract.ts';
import { Note } from '../components/ErrorNote.tsx';
import { SafeText } from '../components/SafeText.tsx';
import { useNow } from '../components/use-now.ts';
import { useConnections } from '../stores/connections.ts';
import { openDialog } from '../stores/dialogs.ts';
import { formatExact } from '../text/format.ts';

const MOST = 3;

/** Connections whose revocation was meant until a time that has come. */
export function useDueReminders(): readonly ListedRow[] {
  const rows = useConnections((state) => state.rows);
  const nowMs = useNow();
  return [...rows.values()].filter(({ connection: { state } }) => isDue(state, nowMs));
}

function isDue(state: ListedRow['connection']['state'], nowMs: number): boolean {
  return state.kind === 'revoked' && state.until !== undefined && Date.parse(state.until) <= nowMs;
}

/** One click back to what was revoked until a date. */
export function RevocationReminders({ rows }: { rows: readonly ListedRow[] }) {
  return rows.slice(0, MOST).map(({ connection: { id, name, state } }) => (
    <Note
      key={id}
      kind="warning"
      action={
        <Button size="xs" variant="default" onClick={() => openDialog({ kind: 'authorizeConnection', id })}>
          Re-Authorize
        </Button>
      }
    >
      <SafeText text={name} /> was revoked until {state.kind === 'revoked' && state.until && formatExact(state.until)}.
      Authorize it again when the reason is over.
    </Note>
  ));
}
