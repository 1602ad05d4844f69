// Through a real proxy on this machine, to a real server whose certificate a made-up company authority has signed.
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTransport, type Transport } from '../../../connectors/kit/doors/authorization.ts';
import { type Authority, makeAuthority } from '../../../test/support/certificates.ts';
import { startProxy, type TestProxy } from '../../../test/support/proxy.ts';
import { aConnection, anUpdate, aTenant } from '../../store/testing/records.ts';
import { NetworkService } from './network.ts';
import { openTestProfile } from './testing/servers.ts';

const HOST = 'crm.acme.test';
let root: Authority;
let server: https.Server;
let port: number;
let proxy: TestProxy;
let transport: Transport;
let stored: Map<string, unknown>;
let answer: string;
let now: number;

function service(): NetworkService {
  return new NetworkService({
    settings: {
      get: (key, schema) => {
        const parsed = schema.safeParse(stored.get(key));
        return parsed.success ? parsed.data : null;
      },
      set: (key, value) => void stored.set(key, JSON.parse(JSON.stringify(value))),
    },
    change: (write) => write(),
    resolveProxy: async () => answer,
    now: () => now,
  });
}

beforeAll(async () => {
  root = makeAuthority('Acme Root');
  const issuing = root.issue({ name: 'Acme Issuing', isAuthority: true });
  const leaf = issuing.issue({ name: HOST, altName: `DNS:${HOST}` });
  server = https.createServer({ key: leaf.key, cert: leaf.cert + issuing.cert }, (_request, response) =>
    response.end('hello'),
  );
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => void server.close());
beforeEach(async () => {
  proxy = await startProxy((host) => (host === HOST ? '127.0.0.1' : null));
  transport = createTransport();
  stored = new Map();
  answer = `PROXY 127.0.0.1:${proxy.port}`;
  now = Date.now();
});
afterEach(async () => {
  await transport.close();
  await proxy.close();
});

const target = () => `https://${HOST}:${port}/`;
const send = (through: Transport) =>
  through.send({
    url: target(),
    method: 'GET',
    headers: {},
    timeoutMs: 5_000,
    maxBodyBytes: 1_000,
    policy: { allowPrivate: false, allowedHosts: [`${HOST}:${port}`] },
  });

describe('the way out', () => {
  it('a request goes through the proxy the system names, and trusts the company’s authority once it was added', async () => {
    const network = service();
    await expect(send(network.over(transport))).rejects.toThrow(/unknown|incomplete/);
    expect(network.add(root.cert)).toEqual({ added: 1, refused: [] });
    expect((await send(network.over(transport))).status).toBe(200);
    expect(proxy.asked).toContain(`${HOST}:${port}`);
  });

  it('what was added survives a restart, is added once, and is trusted no more when it was removed', async () => {
    service().add(root.cert);
    const network = service();
    expect(network.add(root.cert)).toEqual({ added: 0, refused: [] });
    const [one] = network.certificates();
    expect(one).toMatchObject({ subject: 'O=Acme Test, CN=Acme Root', isExpired: false });
    network.remove(one?.id ?? '');
    expect(network.ca()).toBeUndefined();
    await expect(send(network.over(transport))).rejects.toThrow(/unknown|incomplete/);
    expect(() => network.remove(one?.id ?? '')).toThrow('not there any more');
  });

  it('the public authorities stay trusted beside an own one, and nothing else becomes trusted by it', async () => {
    const network = service();
    network.add(makeAuthority('Somebody Else').cert);
    await expect(send(network.over(transport))).rejects.toThrow(/unknown|incomplete/);
  });

  it('an answer of the system is asked for again after half a minute: laptops change networks', async () => {
    const network = service();
    expect(await network.proxyFor(target())).toBe(`http://127.0.0.1:${proxy.port}`);
    answer = 'DIRECT';
    expect(await network.proxyFor(target())).toBe(`http://127.0.0.1:${proxy.port}`);
    now += 31_000;
    expect(await network.proxyFor(target())).toBeNull();
  });
});

it('an authority that is added or removed leaves an Update activity, and goes into the next backup', async () => {
  const { store, close } = await openTestProfile();
  const tenant = aTenant();
  store.change(() => store.tenants.insert(tenant), null);
  await store.backUp();
  const network = new NetworkService({
    settings: store.settings,
    change: (write, action, changes) =>
      store.change(write, anUpdate(aConnection(tenant.id), action, { subject: 'Network', changes })),
    resolveProxy: async () => 'DIRECT',
    now: () => now,
  });
  const subject = 'O=Acme Test, CN=Acme Root';
  for (const [act, action, before, after] of [
    [() => network.add(root.cert), 'Certificate authority added', '', subject],
    [() => network.remove(network.certificates()[0]?.id ?? ''), 'Certificate authority removed', subject, ''],
  ] as const) {
    const backups = store.backups().length;
    act();
    const [update] = store.updates.list({ tenantId: tenant.id, offset: 0, limit: 1 }).updates;
    expect(update).toMatchObject({ action, changes: [{ field: 'Certificate authority', before, after }] });
    await store.backUp();
    expect(store.backups()).toHaveLength(backups + 1);
  }
  await close();
});

describe('the test button', () => {
  it('says the way, the answer, and what to do when it fails', async () => {
    const network = service();
    expect(await network.test(transport, target(), false)).toMatchObject({
      proxy: `127.0.0.1:${proxy.port}`,
      passed: false,
      seen: expect.stringMatching(/crm\.acme\.test.*certificate/),
      advice: expect.stringContaining('add the certificate of its authority'),
    });
    network.add(root.cert);
    expect(await network.test(transport, `${HOST}:${port}`, false)).toMatchObject({
      passed: true,
      seen: `${HOST}:${port} answered with HTTP 200.`,
    });
    proxy.refuseWith = 407;
    expect(await network.test(createTransport(), target(), false)).toMatchObject({
      passed: false,
      seen: expect.stringContaining('the proxy asks for a user name and password'),
      advice: expect.stringContaining('cannot log in to a proxy'),
    });
  });

  it('a private address is refused until the box is ticked, an address of another kind at once', async () => {
    answer = 'DIRECT';
    const network = service();
    network.add(root.cert);
    expect(await network.test(transport, `https://127.0.0.1:${port}`, false)).toMatchObject({
      passed: false,
      seen: expect.stringContaining('private address'),
      advice: expect.stringContaining('Tick the box'),
    });
    await expect(network.test(transport, 'file:///etc/passwd', true)).rejects.toThrow('begins with https://');
    await expect(network.test(transport, 'https://', true)).rejects.toThrow('not an address');
  });
});
