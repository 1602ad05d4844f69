/** The one place that opens sockets for connectors. undici's dispatch, not fetch: less work per request. */
import net from 'node:net';
import type { Readable } from 'node:stream';
import tls from 'node:tls';
import { Agent, buildConnector, type Dispatcher, ProxyAgent } from 'undici';
import { ConnectorError } from '../contract.ts';
import { createBodyCollector } from './body-collector.ts';
import { ACCEPT_ENCODING, decodeBody, encodingOf } from './decode.ts';
import { guardedConnector } from './guarded-connector.ts';
import { addressLiteral, checkUrl, parseUrl } from './hosts.ts';
import { toNetworkError } from './network-errors.ts';
import { streamBody } from './stream-body.ts';
import {
  cancelledError,
  type Transport,
  type WirePolicy,
  type WireRequest,
  type WireResponse,
  type WireStream,
} from './transport.ts';

const CONNECT_TIMEOUT_MS = 15_000;
const CONNECTIONS_PER_ORIGIN = 8;

/**
 * Pools are kept per policy (private networks, certificates, proxy), so that a connection that may reach private addresses
 * lends its sockets to none that may not.
 */
export function createUndiciTransport(): Transport {
  const dispatchers = new Map<string, Dispatcher>();
  const dispatcherFor = (policy: WirePolicy): Dispatcher => {
    const key = JSON.stringify([policy.allowPrivate, policy.ca ?? [], policy.proxy ?? '']);
    let dispatcher = dispatchers.get(key);
    if (dispatcher === undefined) {
      dispatcher = createDispatcher(policy);
      dispatchers.set(key, dispatcher);
    }
    return dispatcher;
  };
  return {
    send: (wire, signal) => sendWhole(dispatcherFor, wire, signal),
    stream: (wire, signal) => openStream(dispatcherFor, wire, signal),
    async close() {
      const all = [...dispatchers.values()];
      dispatchers.clear();
      await Promise.all(all.map((dispatcher) => dispatcher.destroy()));
    },
  };
}

function createDispatcher(policy: WirePolicy): Dispatcher {
  const tlsOptions = {
    // Said outright, so that NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment changes nothing.
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2' as const,
    ...(policy.ca === undefined || policy.ca.length === 0 ? {} : { ca: [...tls.rootCertificates, ...policy.ca] }),
  };
  const pool = {
    connections: CONNECTIONS_PER_ORIGIN,
    pipelining: 1,
    keepAliveTimeout: 30_000,
    maxHeaderSize: 65_536,
    headersTimeout: 0,
    bodyTimeout: 0,
    allowH2: false,
  };
  if (policy.proxy !== undefined)
    return new ProxyAgent({
      ...pool,
      uri: policy.proxy,
      proxyTunnel: true,
      requestTls: tlsOptions,
      proxyTls: tlsOptions,
    });
  const connectors = (lookup: net.LookupFunction): buildConnector.connector =>
    buildConnector({ ...tlsOptions, allowH2: false, timeout: CONNECT_TIMEOUT_MS, lookup });
  return new Agent({ ...pool, connect: guardedConnector(connectors, policy.allowPrivate) });
}

function toOptions(wire: WireRequest, url: URL): Dispatcher.DispatchOptions {
  const headers: Record<string, string> = { ...wire.headers };
  // Compressing for a server on this machine costs both sides more than the bytes it saves.
  if (headers['accept-encoding'] === undefined && !isLoopback(url.hostname))
    headers['accept-encoding'] = ACCEPT_ENCODING;
  return { origin: url.origin, path: url.pathname + url.search, method: wire.method, headers, body: wire.body ?? null };
}

function isLoopback(hostname: string): boolean {
  const literal = addressLiteral(hostname);
  return (
    hostname === 'localhost' ||
    literal === '::1' ||
    (literal !== null && net.isIPv4(literal) && literal.startsWith('127.'))
  );
}

async function sendWhole(
  dispatcherFor: (policy: WirePolicy) => Dispatcher,
  wire: WireRequest,
  signal: AbortSignal | undefined,
): Promise<WireResponse> {
  const url = parseUrl(wire.url);
  checkUrl(url, wire.policy);
  if (signal?.aborted === true) throw cancelledError();
  const raw = await exchange(dispatcherFor(wire.policy), wire, url, signal);
  const body = await decodeBody(
    raw.body,
    encodingOf(raw.headers['content-encoding'], url.host),
    wire.maxBodyBytes,
    url.host,
  );
  return { status: raw.status, headers: raw.headers, body };
}

function exchange(
  dispatcher: Dispatcher,
  wire: WireRequest,
  url: URL,
  signal: AbortSignal | undefined,
): Promise<WireResponse> {
  return new Promise((resolve, reject) => {
    const collector = createBodyCollector(wire.maxBodyBytes, url.host);
    let status = 0;
    let headers: Record<string, string> = {};
    let controller: Dispatcher.DispatchController | null = null;
    let isSettled = false;
    const settle = (finish: () => void): void => {
      if (isSettled) return;
      isSettled = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', abandon);
      finish();
    };
    const fail = (error: ConnectorError): void => {
      settle(() => reject(error));
      controller?.abort(error);
    };
    const abandon = (): void => fail(cancelledError());
    const timer = setTimeout(
      () =>
        fail(
          new ConnectorError(
            'timeout',
            `${url.host} did not finish its answer within ${wire.timeoutMs / 1000} seconds.`,
          ),
        ),
      wire.timeoutMs,
    );
    signal?.addEventListener('abort', abandon, { once: true });
    dispatcher.dispatch(toOptions(wire, url), {
      onRequestStart(started) {
        controller = started;
        if (isSettled) started.abort(cancelledError());
      },
      onResponseStart(_controller, statusCode, incoming) {
        status = statusCode;
        headers = flattenHeaders(incoming);
        const refusal = collector.begin(headers['content-length'], wire.method === 'HEAD');
        if (refusal !== null) fail(refusal);
      },
      onResponseData(_controller, chunk) {
        const refusal = isSettled ? null : collector.add(chunk);
        if (refusal !== null) fail(refusal);
      },
      onResponseEnd() {
        settle(() => resolve({ status, headers, body: collector.end() }));
      },
      onResponseError(_controller, error) {
        settle(() => reject(toNetworkError(error, url.host)));
      },
    });
  });
}

async function openStream(
  dispatcherFor: (policy: WirePolicy) => Dispatcher,
  wire: WireRequest,
  signal: AbortSignal | undefined,
): Promise<WireStream> {
  const url = parseUrl(wire.url);
  checkUrl(url, wire.policy);
  const abort = new AbortController();
  const abandon = (): void => abort.abort(cancelledError());
  if (signal?.aborted === true) throw cancelledError();
  signal?.addEventListener('abort', abandon, { once: true });
  const timer = setTimeout(
    () =>
      abort.abort(
        new ConnectorError('timeout', `${url.host} did not begin its answer within ${wire.timeoutMs / 1000} seconds.`),
      ),
    wire.timeoutMs,
  );
  try {
    const answer = await dispatcherFor(wire.policy).request({
      ...toOptions(wire, url),
      method: wire.method,
      signal: abort.signal,
    });
    const headers = flattenHeaders(answer.headers);
    const body = answer.body as unknown as Readable;
    const close = (): void => signal?.removeEventListener('abort', abandon);
    return {
      status: answer.statusCode,
      headers,
      body: streamBody(body, headers, {
        host: url.host,
        isRange: answer.statusCode === 206,
        stallMs: wire.timeoutMs,
        maxBodyBytes: wire.maxBodyBytes,
        close,
      }),
    };
  } catch (error) {
    signal?.removeEventListener('abort', abandon);
    throw toNetworkError(error, url.host);
  } finally {
    clearTimeout(timer);
  }
}

function flattenHeaders(incoming: Record<string, string | string[] | undefined>): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name in incoming) {
    const value = incoming[name];
    // A cookie is of no use to a client without a cookie jar, and would be one more secret to keep out of logs.
    if (value === undefined || name === 'set-cookie' || name === '__proto__') continue;
    headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}
