/** For tests of S3: a context over the real wire, and an HTTP server around a handler. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FieldValue } from '../../../src/shared/connection/connection.ts';
import type { Connector } from '../connector.ts';
import type { ConnectorContext } from '../contract.ts';
import { createUndiciTransport } from '../http/undici-transport.ts';
import { openConnection } from '../runtime.ts';
import { Secret } from '../secret.ts';

export interface TestContext extends ConnectorContext {
  readonly lines: readonly string[];
  close(): Promise<void>;
}

export interface TestConnection {
  readonly connector: Connector;
  readonly baseUrl: string;
  readonly fields: Readonly<Record<string, FieldValue>>;
  readonly secrets: Readonly<Record<string, string>>;
}

/** An open connection as the app makes it. */
export function createTestContext({ connector, baseUrl, fields, secrets }: TestConnection): TestContext {
  const lines: string[] = [];
  const transport = createUndiciTransport();
  const access = { credentials: secretsOf(secrets), expiresAtMs: null, learned: {} };
  const context = openConnection({
    connector,
    authMethodId: 'access-key',
    fields,
    overrides: { apiBaseUrl: baseUrl, allowPrivateNetwork: true },
    learned: {},
    access: { current: async () => access, renew: async () => access },
    transport,
    signal: new AbortController().signal,
    now: () => Date.now(),
    log: (line) => void lines.push(line),
  });
  return { ...context, lines, close: () => transport.close() };
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function secretsOf(secrets: Readonly<Record<string, string>>): Record<string, Secret> {
  return Object.fromEntries(Object.entries(secrets).map(([name, value]) => [name, new Secret(value)]));
}

export interface TestRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  readonly nowMs: number;
}

export interface TestAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Iterable<Uint8Array> | undefined;
}

export interface TestServer {
  readonly baseUrl: string;
  readonly requests: readonly {
    readonly method: string;
    readonly target: string;
    readonly headers: TestRequest['headers'];
    readonly status: number;
  }[];
  /** Cuts the connection of the next `times` bodies after so many bytes. */
  cutAfter(bytes: number, times: number): void;
  /** Asked before the handler; an answer ends the matter. */
  intercept(handler: ((request: TestRequest) => TestAnswer | null) | null): void;
  close(): Promise<void>;
}

export async function serve(handle: (request: TestRequest) => TestAnswer): Promise<TestServer> {
  const requests: { method: string; target: string; headers: TestRequest['headers']; status: number }[] = [];
  let cut = { bytes: 0, times: 0 };
  let intercepted: ((request: TestRequest) => TestAnswer | null) | null = null;
  const answerTo = async (incoming: http.IncomingMessage, outgoing: http.ServerResponse): Promise<void> => {
    const headers = Object.fromEntries(
      Object.entries(incoming.headers).map(([name, value]) => [name, value?.toString()]),
    );
    const request: TestRequest = {
      method: incoming.method ?? 'GET',
      target: incoming.url ?? '/',
      headers,
      body: Buffer.from(await textOf(incoming)),
      nowMs: Date.now(),
    };
    const answer = intercepted?.(request) ?? handle(request);
    requests.push({ method: request.method, target: request.target, headers, status: answer.status });
    outgoing.writeHead(answer.status, answer.headers);
    if (answer.body === undefined || request.method === 'HEAD') {
      outgoing.end();
      return;
    }
    const isCut = cut.times > 0 && answer.status < 300 && /x-id=GetObject/.test(request.target);
    if (isCut) cut = { ...cut, times: cut.times - 1 };
    await pipeline(Readable.from(isCut ? cutBody(answer.body, cut.bytes) : answer.body), outgoing);
  };
  const server = http.createServer((incoming, outgoing) => {
    // A client that leaves early, and a cut on purpose, end here.
    answerTo(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    cutAfter: (bytes, times) => {
      cut = { bytes, times };
    },
    intercept: (handler) => {
      intercepted = handler;
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve, reject) =>
        server.close((error) => (error === undefined ? resolve() : reject(error))),
      );
    },
  };
}

function* cutBody(body: Iterable<Uint8Array>, bytes: number): Iterable<Uint8Array> {
  let sent = 0;
  for (const chunk of body) {
    if (sent + chunk.length > bytes) {
      yield chunk.subarray(0, bytes - sent);
      throw new Error('Cut on purpose.');
    }
    sent += chunk.length;
    yield chunk;
  }
}
