/** The network thread: serves a {@link Transport} to the thread that started it. */
import { parentPort } from 'node:worker_threads';
import { type FromThread, type Port, STREAM_CHUNK_BYTES, STREAM_WINDOW, type ToThread } from './thread-messages.ts';
import { type Transport, toWireFailure, type WireRequest } from './transport.ts';
import { createUndiciTransport } from './undici-transport.ts';

interface Running {
  readonly abort: AbortController;
  /** Lets one more chunk of a stream go. */
  pull(): void;
}

/** Entry of the worker thread: everything it needs comes by messages. */
export function runNetworkThread(): void {
  if (parentPort === null) throw new Error('The network thread must be started as a worker thread.');
  const port = parentPort;
  serveTransport(port as Port<ToThread, FromThread>, createUndiciTransport(), () => port.close());
}

/** @param closed called when the transport has been closed on demand */
export function serveTransport(port: Port<ToThread, FromThread>, transport: Transport, closed: () => void): void {
  const running = new Map<number, Running>();
  const work = async (id: number, act: (abort: AbortController) => Promise<void>, pull: () => void): Promise<void> => {
    const abort = new AbortController();
    running.set(id, { abort, pull });
    try {
      await act(abort);
    } catch (error) {
      port.postMessage({ kind: 'failed', id, failure: toWireFailure(error) });
    } finally {
      running.delete(id);
    }
  };
  port.on('message', (message) => {
    switch (message.kind) {
      case 'send':
        void work(
          message.id,
          (abort) => send(port, transport, message.id, message.wire, abort.signal),
          () => undefined,
        );
        break;
      case 'stream': {
        const credit = createCredit();
        void work(
          message.id,
          (abort) => stream(port, transport, message.id, message.wire, abort.signal, credit),
          credit.give,
        );
        break;
      }
      case 'abort':
        running.get(message.id)?.abort.abort();
        break;
      case 'pull':
        running.get(message.id)?.pull();
        break;
      case 'close':
        void transport.close().then(() => {
          port.postMessage({ kind: 'closed' });
          closed();
        });
        break;
    }
  });
}

async function send(
  port: Port<ToThread, FromThread>,
  transport: Transport,
  id: number,
  wire: WireRequest,
  signal: AbortSignal,
): Promise<void> {
  const { status, headers, body } = await transport.send(wire, signal);
  port.postMessage({ kind: 'answer', id, status, headers, body }, [body.buffer as ArrayBuffer]);
}

async function stream(
  port: Port<ToThread, FromThread>,
  transport: Transport,
  id: number,
  wire: WireRequest,
  signal: AbortSignal,
  credit: Credit,
): Promise<void> {
  const { status, headers, body } = await transport.stream(wire, signal);
  port.postMessage({ kind: 'opened', id, status, headers });
  let gathered: Uint8Array[] = [];
  let size = 0;
  const flush = async (): Promise<void> => {
    if (size === 0) return;
    await credit.take(signal);
    const whole = join(gathered, size);
    gathered = [];
    size = 0;
    port.postMessage({ kind: 'chunk', id, body: whole }, [whole.buffer as ArrayBuffer]);
  };
  for await (const chunk of body) {
    gathered.push(chunk);
    size += chunk.byteLength;
    // A consumer that waits gets what there is; one that is busy gets fewer and larger pieces.
    if (credit.isIdle() || size >= STREAM_CHUNK_BYTES) await flush();
  }
  await flush();
  port.postMessage({ kind: 'ended', id });
}

function join(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}

interface Credit {
  /** True when the consumer has read everything that was sent. */
  isIdle(): boolean;
  take(signal: AbortSignal): Promise<void>;
  give(): void;
}

function createCredit(): Credit {
  let free = STREAM_WINDOW;
  let wake: (() => void) | null = null;
  const rouse = (): void => {
    wake?.();
    wake = null;
  };
  return {
    isIdle: () => free === STREAM_WINDOW,
    give() {
      free += 1;
      rouse();
    },
    async take(signal) {
      signal.addEventListener('abort', rouse, { once: true });
      while (free === 0 && !signal.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      signal.removeEventListener('abort', rouse);
      free -= 1;
    },
  };
}
