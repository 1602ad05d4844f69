/** What a thread transport and its network thread say to each other. Both ends are built together, so no versions. */
import type { WireFailure, WireRequest } from './transport.ts';

export type ToThread =
  | { readonly kind: 'send' | 'stream'; readonly id: number; readonly wire: WireRequest }
  | { readonly kind: 'abort'; readonly id: number }
  /** The consumer has taken a chunk; one more may come. */
  | { readonly kind: 'pull'; readonly id: number }
  | { readonly kind: 'close' };

export type FromThread =
  | {
      readonly kind: 'answer';
      readonly id: number;
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Uint8Array;
    }
  | {
      readonly kind: 'opened';
      readonly id: number;
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'chunk'; readonly id: number; readonly body: Uint8Array }
  | { readonly kind: 'ended'; readonly id: number }
  | { readonly kind: 'failed'; readonly id: number; readonly failure: WireFailure }
  | { readonly kind: 'closed' };

/** The members of a Worker, its parentPort or a MessagePort that are used here. */
export interface Port<In, Out> {
  postMessage(message: Out, transfer?: readonly ArrayBuffer[]): void;
  on(event: 'message', listener: (message: In) => void): unknown;
}

/** Chunks of a stream that may be under way or unread at once. */
export const STREAM_WINDOW = 8;
/** A chunk grows to this size while the consumer is busy. Bytes. */
export const STREAM_CHUNK_BYTES = 256 * 1024;
