import { createHash, randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeConnector, failureOf, type PracticeBench, readPages, startBench } from '../kit/conformance.ts';
import { createRateLimiter } from '../kit/http/rate-limit.ts';
import type { Access, AccessProvider, ConnectorContext, HttpRequest } from '../kit/index.ts';
import { Secret } from '../kit/index.ts';
import { PRACTICE_USERS } from '../kit/practice/index.ts';
import { openConnection } from '../kit/runtime.ts';
import { connector, manifest } from './manifest.ts';
import { exportStart } from './objects.ts';
import { practice } from './practice.ts';

// Three pages of a thousand.
describeConnector(connector, practice, { records: 2500 });

const { dana, lee, robin } = PRACTICE_USERS;

let bench: PracticeBench;
beforeEach(async () => {
  bench = await startBench(connector, practice, { records: 50 });
});
afterEach(() => bench.close());

const REDIRECT = 'http://127.0.0.1:42813/oauth/callback/zendesk';

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly expires_in: number;
}

/** Logs in on the practice pages as a person would, and exchanges the code. */
async function logIn(base: string, user: { readonly email: string; readonly password: string }): Promise<Tokens> {
  const verifier = randomBytes(32).toString('base64url');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: 'patchbay_practice',
    redirect_uri: REDIRECT,
    scope: 'read',
    state: 's',
    code_challenge: challenge,
    code_challenge_method: 'S256',
  });
  const first = await fetch(`${base}/oauth/authorizations/new?${query}`);
  const cookie = (first.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const hiddenOf = (html: string): Record<string, string> =>
    Object.fromEntries(
      [...html.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [
        name,
        value,
      ]),
    );
  const post = (path: string, form: Record<string, string>) =>
    fetch(`${base}${path}`, {
      method: 'POST',
      body: new URLSearchParams(form),
      headers: { cookie },
      redirect: 'manual',
    });
  const consent = await post('/practice/log-in', {
    ...hiddenOf(await first.text()),
    login: user.email,
    password: user.password,
  });
  const back = await post('/practice/consent', { ...hiddenOf(await consent.text()), decision: 'allow' });
  const code = new URL(back.headers.get('location') ?? '').searchParams.get('code') ?? '';
  const answer = await tokenRequest(base, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: REDIRECT,
    code_verifier: verifier,
  });
  expect(answer.status).toBe(200);
  return answer.json as Tokens;
}

async function tokenRequest(base: string, body: Record<string, unknown>) {
  const params = manifest.auth.find(({ id }) => id === 'oauth');
  const extra = params?.kind === 'oauth-code' ? params.tokenParams : {};
  const answer = await fetch(`${base}/oauth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ client_id: 'patchbay_practice', scope: 'read', ...extra, ...body }),
  });
  return { status: answer.status, json: (await answer.json()) as unknown };
}

const accessOf = (token: string): Access => ({
  credentials: { accessToken: new Secret(token) },
  expiresAtMs: null,
  learned: {},
});

/** An access provider that refreshes at the practice server, as main does. */
function refreshing(base: string, tokens: Tokens): AccessProvider & { refreshes: number } {
  let pair = tokens;
  const provider = {
    refreshes: 0,
    current: async () => accessOf(pair.access_token),
    async renew() {
      provider.refreshes += 1;
      const answer = await tokenRequest(base, { grant_type: 'refresh_token', refresh_token: pair.refresh_token });
      expect(answer.status).toBe(200);
      pair = answer.json as Tokens;
      return accessOf(pair.access_token);
    },
  };
  return provider;
}

function withApiToken(token?: string): ConnectorContext {
  const { samples } = bench.practice;
  const access: Access = {
    credentials: { apiToken: new Secret(token ?? samples.secrets.apiToken ?? '') },
    expiresAtMs: null,
    learned: {},
  };
  return openConnection({
    connector,
    authMethodId: 'api-token',
    fields: samples.fields,
    overrides: { apiBaseUrl: samples.apiBaseUrl, allowPrivateNetwork: true },
    learned: {},
    access: { current: async () => access, renew: async () => access },
    transport: bench.transport,
    signal: new AbortController().signal,
    now: () => Date.now(),
    log: () => undefined,
    limiter: createRateLimiter({ buckets: { default: { requests: 1000, perMs: 1 } }, maxConcurrent: 4 }),
  });
}

describe('authorization', () => {
  it('rotates: a refresh ends both old tokens, and a spent refresh token kills the grant', async () => {
    const { baseUrl } = bench.practice;
    const first = await logIn(baseUrl, dana);
    expect(first.expires_in).toBe(3600);
    const second = await tokenRequest(baseUrl, { grant_type: 'refresh_token', refresh_token: first.refresh_token });
    const renewed = second.json as Tokens;
    expect(renewed.refresh_token).not.toBe(first.refresh_token);
    const reuse = await tokenRequest(baseUrl, { grant_type: 'refresh_token', refresh_token: first.refresh_token });
    expect(reuse).toMatchObject({ status: 400, json: { error: 'invalid_grant' } });
    const after = await tokenRequest(baseUrl, { grant_type: 'refresh_token', refresh_token: renewed.refresh_token });
    expect(after).toMatchObject({ status: 400, json: { error: 'invalid_grant' } });
    const context = bench.open({
      access: {
        current: async () => accessOf(renewed.access_token),
        renew: async () => accessOf(renewed.access_token),
      },
    });
    expect((await failureOf(connector.check(context))).failureClass).toBe('reauthorize_expired');
  });

  it('renews an expired access once and goes on', async () => {
    const access = refreshing(bench.practice.baseUrl, await logIn(bench.practice.baseUrl, dana));
    const context = bench.open({ access });
    bench.practice.command({ kind: 'expireAccessTokens' });
    await connector.check(context);
    expect(access.refreshes).toBe(1);
  });

  it('revokes the current token by its id', async () => {
    const method = manifest.auth.find(({ id }) => id === 'oauth');
    if (method?.kind !== 'oauth-code' || method.revocation.kind !== 'request') throw new Error('no revocation request');
    const { access_token: token, refresh_token: refresh } = await logIn(bench.practice.baseUrl, dana);
    const context = bench.open({
      access: { current: async () => accessOf(token), renew: async () => accessOf(token) },
    });
    const found = (await context.http.send(method.revocation.lookup?.(context.urls) as HttpRequest)).json();
    const request = method.revocation.request(context.urls, found);
    expect(request).toMatchObject({
      method: 'DELETE',
      url: expect.stringMatching(/^\/api\/v2\/oauth\/tokens\/\d+\.json$/),
    });
    expect((await context.http.send(request)).status).toBe(204);
    expect((await failureOf(connector.check(context))).failureClass).toBe('reauthorize_expired');
    expect(
      await tokenRequest(bench.practice.baseUrl, { grant_type: 'refresh_token', refresh_token: refresh }),
    ).toMatchObject({ status: 400 });
    expect(method.revocation.request(context.urls, undefined).url).toBe('/api/v2/oauth/tokens/current.json');
  });

  it('works with email and API token, and knows an anonymous answer from a login', async () => {
    await connector.check(withApiToken());
    expect(await readPages(connector, withApiToken(), { object: 'tickets' })).toHaveLength(1);
    expect(await connector.identify(withApiToken())).toEqual({
      accountId: '901000',
      account: dana.email,
      orgId: 'acme-practice',
      org: 'acme-practice.zendesk.com',
      isActive: true,
    });
    const wrong = await failureOf(connector.identify(withApiToken('practice-api-token-wrong')));
    expect(wrong.failureClass).toBe('reauthorize_password');
    expect(wrong.message).toBe('Zendesk does not accept this email address and API token.');
  });

  it('refuses an agent: exports are for admins', async () => {
    const access = refreshing(bench.practice.baseUrl, await logIn(bench.practice.baseUrl, robin));
    const context = bench.open({ access });
    expect((await failureOf(connector.identify(context))).failureClass).toBe('reauthorize_permission');
    const read = await failureOf(readPages(connector, context, { object: 'tickets', fields: ['id'] }));
    expect(read.failureClass).toBe('object_denied');
    // Exports are for admins: with that the whole access is lost, as the next call says.
    expect((await connector.explain(context, read)).failureClass).toBe('reauthorize_permission');
  });

  it('finds out that the user was suspended, where a read only says that the token is invalid', async () => {
    const access = refreshing(bench.practice.baseUrl, await logIn(bench.practice.baseUrl, dana));
    const context = bench.open({ access });
    bench.practice.command({ kind: 'deactivateUser', email: dana.email });
    const error = await failureOf(readPages(connector, context, { object: 'tickets', fields: ['id'] }));
    expect(error.failureClass).toBe('reauthorize_expired');
    const explained = await connector.explain(context, error);
    expect(explained.failureClass).toBe('reauthorize_deactivated');
    expect(explained.message).toBe('The authorized user was suspended or deleted in Zendesk.');
    expect((await failureOf(connector.check(context))).failureClass).toBe('reauthorize_deactivated');
    // Another admin is not touched by it.
    const other = refreshing(bench.practice.baseUrl, await logIn(bench.practice.baseUrl, lee));
    await connector.check(bench.open({ access: other }));
  });

  it('leaves the first error standing when the question is refused as well', async () => {
    const context = bench.open();
    bench.practice.command({ kind: 'revokeGrants' });
    const error = await failureOf(connector.check(context));
    expect(await connector.explain(context, error)).toBe(error);
  });

  it('tells an ended account from a wrong login', async () => {
    bench.practice.command({ kind: 'endLicence' });
    const error = await failureOf(connector.check(bench.open()));
    expect(error.failureClass).toBe('licence_expired');
  });
});

describe('fields', () => {
  it('discovers custom fields, and a dotted path reaches their values', async () => {
    const context = bench.open();
    const fields = await connector.fields(context, 'tickets');
    expect(fields.filter(({ name }) => name.startsWith('custom_fields.'))).toMatchObject([
      { name: 'custom_fields.360001', label: 'Plan', type: 'text' },
      { name: 'custom_fields.360002', label: 'Seats', type: 'integer' },
      { name: 'custom_fields.360003', label: 'Escalated', type: 'boolean' },
    ]);
    const [page] = await readPages(connector, context, { object: 'tickets', fields: [] });
    expect(page?.records[1]?.custom_fields).toEqual({ 360001: 'plan_growth', 360002: 18, 360003: false });
    expect((await connector.fields(context, 'users')).map(({ name }) => name)).toContain('user_fields.region');
    expect((await connector.fields(context, 'organizations')).map(({ name }) => name)).toContain(
      'organization_fields.tier',
    );
  });

  it('says that an object it does not have is not found', async () => {
    expect((await failureOf(connector.fields(bench.open(), 'macros'))).failureClass).toBe('not_found');
  });
});

describe('exports', () => {
  it('never asks for the last minute, and starts at the beginning without a cursor value', () => {
    const now = Date.parse('2026-11-24T12:00:00Z');
    expect(exportStart(null, now)).toBe(0);
    expect(exportStart({ field: 'updated_at', value: '2026-11-24T11:00:00Z' }, now)).toBe(now / 1000 - 3600);
    expect(exportStart({ field: 'updated_at', value: '2026-11-24T11:59:59Z' }, now)).toBe(now / 1000 - 120);
    expect(exportStart({ field: 'updated_at', value: '2030-01-01T00:00:00Z' }, now)).toBe(now / 1000 - 120);
    expect(exportStart({ field: 'updated_at', value: 'not a date' }, now)).toBe(0);
  });

  it('reads from a point in time only what changed since', async () => {
    const context = bench.open();
    const [all] = await readPages(connector, context, { object: 'tickets', fields: [] });
    const since = {
      field: 'updated_at',
      value: new Date(Number(all?.records[40]?.generated_timestamp) * 1000).toISOString(),
    };
    const pages = await readPages(connector, context, { object: 'tickets', fields: [], since });
    expect(pages.flatMap(({ records }) => records.map(({ id }) => id))).toEqual(
      all?.records.slice(40).map(({ id }) => id),
    );
    bench.practice.command({ kind: 'setRecords', count: 55 });
    const later = await readPages(connector, context, { object: 'tickets', fields: [], since });
    expect(later.flatMap(({ records }) => records)).toHaveLength(15);
  });

  it('brings deleted tickets with their status', async () => {
    const [page] = await readPages(connector, bench.open(), { object: 'tickets', fields: [] });
    expect(page?.records[36]?.status).toBe('deleted');
  });

  it('sends the cursor alone on the following pages', async () => {
    bench.practice.command({ kind: 'setRecords', count: 1700 });
    await readPages(connector, bench.open(), { object: 'tickets', fields: [] });
    const queries = bench.practice.requests
      .filter(({ path }) => path.endsWith('/cursor.json'))
      .map(({ query }) => [...new URLSearchParams(query).keys()].sort());
    expect(queries[0]).toEqual(['per_page', 'start_time']);
    expect(queries.slice(1)).not.toEqual([]);
    for (const names of queries.slice(1)) expect(names).toEqual(['cursor', 'per_page']);
  });

  it('keeps exports to ten a minute and everything else to the smallest plan', () => {
    const { buckets } = manifest.rateLimit;
    expect(buckets).toEqual({
      default: { requests: 200, perMs: 60_000 },
      incremental: { requests: 10, perMs: 60_000 },
    });
    const read = { object: 'tickets', fields: [], filter: [], since: null, checkpoint: null };
    const urls = { fields: {}, learned: {} };
    const bucketOf = (name: string) =>
      manifest.objects?.find((object) => object.name === name)?.request({ ...read, object: name }, urls, Date.now())
        .bucket;
    expect(['tickets', 'users', 'organizations', 'brands', 'groups'].map(bucketOf)).toEqual([
      'incremental',
      'incremental',
      'incremental',
      undefined,
      undefined,
    ]);
  });
});
