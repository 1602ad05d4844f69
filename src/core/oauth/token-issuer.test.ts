import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret, type TokenMethod } from '../../../connectors/kit/doors/authorization.ts';
import { type Bench, CONNECTION_ID, makeBench, testConnection, testConnector } from './testing/bench.ts';

const OWNER = { kind: 'connection' as const, id: CONNECTION_ID };
const field = { label: 'Client secret', kind: 'secret' as const, required: true, help: 'In the settings.' };

const clientCredentials: TokenMethod = {
  kind: 'token',
  id: 'oauth',
  label: 'Client credentials',
  fields: [{ ...field, name: 'clientSecret' }],
  issue: ({ credential, login }) => ({
    url: `${login}/oauth/token`,
    form: { grant_type: 'client_credentials', client_id: 'patchbay', client_secret: credential('clientSecret') },
  }),
  learn: ({ scope }) => ({ scope: String(scope) }),
  apply: { kind: 'bearer', credential: 'accessToken' },
};

let bench: Bench;
let server: http.Server;
let bodies: string[];
let reply: (count: number) => { status: number; body: unknown };

beforeEach(async () => {
  bodies = [];
  reply = (count) => ({
    status: 200,
    body: { access_token: `access-${count}`, token_type: 'bearer', expires_in: 3599, scope: 'entity.1' },
  });
  server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      bodies.push(body);
      const answer = reply(bodies.length);
      response.writeHead(answer.status, { 'content-type': 'application/json' });
      response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await openBench(clientCredentials);
});
afterEach(async () => {
  await bench.close();
  await new Promise((resolve) => server.close(resolve));
});

async function openBench(method: TokenMethod): Promise<void> {
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  bench = makeBench(base, { connector: testConnector(method) });
  bench.connection = testConnection(base);
  await bench.vault.put(OWNER, { clientSecret: new Secret('long-lived-secret') });
}

const current = () => bench.access.current(CONNECTION_ID);
const tokenOf = async (): Promise<string | undefined> => (await current()).credentials.accessToken?.reveal();
const failure = async (): Promise<unknown> => current().catch((error: unknown) => error);

describe('client credentials', () => {
  it('give one access to all who ask, until it is about to end', async () => {
    expect(await Promise.all([tokenOf(), tokenOf(), tokenOf()])).toEqual(['access-1', 'access-1', 'access-1']);
    bench.elapsedMs += 3_500_000;
    expect(await tokenOf()).toBe('access-1');
    bench.elapsedMs += 50_000;
    expect(await tokenOf()).toBe('access-2');
    expect(bodies[0]).toBe('grant_type=client_credentials&client_id=patchbay&client_secret=long-lived-secret');
  });

  it('give the short-lived access only, with the facts of the answer', async () => {
    const access = await current();
    expect(Object.keys(access.credentials)).toEqual(['accessToken']);
    expect(access.learned).toEqual({ scope: 'entity.1' });
    expect(bench.learned).toEqual([{ scope: 'entity.1' }]);
  });

  it('give another access once for a refused one', async () => {
    const { fingerprint } = await current();
    const [one, other] = await Promise.all([
      bench.access.renew(CONNECTION_ID, fingerprint),
      bench.access.renew(CONNECTION_ID, fingerprint),
    ]);
    expect([one, other].map((access) => access.credentials.accessToken?.reveal())).toEqual(['access-2', 'access-2']);
  });

  it('that were replaced give a new access at once', async () => {
    await current();
    await bench.vault.put(OWNER, { clientSecret: new Secret('another-secret') });
    expect(await tokenOf()).toBe('access-2');
    expect(bodies[1]).toContain('another-secret');
  });

  it.each([
    [401, { error: 'invalid_client' }, 'reauthorize_password'],
    [401, {}, 'reauthorize_password'],
    [200, { error: 'invalid_client' }, 'reauthorize_password'],
    [400, { error: 'unauthorized_client' }, 'reauthorize_permission'],
    [503, {}, 'server_error'],
    [429, {}, 'rate_limited'],
    [200, { token_type: 'bearer' }, 'invalid_response'],
  ])('answered with %i %j fail as %s and without the secret', async (status, body, failureClass) => {
    reply = () => ({ status, body: { ...body, error_description: 'long-lived-secret is wrong' } });
    const error = await failure();
    expect(error).toMatchObject({ failureClass });
    expect(String(error)).not.toContain('long-lived-secret');
  });

  it('are not refused by the web page of a proxy or firewall in between', async () => {
    reply = () => ({ status: 401, body: '<!doctype html><html><body>Sign in to the network</body></html>' });
    expect(await failure()).toMatchObject({ failureClass: 'invalid_response' });
  });

  it('are sent to no host outside the list of the connection', async () => {
    await bench.close();
    await openBench({ ...clientCredentials, issue: () => ({ url: 'https://evil.example/token', form: {} }) });
    expect(await failure()).toMatchObject({ failureClass: 'host_refused' });
    expect(bodies).toEqual([]);
  });
});

describe('an access that is made here', () => {
  it('is used until it ends, and made anew then, without a request', async () => {
    await bench.close();
    await openBench({
      ...clientCredentials,
      issue: ({ nowMs }) => ({ token: `signed-at-${nowMs}`, expiresAtMs: nowMs + 3_600_000 }),
    });
    const token = await tokenOf();
    expect(token).toMatch(/^signed-at-/);
    expect(await tokenOf()).toBe(token);
    bench.elapsedMs += 3_700_000;
    expect(await tokenOf()).not.toBe(token);
    expect(bodies).toEqual([]);
  });
});
