import { useEffect, useRef, useState } from 'react';
import type { AppError } from '../../../../shared/app-error.ts';
import type { Authorization, FieldValue } from '../../../../shared/connection/connection.ts';
import type { ConnectionId } from '../../../../shared/ids.ts';
import type { AuthorizationOutcome, AuthorizationStep } from '../../../../shared/ipc/contract.ts';
import { calls, events, toAppError } from '../../../bridge.ts';

export type AuthorizationWay = 'window' | 'browser';

export type AuthorizationProgress =
  | { kind: 'idle' }
  | { kind: 'running'; way: AuthorizationWay | undefined; step: AuthorizationStep | null }
  | Extract<AuthorizationOutcome, { kind: 'confirm' }>
  | { kind: 'cancelled' }
  | { kind: 'failed'; error: AppError };

export interface StartAuthorization {
  readonly id: ConnectionId;
  readonly way?: AuthorizationWay | undefined;
  readonly fields?: Record<string, FieldValue>;
  readonly secrets?: Record<string, string>;
  readonly removedSecrets?: string[];
  readonly confirmFlowId?: string | undefined;
}

/** One log-in at a time: starts it, follows its steps, can cancel it and start it again another way. */
export function useAuthorization() {
  const [progress, setProgress] = useState<AuthorizationProgress>({ kind: 'idle' });
  const running = useRef<{ id: ConnectionId; attempt: number } | null>(null);
  const attempts = useRef(0);
  /** Resolves when the newest log-in has ended in main, which allows one at a time per connection. */
  const ended = useRef<Promise<unknown>>(Promise.resolve());

  useEffect(
    () =>
      events.connections.authorizationStep((step) => {
        if (running.current?.id !== step.connectionId) return;
        setProgress((before) => (before.kind === 'running' ? { ...before, step } : before));
      }),
    [],
  );
  // A log-in, or an answer, that nobody waits for any more is ended: closing the dialog is cancelling.
  useEffect(
    () => () => {
      if (running.current) void calls.connections.cancelAuthorization({ id: running.current.id });
    },
    [],
  );

  const settle = (outcome: AuthorizationOutcome): void => {
    if (outcome.kind === 'confirm') setProgress(outcome);
    else setProgress({ kind: outcome.kind === 'cancelled' ? 'cancelled' : 'idle' });
  };

  /** @returns the new authorization, or null when it ended in another way, which `progress` then shows */
  const start = async (how: StartAuthorization): Promise<Authorization | null> => {
    const { id, way } = how;
    attempts.current += 1;
    const attempt = attempts.current;
    running.current = { id, attempt };
    setProgress({ kind: 'running', way, step: null });
    try {
      const answer = calls.connections.authorize(how);
      ended.current = answer.catch(() => undefined);
      const outcome = await answer;
      if (attempt !== attempts.current) return null;
      if (outcome.kind !== 'confirm') running.current = null;
      settle(outcome);
      return outcome.kind === 'authorized' ? outcome.authorization : null;
    } catch (error) {
      if (attempt !== attempts.current) return null;
      running.current = null;
      const failure = toAppError(error);
      setProgress(failure.code === 'cancelled' ? { kind: 'cancelled' } : { kind: 'failed', error: failure });
      return null;
    }
  };

  const cancel = async (): Promise<void> => {
    const flow = running.current;
    if (!flow) return;
    try {
      await calls.connections.cancelAuthorization({ id: flow.id });
    } catch (error) {
      setProgress({ kind: 'failed', error: toAppError(error) });
    }
  };

  /** The same log-in another way: the first is given up before the second begins. */
  const restart = async (next: StartAuthorization): Promise<Authorization | null> => {
    attempts.current += 1;
    await calls.connections.cancelAuthorization({ id: next.id });
    await ended.current;
    return start(next);
  };

  /** Keeps the authorization before; the new grant is given back. */
  const refuse = async (id: ConnectionId): Promise<void> => {
    running.current = null;
    setProgress({ kind: 'idle' });
    try {
      await calls.connections.cancelAuthorization({ id });
    } catch (error) {
      setProgress({ kind: 'failed', error: toAppError(error) });
    }
  };

  return { progress, start, cancel, restart, refuse };
}
