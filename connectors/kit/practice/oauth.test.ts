import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOAuthPractice, type OAuthPractice } from './oauth.ts';
import { PRACTICE_USERS } from './people.ts';
import { type PracticeServer, startPracticeServer } from './server.ts';

const REDIRECT = 'http://127.0.0.1:42813/oauth/callback/sample';
const VERIFIER = 'a'.repeat(50);
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');
const CLIENT = { client_id: 'app', client_secret: 'app-secret' };
const { dana } = PRACTICE_USERS;

let server: PracticeServer;
let oauth: OAuthPractice;

async function startServer(stateFile?: string): Promise<void> {
  oauth = createOAuthPractice({
    systemName: 'Sample',
    loginLabel: 'Email',
    paths: { authorize: '/authorize', token: '/token', revoke: '/revoke' },
    clients: [
      { clientId: 'app', clientSecret: 'app-secret', name: 'Patchbay' },
      { clientId: 'public', name: 'Patchbay' },
    ],
    users: Object.values(PRACTICE_USERS),
    scopes: { read: 'Read everything' },
    defaultScopes: ['read'],
    requiresPkce: true,
    accessTokenLifeSeconds: 3600,
    refreshTokens: 'rotating',
    stateFile,
  });
  const api = {
    method: 'GET',
    path: '/me',
    handle: (request: Parameters<OAuthPractice['authenticate']>[0]) => ({ json: oauth.authenticate(request) }),
  };
  server = await startPracticeServer({ port: 0, routes: [...oauth.routes, api] });
}

beforeEach(() => startServer());
afterEach(() => server.close());

const form = (values: Record<string, string>): RequestInit => ({
  method: 'POST',
  redirect: 'manual',
  body: new URLSearchParams(values),
});

function authorizeUrl(changes: Record<string, string | null> = {}): string {
  const url = new URL('/authorize', server.baseUrl);
  const parameters: Record<string, string | null> = {
    response_type: 'code',
    client_id: 'app',
    redirect_uri: REDIRECT,
    state: 's t&1',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    ...changes,
  };
  for (const [name, value] of Object.entries(parameters)) if (value !== null) url.searchParams.set(name, value);
  return url.href;
}

/** A browser with nothing but a cookie: follows no script, because there is none. */
class Browser {
  cookie = '';

  async send(
    path: string,
    init: RequestInit = {},
  ): Promise<{ status: number; html: string; location: URL | null; csp: string }> {
    const response = await fetch(new URL(path, server.baseUrl), {
      ...init,
      redirect: 'manual',
      headers: { cookie: this.cookie },
    });
    const cookie = response.headers.get('set-cookie');
    if (cookie !== null) this.cookie = cookie.split(';')[0] ?? '';
    const location = response.headers.get('location');
    return {
      status: response.status,
      html: await response.text(),
      location: location === null ? null : new URL(location),
      csp: response.headers.get('content-security-policy') ?? '',
    };
  }

  hidden(html: string): Record<string, string> {
    return Object.fromEntries(
      [...html.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g)].map(([, name = '', value = '']) => [
        name,
        value,
      ]),
    );
  }

  async logIn(
    email: string,
    password: string,
    url = authorizeUrl(),
  ): Promise<{ status: number; html: string; hidden: Record<string, string> }> {
    const page = await this.send(url);
    const answer = await this.send('/practice/log-in', form({ ...this.hidden(page.html), login: email, password }));
    return { ...answer, hidden: this.hidden(answer.html) };
  }

  async allow(url = authorizeUrl()): Promise<string> {
    const { hidden } = await this.logIn(dana.email, dana.password, url);
    const { location } = await this.send('/practice/consent', form({ ...hidden, decision: 'allow' }));
    return location?.searchParams.get('code') ?? '';
  }
}

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly error?: string;
}

async function token(
  values: Record<string, string>,
  client: Record<string, string> = CLIENT,
): Promise<{ status: number; body: Tokens }> {
  const response = await fetch(new URL('/token', server.baseUrl), form({ ...client, ...values }));
  return { status: response.status, body: (await response.json()) as Tokens };
}

const exchange = (code: string, changes: Record<string, string> = {}): ReturnType<typeof token> =>
  token({ grant_type: 'authorization_code', code, redirect_uri: REDIRECT, code_verifier: VERIFIER, ...changes });
const refresh = (refreshToken: string): ReturnType<typeof token> =>
  token({ grant_type: 'refresh_token', refresh_token: refreshToken });

async function whoIs(accessToken: string): Promise<string> {
  const response = await fetch(new URL('/me', server.baseUrl), { headers: { authorization: `Bearer ${accessToken}` } });
  const { email, refusal } = (await response.json()) as { email?: string; refusal?: string };
  return email ?? refusal ?? '';
}

describe('logging in', () => {
  it('shows labelled fields, then what is asked, then goes back with code and state', async () => {
    const browser = new Browser();
    const page = await browser.send(authorizeUrl());
    expect(page.html).toContain('<label for="login">Email</label><input id="login"');
    expect(page.html).toContain('<label for="password">Password</label><input id="password"');
    expect(page.html).toMatch(/<button type="submit">Log In<\/button>/);
    expect(page.html).toContain('This is not the real Sample');
    expect(page.html).not.toMatch(/<script|onclick|javascript:/i);
    expect(page.csp).toContain("default-src 'none'");
    const consent = await browser.logIn(dana.email, dana.password);
    expect(consent.html).toContain('Read everything');
    expect(consent.html).toMatch(/>Allow<\/button>[\s\S]*>Deny<\/button>/);
    const { status, location } = await browser.send(
      '/practice/consent',
      form({ ...consent.hidden, decision: 'allow' }),
    );
    expect(status).toBe(302);
    expect(location?.href.startsWith(`${REDIRECT}?`)).toBe(true);
    expect(location?.searchParams.get('state')).toBe('s t&1');
    const { body } = await exchange(location?.searchParams.get('code') ?? '');
    expect(await whoIs(body.access_token)).toBe(dana.email);
  });

  it('says when the password is wrong or the user is not active, and lets one try again', async () => {
    const browser = new Browser();
    const wrong = await browser.logIn(dana.email, 'guess');
    expect(wrong.html).toContain('role="alert"');
    const again = await browser.send(
      '/practice/log-in',
      form({ ...wrong.hidden, login: dana.email, password: dana.password }),
    );
    expect(again.html).toContain('Allow');
    oauth.command({ kind: 'deactivateUser', email: dana.email });
    expect((await browser.logIn(dana.email, dana.password)).html).toContain('not active');
  });

  it('goes back with access_denied when it is denied', async () => {
    const browser = new Browser();
    const { hidden } = await browser.logIn(dana.email, dana.password);
    const { location } = await browser.send('/practice/consent', form({ ...hidden, decision: 'deny' }));
    expect(location?.searchParams.get('error')).toBe('access_denied');
    expect(location?.searchParams.get('state')).toBe('s t&1');
  });

  it('refuses a form from another browser, without its token, or used twice', async () => {
    const browser = new Browser();
    const { hidden } = await browser.logIn(dana.email, dana.password);
    const consent = { ...hidden, decision: 'allow' };
    expect((await new Browser().send('/practice/consent', form(consent))).status).toBe(403);
    expect((await browser.send('/practice/consent', form({ ...consent, form_token: 'x' }))).status).toBe(403);
    expect((await browser.send('/practice/consent', form(consent))).status).toBe(302);
    expect((await browser.send('/practice/consent', form(consent))).status).toBe(403);
  });

  it.each<[string, Record<string, string | null>, number]>([
    ['an unknown client', { client_id: 'other' }, 400],
    ['a redirect elsewhere', { redirect_uri: 'https://evil.test/oauth/callback/sample' }, 400],
    [
      'a redirect that only begins well',
      { redirect_uri: 'http://127.0.0.1:42813/oauth/callback/sample@evil.test' },
      400,
    ],
    ['no PKCE', { code_challenge: null, code_challenge_method: null }, 302],
    ['plain PKCE', { code_challenge_method: 'plain' }, 302],
    ['an implicit flow', { response_type: 'token' }, 302],
    ['a scope it does not have', { scope: 'read admin' }, 302],
  ])('refuses %s', async (_what, changes, status) => {
    const answer = await new Browser().send(authorizeUrl(changes));
    expect(answer.status).toBe(status);
    if (status === 302)
      expect(answer.location?.searchParams.get('error')).toMatch(
        /^(invalid_request|unsupported_response_type|invalid_scope)$/,
      );
  });

  it('escapes what it shows', async () => {
    const answer = await new Browser().logIn('"><img src=x onerror=alert(1)>', 'x');
    expect(answer.html).not.toContain('<img');
  });
});

describe('tokens', () => {
  it('need the verifier, the redirect, the client and its secret of the code', async () => {
    const wrongs: Record<string, string>[] = [
      { code_verifier: 'b'.repeat(50) },
      { code_verifier: '' },
      { redirect_uri: `${REDIRECT}x` },
      { client_secret: 'wrong' },
      { client_id: 'public' },
    ];
    for (const changes of wrongs) {
      const code = await new Browser().allow();
      expect((await exchange(code, changes)).status).toBeGreaterThanOrEqual(400);
    }
  });

  it('end with the grant when a code is used twice', async () => {
    const code = await new Browser().allow();
    const { body } = await exchange(code);
    expect((await exchange(code)).body.error).toBe('invalid_grant');
    expect(await whoIs(body.access_token)).toBe('revoked');
  });

  it('rotate; a spent refresh token kills the whole grant', async () => {
    const first = (await exchange(await new Browser().allow())).body;
    const second = (await refresh(first.refresh_token)).body;
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect(await whoIs(second.access_token)).toBe(dana.email);
    expect((await refresh(first.refresh_token)).body.error).toBe('invalid_grant');
    expect(await whoIs(second.access_token)).toBe('revoked');
    expect((await refresh(second.refresh_token)).body.error).toBe('invalid_grant');
  });

  it('are withdrawn by the revocation endpoint, which is polite about unknown ones', async () => {
    const { body } = await exchange(await new Browser().allow());
    expect((await fetch(new URL('/revoke', server.baseUrl), form({ token: 'unknown' }))).status).toBe(200);
    expect(await whoIs(body.access_token)).toBe(dana.email);
    expect((await fetch(new URL('/revoke', server.baseUrl), form({ token: body.refresh_token }))).status).toBe(200);
    expect(await whoIs(body.access_token)).toBe('revoked');
  });

  it('follow what happens to their user and org, and a new log-in helps where it should', async () => {
    const { body } = await exchange(await new Browser().allow());
    oauth.command({ kind: 'changePassword', email: dana.email });
    expect(await whoIs(body.access_token)).toBe('password_changed');
    expect((await refresh(body.refresh_token)).body.error).toBe('invalid_grant');
    expect((await new Browser().logIn(dana.email, dana.password)).html).toContain('role="alert"');
    expect((await new Browser().logIn(dana.email, `${dana.password}-new`)).html).toContain('Allow');
    oauth.command({ kind: 'restore' });
    const fresh = (await exchange(await new Browser().allow())).body;
    oauth.command({ kind: 'expireAccessTokens' });
    expect(await whoIs(fresh.access_token)).toBe('expired_token');
    const renewed = (await refresh(fresh.refresh_token)).body;
    expect(await whoIs(renewed.access_token)).toBe(dana.email);
    oauth.command({ kind: 'endLicence' });
    expect(await whoIs(renewed.access_token)).toBe('licence_ended');
  });

  it('survive a restart, in a file only the user can read and that holds no token', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'practice-'));
    try {
      const stateFile = join(folder, 'grants.json');
      await server.close();
      await startServer(stateFile);
      const { body } = await exchange(await new Browser().allow());
      await server.close();
      await startServer(stateFile);
      expect(await whoIs(body.access_token)).toBe(dana.email);
      expect((await refresh(body.refresh_token)).status).toBe(200);
      expect(statSync(stateFile).mode & 0o777).toBe(0o600);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
