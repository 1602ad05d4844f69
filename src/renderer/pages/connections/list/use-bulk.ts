import { useCallback, useEffect, useRef, useState } from 'react';
import type { AppError } from '../../../../shared/app-error.ts';
import type { ConnectionId } from '../../../../shared/ids.ts';
import type { BulkAction, BulkResult } from '../../../../shared/ipc/contract/connection-list.ts';
import { calls, events, toAppError } from '../../../bridge.ts';

export interface BulkState {
  readonly phase: 'asking' | 'running' | 'done';
  /** What is known so far, by connection. */
  readonly results: ReadonlyMap<string, BulkResult>;
  readonly error: AppError | null;
}

function newBulkId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => (byte % 36).toString(36)).join('');
}

const byId = (results: readonly BulkResult[]) => new Map(results.map((result) => [result.id as string, result]));

/** One bulk action: begun once, followed step by step, stopped when wanted. */
export function useBulk(action: BulkAction, ids: readonly ConnectionId[]) {
  const [state, setState] = useState<BulkState>({ phase: 'asking', results: new Map(), error: null });
  const running = useRef<string | null>(null);

  useEffect(
    () =>
      events.connections.bulkStep(({ bulkId, results }) => {
        if (bulkId !== running.current) return;
        setState((before) => ({ ...before, results: new Map([...before.results, ...byId(results)]) }));
      }),
    [],
  );

  const start = useCallback(
    async (typed: string): Promise<void> => {
      const bulkId = newBulkId();
      running.current = bulkId;
      setState({ phase: 'running', results: new Map(), error: null });
      try {
        const { results } = await calls.connections.bulk({ bulkId, action, ids: [...ids], typed });
        setState({ phase: 'done', results: byId(results), error: null });
      } catch (error) {
        setState({ phase: 'asking', results: new Map(), error: toAppError(error) });
      } finally {
        running.current = null;
      }
    },
    [action, ids],
  );

  const cancel = useCallback((): void => {
    if (running.current !== null) void calls.connections.cancelBulk({ bulkId: running.current });
  }, []);

  return { state, start, cancel };
}
