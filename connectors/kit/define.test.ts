import { afterEach, describe, expect, it } from 'vitest';
import { failureOf, fixedAccess, readPages } from './conformance.ts';
import type { Connector } from './connector.ts';
import { defineConnector } from './define.ts';
import { manifest as sample } from './fixtures/tickets-inc/manifest.ts';
import { createRateLimiter } from './http/rate-limit.ts';
import { createUndiciTransport } from './http/undici-transport.ts';
import type { Manifest, OAuthCodeMethod } from './manifest.ts';
import { parseManifest } from './manifest-schema.ts';
import {
  apiBase,
  authMethod,
  describe as describeForPage,
  loginBase,
  oauthMethod,
  openConnection,
  redirectUris,
} from './runtime.ts';
import { Secret } from './secret.ts';
import { json, serve, type TestServer } from './testing/servers.ts';

const servers: TestServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** Without the pauses of the manifest's rate limit. */
function openOn(server: TestServer, connector: Connector) {
  const transport = createUndiciTransport();
  const context = openConnection({
    connector,
    authMethodId: 'api-key',
    fields: {},
    overrides: { apiBaseUrl: server.url, allowPrivateNetwork: true },
    learned: {},
    access: fixedAccess({ credentials: { apiKey: new Secret('key-1234') }, expiresAtMs: null, learned: {} }),
    transport,
    signal: new AbortController().signal,
    now: () => Date.now(),
    log: () => undefined,
    limiter: createRateLimiter({ buckets: { default: { requests: 10_000, perMs: 1 } }, maxConcurrent: 2 }),
  });
  return { context, transport };
}

describe('a connector', () => {
  it('whose source repeats its pages ends with a typed failure', async () => {
    const server = await serve((_request, response) => json(response, { items: [{ id: 1 }], next: 'always-the-same' }));
    servers.push(server);
    const connector = defineConnector(sample);
    const { context, transport } = openOn(server, connector);
    const error = await failureOf(readPages(connector, context, { object: 'issues' }));
    expect(error.failureClass).toBe('invalid_response');
    expect(server.requests.length).toBeLessThan(6);
    expect((await failureOf(readPages(connector, context, { object: 'nothing' }))).failureClass).toBe('not_found');
    await transport.close();
  });

  it('whose source sends the same deletions again and again, each time with another next page, ends with a typed failure', async () => {
    let page = 0;
    const server = await serve((_request, response) => {
      page += 1;
      json(response, { items: [{ id: 1 }], next: `page ${page}` });
    });
    servers.push(server);
    const objects = (sample.objects ?? []).map((object) => ({ ...object, isDeleted: () => true }));
    const connector = defineConnector({ ...sample, objects });
    const { context, transport } = openOn(server, connector);
    const error = await failureOf(readPages(connector, context, { object: 'issues' }));
    expect(error).toMatchObject({ name: 'NoProgressError', failureClass: 'invalid_response' });
    expect(server.requests.length).toBeLessThan(110);
    await transport.close();
  });

  it('cannot be defined without a way to identify, or without objects', () => {
    const { identity: _identity, ...anonymous } = sample;
    expect(() => defineConnector(anonymous)).toThrow('neither the manifest nor the code says how to identify');
    const { objects: _objects, ...empty } = sample;
    expect(() => defineConnector(empty)).toThrow('without objects in the manifest');
  });
});

describe('a manifest', () => {
  it.each<[string, Partial<Record<keyof Manifest, unknown>>, string]>([
    ['an id that is no folder name', { id: 'Tickets Inc' }, 'id'],
    ['a summary without a full stop', { summary: 'issues' }, 'must be one sentence'],
    [
      'no default bucket',
      { rateLimit: { buckets: { slow: { requests: 1, perMs: 1 } }, maxConcurrent: 1 } },
      'must have a "default" bucket',
    ],
    ['a member nobody knows', { colour: 'red' } as object, 'colour'],
    [
      'a host list with a scheme',
      { endpoints: { ...sample.endpoints, allowedHosts: ['https://api.example.com'] } },
      'must be a host',
    ],
    ['a host list with everything', { endpoints: { ...sample.endpoints, allowedHosts: ['*'] } }, 'must be a host'],
    [
      'a host of a field that is not there',
      { endpoints: { ...sample.endpoints, allowedHosts: ['{domain}'] } },
      'there is no field "domain"',
    ],
    [
      'a pattern that can take for ever',
      {
        fields: [
          {
            name: 'a',
            label: 'A',
            kind: 'text',
            required: true,
            help: 'A.',
            pattern: { source: '(a+)+', message: 'x' },
          },
        ],
      },
      'repeats a repetition',
    ],
    [
      'a select without options',
      { fields: [{ name: 'a', label: 'A', kind: 'select', required: true, help: 'A.' }] },
      'without options',
    ],
    [
      'a field twice',
      { fields: ['a', 'a'].map((name) => ({ name, label: 'A', kind: 'text', required: true, help: 'A.' })) },
      'the field "a" stands twice',
    ],
    [
      'an error text in capitals',
      { errors: [{ contains: 'Denied', class: 'bad_request', message: 'x' }] },
      'must be lower case',
    ],
    ['no authorization', { auth: [] }, 'auth'],
  ])('is refused with %s', (_what, changes, mistake) => {
    expect(() => parseManifest({ ...sample, ...changes } as Manifest)).toThrow(mistake);
  });
});

describe('what the app asks of a connector', () => {
  const oauth: OAuthCodeMethod = {
    kind: 'oauth-code',
    id: 'oauth',
    label: 'Log in',
    fields: [],
    defaultWay: 'window',
    wayReason: 'It works.',
    authorizeUrl: (login) => `${login}/authorize`,
    tokenUrl: (login) => `${login}/token`,
    scopes: ['read'],
    tokenBody: 'form',
    clientSecret: 'optional',
    appHelp: { clientId: 'Settings > Apps > Id.', clientSecret: 'Settings > Apps > Secret.' },
    clientAuthentication: 'body',
    redirect: { host: 'localhost', ports: [42_813, 42_814] },
    rotatesRefreshToken: true,
    revocation: { kind: 'none', reason: 'It has none.' },
    apply: { kind: 'bearer', credential: 'accessToken' },
  };
  const connector = defineConnector({ ...sample, auth: [...sample.auth, oauth] });

  it('finds the authorization method, loudly', () => {
    expect(authMethod(connector.manifest, 'api-key').kind).toBe('key');
    expect(oauthMethod(connector.manifest, 'oauth')).toBe(oauth);
    expect(() => authMethod(connector.manifest, 'other')).toThrow('tickets-inc has no authorization method "other".');
    expect(() => oauthMethod(connector.manifest, 'api-key')).toThrow('has no log-in step');
  });

  it('names the exact redirect addresses to register', () => {
    expect(redirectUris(oauth, 'tickets-inc')).toEqual([
      'http://localhost:42813/oauth/callback/tickets-inc',
      'http://localhost:42814/oauth/callback/tickets-inc',
    ]);
    expect(redirectUris({ ...oauth, redirect: { host: '127.0.0.1', ports: [] } }, 'x')).toEqual([
      'http://127.0.0.1:42813/oauth/callback/x',
    ]);
  });

  it('prefers overrides of the base addresses', () => {
    const urls = { fields: {}, learned: {} };
    expect(apiBase(connector.manifest, urls)).toBe('https://api.tickets-inc.example');
    expect(loginBase(connector.manifest, urls)).toBe('https://api.tickets-inc.example');
    expect(apiBase(connector.manifest, { ...urls, apiBaseUrl: 'http://localhost:1' })).toBe('http://localhost:1');
    expect(loginBase(connector.manifest, { ...urls, loginBaseUrl: 'http://localhost:2' })).toBe('http://localhost:2');
  });

  it('tells the page nothing but what the page may know', () => {
    const descriptor = describeForPage(connector);
    expect(descriptor).toMatchObject({ id: 'tickets-inc', hasLoginHost: true, canBeDestination: false });
    expect(descriptor.authMethods.map(({ id, interactive }) => [id, interactive])).toEqual([
      ['api-key', false],
      ['oauth', true],
    ]);
    expect(JSON.parse(JSON.stringify(descriptor))).toEqual(descriptor);
  });
});
