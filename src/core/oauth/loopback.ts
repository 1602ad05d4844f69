/**
 * The system browser's way back: a listener on the machine itself, on one path, for one valid answer. Everything else that
 * knocks gets a constant page and changes nothing.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AppError } from '../../shared/app-error.ts';
import type { Callback } from './flow.ts';

const MAX_CONNECTIONS = 256;
const SLOW_CLIENT_MS = 5000;
/** What a browser gets to read the last page before its connection is dropped. */
const LAST_PAGE_MS = 300;

export interface LoopbackOptions {
  readonly host: '127.0.0.1' | 'localhost';
  /** Tried in order; 0 = any free one. */
  readonly ports: readonly number[];
  readonly path: string;
  /** @returns true when the request was the awaited answer, which ends the listening */
  readonly onCallback: (callback: Callback) => boolean;
}

export interface Loopback {
  readonly port: number;
  /** Stops listening at once and soon drops what is still connected. */
  close(): Promise<void>;
}

/** @throws AppError authorization_failed when every port is taken by other programs */
export async function listenOnLoopback(options: LoopbackOptions): Promise<Loopback> {
  for (const port of options.ports) {
    const servers = await bind(options, port);
    if (servers !== null) {
      const first = servers[0]?.address() as AddressInfo;
      return { port: first.port, close: () => closeAll(servers) };
    }
  }
  throw new AppError(
    'authorization_failed',
    `The log-in cannot come back from the browser: the ports ${options.ports.join(', ')} of this machine are in use. Close the program that uses one of them, or authorize in a window.`,
  );
}

/** "localhost" may mean either family to a browser, so both must be ours or the port is not used. */
async function bind(options: LoopbackOptions, port: number): Promise<Server[] | null> {
  const servers: Server[] = [];
  const close = (): void => void closeAll(servers);
  const first = await listen(options, '127.0.0.1', port, close);
  if (first === 'taken' || first === 'absent') return null;
  servers.push(first);
  if (options.host === '127.0.0.1') return servers;
  const second = await listen(options, '::1', (first.address() as AddressInfo).port, close);
  if (second === 'taken') {
    await closeAll(servers);
    return null;
  }
  if (second !== 'absent') servers.push(second);
  return servers;
}

/** @returns "absent" where the machine has no such address */
function listen(
  options: LoopbackOptions,
  address: string,
  port: number,
  onDone: () => void,
): Promise<Server | 'taken' | 'absent'> {
  // Told once: a request that comes while the server closes finds no address any more.
  let origin = '';
  const limits = {
    maxHeaderSize: 32 * 1024,
    requestTimeout: SLOW_CLIENT_MS,
    headersTimeout: SLOW_CLIENT_MS,
    connectionsCheckingInterval: 1000,
  };
  const server = createServer(limits, (request, response) => answer(options, origin, request, response, onDone));
  server.maxConnections = MAX_CONNECTIONS;
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve('taken');
      else if (error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT') resolve('absent');
      else reject(error);
    });
    server.listen({ host: address, port, exclusive: true }, () => {
      origin = `http://${options.host}:${(server.address() as AddressInfo).port}`;
      resolve(server);
    });
  });
}

function answer(
  options: LoopbackOptions,
  origin: string,
  request: IncomingMessage,
  response: ServerResponse,
  onDone: () => void,
): void {
  // A page on another site that has its name point here sends its own name as Host.
  const isForUs =
    `http://${request.headers.host ?? ''}` === origin && (request.url ?? '').split('?')[0] === options.path;
  const callback =
    isForUs && request.method === 'GET' ? { method: request.method, url: `${origin}${request.url}` } : null;
  if (callback === null) {
    reply(response, 404, NOT_HERE);
  } else if (options.onCallback(callback)) {
    response.once('finish', onDone);
    reply(response, 200, RECEIVED);
  } else {
    reply(response, 400, NOT_AWAITED);
  }
}

const page = (title: string, text: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title></head><body><h1>${title}</h1><p>${text}</p></body></html>`;

/** Constant: no byte of the request comes back. They do not say whether the log-in succeeded, because the app shows that. */
const RECEIVED = page('Back to Patchbay', 'Patchbay has received the answer. Close this tab and go on in the app.');
const NOT_AWAITED = page(
  'Nothing to do',
  'Patchbay is not waiting for this answer. Start the authorization again from the app if you meant to.',
);
const NOT_HERE = page('Nothing here', 'There is no page at this address.');

function reply(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    connection: 'close',
  });
  response.end(body);
}

async function closeAll(servers: readonly Server[]): Promise<void> {
  await Promise.all(
    servers.map(
      (server) =>
        new Promise<void>((resolve) => {
          if (!server.listening) return resolve();
          const drop = setTimeout(() => server.closeAllConnections(), LAST_PAGE_MS);
          server.close(() => {
            clearTimeout(drop);
            resolve();
          });
        }),
    ),
  );
}
