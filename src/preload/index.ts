import { contextBridge, ipcRenderer } from 'electron';
import { CALLS, EVENTS } from '../shared/ipc/channels.ts';

type Functions = Record<string, Record<string, unknown>>;

function group(names: readonly string[], make: (name: string) => unknown): Functions {
  const groups: Functions = {};
  for (const name of names) {
    const [subject = '', member = ''] = name.split('.');
    groups[subject] ??= {};
    groups[subject][member] = make(name);
  }
  return groups;
}

const call = (name: string) => (inputJson: string) => ipcRenderer.invoke(name, String(inputJson));

const subscribe = (name: string) => (listener: (payloadJson: string) => void) => {
  // The event object stays here: it would hand its `sender` to the page.
  const deliver = (_event: unknown, payloadJson: string): void => listener(payloadJson);
  ipcRenderer.on(name, deliver);
  return (): void => {
    ipcRenderer.removeListener(name, deliver);
  };
};

contextBridge.exposeInMainWorld('patchbay', { calls: group(CALLS, call), events: group(EVENTS, subscribe) });
