/** A local HTTP server for practice: routes, a request log, and the ways it can be made to misbehave. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PracticeCommand, PracticeRequestLog } from './contract.ts';
import {
  createRouter,
  PracticeRefusal,
  type PracticeReply,
  type PracticeRequest,
  type PracticeRoute,
  type RouteMatch,
} from './routes.ts';

const LOG_SIZE = 10_000;
const MAX_REQUEST_BYTES = 100_000_000;

export interface PracticeServerOptions {
  /** 0 = any free port. */
  readonly port: number;
  readonly routes: readonly PracticeRoute[];
  readonly latencyMs?: number | undefined;
  /** The system's own words for an unknown path; default a plain 404. */
  readonly notFound?: ((request: PracticeRequest) => PracticeReply) | undefined;
  /** The system's own words when a limit is set and passed; `Retry-After` is added where it is absent. */
  readonly tooManyRequests?: ((retryAfterSeconds: number) => PracticeReply) | undefined;
}

export interface PracticeServer {
  readonly baseUrl: string;
  readonly requests: readonly PracticeRequestLog[];
  /** Handles `rateLimit`, `failNext` and `latency`, and clears all three on `restore`. @returns whether it knew the command */
  command(command: PracticeCommand): boolean;
  close(): Promise<void>;
}

interface Mischief {
  latencyMs: number;
  failure: { readonly reply: PracticeReply; times: number } | null;
  limit: { readonly requests: number; readonly perMs: number; startedAt: number; used: number } | null;
}

/** Listens on 127.0.0.1 only. @throws Error when the port is taken */
export async function startPracticeServer(options: PracticeServerOptions): Promise<PracticeServer> {
  const match = createRouter(options.routes);
  const log: PracticeRequestLog[] = [];
  const calm = (): Mischief => ({ latencyMs: options.latencyMs ?? 0, failure: null, limit: null });
  let mischief = calm();

  const answer = async (incoming: http.IncomingMessage, outgoing: http.ServerResponse): Promise<void> => {
    const atMs = Date.now();
    const found = match(incoming.method ?? 'GET', pathOf(incoming));
    const request = await toRequest(incoming, found, origin());
    const isData = found !== null && found.route.isData !== false;
    if (isData && mischief.latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, mischief.latencyMs));
    const reply =
      (isForeignHost(incoming)
        ? { status: 421, text: 'This practice server answers to its own address only.' }
        : null) ??
      (isData ? interfere(mischief, options, atMs) : null) ??
      (await handle(found, request, options));
    const status = reply.status ?? 200;
    log.push({ method: request.method, path: request.path, query: request.query.toString(), status, atMs });
    if (log.length > LOG_SIZE) log.splice(0, log.length - LOG_SIZE);
    await write(outgoing, reply, request.method === 'HEAD');
  };
  // Large enough for a system to refuse long addresses by itself, as its own limits say.
  const server = http.createServer({ maxHeaderSize: 256 * 1024 }, (incoming, outgoing) => {
    answer(incoming, outgoing).catch((error: unknown) => {
      if (outgoing.headersSent || outgoing.destroyed) {
        outgoing.destroy();
        return;
      }
      outgoing.writeHead(500, { 'content-type': 'text/plain' });
      outgoing.end(`The practice server failed: ${error instanceof Error ? error.message : String(error)}`);
    });
  });
  server.keepAliveTimeout = 60_000;
  const origin = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    baseUrl: origin(),
    requests: log,
    command(command) {
      if (command.kind === 'latency') mischief.latencyMs = command.ms;
      else if (command.kind === 'rateLimit')
        mischief.limit = { requests: command.requests, perMs: command.perSeconds * 1000, startedAt: 0, used: 0 };
      else if (command.kind === 'failNext')
        mischief.failure = {
          reply: { status: command.status, headers: command.headers, body: command.body ?? '' },
          times: command.times,
        };
      else if (command.kind === 'restore') mischief = calm();
      else return false;
      return true;
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve, reject) =>
        server.close((error) => (error === undefined ? resolve() : reject(error))),
      );
    },
  };
}

/** The answer that stands before the route: a forced failure, or a limit that is used up. */
function interfere(mischief: Mischief, options: PracticeServerOptions, nowMs: number): PracticeReply | null {
  if (mischief.failure !== null && mischief.failure.times > 0) {
    mischief.failure.times -= 1;
    return mischief.failure.reply;
  }
  const { limit } = mischief;
  if (limit === null) return null;
  if (nowMs - limit.startedAt >= limit.perMs) {
    limit.startedAt = nowMs;
    limit.used = 0;
  }
  limit.used += 1;
  if (limit.used <= limit.requests) return null;
  const retryAfterSeconds = Math.max(1, Math.ceil((limit.startedAt + limit.perMs - nowMs) / 1000));
  const reply = options.tooManyRequests?.(retryAfterSeconds) ?? { status: 429, text: 'Too many requests' };
  return { ...reply, headers: { 'retry-after': String(retryAfterSeconds), ...reply.headers } };
}

async function handle(
  found: RouteMatch | null,
  request: PracticeRequest,
  options: PracticeServerOptions,
): Promise<PracticeReply> {
  if (found === null) return options.notFound?.(request) ?? { status: 404, text: 'Not found' };
  try {
    return await found.route.handle(request);
  } catch (error) {
    if (error instanceof PracticeRefusal) return error.reply;
    throw error;
  }
}

function pathOf(incoming: http.IncomingMessage): string {
  const raw = (incoming.url ?? '/').split('?')[0] ?? '/';
  try {
    return decodeURIComponent(raw);
  } catch {
    // Not valid percent-encoding: it can match no route, so it is shown as it came.
    return raw;
  }
}

/** Another name for this address means that a page elsewhere has bent its own name to it. */
function isForeignHost(incoming: http.IncomingMessage): boolean {
  return !/^(?:127\.0\.0\.1|localhost)(?::\d{1,5})?$/i.test(incoming.headers.host ?? '');
}

async function toRequest(
  incoming: http.IncomingMessage,
  found: RouteMatch | null,
  origin: string,
): Promise<PracticeRequest> {
  const target = incoming.url ?? '/';
  const body = await readBody(incoming);
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(incoming.headers))
    headers[name] = Array.isArray(value) ? value.join(', ') : value;
  return {
    method: incoming.method ?? 'GET',
    path: pathOf(incoming),
    target,
    query: new URLSearchParams(target.includes('?') ? target.slice(target.indexOf('?') + 1) : ''),
    params: found?.params ?? {},
    headers,
    body,
    origin,
    text: () => body.toString('utf8'),
    json: () => parseBody(body),
    form: () => new URLSearchParams(body.toString('utf8')),
  };
}

function parseBody(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    throw new PracticeRefusal({ status: 400, text: 'The body is not JSON.' });
  }
}

async function readBody(incoming: http.IncomingMessage): Promise<Buffer> {
  if (incoming.method === 'GET' || incoming.method === 'HEAD') return Buffer.alloc(0);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > MAX_REQUEST_BYTES) throw new Error('The request is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function write(outgoing: http.ServerResponse, reply: PracticeReply, isHead: boolean): Promise<void> {
  const { type, body } = bodyOf(reply);
  const headers: Record<string, string> = { ...(type === null ? {} : { 'content-type': type }), ...reply.headers };
  if (typeof body === 'string' || body instanceof Uint8Array) {
    const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
    outgoing.writeHead(reply.status ?? 200, { 'content-length': String(bytes.byteLength), ...headers });
    outgoing.end(isHead ? undefined : bytes);
    return;
  }
  outgoing.writeHead(reply.status ?? 200, headers);
  for (const chunk of isHead ? [] : body) {
    if (!outgoing.write(chunk)) await new Promise((resolve) => outgoing.once('drain', resolve));
  }
  outgoing.end();
}

function bodyOf(reply: PracticeReply): { type: string | null; body: string | Uint8Array | Iterable<Uint8Array> } {
  if (reply.json !== undefined) return { type: 'application/json;charset=UTF-8', body: JSON.stringify(reply.json) };
  if (reply.html !== undefined) return { type: 'text/html; charset=utf-8', body: reply.html };
  if (reply.text !== undefined) return { type: 'text/plain; charset=utf-8', body: reply.text };
  return { type: null, body: reply.body ?? '' };
}
