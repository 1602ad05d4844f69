import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectionNameSchema } from '../../shared/connection/connection.ts';
import { DEFAULT_LIMITS } from '../../shared/tenant.ts';
import { aTenant } from '../../store/testing/records.ts';
import { type Bench, makeBench } from './testing/bench.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await makeBench();
});
afterEach(() => bench.close());

describe('a new connection', () => {
  it('with a log-in is a draft with its first jobs, and says who did what', async () => {
    const { connection } = await bench.service.create(await bench.input('zendesk', { name: 'Support' }));
    expect(connection.state).toEqual({ kind: 'draft' });
    expect(bench.store.jobs.listOfConnection(connection.id).length).toBeGreaterThan(0);
    const [update] = bench.updates(connection.id);
    expect(update).toMatchObject({ action: 'Connection created', by: 'You', subject: 'Support' });
    expect(update?.changes).toContainEqual({ field: 'Name of the Connection', before: 'not set', after: 'Support' });
  });

  it('with keys is connected at once, under the user the keys belong to; the activity names secrets, not values', async () => {
    const input = await bench.input('gainsight-api');
    const { connection } = await bench.service.create(input);
    expect(connection.state.kind).toBe('active');
    expect(connection.authorization?.org).not.toBe('');
    const text = JSON.stringify(bench.updates(connection.id));
    for (const secret of Object.values(input.secrets)) expect(text).not.toContain(secret);
    expect(text).toContain('"after":"set"');
    const { account } = connection.authorization ?? {};
    expect(bench.updates(connection.id)[0]?.changes).toEqual(
      expect.arrayContaining([
        { field: 'Authorized by', before: 'not set', after: account },
        { field: 'State', before: 'Not authorized', after: 'Connected' },
      ]),
    );
  });

  it('is refused with a wrong key, and nothing is left behind', async () => {
    const secrets = { accessKey: 'not-the-key-of-anybody-0000000000' };
    await expect(bench.service.create(await bench.input('gainsight-api', { secrets }))).rejects.toMatchObject({
      code: 'authorization_failed',
    });
    expect(bench.service.list()).toEqual([]);
    expect(bench.vault.status().secrets).toBe(0);
  });

  it('whose system cannot be reached is kept as a draft with its keys', async () => {
    const input = await bench.input('gainsight-api');
    bench.isOffline = true;
    const { connection } = await bench.service.create(input);
    expect(connection.state.kind).toBe('draft');
    expect(Object.keys(await bench.secretsOf(connection.id))).toEqual(Object.keys(input.secrets));
  });

  it('may have pasted blanks and line ends around its key', async () => {
    const input = await bench.input('gainsight-api');
    const secrets = Object.fromEntries(Object.entries(input.secrets).map(([name, key]) => [name, `  ${key}\r\n`]));
    const { connection } = await bench.service.create({ ...input, secrets });
    expect(connection.state.kind).toBe('active');
    expect(await bench.secretsOf(connection.id)).toEqual(input.secrets);
  });

  it('is refused with a line end inside its key, at that field', async () => {
    const input = await bench.input('gainsight-api', { secrets: { accessKey: 'half of it\nand the rest' } });
    await expect(bench.service.create(input)).rejects.toMatchObject({ code: 'invalid_input', field: 'accessKey' });
  });

  it.each([
    ['acme.zendesk.test/path', 'apiBaseUrl', 'is not a web address'],
    ['ftp://acme.test', 'apiBaseUrl', 'must begin with https://'],
    ['https://user:pass@acme.test', 'apiBaseUrl', 'must not hold a user name or password'],
    ['https://acme.test/?key=1', 'apiBaseUrl', 'must not hold a query or fragment'],
    ['http://acme.test', 'apiBaseUrl', 'must begin with https://'],
    ['https://10.0.0.5', 'apiBaseUrl', 'is a private address'],
  ])('at %j is refused with a sentence at its field', async (apiBaseUrl, field, sentence) => {
    const input = await bench.input('gainsight-api', { overrides: { apiBaseUrl, allowPrivateNetwork: false } });
    const refusal = await bench.service.create(input).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'invalid_input', field });
    expect(String(refusal)).toContain(sentence);
  });

  it('with a log-in at a private address is refused at its field until that is allowed', async () => {
    const overrides = { loginBaseUrl: 'https://10.0.0.5', allowPrivateNetwork: false };
    const input = await bench.input('salesforce', { overrides });
    await expect(bench.service.create(input)).rejects.toMatchObject({ code: 'invalid_input', field: 'loginBaseUrl' });
    const allowed = { ...input, overrides: { ...overrides, allowPrivateNetwork: true } };
    await expect(bench.service.create(allowed)).resolves.toMatchObject({ connection: { state: { kind: 'draft' } } });
  });

  it('at a name of a private address is refused until that is allowed, and no key is sent there', async () => {
    const { baseUrl, requests } = await bench.practice('gainsight-api');
    const apiBaseUrl = `https://localhost:${new URL(baseUrl).port}`;
    const overrides = { apiBaseUrl, allowPrivateNetwork: false };
    await expect(bench.service.create(await bench.input('gainsight-api', { overrides }))).rejects.toMatchObject({
      code: 'host_refused',
    });
    expect(requests).toEqual([]);
  });

  it('at an address with a path keeps the path', async () => {
    const { baseUrl } = await bench.practice('zendesk');
    const overrides = { apiBaseUrl: `${baseUrl}/gateway/`, allowPrivateNetwork: true };
    const { connection } = await bench.service.create(await bench.input('zendesk', { overrides }));
    expect(connection.overrides.apiBaseUrl).toBe(`${baseUrl}/gateway`);
  });

  it('must have a name of its own in its tenant, in whatever case; another tenant may use it', async () => {
    await bench.service.create(await bench.input('zendesk', { name: 'Support' }));
    await expect(bench.service.create(await bench.input('zendesk', { name: 'SUPPORT' }))).rejects.toMatchObject({
      code: 'conflict',
      field: 'name',
    });
    bench.tenant = aTenant();
    bench.store.tenants.insert(bench.tenant);
    await expect(bench.service.create(await bench.input('zendesk', { name: 'Support' }))).resolves.toBeDefined();
  });

  it('beyond the tenant’s limit is refused, and the refusal says who holds the slot', async () => {
    bench.tenant = { ...bench.tenant, limits: DEFAULT_LIMITS };
    await bench.service.create(await bench.input('zendesk', { name: 'Help Desk' }));
    const refusal = await bench.service
      .create(await bench.input('zendesk', { name: 'Second' }))
      .catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'limit_reached', field: 'connectorId' });
    expect(String(refusal)).toContain('"Help Desk" holds the slot');
    bench.tenant = { ...bench.tenant, limits: { perCategory: { support: 2 }, perConnector: { zendesk: 1 } } };
    await expect(bench.service.create(await bench.input('zendesk', { name: 'Second' }))).rejects.toThrow(
      'may have 1 Zendesk connection',
    );
  });
});

it.each([
  ['x'.repeat(300), 'Use at most 80 characters.'],
  ['  ', 'Enter a name for the connection.'],
  ['Support\u202etxt', 'Remove invisible characters'],
  ['two\nlines', 'Remove invisible characters'],
])('the name %j is refused', (name, sentence) => {
  expect(connectionNameSchema.safeParse(name).error?.issues[0]?.message).toContain(sentence);
});

it.each(['🚀 Support 👩‍🚀', '<img src=x onerror=alert(1)>', 'دعم العملاء', '支持'])('the name %j is a name', (name) => {
  expect(connectionNameSchema.parse(` ${name} `)).toBe(name);
});
