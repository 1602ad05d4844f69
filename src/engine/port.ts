/** How the worker's process talks to main: an Electron utility process has a parent port, a child process of Node has IPC. */
export interface WorkerPort {
  post(message: unknown): void;
  /** @param listener gets every message, unparsed */
  listen(listener: (message: unknown) => void): void;
  /** Called when main is gone. */
  onClosed(listener: () => void): void;
}

interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): void;
}

/** @throws Error when the process was not started by main */
export function openPort(): WorkerPort {
  const parent = (process as { parentPort?: ParentPort }).parentPort;
  if (parent !== undefined) {
    return {
      post: (message) => parent.postMessage(message),
      listen: (listener) => parent.on('message', ({ data }) => listener(data)),
      // Electron ends a utility process together with its parent.
      onClosed: () => undefined,
    };
  }
  if (process.send === undefined) throw new Error('The worker was not started by Patchbay.');
  return {
    post: (message) => void process.send?.(message),
    listen: (listener) => void process.on('message', listener),
    onClosed: (listener) => void process.on('disconnect', listener),
  };
}
