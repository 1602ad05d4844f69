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
