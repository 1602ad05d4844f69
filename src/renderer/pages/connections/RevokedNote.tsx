import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ConnectionState, RemoteRevocation } from '../../../shared/connection/state.ts';
import type { ConnectionId } from '../../../shared/ids.ts';
import { calls, toAppError } from '../../bridge.ts';
import { ErrorNote, Note } from '../../components/ErrorNote.tsx';
import { formatAgo, formatExact } from '../../text/format.ts';

/** What became of a revocation at the provider. */
export const REMOTE_TEXTS: Readonly<Record<RemoteRevocation, string>> = {
  done: 'The provider has confirmed it.',
  pending: 'The provider could not be reached yet; it is asked again by itself, also after a restart.',
  failed: 'The provider did not accept it. The authorization may still be valid there.',
  none: 'There is nothing to revoke at the provider, or it offers no way.',
};

interface RevokedNoteProps {
  readonly id: ConnectionId;
  readonly state: Extract<ConnectionState, { kind: 'revoked' }>;
}

/** That a connection is revoked, until when, what the provider said, and another try where that may help. */
export function RevokedNote({ id, state }: RevokedNoteProps) {
  const { since, until, remote } = state;
  return (
    <Note kind="warning" action={(remote === 'failed' || remote === 'pending') && <RetryButton id={id} />}>
      <strong>Revoked {formatAgo(since, Date.now())}.</strong> {until && `Meant until ${formatExact(until)}. `}
      {REMOTE_TEXTS[remote]}
    </Note>
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
