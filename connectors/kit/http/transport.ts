/**
 * The wire below the HTTP client. A request is plain data, so that it can cross a thread boundary; who may be reached is
 * part of it and is checked again where the socket is opened. A transport knows nothing of credentials, retries or limits.
 */
import type { FailureClass } from '../../../src/shared/activity/activity.ts';
import { ConnectorError } from '../contract.ts';

/** Who a request may reach. */
export interface WirePolicy {
  /** Loopback and private addresses, and then also plain http to them. Metadata and link-local addresses never. */
  readonly allowPrivate: boolean;
  /**
   * "host" or ".suffix" (https on the default port only; the bare suffix is not matched), or "host:port".
   * Lower case; IPv6 in brackets.
   */
  readonly allowedHosts: readonly string[];
  /** PEM certificates trusted besides the public ones. */
  readonly ca?: readonly string[] | undefined;
  /** URL of an HTTP proxy; names are then resolved by the proxy, only address literals can be judged here. */
  readonly proxy?: string | undefined;
}

export interface WireRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD';
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | undefined;
  /** Whole exchange for `send`; for `stream` until the headers, then per stall. Milliseconds. */
  readonly timeoutMs: number;
  /** After decompression, bytes; Infinity = no cap (streams only). */
  readonly maxBodyBytes: number;
  readonly policy: WirePolicy;
}

export interface WireResponse {
  readonly status: number;
  /** Lower-case names; repeated headers joined with ", " (`set-cookie` is dropped). */
  readonly headers: Readonly<Record<string, string>>;
  /** Decompressed; owns its whole ArrayBuffer, so that it can be transferred. */
  readonly body: Uint8Array;
}

export interface WireStream {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Decompressed chunks, read at the pace of the consumer; leaving the loop early closes the connection. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** Sends and never judges a status: redirects, 4xx and 5xx are answers. @throws ConnectorError for everything else */
export interface Transport {
  send(wire: WireRequest, signal?: AbortSignal): Promise<WireResponse>;
  stream(wire: WireRequest, signal?: AbortSignal): Promise<WireStream>;
  close(): Promise<void>;
}

/** A ConnectorError as plain data, for the way across a thread. */
export interface WireFailure {
  readonly failureClass: FailureClass;
  readonly message: string;
  readonly code?: string | undefined;
}

export function toWireFailure(error: unknown): WireFailure {
  if (error instanceof ConnectorError)
    return { failureClass: error.failureClass, message: error.message, code: error.vendorCode };
  return {
    failureClass: 'internal',
    message: `The network thread failed: ${error instanceof Error ? error.message : String(error)}`,
  };
}

export function cancelledError(): ConnectorError {
  return new ConnectorError('cancelled', 'The request was stopped.');
}
