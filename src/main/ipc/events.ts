import type { WebContents } from 'electron';
import type { EventName } from '../../shared/ipc/channels.ts';
import { EVENT_CONTRACT, type EventPayload } from '../../shared/ipc/contract.ts';

export type Push = <N extends EventName>(name: N, payload: EventPayload<N>) => void;

/** Pushes checked events as JSON text to the app's windows. */
export function createPush(windows: () => readonly WebContents[]): Push {
  return (name, payload) => {
    const text = JSON.stringify(EVENT_CONTRACT[name].parse(payload));
    for (const contents of windows()) if (!contents.isDestroyed()) contents.send(name, text);
  };
}

/**
 * Lets at most one call through in `intervalMs`; the last value is never lost. Returns the throttled function and a way
 * to send what waits at once.
 */
export function throttleLatest<T>(
  intervalMs: number,
  send: (value: T) => void,
): { push: (value: T) => void; flush: () => void } {
  let timer: NodeJS.Timeout | null = null;
  let waiting: { value: T } | null = null;
  const flush = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (waiting === null) return;
    const { value } = waiting;
    waiting = null;
    send(value);
  };
  const push = (value: T): void => {
    if (timer !== null) {
      waiting = { value };
      return;
    }
    send(value);
    timer = setTimeout(() => {
      timer = null;
      if (waiting !== null) {
        const { value: last } = waiting;
        waiting = null;
        push(last);
      }
    }, intervalMs);
  };
  return { push, flush };
}
