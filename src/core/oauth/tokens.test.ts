import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  ConnectorError,
  createTransport,
  type Manifest,
  type OAuthCodeMethod,
  Secret,
} from '../../../connectors/kit/doors/authorization.ts';
import { type OAuthClient, oauthClient } from './client.ts';
import { beginExchange, type ExchangingFlow, judgeCallback, startFlow, waitFor } from './flow.ts';
import { revokeGrant } from './revoke.ts';
import { CLIENT_ID, testConnection, testConnector, testMethod } from './testing/bench.ts';
import { exchangeCode, refreshTokens } from './tokens.ts';

interface Request {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Answer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string | Record<string, unknown>;
}

/** A vendor's server: it answers what the test says and keeps what it was asked. */
let server: Server;
let base: string;
let requests: Request[];
let answer: (request: Request) => Answer;
const transport = createTransport();
const GOOD = { access_token: 'at-1', token_type: 'bearer', refresh_token: 'rt-1', expires_in: 1800 };

beforeEach(async () => {
  requests = [];
  answer = () => ({ body: GOOD });
  server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const request: Request = {
      method: incoming.method ?? '',
      url: incoming.url ?? '',
      headers: incoming.headers,
      body: Buffer.concat(chunks).toString(),
    };
    requests.push(request);
    const { status = 200, headers = {}, body = '' } = answer(request);
    response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function client(
  method: Partial<OAuthCodeMethod> = {},
  options: { secret?: string; id?: string; manifest?: Partial<Manifest> } = {},
): OAuthClient {
  const whole = testMethod({ issuer: undefined, ...method });
  return oauthClient({
    connection: testConnection(base),
    manifest: testConnector(whole, 'mirror', options.manifest).manifest,
    method: whole,
    clientId: options.id ?? CLIENT_ID,
    clientSecret: options.secret === undefined ? null : new Secret(options.secret),
    transport,
  });
}

function returned(of: OAuthClient): ExchangingFlow {
  const at = { wallMs: 0, monotonicMs: 0 };
  const flow = waitFor(
    startFlow(
      {
        flowId: 'f',
        connectionId: 'c',
        connectorName: 'Mirror',
        authorizeUrl: of.method.authorizeUrl(of.login),
        clientId: of.clientId,
        scopes: of.method.scopes,
        scopeSeparator: ' ',
        usesPkce: true,
        params: {},
        redirectUri: 'http://127.0.0.1:42813/oauth/callback/mirror',
        issuer: null,
      },
      at,
      (count) => new Uint8Array(count).fill(7),
    ),
    'window',
  );
  const verdict = judgeCallback(
    flow,
    { method: 'GET', url: `${flow.plan.redirectUri}?code=the-code&state=${flow.state.reveal()}` },
    at,
  );
  if (verdict.kind !== 'code') throw new Error(verdict.kind);
  return beginExchange(verdict.flow);
}

const failureOf = (work: Promise<unknown>): Promise<ConnectorError> =>
  work.then(
    () => Promise.reject(new Error('It was expected to fail.')),
    (error: unknown) => (error instanceof ConnectorError ? error : Promise.reject(error)),
  );

describe('what a token endpoint is sent', () => {
  test('as a form, for a public client', async () => {
    const of = client();
    const flow = returned(of);
    await exchangeCode(of, flow);
    expect(requests.length).toBe(1);
    expect(requests[0]?.headers['content-type']).toContain('application/x-www-form-urlencoded');
    expect(Object.fromEntries(new URLSearchParams(requests[0]?.body))).toEqual({
      grant_type: 'authorization_code',
      client_id: CLIENT_ID,
      code: 'the-code',
      redirect_uri: 'http://127.0.0.1:42813/oauth/callback/mirror',
      code_verifier: flow.verifier.reveal(),
    });
    expect(requests[0]?.headers.authorization).toBeUndefined();
  });

  test('without a verifier where the vendor refuses PKCE', async () => {
    const of = client({ pkce: 'refused' });
    await exchangeCode(of, returned(of));
    const sent = Object.fromEntries(new URLSearchParams(requests[0]?.body));
    expect(sent).toMatchObject({ code: 'the-code' });
    expect(sent).not.toHaveProperty('code_verifier');
  });

  test('and the scopes that the fields of the connection ask for are the ones that may be missing', async () => {
    const of = client({ scopes: ['shown'], scopesFor: () => ['read', 'write'] });
    answer = () => ({ body: { ...GOOD, scope: 'read' } });
    expect((await exchangeCode(of, returned(of))).missingScopes).toEqual(['write']);
  });

  test('as JSON with numbers as numbers, as Zendesk wants it', async () => {
    const of = client(
      { tokenBody: 'json', tokenParams: { expires_in: 3600, refresh_token_expires_in: 700_000, audience: 'x' } },
      { secret: 'hush' },
    );
    const flow = returned(of);
    await exchangeCode(of, flow);
    await refreshTokens(of, new Secret('rt-0'));
    expect(requests.map(({ headers }) => headers['content-type'])).toEqual(['application/json', 'application/json']);
    const extra = {
      client_id: CLIENT_ID,
      client_secret: 'hush',
      expires_in: 3600,
      refresh_token_expires_in: 700_000,
      audience: 'x',
    };
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual({
      ...extra,
      grant_type: 'authorization_code',
      code: 'the-code',
      redirect_uri: flow.plan.redirectUri,
      code_verifier: flow.verifier.reveal(),
    });
    expect(JSON.parse(requests[1]?.body ?? '')).toEqual({
      ...extra,
      grant_type: 'refresh_token',
      refresh_token: 'rt-0',
    });
  });

  test('with Basic authentication that vendors who do not decode understand as well', async () => {
    const of = client(
      { clientAuthentication: 'basic', clientSecret: 'required' },
      { id: 'app-1.test_2', secret: 's-e.c_r%t ä' },
    );
    await refreshTokens(of, new Secret('rt-0'));
    const [user, password] = Buffer.from(String(requests[0]?.headers.authorization).slice(6), 'base64')
      .toString()
      .split(':');
    expect([user, password]).toEqual(['app-1.test_2', 's-e.c_r%25t+%C3%A4']);
    expect(requests[0]?.body).not.toContain('client_secret');
  });

  test('without a secret where the method has none, even when one is stored', async () => {
    await refreshTokens(client({ clientSecret: 'none' }, { secret: 'hush' }), new Secret('rt-0'));
    expect(JSON.stringify(requests)).not.toContain('hush');
  });

  test('not at all where a required secret is missing', () => {
    expect(() => client({ clientSecret: 'required' })).toThrow('needs the client secret');
  });
});

describe('what a token endpoint answers', () => {
  const read = (body: Record<string, unknown>, status = 200): Promise<Awaited<ReturnType<typeof refreshTokens>>> => {
    answer = () => ({ status, body });
    return refreshTokens(client(), new Secret('rt-0'));
  };

  test.each([
    ['without token_type', { access_token: 'at-1' }],
    ['with status 201', { ...GOOD }],
    ['with an id token that nobody asked for', { ...GOOD, id_token: 'not.a.jwt' }],
    ['with null members', { ...GOOD, refresh_token: null, expires_in: null, scope: null }],
    ['with "Bearer" in capitals', { ...GOOD, token_type: 'BEARER' }],
    ['with expires_in as text', { ...GOOD, expires_in: '1800' }],
  ])('%s is taken', async (name, body) => {
    const tokens = await read(body, name.includes('201') ? 201 : 200);
    expect(tokens.accessToken?.reveal()).toBe('at-1');
    expect([null, 1800]).toContain(tokens.expiresInSeconds);
  });

  test.each<[string, unknown, number | null]>([
    ['a number', 1800, 1800],
    ['a number as text', '1800', 1800],
    ['a text', 'soon', null],
    ['nothing', '', null],
    ['zero', 0, null],
    ['a negative number', -1, null],
    ['null', null, null],
    ['more than any date holds', 1e300, null],
    ['a list', [3600], null],
    ['true', true, null],
  ])('a life that is %s', async (_name, given, seconds) => {
    const tokens = await read({ ...GOOD, expires_in: given });
    expect([tokens.accessToken?.reveal(), tokens.refreshToken?.reveal()]).toEqual(['at-1', 'rt-1']);
    expect([tokens.expiresInSeconds, tokens.flaw]).toEqual([seconds, null]);
  });

  test('a life that is missing is not known', async () => {
    const { expires_in: _, ...rest } = GOOD;
    expect((await read(rest)).expiresInSeconds).toBeNull();
  });

  test.each<[string, Record<string, unknown>, string[]]>([
    ['scope', { scope: 5 }, ['scope']],
    ['scope and life', { scope: {}, expires_in: 'soon' }, ['expires_in', 'scope']],
    ['refresh token', { refresh_token: {} }, ['refresh_token']],
    ['token type', { token_type: 7 }, ['token_type']],
  ])('a %s that makes no sense is named and left out', async (_name, change, ignored) => {
    const tokens = await read({ ...GOOD, ...change });
    expect([tokens.accessToken?.reveal(), tokens.flaw]).toEqual(['at-1', null]);
    expect(tokens.ignored.toSorted()).toEqual(ignored);
  });

  test.each(['JWT', 'BearerToken', 'access_token', 'Bearer '])(
    'the kind %j is sent as a bearer token',
    async (kind) => {
      const tokens = await read({ ...GOOD, token_type: kind });
      expect([tokens.accessToken?.reveal(), tokens.flaw]).toEqual(['at-1', null]);
    },
  );

  test.each<[string, string]>([
    ['beside an access token that is no text', JSON.stringify({ ...GOOD, access_token: 5 })],
    ['beside no access token', JSON.stringify({ refresh_token: 'rt-1' })],
    ['beside a token of another kind', JSON.stringify({ ...GOOD, token_type: 'DPoP' })],
    ['beside an error', JSON.stringify({ error: 'temporarily_unavailable', refresh_token: 'rt-1' })],
    ['in JSON that was cut off', '{"refresh_token": "rt-1", "access_token":"at'],
    ['in JSON that would pollute a prototype', '{"access_token":"a","__proto__":{"x":1},"refresh_token":"rt-1"}'],
  ])('a refresh token %s is heard, and the answer is refused', async (_name, body) => {
    answer = () => ({ body });
    const tokens = await refreshTokens(client(), new Secret('rt-0'));
    expect([tokens.accessToken, tokens.refreshToken?.reveal()]).toEqual([null, 'rt-1']);
    expect(tokens.flaw).toMatchObject({ failureClass: 'invalid_response' });
  });

  test('an address that may not be used is said, beside tokens that are heard', async () => {
    const tokens = await read({ ...GOOD, instance_url: 'https://acme.salesforce.com.evil.test' });
    expect([tokens.accessToken?.reveal(), tokens.refreshToken?.reveal(), tokens.learned]).toEqual(['at-1', 'rt-1', {}]);
    expect(tokens.flaw).toMatchObject({
      failureClass: 'host_refused',
      message: expect.stringMatching(
        /^Mirror named an address for its data that this connection may not use\. The address acme\.salesforce\.com\.evil\.test was refused.* The authorization was kept\.$/,
      ),
    });
  });

  test('scopes come with spaces, commas or as a list', async () => {
    for (const scope of ['read write', 'read,write', ['read', 'write']])
      expect((await read({ ...GOOD, scope })).scopes).toEqual(['read', 'write']);
  });

  test('a scope for refreshing counts as granted when there is a refresh token', async () => {
    answer = () => ({ body: { ...GOOD, scope: 'api' } });
    const { missingScopes } = await refreshTokens(
      client({ scopes: ['api', 'refresh_token', 'offline_access', 'id'] }),
      new Secret('rt-0'),
    );
    expect(missingScopes).toEqual(['id']);
  });

  test('tokens are not offered to what learns from the answer', async () => {
    let seen: Readonly<Record<string, unknown>> = {};
    answer = () => ({ body: { ...GOOD, id_token: 'x', instance_url: 'https://a.salesforce.com' } });
    const method = {
      learn: (members: Readonly<Record<string, unknown>>) => {
        seen = members;
        return {};
      },
    };
    await refreshTokens(client(method), new Secret('rt-0'));
    expect(Object.keys(seen).sort()).toEqual(['expires_in', 'instance_url', 'token_type']);
  });

  test.each([
    ['a web page', { body: '<!doctype html><p>Guest network</p>' }, 'invalid_response'],
    ['nothing', { body: '' }, 'invalid_response'],
    ['a list', { body: '[1]' }, 'invalid_response'],
    ['broken JSON', { body: '{"access_token":"at' }, 'invalid_response'],
    [
      'keys that would pollute a prototype',
      { body: '{"access_token":"a","__proto__":{"polluted":1}}' },
      'invalid_response',
    ],
    ['no access token', { body: { token_type: 'bearer' } }, 'invalid_response'],
    ['an access token that is no text', { body: { access_token: 5 } }, 'invalid_response'],
    [
      'another kind of token without a refresh token',
      { body: { access_token: 'at-1', token_type: 'mac' } },
      'invalid_response',
    ],
    ['an error with status 200', { body: { error: 'invalid_grant' } }, 'reauthorize_expired'],
    ['an error of its own with status 200', { body: { error: 'slow_day' } }, 'bad_request'],
    ['a redirect', { status: 302, headers: { location: 'https://evil.test/' } }, 'invalid_response'],
    ['too much', { body: JSON.stringify({ ...GOOD, x: 'x'.repeat(300_000) }) }, 'invalid_response'],
    ['429', { status: 429, headers: { 'retry-after': '7' }, body: {} }, 'rate_limited'],
    ['502 with a page', { status: 502, body: '<h1>Bad gateway</h1>' }, 'server_error'],
    ['400 without a reason', { status: 400, body: 'no' }, 'invalid_response'],
    ['invalid_scope', { status: 400, body: { error: 'invalid_scope' } }, 'bad_request'],
    ['invalid_grant', { status: 400, body: { error: 'invalid_grant' } }, 'reauthorize_expired'],
    [
      'invalid_grant by 403, as Atlassian does',
      { status: 403, body: { error: 'invalid_grant' } },
      'reauthorize_expired',
    ],
    ['invalid_client', { status: 401, body: { error: 'invalid_client' } }, 'reauthorize_password'],
  ] as const)('%s is a typed failure without a secret in it', async (_name, reply, failureClass) => {
    answer = () => reply as Answer;
    const failure = await failureOf(refreshTokens(client({}, { secret: 'client-hush' }), new Secret('refresh-hush')));
    expect(failure.failureClass).toBe(failureClass);
    expect(
      `${failure.message} ${JSON.stringify(failure)} ${String(failure.stack)} ${JSON.stringify(failure.cause ?? null)}`,
    ).not.toMatch(/hush|polluted/);
    expect(requests.length).toBe(1);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test('a wait that was asked for is passed on', async () => {
    answer = () => ({ status: 429, headers: { 'retry-after': '7' }, body: {} });
    expect((await failureOf(refreshTokens(client(), new Secret('rt-0')))).retryAfterMs).toBe(7000);
  });

  test('rows of the manifest for bare statuses are about its API and judge no grant', async () => {
    answer = () => ({ status: 400, body: { error: 'invalid_grant' } });
    const errors = [{ status: 400, class: 'bad_request', message: 'Bad fields.' }] as const;
    expect(
      (await failureOf(refreshTokens(client({}, { manifest: { errors } }), new Secret('rt-0')))).failureClass,
    ).toBe('reauthorize_expired');
  });

  const refuseAll = (status: number, body: Record<string, string>): void => {
    answer = () => ({ status, body });
  };

  test.each([
    ['invalid_grant', /^Mirror did not complete the log-in: the code it gave has expired/, /^Mirror no longer accepts/],
    [
      'unauthorized_client',
      /^Mirror does not let this OAuth app log users in/,
      /^Mirror no longer lets this OAuth app/,
    ],
  ])('%s is told for a log-in in other words than for a renewal', async (error, exchange, refresh) => {
    refuseAll(400, { error });
    const of = client();
    expect((await failureOf(exchangeCode(of, returned(of)))).message).toMatch(exchange);
    expect((await failureOf(refreshTokens(of, new Secret('rt-0')))).message).toMatch(refresh);
  });

  test('a manifest’s words for an ended authorization are not used for a log-in, those for its user are', async () => {
    const errors = [
      { vendorCode: 'invalid_grant', contains: 'inactive user', class: 'reauthorize_deactivated', message: 'Inactive' },
      { vendorCode: 'invalid_grant', class: 'reauthorize_expired', message: 'Mirror refused to renew it' },
    ] as const;
    const of = client({}, { manifest: { errors } });
    refuseAll(400, { error: 'invalid_grant', error_description: 'expired authorization code' });
    expect((await failureOf(exchangeCode(of, returned(of)))).message).not.toContain('renew');
    expect((await failureOf(refreshTokens(of, new Secret('rt-0')))).message).toMatch(/^Mirror refused to renew it/);
    refuseAll(400, { error: 'invalid_grant', error_description: 'inactive user' });
    expect((await failureOf(exchangeCode(of, returned(of)))).failureClass).toBe('reauthorize_deactivated');
  });

  test('a server that fails says at what', async () => {
    refuseAll(503, {});
    const of = client();
    const grant = { accessToken: new Secret('at-1'), refreshToken: new Secret('rt-1'), expiresAtMs: null };
    expect((await failureOf(exchangeCode(of, returned(of)))).message).toContain('while it completed the log-in');
    expect((await failureOf(refreshTokens(of, new Secret('rt-0')))).message).toContain('while it renewed');
    expect(await revokeGrant(of, grant)).toMatchObject({
      error: { message: expect.stringContaining('while it revoked the authorization') },
    });
  });

  test('an exchange whose code is echoed in the refusal does not show it', async () => {
    answer = ({ body }) => ({
      status: 400,
      body: { error: 'invalid_grant', error_description: `code ${new URLSearchParams(body).get('code')} was used` },
    });
    const of = client();
    expect((await failureOf(exchangeCode(of, returned(of)))).message).toContain('code [redacted] was used');
  });
});

describe('withdrawing a grant', () => {
  const grant = { accessToken: new Secret('at-1'), refreshToken: new Secret('rt-1'), expiresAtMs: null };

  test('by RFC 7009 sends the refresh token', async () => {
    answer = () => ({ status: 200 });
    expect(await revokeGrant(client(), grant)).toEqual({ kind: 'done' });
    expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual(['POST /token/revocation']);
    expect(Object.fromEntries(new URLSearchParams(requests[0]?.body))).toEqual({
      token: 'rt-1',
      token_type_hint: 'refresh_token',
      client_id: CLIENT_ID,
    });
  });

  test('by RFC 7009 sends the access token where there is no other', async () => {
    answer = () => ({ status: 200 });
    await revokeGrant(client(), { ...grant, refreshToken: null });
    expect(new URLSearchParams(requests[0]?.body).get('token')).toBe('at-1');
  });

  test.each([
    [503, 'pending'],
    [429, 'pending'],
    [400, 'failed'],
    [401, 'failed'],
  ])('that is answered by %i is %s', async (status, kind) => {
    answer = () => ({ status, body: status < 429 ? { error: 'unsupported_token_type' } : {} });
    expect((await revokeGrant(client(), grant)).kind).toBe(kind);
  });

  test('that cannot be reached is pending', async () => {
    const of = client();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect((await revokeGrant(of, grant)).kind).toBe('pending');
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  test('where the provider has no way says what to do there', async () => {
    const reason = 'Remove the app’s consent in the admin centre.';
    expect(await revokeGrant(client({ revocation: { kind: 'none', reason } }), grant)).toEqual({
      kind: 'none',
      reason,
    });
    expect(requests).toEqual([]);
  });

  const zendesk: Partial<OAuthCodeMethod> = {
    revocation: {
      kind: 'request',
      lookup: () => ({ url: '/api/v2/oauth/tokens/current.json' }),
      request: (_urls, found) => ({
        method: 'DELETE',
        url: `/api/v2/oauth/tokens/${String((found as { token: { id: number } }).token.id)}.json`,
      }),
    },
  };

  test('by the vendor’s own way looks the token up and deletes it', async () => {
    answer = ({ method }) => (method === 'GET' ? { body: { token: { id: 42 } } } : { status: 204 });
    expect(await revokeGrant(client(zendesk), grant)).toEqual({ kind: 'done' });
    expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET /api/v2/oauth/tokens/current.json',
      'DELETE /api/v2/oauth/tokens/42.json',
    ]);
    expect(requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer at-1', 'Bearer at-1']);
  });

  test('by the vendor’s own way renews an expired access once, to be able to', async () => {
    answer = ({ method, url, headers }) => {
      if (url === '/token') return { body: { ...GOOD, access_token: 'at-2' } };
      if (headers.authorization !== 'Bearer at-2') return { status: 401, body: {} };
      return method === 'GET' ? { body: { token: { id: 43 } } } : { status: 204 };
    };
    expect(await revokeGrant(client(zendesk), grant)).toEqual({ kind: 'done' });
    expect(requests.at(-1)?.url).toBe('/api/v2/oauth/tokens/43.json');
  });

  test('by the vendor’s own way is done when nothing of the grant is alive any more', async () => {
    answer = ({ url }) =>
      url === '/token' ? { status: 400, body: { error: 'invalid_grant' } } : { status: 401, body: {} };
    expect(await revokeGrant(client(zendesk), grant)).toEqual({ kind: 'done' });
    expect(requests.length).toBe(2);
  });
});
