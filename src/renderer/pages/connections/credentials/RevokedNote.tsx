import { Button, Group, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ConnectionState } from '../../../../shared/connection/state.ts';
import type { AuthMethodDescriptor } from '../../../../shared/connector.ts';
import type { ConnectionId } from '../../../../shared/ids.ts';
import { calls, toAppError } from '../../../bridge.ts';
import { ErrorNote, Note } from '../../../components/ErrorNote.tsx';
import { fieldError } from '../../../components/FieldError.tsx';
import { formatAgo, formatExact } from '../../../text/format.ts';
import { remoteText } from '../list/row-text.ts';
import { inDays, toInstant, toLocalText } from './until.ts';

interface RevokedNoteProps {
  readonly id: ConnectionId;
  readonly state: Extract<ConnectionState, { kind: 'revoked' }>;
  readonly method: AuthMethodDescriptor;
}

/** That a connection is revoked, until when, what the provider said, and another try where that may help. */
export function RevokedNote({ id, state, method }: RevokedNoteProps) {
  const { since, until, remote } = state;
  return (
    <Note kind="warning" action={(remote === 'failed' || remote === 'pending') && <RetryButton id={id} />}>
      <strong>Revoked {formatAgo(since, Date.now())}.</strong> {until && `Meant until ${formatExact(until)}. `}
      {remoteText(remote, method)}
      <ReminderControl id={id} until={until} />
    </Note>
  );
}

const USUAL_DAYS = 7;

/** Another day for the reminder, or none: then it stays revoked. The new state arrives with the connection's row. */
function ReminderControl({ id, until }: { id: ConnectionId; until: string | undefined }) {
  const [typed, setTyped] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const set = async (instant: string | null): Promise<void> => {
    try {
      await calls.connections.setReminder({ id, until: instant });
      setTyped(null);
      setProblem(null);
    } catch (error) {
      setProblem(toAppError(error).message);
    }
  };
  if (typed === null) {
    const first = until === undefined ? inDays(Date.now(), USUAL_DAYS) : new Date(until);
    return (
      <Group gap={6} mt={6}>
        <Button size="compact-sm" variant="default" onClick={() => setTyped(toLocalText(first))}>
          {until === undefined ? 'Set a reminder' : 'Change the reminder'}
        </Button>
        {until !== undefined && (
          <Button size="compact-sm" variant="default" onClick={() => void set(null)}>
            Keep revoked
          </Button>
        )}
        {problem !== null && <ErrorNote message={problem} />}
      </Group>
    );
  }
  const instant = toInstant(typed);
  return (
    <Group gap={6} mt={6} align="flex-end">
      <TextInput
        type="datetime-local"
        label="Remind me to authorize it again"
        value={typed}
        error={fieldError(instant === null ? 'Choose a date and time.' : (problem ?? undefined))}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <Button size="compact-sm" variant="default" disabled={instant === null} onClick={() => void set(instant)}>
        Save the date
      </Button>
    </Group>
  );
}

/** Asks the provider again; the new state arrives with the connection's row. */
export function RetryButton({ id }: { id: ConnectionId }) {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const retry = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      await calls.connections.retryRevocation({ id });
    } catch (error) {
      setProblem(toAppError(error).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button size="compact-sm" variant="default" loading={isBusy} onClick={() => void retry()}>
        Try again
      </Button>
      {problem !== null && <ErrorNote message={problem} />}
    </>
  );
}
