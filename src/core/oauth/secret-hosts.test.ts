// The client secret of an OAuth app goes to the log-in hosts it was entered for: real servers, which write down what they are sent.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../connectors/kit/doors/authorization.ts';
import type { Connection } from '../../shared/connection/connection.ts';
import { oauthAppOwner } from './grants.ts';
import { refuseOtherOwner, VENDOR } from './secret-hosts.ts';
import { type Bench, makeBench, TENANT_ID, testConnection, testConnector, testMethod } from './testing/bench.ts';

const SECRET = 'hush-this-is-the-client-secret';
const APP = { tenantId: TENANT_ID, connectorId: 'mirror', authMethodId: 'oauth' };
const VENDORS_OWN = { fields: {}, learned: {}, overrides: { allowPrivateNetwork: false } };
const other = { fields: {}, learned: {}, overrides: { loginBaseUrl: 'https://evil.test', allowPrivateNetwork: false } };

let bench: Bench;
let server: Server;
let received: string[];
let host: string;
let connection: Connection;

beforeEach(async () => {
  received = [];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      received.push(`${request.url} ${request.headers.authorization ?? ''} ${body}`);
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ access_token: 'at', token_type: 'bearer', refresh_token: 'rt', expires_in: 60 }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  connection = testConnection(`http://${host}`, { state: { kind: 'draft' } });
  bench = makeBench(`http://${host}`, { connector: testConnector(testMethod({ issuer: () => `http://${host}` })) });
  bench.connection = connection;
});
afterEach(async () => {
  await bench.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const put = (place: Parameters<typeof bench.grants.putClientSecret>[3], secret = SECRET): Promise<void> =>
  bench.grants.putClientSecret(APP, bench.connector.manifest, new Secret(secret), place);

/** Logs in; the window answers at once with a code, as a log-in page would. */
async function logIn(): Promise<string> {
  const service = bench.authorization({
    openBrowser: async () => undefined,
    openWindow: ({ startUrl, redirectUri }) => {
      const state = new URL(startUrl).searchParams.get('state') ?? '';
      const issuer = encodeURIComponent(`http://${host}`);
      const url = `${redirectUri}?code=c&state=${state}&iss=${issuer}`;
      return {
        ended: Promise.resolve({ kind: 'returned', callback: { method: 'GET', url } }),
        focus: () => undefined,
        close: () => undefined,
      };
    },
  });
  return service
    .logIn(connection, 'window', () => undefined)
    .then(
      ({ kind }) => kind,
      (error: Error) => error.message,
    );
}

const REFUSED = /entered for Mirror, and this connection logs in at .*Nothing was sent.*enter the client secret again/;

describe('a client secret that was entered for the vendor', () => {
  it('reaches no other host before it was entered for that one again', async () => {
    await put(null);
    expect(await logIn()).toMatch(REFUSED);
    expect(await logIn()).toContain(host);
    expect(received).toEqual([]);
    await put(connection);
    expect(await logIn()).toBe('granted');
    expect(received.join()).toContain(SECRET);
    // And it stays good for the vendor.
    expect(
      await bench.grants.clientSecret({ ...connection, ...VENDORS_OWN }, bench.connector.manifest, testMethod(), false),
    ).not.toBeNull();
  });

  it('is not taken along by a refresh or a revocation either', async () => {
    await put(null);
    await bench.grants.write(connection.id, {
      accessToken: new Secret('at-0'),
      refreshToken: new Secret('rt-0'),
      expiresAtMs: 0,
    });
    bench.connection = { ...connection, state: { kind: 'active', since: connection.createdAt } };
    const stale = await bench.access.current(connection.id).catch((error: Error) => error.message);
    expect(String(stale)).toMatch(REFUSED);
    expect(received).toEqual([]);
    // The authorization is alive: the connection is not told to be lost.
    expect(bench.lost).toEqual([]);
  });
});

describe('another secret for another host', () => {
  it('is not the vendor’s, and not a third host’s', async () => {
    await put(null);
    await put(other, 'another secret');
    const { manifest } = bench.connector;
    const method = testMethod();
    const get = (place: object) => bench.grants.clientSecret({ ...connection, ...place }, manifest, method, false);
    expect((await get(other))?.reveal()).toBe('another secret');
    await expect(get(VENDORS_OWN)).rejects.toThrow('this connection logs in at login.mirror.test');
    await expect(get({})).rejects.toThrow('entered for evil.test');
  });

  it('is not asked for where the way of log-in has none', async () => {
    await put(other);
    const none = testMethod({ clientSecret: 'none' });
    expect(await bench.grants.clientSecret(connection, bench.connector.manifest, none, false)).toBeNull();
  });
});

describe('the vendor’s own hosts', () => {
  it('are one owner, and hosts that look like them are not', () => {
    const { manifest } = testConnector();
    const judge = (loginBaseUrl: string): boolean => {
      const place = { ...other, overrides: { loginBaseUrl, allowPrivateNetwork: false } };
      try {
        refuseOtherOwner(manifest, place, [VENDOR], true);
        return true;
      } catch {
        return false;
      }
    };
    const own = ['https://login.mirror.test', 'https://acme.my.salesforce.com', 'https://sandbox.mirror.test/x'];
    const foreign = [
      'https://login.mirror.test.evil.test',
      'https://copy.mirror.evil.test',
      'https://login.mirror.test:8443',
      'http://login.mirror.test',
      'https://evilmirror.test',
      'https://127.0.0.1',
    ];
    expect(own.filter((one) => !judge(one))).toEqual([]);
    expect(foreign.filter(judge)).toEqual([]);
  });
});

describe('a secret that version 0.1.0 stored, without a host', () => {
  beforeEach(() => bench.vault.put(oauthAppOwner(TENANT_ID, 'mirror', 'oauth'), { clientSecret: new Secret(SECRET) }));

  it('is the vendor’s, and of the server that a connection has a grant of; never of a host that somebody types', async () => {
    const { manifest } = bench.connector;
    const get = (place: object, hasGrant: boolean) =>
      bench.grants.clientSecret({ ...connection, ...place }, manifest, testMethod(), hasGrant);
    expect(await get(VENDORS_OWN, false)).not.toBeNull();
    expect(await get({}, true)).not.toBeNull();
    expect(await logIn()).toMatch(REFUSED);
    expect(received).toEqual([]);
  });
});
