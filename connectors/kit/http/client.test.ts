import { afterEach, describe, expect, it } from 'vitest';
import { failureOf } from '../conformance.ts';
import type { Access, AccessProvider, HttpClient } from '../contract.ts';
import { ConnectorError } from '../contract.ts';
import type { ApplyAccess } from '../manifest.ts';
import { Secret } from '../secret.ts';
import { type Handler, json, serve, type TestServer } from '../testing/servers.ts';
import { type ClientOptions, createHttpClient } from './client.ts';
import { createRateLimiter } from './rate-limit.ts';
import { createUndiciTransport } from './undici-transport.ts';

const TOKEN = 'very-secret-token-1';
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

const accessOf = (token: string, expiresAtMs: number | null = null): Access => ({
  credentials: { accessToken: new Secret(token), user: new Secret('dana') },
  expiresAtMs,
  learned: {},
});
const steady = (token = TOKEN): AccessProvider => ({
  current: async () => accessOf(token),
  renew: async () => {
    throw new ConnectorError('reauthorize_expired', 'There is no new access.');
  },
});

interface Bench {
  readonly server: TestServer;
  readonly lines: string[];
  client(changes?: Partial<ClientOptions>): HttpClient;
}

async function start(handler: Handler): Promise<Bench> {
  const server = await serve(handler);
  const transport = createUndiciTransport();
  open.push(transport, server);
  const lines: string[] = [];
  return {
    server,
    lines,
    client: (changes = {}) =>
      createHttpClient({
        transport,
        policy: { allowPrivate: true, allowedHosts: [server.host] },
        urls: { fields: {}, learned: {} },
        apiBase: () => server.url,
        apply: { kind: 'bearer', credential: 'accessToken' },
        access: steady(),
        limiter: createRateLimiter({ buckets: { default: { requests: 1000, perMs: 100 } }, maxConcurrent: 20 }),
        errors: [],
        signal: new AbortController().signal,
        now: () => Date.now(),
        log: (line) => void lines.push(line),
        random: () => 0.01,
        ...changes,
      }),
  };
}

describe('a request', () => {
  it('is built from path, query and body below the base address', async () => {
    const { server, client } = await start((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => json(response, { url: request.url, type: request.headers['content-type'], body }));
    });
    const http = client({ apiBase: () => `${server.url}/proxy/` });
    expect((await http.send({ url: '/v1/x?a=1', query: { b: 'ü &', c: 2, d: undefined } })).json()).toMatchObject({
      url: '/proxy/v1/x?a=1&b=%C3%BC+%26&c=2',
    });
    expect((await http.send({ url: '/v1', method: 'POST', json: { a: 1 } })).json()).toMatchObject({
      type: 'application/json',
      body: '{"a":1}',
    });
    expect((await http.send({ url: `${server.url}/abs`, method: 'POST', form: { a: 'b c' } })).json()).toMatchObject({
      url: '/abs',
      type: 'application/x-www-form-urlencoded',
      body: 'a=b+c',
    });
    expect((await failureOf(http.send({ url: 'relative' }))).failureClass).toBe('internal');
    expect(server.requests[0]?.url).not.toContain(TOKEN);
  });

  it('reaches the transport before the caller can block its thread', async () => {
    const { client, server } = await start((_request, response) => json(response, {}));
    let isOnTheWire = false;
    const http = client({
      transport: {
        send: async () => {
          isOnTheWire = true;
          return { status: 200, headers: {}, body: new Uint8Array() };
        },
        stream: () => Promise.reject(new Error('not used')),
        close: async () => undefined,
      },
    });
    void http.send({ url: `${server.url}/next` });
    // What the engine does before it stores a page: one turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    expect(isOnTheWire).toBe(true);
  });

  it.each<[string, ApplyAccess, string, string]>([
    ['bearer', { kind: 'bearer', credential: 'accessToken' }, 'authorization', `Bearer ${TOKEN}`],
    ['header', { kind: 'header', name: 'AccessKey', credential: 'accessToken' }, 'accesskey', TOKEN],
    [
      'basic',
      { kind: 'basic', user: (credential) => credential('user'), password: (credential) => credential('accessToken') },
      'authorization',
      `Basic ${Buffer.from(`dana:${TOKEN}`).toString('base64')}`,
    ],
  ])('carries the credential in a header only: %s', async (_name, apply, header, value) => {
    const { server, client } = await start((_request, response) => json(response, {}));
    await client({ apply }).send({ url: '/x' });
    await client({ apply }).send({ url: '/anonymous', isAnonymous: true });
    expect(server.requests[0]?.headers[header]).toBe(value);
    expect(server.requests[1]?.headers[header]).toBeUndefined();
    expect(server.requests.map(({ url }) => url).join()).not.toContain(TOKEN);
  });

  it('does not send a key with a line end, and does not show it', async () => {
    const { server, client } = await start((_request, response) => json(response, {}));
    const error = await failureOf(client({ access: steady('abc\r\nx-evil: 1') }).send({ url: '/x' }));
    expect(error.failureClass).toBe('reauthorize_password');
    expect(error.message).not.toContain('evil');
    expect(server.requests).toEqual([]);
  });
});

describe('redirects', () => {
  const redirecting = (target: (server: TestServer) => string, status = 302): Promise<Bench> => {
    let bench: Bench | null = null;
    return start((request, response) => {
      if (request.url === '/end') {
        json(response, { end: true });
        return;
      }
      response.writeHead(status, { location: bench === null ? '/' : target(bench.server) });
      response.end();
    }).then((started) => {
      bench = started;
      return started;
    });
  };

  it('are followed on the same origin', async () => {
    const { client } = await redirecting(() => '/end');
    const response = await client().send({ url: '/start' });
    expect(response.json()).toEqual({ end: true });
    expect(response.url).toMatch(/\/end$/);
  });

  it.each<[string, ApplyAccess]>([
    ['bearer', { kind: 'bearer', credential: 'accessToken' }],
    ['header', { kind: 'header', name: 'X-Api-Key', credential: 'accessToken' }],
    ['basic', { kind: 'basic', user: () => 'dana', password: (credential) => credential('accessToken') }],
  ])('never take a credential to another origin: %s', async (_name, apply) => {
    const other = await serve((_request, response) => json(response, {}));
    open.push(other);
    for (const target of [`${other.url}/`, `//${other.host}/`, `https://${other.host}/`]) {
      const { server, client } = await redirecting(() => target);
      const policy = { allowPrivate: true, allowedHosts: [server.host, other.host] };
      const error = await failureOf(client({ apply, policy }).send({ url: '/start' }));
      expect(error.failureClass).toBe('host_refused');
      expect((await failureOf(client({ apply, policy }).stream({ url: '/start' }))).failureClass).toBe('host_refused');
    }
    expect(other.requests).toEqual([]);
  });

  it('to the metadata service are refused', async () => {
    const { client } = await redirecting(() => 'http://169.254.169.254/latest/meta-data/');
    expect((await failureOf(client().send({ url: '/start' }))).message).toContain('169.254.169.254');
  });

  it('end after five, and are not followed for a call that sends data', async () => {
    const { server, client } = await redirecting(() => '/again');
    expect((await failureOf(client().send({ url: '/start' }))).message).toContain('more than 5 times');
    expect(server.requests.length).toBe(6);
    expect((await failureOf(client().send({ url: '/start', method: 'POST', json: {} }))).failureClass).toBe(
      'host_refused',
    );
    expect(server.requests.length).toBe(7);
  });

  it('are given to a caller that asked for them', async () => {
    const { client } = await redirecting(() => 'https://elsewhere.example/', 301);
    expect((await client().send({ url: '/start', acceptStatus: [301] })).status).toBe(301);
  });
});

describe('repeating', () => {
  it('waits as long as the system asks, in both forms, and repeats what does no harm', async () => {
    let asks = 0;
    const { server, client, lines } = await start((_request, response) => {
      asks += 1;
      if (asks === 1) json(response, {}, 429, { 'retry-after': '1' });
      else if (asks === 2) json(response, {}, 503, { 'retry-after': new Date(Date.now() + 2_000).toUTCString() });
      else json(response, { ok: true });
    });
    expect((await client().send({ url: '/x' })).json()).toEqual({ ok: true });
    const [first, second, third] = server.requests.map(({ atMs }) => atMs);
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(999);
    expect((third ?? 0) - (second ?? 0)).toBeGreaterThanOrEqual(900);
    expect(lines.join()).toContain('Trying again in 1 s (attempt 2 of 5).');
  });

  it.each(['0', '-5', '0.001', 'soon', new Date(Date.now() - 3_600_000).toUTCString()])(
    'waits by its own backoff where the system asks for a wait of %j',
    async (retryAfter) => {
      let asks = 0;
      const { server, client, lines } = await start((_request, response) => {
        asks += 1;
        if (asks <= 3) json(response, {}, asks === 2 ? 503 : 429, { 'retry-after': retryAfter });
        else json(response, { ok: true });
      });
      // Without jitter: 500 ms, 1 s, 2 s.
      expect((await client({ random: () => 1 }).send({ url: '/x' })).json()).toEqual({ ok: true });
      const times = server.requests.map(({ atMs }) => atMs);
      const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
      for (const [index, least] of [499, 999, 1_999].entries()) expect(gaps[index]).toBeGreaterThanOrEqual(least);
      expect(lines.length).toBe(3);
    },
  );

  it('gives a wait that is too long for a call to the caller, capped at a day', async () => {
    const { server, client } = await start((_request, response) =>
      json(response, {}, 429, { 'retry-after': '315360000' }),
    );
    const error = await failureOf(client().send({ url: '/x' }));
    expect(error).toMatchObject({ failureClass: 'rate_limited', status: 429, retryAfterMs: 86_400_000 });
    expect(server.requests.length).toBe(1);
  });

  it('holds the other requests of the connection back while one has to wait', async () => {
    let asks = 0;
    const { server, client } = await start((_request, response) => {
      asks += 1;
      json(response, {}, asks === 1 ? 429 : 200, asks === 1 ? { 'retry-after': '1' } : {});
    });
    const http = client();
    const first = http.send({ url: '/first' });
    await expect.poll(() => server.requests.length).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await Promise.all([first, http.send({ url: '/second' }), http.send({ url: '/third' })]);
    for (const { atMs } of server.requests.slice(1))
      expect(atMs - (server.requests[0]?.atMs ?? 0)).toBeGreaterThanOrEqual(999);
  });

  it.each([
    ['a POST', { url: '/x', method: 'POST' as const, json: {} }],
    ['a PATCH', { url: '/x', method: 'PATCH' as const, json: {} }],
    ['a GET said to do harm', { url: '/x', isIdempotent: false }],
  ])('is not done with %s', async (_name, request) => {
    for (const status of [429, 500, 503]) {
      const { server, client } = await start((_request, response) =>
        json(response, {}, status, { 'retry-after': '0' }),
      );
      await failureOf(client().send(request));
      expect(server.requests.length).toBe(1);
    }
    const { server, client } = await start((_request, response) => response.destroy());
    expect((await failureOf(client().send(request))).failureClass).toBe('network');
    expect(server.requests.length).toBe(1);
  });

  it('ends after five attempts, or at once when it cannot help', async () => {
    const failing = await start((_request, response) => json(response, {}, 500));
    expect((await failureOf(failing.client().send({ url: '/x' }))).failureClass).toBe('server_error');
    expect(failing.server.requests.length).toBe(5);
    for (const status of [400, 403, 404, 422, 501]) {
      const { server, client } = await start((_request, response) => json(response, {}, status));
      await failureOf(client().send({ url: '/x' }));
      expect(server.requests.length).toBe(1);
    }
  });

  it('stops when the system fails again and again, and says how long it rests', async () => {
    const { server, client } = await start((_request, response) => json(response, {}, 500));
    const http = client();
    for (let count = 0; count < 4; count += 1) await failureOf(http.send({ url: '/x' }));
    expect(server.requests.length).toBe(10);
    expect((await failureOf(http.send({ url: '/x' }))).message).toContain('failed 10 times in a row');
  });
});

describe('access', () => {
  it('is renewed once after a 401, also for a call that may not be repeated', async () => {
    const { server, client } = await start((request, response) =>
      json(response, {}, request.headers.authorization === 'Bearer fresh' ? 200 : 401),
    );
    let token = 'stale';
    let renewals = 0;
    const access: AccessProvider = {
      current: async () => accessOf(token),
      renew: async () => {
        renewals += 1;
        token = 'fresh';
        return accessOf(token);
      },
    };
    expect((await client({ access }).send({ url: '/x', method: 'POST', json: {} })).status).toBe(200);
    expect(renewals).toBe(1);
    expect(server.requests.length).toBe(2);
  });

  it('that stays refused ends in a typed failure, not in a loop', async () => {
    const { server, client } = await start((_request, response) => json(response, {}, 401));
    const access: AccessProvider = { current: async () => accessOf('a'), renew: async () => accessOf('b') };
    expect((await failureOf(client({ access }).send({ url: '/x' }))).failureClass).toBe('reauthorize_expired');
    expect(server.requests.length).toBe(2);
  });

  /** A system that takes the newest access for as long as it lives; nobody says how long that is. */
  const issuing = (newForMs = 3_000) => {
    let count = 1;
    let renewals = 0;
    let issued: Access = accessOf('token-1');
    const issue = (): Access => {
      count += 1;
      const bornAt = performance.now();
      issued = { ...accessOf(`token-${count}`), isNew: () => performance.now() - bornAt < newForMs };
      return issued;
    };
    const provider: AccessProvider = {
      current: async () => issued,
      renew: async (refused) => {
        if (refused !== issued) return issued;
        renewals += 1;
        return issue();
      },
    };
    return { provider, renewals: () => renewals };
  };

  it('that expired while the system asked to wait is renewed again: once for each access, not once for each call', async () => {
    const accesses = issuing(100);
    const answers = [401, 429, 401, 200];
    const { server, client } = await start((_request, response) => {
      const status = answers.shift() ?? 500;
      json(response, { ok: true }, status, status === 429 ? { 'retry-after': '1' } : {});
    });
    expect((await client({ access: accesses.provider }).send({ url: '/x' })).json()).toEqual({ ok: true });
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer token-1',
      'Bearer token-2',
      'Bearer token-2',
      'Bearer token-3',
    ]);
    expect(accesses.renewals()).toBe(2);
  });

  it('that is new, was never taken and is refused says that the authorization is lost', async () => {
    const accesses = issuing();
    const { server, client } = await start((_request, response) => json(response, {}, 401));
    const error = await failureOf(client({ access: accesses.provider }).send({ url: '/x' }));
    expect(error.failureClass).toBe('reauthorize_expired');
    expect([server.requests.length, accesses.renewals()]).toEqual([2, 1]);
  });

  it('that is new and was taken by another call is renewed once more before anything is said to be lost', async () => {
    const accesses = issuing();
    let refused = 'Bearer token-1';
    const { client } = await start((request, response) =>
      json(response, {}, request.headers.authorization === refused ? 401 : 200),
    );
    const http = client({ access: accesses.provider });
    await http.send({ url: '/first' });
    refused = 'Bearer token-2';
    expect((await http.send({ url: '/second' })).status).toBe(200);
    expect(accesses.renewals()).toBe(2);
  });

  it('that is refused again and again, each time when it may have expired, ends in a failure that loses nothing', async () => {
    const accesses = issuing(0);
    const { server, client } = await start((_request, response) => json(response, {}, 401));
    const error = await failureOf(client({ access: accesses.provider }).send({ url: '/x' }));
    expect(error.failureClass).toBe('server_error');
    expect([server.requests.length, accesses.renewals()]).toEqual([4, 3]);
  });

  it('is not asked for again where the provider has no other', async () => {
    const { server, client } = await start((_request, response) => json(response, {}, 401));
    const only = { ...accessOf('only'), isNew: () => false };
    const access: AccessProvider = { current: async () => only, renew: async () => only };
    expect((await failureOf(client({ access }).send({ url: '/x' }))).failureClass).toBe('reauthorize_expired');
    expect(server.requests.length).toBe(1);
  });

  it('is checked for its end before every attempt, behind the wait for a limit', async () => {
    let asks = 0;
    const { server, client } = await start((request, response) => {
      asks += 1;
      if (asks === 1) json(response, {}, 429, { 'retry-after': '2' });
      else json(response, {}, request.headers.authorization === 'Bearer old' ? 401 : 200);
    });
    let current = accessOf('old', Date.now() + 3_500);
    const access: AccessProvider = {
      current: async () => current,
      renew: async () => {
        current = accessOf('new', Date.now() + 60_000);
        return current;
      },
    };
    expect((await client({ access }).send({ url: '/x' })).status).toBe(200);
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer old', 'Bearer new']);
  });
});

describe('failures', () => {
  it('are classified by the manifest first, name the object, and quote the vendor only where a rule says so', async () => {
    const { client } = await start((request, response) =>
      json(
        response,
        [{ errorCode: request.url === '/field' ? 'INVALID_FIELD' : 'ODD', message: 'No such column Foo__c' }],
        400,
      ),
    );
    const http = client({
      errors: [
        {
          status: 400,
          vendorCode: 'INVALID_FIELD',
          class: 'schema_changed',
          message: 'A field is gone',
          quotesVendor: true,
        },
      ],
    });
    const known = await failureOf(http.send({ url: '/field', about: 'Account' }));
    expect(known).toMatchObject({ failureClass: 'schema_changed', status: 400, vendorCode: 'INVALID_FIELD' });
    expect(known.message).toMatch(
      /^A field is gone \(Account\): 127\.0\.0\.1:\d+ answered HTTP 400, INVALID_FIELD\. It says: No such column Foo__c$/,
    );
    expect((await failureOf(http.send({ url: '/odd' }))).message).not.toContain('Foo__c');
  });

  it('never hold the credential, even when the system sends it back', async () => {
    const { client, lines } = await start((request, response) =>
      json(response, { error: `${TOKEN}`, error_description: `bad ${request.headers.authorization}` }, 500),
    );
    const http = client({
      errors: [{ status: 500, class: 'server_error', message: 'It failed', retry: true, quotesVendor: true }],
    });
    const error = await failureOf(http.send({ url: '/x' }));
    expect(error.message).toContain('[redacted]');
    expect(JSON.stringify([error.message, error.vendorCode, error.stack, lines])).not.toContain(TOKEN);
  });

  it('are not made of a large stream, which has no cap of its own', async () => {
    const { client } = await start((_request, response) => response.end(Buffer.alloc(60_000_000)));
    let bytes = 0;
    for await (const chunk of (await client().stream({ url: '/file' })).body) bytes += chunk.byteLength;
    expect(bytes).toBe(60_000_000);
    expect((await failureOf(client().send({ url: '/file' }))).message).toContain('larger than 50 MB');
  });

  it('of a stream are read and classified too', async () => {
    const { client } = await start((_request, response) => json(response, { error: 'denied' }, 403));
    expect((await failureOf(client().stream({ url: '/file' }))).failureClass).toBe('reauthorize_permission');
  });
});

describe('the quota that a good answer names', () => {
  it('lets the bucket rest when nothing is left of it', async () => {
    const { client } = await start((request, response) =>
      json(response, {}, 200, { 'x-left': request.url === '/last' ? '0' : '1', 'x-reset': '3600' }),
    );
    const limiter = createRateLimiter({ buckets: { default: { requests: 1000, perMs: 100 } }, maxConcurrent: 20 });
    const quota: ClientOptions['quota'] = ({ headers }) => ({
      left: Number(headers['x-left']),
      resetMs: Number(headers['x-reset']) * 1000,
    });
    const http = client({ limiter, quota });
    await http.send({ url: '/first' });
    expect(limiter.pausedForMs('default')).toBe(0);
    await http.send({ url: '/last' });
    expect(limiter.pausedForMs('default')).toBeGreaterThan(3_000_000);
    const next = await failureOf(http.send({ url: '/next' }));
    expect(next.failureClass).toBe('rate_limited');
    expect(next.retryAfterMs).toBeGreaterThan(3_000_000);
  });
});

describe('an error in a good answer', () => {
  const errorBody = {
    codes: ['reasons.0.code'],
    failed: (answer: unknown) => (answer as { success?: unknown }).success === false,
    waitMs: (answer: unknown) => (answer as { retryInMs?: number }).retryInMs,
  };
  const errors = [{ vendorCode: '53100320', class: 'object_denied' as const, message: 'No access to the object' }];

  it('is judged by the rows of the manifest, with a numeric code from a nested place', async () => {
    const { client } = await start((_request, response) =>
      json(response, { success: false, reasons: [{ code: 53100320, message: 'secret words' }] }),
    );
    const error = await failureOf(client({ errorBody, errors }).send({ url: '/v1' }));
    expect(error).toMatchObject({ failureClass: 'object_denied', vendorCode: '53100320', status: 200 });
    expect(error.message).not.toContain('secret words');
    expect((await client({ errors }).send({ url: '/v1' })).status).toBe(200);
  });

  it('is none where the answer says that it is good, and its numbers stay exact', async () => {
    const { client } = await start((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('{"success":true,"id":9007199254740993}');
    });
    const answer = await client({ errorBody, errors }).send({ url: '/v1' });
    expect(String((answer.json() as { id: unknown }).id)).toBe('9007199254740993');
  });

  it('waits as long as the error body says', async () => {
    let calls = 0;
    const { client, lines } = await start((_request, response) => {
      calls += 1;
      json(response, calls === 1 ? { success: false, retryInMs: 150 } : { success: true }, calls === 1 ? 429 : 200);
    });
    expect((await client({ errorBody }).send({ url: '/v1' })).status).toBe(200);
    expect(lines.join()).toContain('Trying again');
  });
});

describe('an authorization', () => {
  it.each<[string, ApplyAccess, Record<string, string>]>([
    [
      'a scheme of its own',
      { kind: 'bearer', credential: 'accessToken', scheme: 'Zoho-oauthtoken' },
      { authorization: `Zoho-oauthtoken ${TOKEN}` },
    ],
    [
      'two headers',
      {
        kind: 'headers',
        headers: [
          { name: 'apiAccessKeyId', credential: 'user' },
          { name: 'apiSecretAccessKey', credential: 'accessToken' },
        ],
      },
      { apiaccesskeyid: 'dana', apisecretaccesskey: TOKEN },
    ],
  ])('is sent with %s', async (_what, apply, expected) => {
    const { client, server } = await start((_request, response) => json(response, {}));
    await client({ apply }).send({ url: '/v1' });
    expect(server.requests[0]?.headers).toMatchObject(expected);
  });
});
