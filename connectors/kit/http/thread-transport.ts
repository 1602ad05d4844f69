/**
 * A {@link Transport} whose sockets, TLS and decompression are on another thread. A request is posted within the call, so
 * that a caller that blocks right afterwards has it on the wire; bodies are transferred, never copied.
 */
import { Worker } from 'node:worker_threads';
import { failureClassSchema } from '../../../src/shared/activity/activity.ts';
import { ConnectorError } from '../contract.ts';
import type { FromThread, Port, ToThread } from './thread-messages.ts';
import {
  cancelledError,
  type Transport,
  type WireFailure,
  type WireRequest,
  type WireResponse,
  type WireStream,
} from './transport.ts';

/** A Worker (or a MessagePort to one) that runs network-thread-main.ts. */
export interface NetworkThread extends Port<FromThread, ToThread> {
  on(event: 'message', listener: (message: FromThread) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'exit' | 'close', listener: () => void): unknown;
  terminate?(): Promise<number>;
  close?(): void;
}

interface Pending {
  answer?(message: Extract<FromThread, { kind: 'answer' }>): void;
  opened?(message: Extract<FromThread, { kind: 'opened' }>): void;
  chunk?(body: Uint8Array): void;
  ended?(): void;
  failed(error: ConnectorError): void;
}

/**
 * Starts a network thread and sends through it.
 * @param file the built bundle whose entry calls `runNetworkThread`
 */
export function createThreadTransport(file: string): Transport {
  // Bodies and the sockets' buffers live outside the heap and are freed by collections of young objects. With room for many of
  // those there are few such collections, and the memory outside makes V8 collect everything instead: 0.9 ms and 30 MB more.
  return overThread(new Worker(file, { name: 'network', resourceLimits: { maxYoungGenerationSizeMb: 2 } }));
}

/** Sends through a thread that is there already. */
export function overThread(thread: NetworkThread): Transport {
  const pending = new Map<number, Pending>();
  let lastId = 0;
  let lost: ConnectorError | null = null;
  let closed: (() => void) | null = null;

  const lose = (): void => {
    lost ??= new ConnectorError('worker_crashed', 'The network thread stopped.');
    for (const waiting of [...pending.values()]) waiting.failed(lost);
    pending.clear();
    closed?.();
  };
  thread.on('message', (message) => {
    if (message.kind === 'closed') {
      closed?.();
      return;
    }
    const waiting = pending.get(message.id);
    // Late words about a request that was stopped.
    if (waiting === undefined) return;
    switch (message.kind) {
      case 'answer':
        waiting.answer?.(message);
        break;
      case 'opened':
        waiting.opened?.(message);
        break;
      case 'chunk':
        waiting.chunk?.(message.body);
        break;
      case 'ended':
        waiting.ended?.();
        break;
      case 'failed':
        waiting.failed(fromWireFailure(message.failure));
        break;
    }
  });
  thread.on('error', lose);
  thread.on('exit', lose);
  thread.on('close', lose);

  /** Posts a request and forgets it when it is over, whichever way. */
  const start = (
    kind: 'send' | 'stream',
    wire: WireRequest,
    signal: AbortSignal | undefined,
    make: (id: number, done: () => void) => Pending,
  ): void => {
    lastId += 1;
    const id = lastId;
    const abandon = (): void => {
      thread.postMessage({ kind: 'abort', id });
      pending.get(id)?.failed(cancelledError());
    };
    const done = (): void => {
      pending.delete(id);
      signal?.removeEventListener('abort', abandon);
    };
    pending.set(id, make(id, done));
    signal?.addEventListener('abort', abandon, { once: true });
    post(thread, kind, id, wire);
  };

  const refusal = (signal: AbortSignal | undefined): ConnectorError | null =>
    lost ?? (signal?.aborted === true ? cancelledError() : null);

  return {
    send: (wire, signal) =>
      new Promise<WireResponse>((resolve, reject) => {
        const refused = refusal(signal);
        if (refused !== null) {
          reject(refused);
          return;
        }
        start('send', wire, signal, (_id, done) => ({
          answer({ status, headers, body }) {
            done();
            resolve({ status, headers, body });
          },
          failed(error) {
            done();
            reject(error);
          },
        }));
      }),
    stream: (wire, signal) =>
      new Promise<WireStream>((resolve, reject) => {
        const refused = refusal(signal);
        if (refused !== null) {
          reject(refused);
          return;
        }
        start('stream', wire, signal, (id, done) => {
          const chunks = createChunkQueue(
            () => thread.postMessage({ kind: 'pull', id }),
            (isOver) => {
              done();
              if (!isOver) thread.postMessage({ kind: 'abort', id });
            },
          );
          return {
            opened: ({ status, headers }) => resolve({ status, headers, body: chunks.body }),
            chunk: chunks.push,
            ended() {
              done();
              chunks.end();
            },
            failed(error) {
              done();
              chunks.fail(error);
              reject(error);
            },
          };
        });
      }),
    async close() {
      if (lost !== null) return;
      await new Promise<void>((resolve) => {
        closed = resolve;
        thread.postMessage({ kind: 'close' });
      });
      lose();
    },
  };
}

/** A body in a buffer of its own: a view over a shared pool would be sent with all of the pool. */
function post(thread: NetworkThread, kind: 'send' | 'stream', id: number, wire: WireRequest): void {
  if (wire.body === undefined) {
    thread.postMessage({ kind, id, wire });
    return;
  }
  const body = Uint8Array.from(wire.body);
  thread.postMessage({ kind, id, wire: { ...wire, body } }, [body.buffer]);
}

interface ChunkQueue {
  readonly body: AsyncIterable<Uint8Array>;
  push(chunk: Uint8Array): void;
  end(): void;
  fail(error: ConnectorError): void;
}

/** @param over called once, with whether the stream came to its end */
function createChunkQueue(pull: () => void, over: (isOver: boolean) => void): ChunkQueue {
  const chunks: Uint8Array[] = [];
  let end: { readonly error: ConnectorError | null } | null = null;
  let wake: (() => void) | null = null;
  const rouse = (): void => {
    wake?.();
    wake = null;
  };
  const finish = (error: ConnectorError | null): void => {
    end ??= { error };
    rouse();
  };
  async function* read(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const chunk = chunks.shift();
        if (chunk !== undefined) {
          pull();
          yield chunk;
        } else if (end === null) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        } else if (end.error === null) {
          return;
        } else {
          throw end.error;
        }
      }
    } finally {
      over(end !== null);
    }
  }
  return {
    body: read(),
    push(chunk) {
      chunks.push(chunk);
      rouse();
    },
    end: () => finish(null),
    fail: finish,
  };
}

function fromWireFailure(failure: WireFailure): ConnectorError {
  const failureClass = failureClassSchema.catch('internal').parse(failure.failureClass);
  return new ConnectorError(failureClass, failure.message, { vendorCode: failure.code });
}
