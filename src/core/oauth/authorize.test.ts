import fs from 'node:fs';
import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type OAuthServer, startOAuthServer } from '../../../test/support/oauth-server.ts';
import type { AuthorizationStep } from '../../shared/ipc/contract.ts';
import type { AuthorizationService, LogInResult } from './authorize.ts';
import type { AuthorizationWindowOptions, WindowEnd } from './login-window.ts';
import type { OAuthPendingGrant } from './pending-grant.ts';
import {
  type Bench,
  CLIENT_ID,
  CONNECTION_ID,
  makeBench,
  testConnection,
  testConnector,
  testMethod,
} from './testing/bench.ts';

/** Its own, so that a second run on this machine does not take them. */
const FIRST_PORT = 20_000 + 3 * Math.floor(Math.random() * 4000);
const PORTS = [FIRST_PORT, FIRST_PORT + 1, FIRST_PORT + 2];
const REDIRECT = 'http://127.0.0.1/oauth/callback/mirror';
let server: OAuthServer;
let bench: Bench;
const steps: AuthorizationStep[] = [];

beforeEach(async () => {
  server = await startOAuthServer({ clientId: CLIENT_ID, redirectUris: [REDIRECT] });
  bench = makeBench(server.issuer, {
    connector: testConnector(testMethod({ redirect: { host: '127.0.0.1', ports: PORTS } })),
  });
  steps.length = 0;
});

afterEach(async () => {
  await bench.close();
  await server.close();
});

type Person = (options: AuthorizationWindowOptions) => Promise<WindowEnd>;

/** A window in which a person does something; only the window itself is not there. */
function withWindow(person: Person): AuthorizationService {
  return bench.authorization({
    openWindow: (options) => {
      let close: () => void = () => undefined;
      const closed = new Promise<WindowEnd>((resolve) => {
        close = () => resolve({ kind: 'cancelled' });
      });
      return { ended: Promise.race([person(options), closed]), focus: () => undefined, close };
    },
    openBrowser: () => Promise.reject(new Error('No browser was expected.')),
  });
}

function withBrowser(person: (url: string) => Promise<void>): AuthorizationService {
  return bench.authorization({
    openWindow: () => {
      throw new Error('No window was expected.');
    },
    openBrowser: person,
  });
}

const logsIn: Person = async ({ startUrl }) => ({
  kind: 'returned',
  callback: { method: 'GET', url: await server.logIn(startUrl) },
});

function logIn(service: AuthorizationService, way: 'window' | 'browser' = 'window'): Promise<LogInResult> {
  if (bench.connection === null) throw new Error('There is no connection.');
  return service.logIn(bench.connection, way, (step) => void steps.push(step));
}

function granted(result: LogInResult): OAuthPendingGrant {
  if (result.kind !== 'granted') throw new Error(result.kind);
  return result.grant;
}

async function tokenOf(grant: OAuthPendingGrant): Promise<string> {
  return (await grant.access.current()).credentials.accessToken?.reveal() ?? '';
}

function listening(port: number): string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const rows = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => fs.readFileSync(file, 'utf8').split('\n'));
  return rows.flatMap((row) => {
    const [, local = '', , state] = row.trim().split(/\s+/);
    return state === '0A' && local.endsWith(`:${hex}`) ? [local.split(':')[0] ?? ''] : [];
  });
}

const LOOPBACK_4 = '0100007F';
const LOOPBACK_6 = '00000000000000000000000001000000';

describe('a log-in in the window', () => {
  test('brings a grant that works, and stores nothing until it is committed', async () => {
    const grant = granted(await logIn(withWindow(logsIn)));
    expect(bench.vault.load()).toEqual({});
    expect(await server.isAccessTokenAlive(await tokenOf(grant))).toBe(true);
    expect([grant.scopes, grant.missingScopes]).toEqual([['openid', 'offline_access'], []]);
    await grant.commit();
    const stored = bench.vault.load()[`connection:${CONNECTION_ID}`];
    expect(stored?.accessToken).toBe(await tokenOf(grant));
    expect(await server.isRefreshTokenAlive(stored?.refreshToken ?? '')).toBe(true);
    expect(Date.parse(stored?.expiresAt ?? '')).toBeGreaterThan(Date.now() + 3_500_000);
    expect(steps.map(({ step }) => step)).toEqual(['waiting_for_window', 'exchanging']);
  });

  test('sends the verifier that fits, one per flow', async () => {
    const service = withWindow(logsIn);
    for (let flow = 0; flow < 3; flow += 1) await logIn(service);
    const verifiers = server.tokenRequests().map(({ body }) => new URLSearchParams(body).get('code_verifier'));
    expect(new Set(verifiers).size).toBe(3);
    const asked = server.events
      .filter(({ path }) => path === '/auth')
      .map(({ query }) => new URLSearchParams(query).get('code_challenge_method'));
    expect(asked).toEqual(['S256', 'S256', 'S256']);
  });

  test('is refused by the server when the challenge was altered on the way, and says so', async () => {
    const service = withWindow(async ({ startUrl }) => {
      const altered = new URL(startUrl);
      altered.searchParams.set('code_challenge', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM');
      return { kind: 'returned', callback: { method: 'GET', url: await server.logIn(altered.href) } };
    });
    await expect(logIn(service)).rejects.toMatchObject({
      code: 'authorization_failed',
      message: expect.stringContaining('invalid_grant'),
    });
    expect(server.tokenRequests().length).toBe(1);
    expect(bench.vault.load()).toEqual({});
    expect(steps.at(-1)?.step).toBe('failed');
  });

  test('puts no token into an address or a Referer', async () => {
    const grant = granted(await logIn(withWindow(logsIn)));
    await grant.commit();
    bench.elapsedMs += 3_600_000;
    await bench.access.current(CONNECTION_ID);
    const secrets = Object.values(bench.vault.load()[`connection:${CONNECTION_ID}`] ?? {});
    const seen = server.events
      .map(({ path, query, headers }) => `${path}?${query} ${headers.referer ?? ''}`)
      .join('\n');
    for (const secret of [...secrets, await tokenOf(grant)]) expect(seen).not.toContain(secret);
  });

  test.each([
    ['closes it', { kind: 'cancelled' }],
    ['is told that the host cannot be reached', { kind: 'failed' }],
  ] as const)('ends when the person %s, with the old grant untouched', async (_name, end) => {
    await granted(await logIn(withWindow(logsIn))).commit();
    const before = fs.readFileSync(`${bench.folder}/vault.json`);
    const { AppError } = await import('../../shared/app-error.ts');
    const service = withWindow(async () =>
      end.kind === 'failed'
        ? { kind: 'failed', error: new AppError('unreachable', 'login could not be reached.') }
        : end,
    );
    if (end.kind === 'cancelled') expect(await logIn(service)).toEqual({ kind: 'cancelled' });
    else await expect(logIn(service)).rejects.toMatchObject({ code: 'unreachable' });
    expect(fs.readFileSync(`${bench.folder}/vault.json`)).toEqual(before);
    expect(await bench.access.current(CONNECTION_ID)).toBeDefined();
  });

  test('can be cancelled from the app, and another one can be opened then', async () => {
    const service = withWindow(() => new Promise(() => undefined));
    const first = logIn(service);
    await expect.poll(() => service.isRunning(CONNECTION_ID)).toBe(true);
    await expect(logIn(service)).rejects.toMatchObject({ code: 'busy' });
    await expect.poll(() => steps.some(({ step }) => step === 'waiting_for_window')).toBe(true);
    service.cancelLogIn(CONNECTION_ID);
    expect(await first).toEqual({ kind: 'cancelled' });
    expect(service.isRunning(CONNECTION_ID)).toBe(false);
    expect(steps.at(-1)?.step).toBe('cancelled');
  });

  test('goes on in the browser when the person wants that', async () => {
    const service = bench.authorization({
      openWindow: () => ({
        ended: Promise.resolve({ kind: 'browser' }),
        focus: () => undefined,
        close: () => undefined,
      }),
      openBrowser: async (url) => void fetch(await server.logIn(url)),
    });
    const grant = granted(await logIn(service));
    expect(await server.isAccessTokenAlive(await tokenOf(grant))).toBe(true);
    expect(steps.map(({ step }) => step)).toEqual(['waiting_for_window', 'waiting_for_browser', 'exchanging']);
  });

  test('at a token endpoint that does not exist is a refused log-in, and no deleted connection', async () => {
    bench.connector = testConnector(
      testMethod({ redirect: { host: '127.0.0.1', ports: PORTS }, tokenUrl: (login) => `${login}/nowhere` }),
    );
    await expect(logIn(withWindow(logsIn))).rejects.toMatchObject({
      code: expect.stringMatching(/^(?:authorization_failed|invalid_response)$/),
    });
  });

  test('whose answer belongs to another log-in fails without a token request', async () => {
    const service = withWindow(async ({ startUrl }) => {
      const callback = new URL(await server.logIn(startUrl));
      callback.searchParams.set('state', 'of-somebody-else');
      return { kind: 'returned', callback: { method: 'GET', url: callback.href } };
    });
    await expect(logIn(service)).rejects.toMatchObject({ code: 'authorization_failed' });
    expect(server.tokenRequests()).toEqual([]);
  });

  test('without an OAuth app says where to enter one', async () => {
    bench.clientId = null;
    await expect(logIn(withWindow(logsIn))).rejects.toMatchObject({ code: 'invalid_input', field: 'clientId' });
  });

  test('never leaves the connection’s hosts', async () => {
    bench.connection = testConnection(server.issuer, {
      overrides: { allowPrivateNetwork: false, loginBaseUrl: server.issuer },
    });
    await expect(logIn(withWindow(logsIn))).rejects.toMatchObject({ code: 'host_refused' });
    expect(server.events).toEqual([]);
  });
});

describe('a log-in that nobody finishes', () => {
  afterEach(() => void vi.useRealTimers());

  test.each(['window', 'browser'] as const)(
    'in the %s ends after ten minutes, and leaves no port open',
    async (way) => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      const service =
        way === 'window' ? withWindow(() => new Promise(() => undefined)) : withBrowser(async () => undefined);
      const ended = expect(logIn(service, way)).rejects.toMatchObject({ code: 'authorization_timed_out' });
      while (!steps.some(({ step }) => step.startsWith('waiting')))
        await new Promise((resolve) => setImmediate(resolve));
      vi.advanceTimersByTime(599_000);
      expect(service.isRunning(CONNECTION_ID)).toBe(true);
      vi.advanceTimersByTime(2000);
      await ended;
      expect(PORTS.flatMap(listening)).toEqual([]);
      expect(server.tokenRequests()).toEqual([]);
    },
  );
});

describe('two authorization servers', () => {
  test('mixed up: the code of one, delivered as the answer of the other, is sent to neither', async () => {
    const other = await startOAuthServer({ clientId: CLIENT_ID, redirectUris: [REDIRECT] });
    try {
      // The person is sent to B while the app waits for A; B's answer carries A's state.
      const service = withWindow(async ({ startUrl }) => {
        const atOther = startUrl.replace(server.issuer, other.issuer);
        return { kind: 'returned', callback: { method: 'GET', url: await other.logIn(atOther) } };
      });
      await expect(logIn(service)).rejects.toMatchObject({
        code: 'authorization_failed',
        message: expect.stringContaining(`comes from another server (${other.issuer})`),
      });
      expect([server.tokenRequests(), other.tokenRequests()]).toEqual([[], []]);
    } finally {
      await other.close();
    }
  });

  test.each([
    ['a wrong issuer', (url: URL) => url.searchParams.set('iss', 'https://evil.test')],
    ['no issuer', (url: URL) => url.searchParams.delete('iss')],
    ['two issuers', (url: URL) => url.searchParams.append('iss', 'https://evil.test')],
  ])('an answer with %s leads to no token request', async (_name, change) => {
    const service = withWindow(async ({ startUrl }) => {
      const callback = new URL(await server.logIn(startUrl));
      change(callback);
      return { kind: 'returned', callback: { method: 'GET', url: callback.href } };
    });
    await expect(logIn(service)).rejects.toMatchObject({ code: 'authorization_failed' });
    expect(server.tokenRequests()).toEqual([]);
  });
});

describe('a log-in in the browser', () => {
  test('is the way, without any window, where the manifest says that the provider refuses windows', async () => {
    bench.connector = testConnector(
      testMethod({ defaultWay: 'browser', redirect: { host: '127.0.0.1', ports: PORTS } }),
    );
    const service = withBrowser(async (url) => void fetch(await server.logIn(url)));
    const result = await service.logIn(testConnection(server.issuer), undefined, (step) => void steps.push(step));
    expect(result.kind).toBe('granted');
  });

  test('comes back to a loopback address only, whose port is closed within a second', async () => {
    let port = 0;
    let addresses: string[] = [];
    const service = withBrowser(async (url) => {
      const callback = await server.logIn(url);
      port = Number(new URL(callback).port);
      addresses = listening(port);
      const page = await fetch(callback);
      expect(page.status).toBe(200);
      expect(await page.text()).toContain('Close this tab');
    });
    const grant = granted(await logIn(service, 'browser'));
    expect(addresses).toEqual([LOOPBACK_4]);
    expect(PORTS).toContain(port);
    expect(await server.isAccessTokenAlive(await tokenOf(grant))).toBe(true);
    await expect.poll(() => listening(port)).toEqual([]);
  });

  test('listens on both families where the provider wants the name localhost', async () => {
    await server.close();
    server = await startOAuthServer({ clientId: CLIENT_ID, redirectUris: ['http://localhost/oauth/callback/mirror'] });
    bench.connection = testConnection(server.issuer);
    bench.connector = testConnector(testMethod({ redirect: { host: 'localhost', ports: PORTS } }));
    let addresses: string[] = [];
    const service = withBrowser(async (url) => {
      const callback = new URL(await server.logIn(url));
      addresses = listening(Number(callback.port));
      await fetch(callback);
    });
    granted(await logIn(service, 'browser'));
    expect(addresses.every((address) => address === LOOPBACK_4 || address === LOOPBACK_6)).toBe(true);
    expect(addresses).toContain(LOOPBACK_4);
  });

  test('is not ended by 1,000 requests of others, which get nothing of theirs back', async () => {
    const marker = 'reflect-me-7f3a';
    let reflected = 0;
    const service = withBrowser(async (url) => {
      const callback = await server.logIn(url);
      const { origin, pathname } = new URL(callback);
      const junk = (at: number): [string, RequestInit] =>
        [
          [`${origin}/${marker}`, {}],
          [`${origin}${pathname}?code=${marker}&state=${marker}`, {}],
          [`${origin}${pathname}?error=${marker}`, { method: 'POST', body: marker }],
          [`${origin}${pathname}/${marker}?x`, { headers: { 'x-junk': marker } }],
        ][at % 4] as [string, RequestInit];
      for (let batch = 0; batch < 50; batch += 1) {
        const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => fetch(...junk(index))));
        for (const answer of answers) {
          const text = `${await answer.text()} ${[...answer.headers].join(' ')}`;
          if (text.includes(marker)) reflected += 1;
          expect([400, 404]).toContain(answer.status);
        }
      }
      await fetch(callback);
    });
    const grant = granted(await logIn(service, 'browser'));
    expect(reflected).toBe(0);
    expect(server.tokenRequests().length).toBe(1);
    expect(await server.isAccessTokenAlive(await tokenOf(grant))).toBe(true);
  });

  const forgeries: [string, (real: URL) => [string, RequestInit?]][] = [
    ['without state', (real) => [without(real, 'state')]],
    ['with a wrong state', (real) => [changed(real, 'state', 'x'.repeat(43))]],
    ['by POST', (real) => [real.href, { method: 'POST' }]],
    ['with a doubled code', (real) => [`${real.href}&code=x`]],
    ['with a doubled state', (real) => [`${real.href}&state=x`]],
    ['for another connector', (real) => [real.href.replace('/mirror', '/other')]],
    ['with another Host', (real) => [real.href.replace('127.0.0.1', 'localhost')]],
    ['with the answer in the fragment', (real) => [real.href.replace('?', '#')]],
    ['with an error and no state', (real) => [`${real.origin}${real.pathname}?error=access_denied`]],
  ];
  test('answers nine forged callbacks with no token request, and still takes the real one once', async () => {
    const statuses: number[] = [];
    const service = withBrowser(async (url) => {
      const real = new URL(await server.logIn(url));
      for (const [, forge] of forgeries) {
        const [address, init] = forge(real);
        statuses.push((await fetch(address, init)).status);
      }
      expect(server.tokenRequests()).toEqual([]);
      const [first, second] = await Promise.all([fetch(real), fetch(real)]);
      expect([first.status, second.status].sort()).toEqual([200, 400]);
    });
    granted(await logIn(service, 'browser'));
    expect(statuses.every((status) => status === 400 || status === 404)).toBe(true);
    expect(server.tokenRequests().length).toBe(1);
  });

  test('after a cancel takes nothing: the port is closed and no token is asked for', async () => {
    let callback = '';
    const service = withBrowser(async (url) => {
      callback = await server.logIn(url);
      service.cancelLogIn(CONNECTION_ID);
    });
    expect(await logIn(service, 'browser')).toEqual({ kind: 'cancelled' });
    await expect(fetch(callback)).rejects.toThrow();
    expect(server.tokenRequests()).toEqual([]);
  });

  test('takes the next port when one is taken, and says so when all are', async () => {
    const [firstPort = 0, ...rest] = PORTS;
    const taken = await Promise.all([firstPort, ...rest].slice(0, 1).map(occupy));
    let used = 0;
    const service = withBrowser(async (url) => {
      const callback = new URL(await server.logIn(url));
      used = Number(callback.port);
      await fetch(callback);
    });
    granted(await logIn(service, 'browser'));
    expect(used).toBe(rest[0]);
    bench.connector = testConnector(testMethod({ redirect: { host: '127.0.0.1', ports: [firstPort] } }));
    await expect(logIn(service, 'browser')).rejects.toMatchObject({
      code: 'authorization_failed',
      message: expect.stringContaining(String(firstPort)),
    });
    await Promise.all(taken.map((close) => close()));
  });

  test('says that no browser could be opened, and that the window is the other way', async () => {
    const service = withBrowser(() => Promise.reject(new Error('xdg-open: not found')));
    await expect(logIn(service, 'browser')).rejects.toMatchObject({
      code: 'authorization_failed',
      message: expect.stringMatching(/^No browser could be opened on this machine\. Authorize in a window of Patchbay/),
    });
  });
});

describe('an answer of the token endpoint', () => {
  test.each([
    'https://evil.test',
    'https://x.salesforce.com.evil.test',
    'http://127.0.0.1:1',
    'https://user@x.salesforce.com',
  ])('that names %s as its API host is refused, and nothing is asked of that host', async (host) => {
    server.editTokenAnswer = (answer) => ({ ...answer, instance_url: host });
    await expect(logIn(withWindow(logsIn))).rejects.toMatchObject({ code: 'host_refused' });
    expect(bench.vault.load()).toEqual({});
    expect(server.events.some(({ path }) => path === '/token/revocation')).toBe(true);
  });

  test('may name a host of the manifest’s list', async () => {
    server.editTokenAnswer = (answer) => ({ ...answer, instance_url: 'https://acme.my.salesforce.com' });
    expect(granted(await logIn(withWindow(logsIn))).learned).toEqual({ instanceUrl: 'https://acme.my.salesforce.com' });
  });

  test('that grants less than was asked lists what is missing', async () => {
    server.editTokenAnswer = (answer) => ({ ...answer, scope: 'openid' });
    bench.connector = testConnector(testMethod({ scopes: ['openid', 'accounts', 'offline_access'] }));
    const grant = granted(await logIn(withWindow(logsIn)));
    expect([grant.scopes, grant.missingScopes]).toEqual([['openid'], ['accounts']]);
  });
});

describe('a grant that is not used', () => {
  test('is given back to the provider', async () => {
    const grant = granted(await logIn(withWindow(logsIn)));
    await grant.discard();
    expect(await server.isAccessTokenAlive(await tokenOf(grant))).toBe(false);
    expect(bench.vault.load()).toEqual({});
  });

  test('of a connection that was deleted meanwhile is not stored', async () => {
    const grant = granted(await logIn(withWindow(logsIn)));
    bench.connection = null;
    await expect(grant.commit()).rejects.toMatchObject({ code: 'not_found' });
    expect(bench.vault.load()).toEqual({});
  });
});

function without(url: URL, name: string): string {
  const copy = new URL(url);
  copy.searchParams.delete(name);
  return copy.href;
}

function changed(url: URL, name: string, value: string): string {
  const copy = new URL(url);
  copy.searchParams.set(name, value);
  return copy.href;
}

function occupy(port: number): Promise<() => Promise<void>> {
  const blocker = createServer();
  return new Promise((resolve, reject) => {
    blocker.once('error', reject);
    blocker.listen(port, '127.0.0.1', () => resolve(() => new Promise((done) => blocker.close(() => done()))));
  });
}
