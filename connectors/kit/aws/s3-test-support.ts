/** For tests of S3: a context over the real wire, and an HTTP server around a handler. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FieldValue } from '../../../src/shared/connection/connection.ts';
import { type ConnectorContext, ConnectorError, type HttpClient, type HttpRequest } from '../contract.ts';
import { judge } from '../errors.ts';
import type { WireRequest } from '../http/transport.ts';
import { createUndiciTransport } from '../http/undici-transport.ts';
import type { Manifest } from '../manifest.ts';
import { Secret } from '../secret.ts';

export interface TestContext extends ConnectorContext {
  readonly lines: readonly string[];
  close(): Promise<void>;
}

export interface TestConnection {
  readonly manifest: Manifest;
  readonly baseUrl: string;
  readonly fields: Readonly<Record<string, FieldValue>>;
  readonly secrets: Readonly<Record<string, string>>;
}

/** Host rules, sockets and error table are the real ones; limits and retries, which other tests are about, are left out. */
export function createTestContext({ manifest, baseUrl, fields, secrets }: TestConnection): TestContext {
  const lines: string[] = [];
  const transport = createUndiciTransport();
  const host = new URL(baseUrl).host;
  const wire = (request: HttpRequest): WireRequest => ({
    url: request.url,
    method: request.method ?? 'GET',
    headers: request.headers ?? {},
    timeoutMs: request.timeoutMs ?? 20_000,
    maxBodyBytes: request.maxBodyBytes ?? Number.POSITIVE_INFINITY,
    policy: { allowPrivate: true, allowedHosts: [host] },
  });
  const refuse = (request: HttpRequest, status: number, text: string): void => {
    if ((status >= 200 && status < 300) || request.acceptStatus?.includes(status) === true) return;
    const { rule, vendorCode, message } = judge({ status, text, host, about: request.about }, manifest.errors);
    throw new ConnectorError(rule.class, message, { status, vendorCode });
  };
  const client: Pick<HttpClient, 'send' | 'stream'> = {
    async send(request) {
      const answer = await transport.send(wire(request));
      const text = Buffer.from(answer.body).toString('utf8');
      refuse(request, answer.status, text);
      return { ...answer, url: request.url, text: () => text, json: () => JSON.parse(text) as unknown };
    },
    async stream(request) {
      const answer = await transport.stream(wire(request));
      if (answer.status >= 300) refuse(request, answer.status, await textOf(answer.body));
      return answer;
    },
  };
  const access = { credentials: secretsOf(secrets), expiresAtMs: null, learned: {} };
  return {
    http: client,
    access: { current: async () => access, renew: async () => access },
    urls: { fields, learned: {}, apiBaseUrl: baseUrl },
    signal: new AbortController().signal,
    now: () => Date.now(),
    log: (line) => void lines.push(line),
    lines,
    close: () => transport.close(),
  };
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
