/** A system that says at a renewal where its data is now: the retry of the request that led to it goes there. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ConnectorContext, openConnection } from '../../../connectors/catalog.ts';
import { type OAuthServer, startOAuthServer } from '../../../test/support/oauth-server.ts';
import {
  type Bench,
  CLIENT_ID,
  CONNECTION_ID,
  makeBench,
  testConnection,
  testConnector,
} from '../oauth/testing/bench.ts';

interface Instance {
  readonly url: string;
  readonly host: string;
  /** Tokens shown to it, in order. */
  readonly asked: string[];
  isHome: boolean;
}

const servers: Server[] = [];
let server: OAuthServer;
let bench: Bench;
let oldHome: Instance;
let newHome: Instance;
let foreign: Instance;

/** Takes living tokens where the org lives, and none elsewhere. */
async function startInstance(isHome: boolean): Promise<Instance> {
  const http = createServer(async (request, response) => {
    const token = String(request.headers.authorization).slice(7);
    instance.asked.push(token);
    const isTaken = instance.isHome && (await server.isAccessTokenAlive(token));
    response.writeHead(isTaken ? 200 : 401, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  servers.push(http);
  const host = `127.0.0.1:${(http.address() as AddressInfo).port}`;
  const instance: Instance = { url: `http://${host}`, host, asked: [], isHome };
  return instance;
}

beforeEach(async () => {
  server = await startOAuthServer({ clientId: CLIENT_ID, redirectUris: ['http://127.0.0.1/oauth/callback/mirror'] });
  [oldHome, newHome, foreign] = await Promise.all([startInstance(true), startInstance(false), startInstance(false)]);
  bench = makeBench(server.issuer);
  const issuerHost = new URL(server.issuer).host;
  bench.connector = testConnector(undefined, 'mirror', {
    endpoints: {
      api: ({ learned }) => learned.instanceUrl ?? 'https://nowhere.mirror.test',
      login: () => server.issuer,
      allowedHosts: [oldHome.host, newHome.host, issuerHost],
    },
    errors: [{ status: 401, class: 'reauthorize_expired', message: 'Refused', renewAccess: true }],
  });
  bench.connection = testConnection(server.issuer, {
    overrides: { loginBaseUrl: server.issuer, allowPrivateNetwork: true },
    learned: { instanceUrl: oldHome.url },
  });
  await logIn();
});

afterEach(async () => {
  for (const one of servers.splice(0)) {
    one.closeAllConnections();
    await new Promise((resolve) => one.close(resolve));
  }
  await bench.close();
  await server.close();
});

async function logIn(): Promise<void> {
  const service = bench.authorization({
    openWindow: ({ startUrl }) => ({
      ended: server.logIn(startUrl).then((url) => ({ kind: 'returned', callback: { method: 'GET', url } })),
      focus: () => undefined,
      close: () => undefined,
    }),
    openBrowser: () => Promise.reject(new Error('no browser')),
  });
  if (bench.connection === null) throw new Error('There is no connection.');
  const result = await service.logIn(bench.connection, 'window', () => undefined);
  if (result.kind !== 'granted') throw new Error(result.kind);
  await result.grant.commit();
}

function contextOf(): ConnectorContext {
  const { connection, connector, transport, access } = bench;
  if (connection === null) throw new Error('There is no connection.');
  const { authMethodId, fields, overrides, learned } = connection;
  return openConnection({
    connector,
    authMethodId,
    fields,
    overrides,
    learned,
    access: access.provider(CONNECTION_ID),
    transport,
    signal: new AbortController().signal,
    now: () => Date.now(),
    log: (line) => void bench.log.push(line),
  });
}

function moveTo(instance: Instance): void {
  for (const one of [oldHome, newHome, foreign]) one.isHome = one === instance;
  server.editTokenAnswer = (answer) => ({ ...answer, instance_url: instance.url });
}

test('an address on an allowed host holds at once, also for what is under way', async () => {
  const context = contextOf();
  await context.http.send({ url: '/before' });
  moveTo(newHome);
  expect(await context.http.send({ url: '/data' })).toMatchObject({ status: 200, url: `${newHome.url}/data` });
  expect([oldHome.asked.length, newHome.asked.length]).toEqual([2, 1]);
  expect(bench.learned).toEqual([{ instanceUrl: newHome.url }]);
  expect(context.urls.learned).toEqual({ instanceUrl: newHome.url });
  // Another one that began before the move goes there without a detour.
  await contextOf().http.send({ url: '/other' });
  expect([oldHome.asked.length, newHome.asked.length]).toEqual([2, 2]);
  expect(bench.lost).toEqual([]);
});

test('an address on another host is refused with the reason; tokens and connection stay, and no token goes there', async () => {
  const context = contextOf();
  await context.http.send({ url: '/before' });
  moveTo(foreign);
  const why = {
    failureClass: 'host_refused',
    message: expect.stringContaining(
      `named an address for its data that this connection may not use. The address ${foreign.host} was refused`,
    ),
  };
  await expect(context.http.send({ url: '/data' })).rejects.toMatchObject(why);
  // The new token is refused at the old address: that is no word on the authorization.
  await expect(context.http.send({ url: '/data' })).rejects.toMatchObject(why);
  await expect(contextOf().http.send({ url: '/data' })).rejects.toMatchObject(why);
  expect([foreign.asked, bench.learned, bench.lost]).toEqual([[], [], []]);
  expect(server.tokenRequests('refresh_token').length).toBe(1);
  const { refreshToken = '' } = bench.vault.load()[`connection:${CONNECTION_ID}`] ?? {};
  expect(await server.isRefreshTokenAlive(refreshToken)).toBe(true);
  // Allowed later, or moved back: nobody has to log in again.
  moveTo(newHome);
  bench.elapsedMs += 60_000;
  expect((await context.http.send({ url: '/data' })).status).toBe(200);
});

test('an address that cannot be stored holds all the same', async () => {
  const context = contextOf();
  bench.onLearned = () => {
    throw new Error('The disk is full.');
  };
  moveTo(newHome);
  expect((await context.http.send({ url: '/data' })).status).toBe(200);
  expect((await contextOf().http.send({ url: '/data' })).status).toBe(200);
  expect(bench.log.join()).toContain('could not be stored: The disk is full.');
  expect(bench.lost).toEqual([]);
});
