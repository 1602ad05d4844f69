import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Secret } from '../../../connectors/kit/doors/authorization.ts';
import { type OAuthServer, startOAuthServer } from '../../../test/support/oauth-server.ts';
import { AppError } from '../../shared/app-error.ts';
import type { AuthorizationWindow } from '../oauth/login-window.ts';
import {
  type Bench,
  CLIENT_ID,
  CONNECTION_ID,
  makeBench,
  testConnection,
  testConnector,
  testMethod,
} from '../oauth/testing/bench.ts';

const HOUR_MS = 3_600_000;
const OWNER = `connection:${CONNECTION_ID}`;
let server: OAuthServer;
let bench: Bench;

async function start(options: Partial<Parameters<typeof startOAuthServer>[0]> = {}): Promise<void> {
  server = await startOAuthServer({
    clientId: CLIENT_ID,
    redirectUris: ['http://127.0.0.1/oauth/callback/mirror'],
    ...options,
  });
  bench = makeBench(server.issuer);
  await authorize();
}

/** A person logs in; the grant is stored as the connection service would. */
async function authorize(): Promise<void> {
  const window = (startUrl: string): AuthorizationWindow => ({
    ended: server.logIn(startUrl).then((url) => ({ kind: 'returned', callback: { method: 'GET', url } })),
    focus: () => undefined,
    close: () => undefined,
  });
  const service = bench.authorization({
    openWindow: ({ startUrl }) => window(startUrl),
    openBrowser: () => Promise.reject(new Error('no browser')),
  });
  const result = await service.logIn(bench.connection ?? testConnection(server.issuer), 'window', () => undefined);
  if (result.kind !== 'granted') throw new Error(result.kind);
  await result.grant.commit();
}

beforeEach(() => start());

afterEach(async () => {
  await bench.close();
  await server.close();
});

const stored = (): Record<string, string> => bench.vault.load()[OWNER] ?? {};
const refreshes = (): number => server.tokenRequests('refresh_token').length;

async function currentToken(): Promise<string> {
  return (await bench.access.current(CONNECTION_ID)).credentials.accessToken?.reveal() ?? '';
}

async function alive(): Promise<{ access: boolean; refresh: boolean }> {
  return {
    access: await server.isAccessTokenAlive(await currentToken()),
    refresh: await server.isRefreshTokenAlive(stored().refreshToken ?? ''),
  };
}

describe('the current access', () => {
  test('is the stored one while it is fresh, without a request', async () => {
    expect(await currentToken()).toBe(stored().accessToken);
    expect(refreshes()).toBe(0);
  });

  test('is asked for 200 times at the expiry boundary with exactly one token request, and the grant stays alive', async () => {
    bench.elapsedMs = HOUR_MS - 30_000;
    const calls = Array.from({ length: 200 }, async (_, at) => {
      // Three jobs and a "Test" do not begin in the same instant.
      if (at % 4 > 0) await new Promise((resolve) => setTimeout(resolve, at % 23));
      return currentToken();
    });
    const tokens = new Set(await Promise.all(calls));
    expect(tokens.size).toBe(1);
    expect(refreshes()).toBe(1);
    expect(tokens.has(stored().accessToken ?? '')).toBe(true);
    expect(await alive()).toEqual({ access: true, refresh: true });
    expect(bench.lost).toEqual([]);
  });

  test('refused with 401 by 200 callers at once is renewed by exactly one token request', async () => {
    const { fingerprint } = await bench.access.current(CONNECTION_ID);
    const renewed = await Promise.all(
      Array.from({ length: 200 }, () => bench.access.renew(CONNECTION_ID, fingerprint)),
    );
    expect(new Set(renewed.map((access) => access.fingerprint)).size).toBe(1);
    expect(renewed[0]?.fingerprint).not.toBe(fingerprint);
    expect(refreshes()).toBe(1);
    expect(await bench.access.renew(CONNECTION_ID, fingerprint)).toMatchObject({
      fingerprint: renewed[0]?.fingerprint,
    });
    expect(refreshes()).toBe(1);
  });

  test('that was renewed for others and has expired since is renewed for whoever comes with the one before', async () => {
    const { fingerprint } = await bench.access.current(CONNECTION_ID);
    await bench.access.renew(CONNECTION_ID, fingerprint);
    bench.elapsedMs = 2 * HOUR_MS;
    const late = await bench.access.renew(CONNECTION_ID, fingerprint);
    expect(refreshes()).toBe(2);
    expect(await server.isAccessTokenAlive(late.credentials.accessToken?.reveal() ?? '')).toBe(true);
  });

  test('is new for some seconds, and the same object as long as it is the same', async () => {
    const first = await bench.access.current(CONNECTION_ID);
    expect(first.isNew?.()).toBe(false);
    const renewed = await bench.access.renew(CONNECTION_ID, first.fingerprint);
    expect([renewed.isNew?.(), await bench.access.current(CONNECTION_ID)]).toEqual([true, renewed]);
    expect(await bench.access.current(CONNECTION_ID)).toBe(renewed);
    bench.elapsedMs += 4_000;
    expect(renewed.isNew?.()).toBe(false);
  });

  test('is durable before anybody gets it', async () => {
    bench.elapsedMs = HOUR_MS;
    let seen: string | null = null;
    const done = bench.access.current(CONNECTION_ID).then((access) => {
      seen = access.credentials.accessToken?.reveal() ?? '';
    });
    bench.vault.beforePut = async () => {
      expect(seen).toBeNull();
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(seen).toBeNull();
    };
    await done;
    expect(stored().accessToken).toBe(seen);
    expect(bench.vault.writes.at(-1)?.names.toSorted()).toEqual(['accessToken', 'expiresAt', 'refreshToken']);
  });

  test('that could not be stored is not lost: it is stored at the next occasion, without another request', async () => {
    bench.elapsedMs = HOUR_MS;
    const before = stored().refreshToken;
    server.onTokenRequest = () => {
      bench.vault.refusal = new AppError('disk_full', 'The disk is full.');
    };
    await expect(bench.access.current(CONNECTION_ID)).rejects.toMatchObject({ code: 'disk_full' });
    bench.vault.refusal = null;
    expect(stored().refreshToken).toBe(before);
    expect(await alive()).toEqual({ access: true, refresh: true });
    expect(refreshes()).toBe(1);
    expect(bench.lost).toEqual([]);
  });
});

describe('clocks', () => {
  test.each([
    ['an hour ahead', HOUR_MS],
    ['a day ahead', 24 * HOUR_MS],
    ['ten years ahead', 87_600 * HOUR_MS],
  ])('that jump %s cost one refresh at most', async (_name, ms) => {
    bench.wallOffsetMs = ms;
    for (let call = 0; call < 20; call += 1) await currentToken();
    expect(refreshes()).toBe(1);
    bench.wallOffsetMs = 0;
    for (let call = 0; call < 20; call += 1) await currentToken();
    expect(refreshes()).toBe(1);
  });

  test('that jump back a day do not keep an expired token in use', async () => {
    await bench.access.renew(CONNECTION_ID, (await bench.access.current(CONNECTION_ID)).fingerprint);
    bench.wallOffsetMs = -24 * HOUR_MS;
    await currentToken();
    expect(refreshes()).toBe(1);
    bench.elapsedMs = HOUR_MS;
    await currentToken();
    expect(refreshes()).toBe(2);
  });

  test('that stood still while the machine slept are overruled by the other one', async () => {
    bench.wallOffsetMs = 8 * HOUR_MS;
    expect(await currentToken()).toBe(stored().accessToken);
    expect(refreshes()).toBe(1);
  });

  test('of a server whose tokens live five seconds do not make a request for each call', async () => {
    await bench.close();
    await server.close();
    await start({ accessTokenSeconds: 5 });
    for (let call = 0; call < 20; call += 1) await currentToken();
    expect(refreshes()).toBeLessThanOrEqual(1);
    bench.elapsedMs += 4600;
    const before = refreshes();
    for (let call = 0; call < 20; call += 1) await currentToken();
    expect(refreshes() - before).toBe(1);
  });

  test('of a server that names no expiry are not believed at all: only a refusal renews', async () => {
    server.editTokenAnswer = ({ expires_in: _, ...answer }) => answer;
    await bench.access.renew(CONNECTION_ID, (await bench.access.current(CONNECTION_ID)).fingerprint);
    bench.elapsedMs = 1000 * HOUR_MS;
    await currentToken();
    expect([refreshes(), stored().expiresAt]).toEqual([1, '-']);
  });
});

describe('rotation', () => {
  test('on even refreshes only: 50 refreshes need nobody', async () => {
    await bench.close();
    await server.close();
    await start({ rotates: (refresh) => refresh % 2 === 0 });
    let count = 0;
    server.editTokenAnswer = (answer) => {
      count += 1;
      const { refresh_token: token, ...rest } = answer;
      return count % 2 === 1 ? rest : { ...rest, refresh_token: token };
    };
    for (let round = 0; round < 50; round += 1) {
      const { fingerprint } = await bench.access.current(CONNECTION_ID);
      await bench.access.renew(CONNECTION_ID, fingerprint);
      expect(stored().refreshToken).not.toBe('-');
    }
    expect(refreshes()).toBe(50);
    expect(bench.lost).toEqual([]);
    expect(await alive()).toEqual({ access: true, refresh: true });
  });

  test('an old refresh token used elsewhere kills the grant: one request, one report, then silence', async () => {
    const old = stored().refreshToken ?? '';
    await bench.access.renew(CONNECTION_ID, (await bench.access.current(CONNECTION_ID)).fingerprint);
    await fetch(`${server.issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: old, client_id: CLIENT_ID }),
    });
    const before = refreshes();
    bench.elapsedMs = HOUR_MS;
    const failures = await Promise.allSettled(Array.from({ length: 50 }, () => bench.access.current(CONNECTION_ID)));
    expect(failures.every(({ status }) => status === 'rejected')).toBe(true);
    await expect(bench.access.current(CONNECTION_ID)).rejects.toMatchObject({
      failureClass: 'reauthorize_expired',
      vendorCode: 'invalid_grant',
    });
    expect(refreshes() - before).toBe(1);
    expect(bench.lost).toMatchObject([{ id: CONNECTION_ID, reason: 'authorization_expired' }]);
  });
});

describe('a rotated refresh token', () => {
  const renewed = async (): Promise<unknown> =>
    bench.access
      .renew(CONNECTION_ID, (await bench.access.current(CONNECTION_ID)).fingerprint)
      .catch((error: unknown) => error);

  test.each<[string, Record<string, unknown>]>([
    ['a life of "soon"', { expires_in: 'soon' }],
    ['a life as text', { expires_in: '3600' }],
    ['a negative life', { expires_in: -1 }],
    ['a life of zero', { expires_in: 0 }],
    ['no life', { expires_in: undefined }],
    ['an endless life', { expires_in: 1e300 }],
    ['a kind that is a number', { token_type: 7 }],
    ['a scope that is a number', { scope: 5 }],
    ['a scope that is an object', { scope: { a: 1 } }],
  ])('beside %s is stored, and its access is used', async (_name, change) => {
    server.editTokenAnswer = (answer) => ({ ...answer, ...change });
    const before = stored().refreshToken;
    expect(await renewed()).toMatchObject({ fingerprint: expect.any(String) });
    expect(stored().refreshToken).not.toBe(before);
    expect(await alive()).toEqual({ access: true, refresh: true });
    server.editTokenAnswer = null;
    await renewed();
    expect(await alive()).toEqual({ access: true, refresh: true });
    expect(bench.lost).toEqual([]);
  });

  test.each<[string, (answer: Record<string, unknown>) => Record<string, unknown>]>([
    ['an access token that is no text', (answer) => ({ ...answer, access_token: 5 })],
    ['no access token', ({ access_token: _, ...answer }) => answer],
    ['a kind that nobody here can send', (answer) => ({ ...answer, token_type: 'DPoP' })],
  ])('beside %s is stored before the answer is refused, and the next renewal uses it', async (_name, edit) => {
    const before = stored().refreshToken;
    server.editTokenAnswer = edit;
    expect(await renewed()).toMatchObject({ failureClass: 'invalid_response' });
    expect(stored().refreshToken).not.toBe(before);
    server.editTokenAnswer = null;
    expect(await currentToken()).toBe(stored().accessToken);
    expect(await alive()).toEqual({ access: true, refresh: true });
    expect(refreshes()).toBe(2);
    expect(bench.lost).toEqual([]);
  });
});

describe('a new authorization', () => {
  test('is not held up by what failed with the old one', async () => {
    for (let round = 0; round < 5; round += 1) {
      server.fail({ kind: 'drop' });
      bench.elapsedMs += HOUR_MS;
      await expect(bench.access.current(CONNECTION_ID)).rejects.toMatchObject({ failureClass: 'reauthorize_expired' });
      await authorize();
    }
    server.fail({ kind: 'answer', status: 503, body: 'busy', headers: { 'retry-after': '600' } });
    bench.elapsedMs += HOUR_MS;
    await expect(bench.access.current(CONNECTION_ID)).rejects.toMatchObject({ failureClass: 'server_error' });
    await authorize();
    const waited = bench.waits.length;
    const { fingerprint } = await bench.access.current(CONNECTION_ID);
    await bench.access.renew(CONNECTION_ID, fingerprint);
    expect(bench.waits.length).toBe(waited);
    expect(await alive()).toEqual({ access: true, refresh: true });
  });
});

describe('a final refusal', () => {
  const refuse = (status: number, body: Record<string, string>): void =>
    server.fail({ kind: 'answer', status, body: JSON.stringify(body) }, 1000);

  test.each([
    ['invalid_grant', 400, 'authorization_expired'],
    ['invalid_client', 401, 'password_changed'],
    ['unauthorized_client', 400, 'authorization_expired'],
  ])('%s is asked once and disconnects', async (error, status, reason) => {
    refuse(status, { error, error_description: 'No more.' });
    bench.elapsedMs = HOUR_MS;
    for (let call = 0; call < 10; call += 1)
      await expect(bench.access.current(CONNECTION_ID)).rejects.toMatchObject({ vendorCode: error });
    expect(refreshes()).toBe(1);
    expect(bench.lost).toMatchObject([{ reason, detail: expect.stringContaining('No more.') }]);
    expect(bench.waits).toEqual([]);
  });

  test('is read with the connector’s own rows', async () => {
    bench.connector = testConnector(testMethod(), 'mirror', {
      errors: [
        {
          status: 400,
          contains: 'inactive user',
          class: 'reauthorize_deactivated',
          message: 'The user who authorized Mirror was deactivated.',
        },
        { status: 400, class: 'bad_request', message: 'Mirror did not like the request.' },
      ],
    });
    refuse(400, { error: 'invalid_grant', error_description: 'inactive user' });
    bench.elapsedMs = HOUR_MS;
    await expect(bench.access.current(CONNECTION_ID)).rejects.toMatchObject({
      failureClass: 'reauthorize_deactivated',
    });
    expect(bench.lost).toMatchObject([
      { reason: 'user_deactivated', detail: expect.stringContaining('The user who authorized Mirror was deactivated') },
    ]);
  });

  test('ends with a new grant', async () => {
    server.fail({ kind: 'answer', status: 400, body: '{"error":"invalid_grant"}' });
    bench.elapsedMs = HOUR_MS;
    await expect(bench.access.current(CONNECTION_ID)).rejects.toThrow();
    await authorize();
    expect(await alive()).toEqual({ access: true, refresh: true });
  });

  test('never shows the tokens that were sent', async () => {
    const { refreshToken = '' } = stored();
    refuse(400, { error: 'invalid_grant', error_description: `token ${refreshToken} is dead` });
    bench.elapsedMs = HOUR_MS;
    const failure = await bench.access.current(CONNECTION_ID).catch((error: unknown) => error);
    expect(JSON.stringify([failure, String(failure), bench.lost, bench.log])).not.toContain(refreshToken);
    expect(String(failure)).toContain('token [redacted] is dead');
  });
});

describe('a passing failure', () => {
  test('503 for ten minutes takes twelve requests at most, whoever asks', async () => {
    server.fail({ kind: 'answer', status: 503, body: 'busy' }, 1000);
    bench.elapsedMs = HOUR_MS;
    const begun = bench.elapsedMs;
    let failures = 0;
    while (bench.elapsedMs - begun < 600_000) {
      const results = await Promise.allSettled([
        bench.access.current(CONNECTION_ID),
        bench.access.current(CONNECTION_ID),
      ]);
      failures += results.filter(({ status }) => status === 'rejected').length;
      bench.elapsedMs += 5000;
    }
    expect(failures).toBeGreaterThan(100);
    expect(refreshes()).toBeLessThanOrEqual(12);
    expect(refreshes()).toBeGreaterThan(4);
    expect(bench.lost).toEqual([]);
    server.fail({ kind: 'delay', ms: 0 }, 0);
  });

  test('is over as soon as the server is back', async () => {
    server.fail({ kind: 'answer', status: 503, body: 'busy' }, 2);
    bench.elapsedMs = HOUR_MS;
    expect(await currentToken()).toBe(stored().accessToken);
    expect(refreshes()).toBe(3);
    expect(bench.waits.length).toBe(2);
  });

  test.each([
    ['in seconds', () => '40', 40_000],
    // A date stands for less the later it is read: an hour leaves a busy machine time.
    ['as a date', () => new Date(Date.now() + HOUR_MS).toUTCString(), HOUR_MS / 2],
  ])('is not repeated before the server’s Retry-After %s', async (_name, header, atLeastMs) => {
    server.fail({ kind: 'answer', status: 503, body: 'busy', headers: { 'retry-after': header() } }, 1);
    bench.elapsedMs = HOUR_MS;
    const failure = await bench.access.current(CONNECTION_ID).catch((error: unknown) => error);
    expect(failure).toMatchObject({ failureClass: 'server_error' });
    expect((failure as { retryAfterMs: number }).retryAfterMs).toBeGreaterThanOrEqual(atLeastMs - 1000);
    expect(refreshes()).toBe(1);
    bench.elapsedMs += 2 * atLeastMs + 20_000;
    expect(await currentToken()).toBe(stored().accessToken);
    expect(refreshes()).toBe(2);
  });

  test('before the old access has expired is not felt', async () => {
    const token = stored().accessToken;
    server.fail({ kind: 'answer', status: 503, body: 'busy' }, 1000);
    bench.elapsedMs = HOUR_MS - 40_000;
    expect(await currentToken()).toBe(token);
  });

  test('a web page instead of JSON is a typed failure and loses nothing', async () => {
    server.fail({
      kind: 'answer',
      status: 200,
      body: '<!doctype html><h1>Sign in to the guest network</h1>',
      headers: { 'content-type': 'text/html' },
    });
    bench.elapsedMs = HOUR_MS;
    await expect(bench.access.current(CONNECTION_ID)).rejects.toMatchObject({ failureClass: 'invalid_response' });
    expect(bench.lost).toEqual([]);
    expect(await alive()).toEqual({ access: true, refresh: true });
  });

  test('an answer that is lost on the way is repeated; a server that takes that for theft ends it in one report', async () => {
    server.fail({ kind: 'drop' });
    bench.elapsedMs = HOUR_MS;
    await expect(bench.access.current(CONNECTION_ID)).rejects.toMatchObject({ failureClass: 'reauthorize_expired' });
    expect(refreshes()).toBe(2);
    expect(bench.lost.length).toBe(1);
  });
});

describe('a connection that changes while its access is renewed', () => {
  type Change = 'delete' | 'revoke' | 'rename' | 'move' | 'otherApp' | 'reauthorize' | 'none';
  const CHANGES: readonly Change[] = ['delete', 'revoke', 'rename', 'move', 'otherApp', 'none'];

  function apply(change: Change): void {
    const connection = bench.connection;
    if (connection === null) return;
    const version = connection.version + 1;
    if (change === 'delete') {
      bench.connection = null;
      bench.vault.remove({ kind: 'connection', id: CONNECTION_ID });
    }
    if (change === 'revoke') {
      bench.connection = {
        ...connection,
        version,
        state: { kind: 'revoked', since: connection.createdAt, remote: 'done' },
      };
      bench.vault.remove({ kind: 'connection', id: CONNECTION_ID });
    }
    if (change === 'rename') bench.connection = { ...connection, version, name: 'Another name' };
    if (change === 'move')
      bench.connection = {
        ...connection,
        version,
        overrides: { ...connection.overrides, loginBaseUrl: 'https://login.other.mirror.test' },
      };
    if (change === 'otherApp') bench.clientId = 'another-app';
  }

  test('200 interleavings: no crash, nothing resurrected, no orphan secret', async () => {
    const moments = ['before', 'atRequest', 'atPut', 'after'] as const;
    for (let round = 0; round < 200; round += 1) {
      const change = CHANGES[round % CHANGES.length] ?? 'none';
      const moment = moments[Math.floor(round / CHANGES.length) % moments.length];
      bench.connection = testConnection(server.issuer);
      bench.clientId = CLIENT_ID;
      server.onTokenRequest = null;
      bench.vault.beforePut = null;
      bench.access.forget(CONNECTION_ID);
      await authorize();
      bench.elapsedMs += HOUR_MS;
      if (moment === 'before') setImmediate(() => apply(change));
      if (moment === 'atRequest') server.onTokenRequest = () => apply(change);
      if (moment === 'atPut') bench.vault.beforePut = async () => apply(change);
      const outcome = await bench.access
        .current(CONNECTION_ID)
        .catch((error: unknown) => error as { failureClass?: string });
      if (moment === 'after') apply(change);
      if ('failureClass' in outcome)
        expect([
          'cancelled',
          'credential_missing',
          'reauthorize_expired',
          'reauthorize_password',
          'network',
          'host_refused',
        ]).toContain(outcome.failureClass);
      const isGone = change === 'delete' || change === 'revoke';
      expect({ round, change, moment, left: isGone ? bench.vault.load()[OWNER] : undefined }).toEqual({
        round,
        change,
        moment,
        left: undefined,
      });
      if (change === 'none' || change === 'rename') expect(await currentToken()).toBe(stored().accessToken);
    }
  }, 120_000);

  test('deleted: the pair that came too late is withdrawn at the provider', async () => {
    bench.elapsedMs = HOUR_MS;
    server.onTokenRequest = () => apply('delete');
    await expect(bench.access.current(CONNECTION_ID)).rejects.toMatchObject({ failureClass: 'cancelled' });
    expect(server.events.filter(({ path }) => path === '/token/revocation').length).toBe(1);
    expect(bench.vault.load()).toEqual({});
  });

  test('re-authorized: the new grant wins over the late refresh', async () => {
    bench.elapsedMs = HOUR_MS;
    server.onTokenRequest = async (event) => {
      if (!event.body.includes('grant_type=refresh_token')) return;
      server.onTokenRequest = null;
      await authorize();
    };
    await expect(bench.access.current(CONNECTION_ID)).rejects.toMatchObject({ failureClass: 'cancelled' });
    const committed = stored();
    bench.elapsedMs = 0;
    expect(await currentToken()).toBe(committed.accessToken);
    expect(await alive()).toEqual({ access: true, refresh: true });
  });

  test('revoked: nothing is given out any more, without a request', async () => {
    apply('revoke');
    const before = server.events.length;
    await expect(bench.access.current(CONNECTION_ID)).rejects.toMatchObject({ failureClass: 'reauthorize_expired' });
    expect(server.events.length).toBe(before);
  });
});

describe('facts of a refresh', () => {
  test('that are new are told, once', async () => {
    server.editTokenAnswer = (answer) => ({ ...answer, instance_url: 'https://acme.my.salesforce.com' });
    const { fingerprint } = await bench.access.current(CONNECTION_ID);
    const renewed = await bench.access.renew(CONNECTION_ID, fingerprint);
    expect(renewed.learned).toEqual({ instanceUrl: 'https://acme.my.salesforce.com' });
    expect(bench.learned).toEqual([{ instanceUrl: 'https://acme.my.salesforce.com' }]);
  });

  test('that name a foreign host are not kept; the pair itself is', async () => {
    server.editTokenAnswer = (answer) => ({ ...answer, instance_url: 'https://x.salesforce.com.evil.test' });
    const { fingerprint } = await bench.access.current(CONNECTION_ID);
    await expect(bench.access.renew(CONNECTION_ID, fingerprint)).rejects.toMatchObject({
      failureClass: 'host_refused',
    });
    expect(bench.learned).toEqual([]);
    const kept = await bench.access.current(CONNECTION_ID);
    expect([kept.learned, kept.isNew?.()]).toEqual([{}, false]);
    expect(await alive()).toEqual({ access: true, refresh: true });
    // Refused at the old address: what is wrong is still the address, and nobody is asked again at once.
    await expect(bench.access.renew(CONNECTION_ID, kept.fingerprint)).rejects.toMatchObject({
      failureClass: 'host_refused',
      message: expect.stringContaining('The authorization was kept.'),
    });
    expect(refreshes()).toBe(1);
    server.editTokenAnswer = (answer) => ({ ...answer, instance_url: 'https://eu.salesforce.com' });
    bench.elapsedMs += 60_000;
    const moved = await bench.access.renew(CONNECTION_ID, kept.fingerprint);
    expect(moved.learned).toEqual({ instanceUrl: 'https://eu.salesforce.com' });
    expect(bench.lost).toEqual([]);
  });
});

describe('a credential that is missing', () => {
  test('disconnects with that reason', async () => {
    bench.vault.remove({ kind: 'connection', id: CONNECTION_ID });
    await expect(bench.access.current(CONNECTION_ID)).rejects.toMatchObject({ failureClass: 'credential_missing' });
    expect(bench.lost).toMatchObject([{ reason: 'credential_missing' }]);
  });

  test('behind a lock disconnects nothing', async () => {
    bench.vault.refusal = new AppError('vault_locked', 'The vault is locked. Enter the passphrase.');
    await expect(bench.access.current(CONNECTION_ID)).rejects.toMatchObject({
      failureClass: 'credential_missing',
      message: expect.stringContaining('locked'),
    });
    expect(bench.lost).toEqual([]);
    bench.vault.refusal = null;
    expect(await currentToken()).toBe(stored().accessToken);
  });

  test('that cannot be read disconnects', async () => {
    bench.vault.refusal = new AppError('secret_unreadable', 'It was stored with another keyring.');
    await expect(bench.access.current(CONNECTION_ID)).rejects.toMatchObject({ failureClass: 'credential_missing' });
    expect(bench.lost).toMatchObject([{ reason: 'credential_missing', detail: 'It was stored with another keyring.' }]);
  });
});

describe('a connection with keys', () => {
  beforeEach(() => {
    bench.connector = testConnector({
      kind: 'key',
      id: 'keys',
      label: 'Keys',
      fields: [
        { name: 'accessKeyId', label: 'Access key id', kind: 'text', required: true, help: '' },
        { name: 'secretKey', label: 'Secret key', kind: 'secret', required: true, help: '' },
        { name: 'sessionToken', label: 'Session token', kind: 'secret', required: false, help: '' },
      ],
      apply: { kind: 'aws' },
    });
    bench.connection = testConnection(server.issuer, { authMethodId: 'keys', fields: { accessKeyId: 'AK1' } });
  });

  test('gets them from the vault and the form', async () => {
    await bench.vault.put({ kind: 'connection', id: CONNECTION_ID }, { secretKey: new Secret('hush') });
    const { credentials, expiresAtMs } = await bench.access.current(CONNECTION_ID);
    expect(Object.fromEntries(Object.entries(credentials).map(([name, secret]) => [name, secret.reveal()]))).toEqual({
      accessKeyId: 'AK1',
      secretKey: 'hush',
    });
    expect(expiresAtMs).toBeNull();
  });

  test('has nothing to renew, unless the key was changed meanwhile', async () => {
    await bench.vault.put({ kind: 'connection', id: CONNECTION_ID }, { secretKey: new Secret('hush') });
    const { fingerprint } = await bench.access.current(CONNECTION_ID);
    await expect(bench.access.renew(CONNECTION_ID, fingerprint)).rejects.toMatchObject({
      failureClass: 'reauthorize_password',
    });
    await bench.vault.put({ kind: 'connection', id: CONNECTION_ID }, { secretKey: new Secret('new one') });
    expect((await bench.access.renew(CONNECTION_ID, fingerprint)).credentials.secretKey?.reveal()).toBe('new one');
  });

  test('says which one is missing', async () => {
    await expect(bench.access.current(CONNECTION_ID)).rejects.toMatchObject({ failureClass: 'credential_missing' });
    expect(bench.lost).toMatchObject([{ reason: 'credential_missing' }]);
  });
});

test('whatever a token endpoint answers, callers get a typed failure or a usable access', async () => {
  const values = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.constant(null),
    fc.boolean(),
    fc.array(fc.string(), { maxLength: 2 }),
    fc.constant({ a: 1 }),
  );
  const names = fc.constantFrom(
    'access_token',
    'refresh_token',
    'expires_in',
    'token_type',
    'scope',
    'id_token',
    '__proto__',
    'constructor',
  );
  const answers = fc.oneof(
    fc
      .array(fc.tuple(names, values), { maxLength: 6 })
      .map(
        (members) =>
          `{${members.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`,
      ),
    fc.string({ maxLength: 50 }),
  );
  await fc.assert(
    fc.asyncProperty(answers, fc.constantFrom(200, 201, 204, 302, 400, 401, 403), async (body, status) => {
      await bench.grants.write(CONNECTION_ID, {
        accessToken: new Secret('old-access'),
        refreshToken: new Secret(`old-refresh-${Math.random()}`),
        expiresAtMs: 0,
      });
      bench.access.forget(CONNECTION_ID);
      server.fail({ kind: 'answer', status, body: status === 204 ? '' : body });
      const outcome = await bench.access.current(CONNECTION_ID).catch((error: unknown) => error);
      if (outcome instanceof Error) expect(outcome.name).toBe('ConnectorError');
      else expect(stored().accessToken).not.toBe('old-access');
      expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    }),
    { numRuns: 150 },
  );
}, 300_000);
