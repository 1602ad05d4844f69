// Export and import between two real profiles: files of SQLite, the vault, the connectors of the catalogue.
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectorById, describeAll, Secret } from '../../../connectors/catalog.ts';
import { AppError } from '../../shared/errors.ts';
import type { ConnectionId } from '../../shared/ids.ts';
import type { FieldMapping } from '../../shared/job/job.ts';
import type { Tenant } from '../../shared/tenant.ts';
import { DEFAULT_LIMITS } from '../../shared/tenant.ts';
import { newId } from '../../store/profile.ts';
import { aConnection, aJob, anUpdate, aTenant } from '../../store/testing/records.ts';
import { hostsOf } from '../connections/hosts.ts';
import { openTestProfile, type TestProfile } from '../network/testing/servers.ts';
import { connectionOwner } from '../oauth/grants.ts';
import { readTransferFile } from './file.ts';
import type { TransferPorts } from './ports.ts';
import { TransferService } from './service.ts';

const KEY = 'an-api-key-that-nobody-may-see';
const PASSPHRASE = 'correct horse battery';

let here: TestProfile;
let there: TestProfile;
let mine: Tenant;
let theirs: Tenant;
/** What the system says to keys; throws when it refuses them. */
let tryKeys: (id: ConnectionId, keys: Record<string, string>) => Promise<void>;

function serviceOn({ store, vault }: TestProfile, tenant: Tenant): TransferService {
  const ports: TransferPorts = {
    version: '1',
    tenant: () => tenant,
    connections: (id) => store.connections.list(id),
    jobsOf: (id) => store.jobs.listOfConnection(id),
    jobs: (id) => store.jobs.list(id),
    descriptor: (id) => describeAll().find((one) => one.id === id) ?? null,
    refuseHost: (id, host) => connectorById(id).manifest.endpoints.refuseHost?.(host) ?? null,
    keys: {
      names: (id) => vault.list(connectionOwner(id)),
      get: (id, name) => vault.get(connectionOwner(id), name),
      put: (id, values) => vault.put(connectionOwner(id), values),
      assertUsable: () => undefined,
    },
    hostsOf: (id, placed) => Object.values(hostsOf(connectorById(id), { ...placed, learned: {} })),
    tagsOf: (id) => store.connectionList.tags([id]).get(id) ?? [],
    insert: (connection, tags, update) =>
      store.change(() => {
        store.connections.insert(connection);
        store.connectionList.setTags(connection.id, tags);
      }, update),
    createJob: (settings, from) => {
      const connection = store.connections.get(settings.connectionId);
      if (connection === null) throw new AppError('not_found', 'gone');
      store.change(() => store.jobs.insert(aJob(connection, { ...settings, ...from })), null);
    },
    tryKeys: (id, keys) => tryKeys(id, keys),
    newId,
    record: (update) => void store.change(() => undefined, update),
    newUpdate: ({ tenantId, connectionId = null, subject, action, changes }) =>
      anUpdate(aConnection(tenantId), action, { connectionId, subject, changes }),
    now: () => new Date().toISOString(),
    onImported: () => undefined,
  };
  return new TransferService(ports);
}

function addKeyed(name: string, change: object = {}) {
  return aConnection(mine.id, {
    connectorId: 's3',
    authMethodId: 'access-key',
    name,
    fields: { bucket: 'acme-exports', accessKeyId: 'AKIAEXAMPLE' },
    ...change,
  });
}

beforeEach(async () => {
  here = await openTestProfile();
  there = await openTestProfile();
  mine = aTenant();
  theirs = aTenant({ name: 'Acme, another machine' });
  here.store.change(() => here.store.tenants.insert(mine), null);
  there.store.change(() => there.store.tenants.insert(theirs), null);
  tryKeys = async () => undefined;
});
afterEach(async () => {
  await here.close();
  await there.close();
});

const RULED: FieldMapping = {
  target: 'Renewal',
  type: 'datetime',
  from: { kind: 'direct', path: 'renewal' },
  required: false,
  formats: ['DD/MM/YYYY', 'MMMM D, YYYY'],
  timeZone: 'Europe/Berlin',
  converts: true,
};

/** A keyed connection with a key and two jobs, one of which delivers to the log-in one. */
async function furnish(): Promise<{ ids: ConnectionId[] }> {
  const files = addKeyed('Usage files', { overrides: { allowPrivateNetwork: false, requestsPerMinute: 90 } });
  const crm = aConnection(mine.id, {
    connectorId: 'salesforce',
    authMethodId: connectorById('salesforce').manifest.auth[0]?.id ?? '',
    name: 'Zeta CRM',
    state: { kind: 'active', since: '2026-11-20T09:00:00.000Z' },
  });
  here.store.change(() => {
    for (const one of [files, crm]) here.store.connections.insert(one);
    here.store.jobs.insert(aJob(files, { name: 'Events_Usage files', templateId: 'events' }));
    here.store.jobs.insert(
      aJob(files, {
        mapping: [...aJob(files).mapping, RULED],
        name: 'To the CRM',
        origin: 'custom',
        templateId: null,
        destination: { kind: 'connection', connectionId: crm.id, object: 'Account', keys: ['Id'] },
      }),
    );
  }, null);
  await here.vault.put(connectionOwner(files.id), { secretAccessKey: new Secret(KEY) });
  await here.vault.put(connectionOwner(crm.id), {
    accessToken: new Secret('an-access-token'),
    refreshToken: new Secret('a-refresh-token'),
  });
  return { ids: [files.id, crm.id] };
}

const all = (preview: { entries: readonly { index: number; suggestedName: string }[] }) =>
  preview.entries.map(({ index, suggestedName }) => ({ index, name: suggestedName }));

describe('an export without a passphrase', () => {
  it('holds connections, jobs and mappings in readable form and nothing secret; it comes back as drafts with jobs off', async () => {
    const { ids } = await furnish();
    const { text, connections, jobs, withKeys } = await serviceOn(here, mine).export(ids, null);
    expect({ connections, jobs, withKeys }).toEqual({ connections: 2, jobs: 2, withKeys: 0 });
    for (const secret of [KEY, 'an-access-token', 'a-refresh-token', ...ids]) expect(text).not.toContain(secret);
    expect(text).toContain('"bucket": "acme-exports"');

    const service = serviceOn(there, theirs);
    const preview = service.open(text, 'acme.json');
    expect(preview).toMatchObject({ hasKeys: false, tenantName: mine.name, fileName: 'acme.json' });
    expect(preview.entries.map(({ verdict }) => verdict)).toEqual(['new', 'new']);
    const results = await service.import(preview.importId, all(preview), null);
    expect(results).toMatchObject([
      { name: 'Usage files', status: 'created', jobs: 2, notes: [] },
      { name: 'Zeta CRM', status: 'created', jobs: 0 },
    ]);
    const imported = there.store.connections.list(theirs.id);
    expect(imported.map(({ name, state }) => [name, state.kind])).toEqual([
      ['Usage files', 'draft'],
      ['Zeta CRM', 'draft'],
    ]);
    const crm = imported.find(({ name }) => name === 'Zeta CRM');
    const files = imported.find(({ name }) => name === 'Usage files');
    expect(files).toMatchObject({
      authorization: null,
      overrides: { requestsPerMinute: 90 },
      fields: { bucket: 'acme-exports' },
    });
    const back = there.store.jobs.list(theirs.id);
    expect(back.map(({ name, isEnabled, origin }) => [name, isEnabled, origin])).toEqual([
      ['Events_Usage files', false, 'outOfTheBox'],
      ['To the CRM', false, 'custom'],
    ]);
    expect(back[1]?.mapping.at(-1)).toEqual(RULED);
    expect(back[1]?.destination).toEqual({
      kind: 'connection',
      connectionId: crm?.id,
      object: 'Account',
      keys: ['Id'],
    });
    const { updates } = there.store.updates.list({ tenantId: theirs.id, offset: 0, limit: 10 });
    expect(updates.map(({ action }) => action)).toEqual(['Connection imported', 'Connection imported']);
  });

  it('a file is used once, and only for the tenant it was opened in', async () => {
    const { ids } = await furnish();
    const { text } = await serviceOn(here, mine).export(ids, null);
    const service = serviceOn(there, theirs);
    const preview = service.open(text, 'x.json');
    await expect(service.import('another00001', all(preview), null)).rejects.toThrow('not open any more');
    await service.import(preview.importId, all(preview).slice(0, 1), null);
    await expect(service.import(preview.importId, all(preview), null)).rejects.toThrow('not open any more');
  });
});

describe('an export is an activity', () => {
  const told = () => here.store.updates.list({ tenantId: mine.id, offset: 0, limit: 10 }).updates;

  it('once the file is written: which connections, with keys or without, and no secret', async () => {
    const { ids } = await furnish();
    const service = serviceOn(here, mine);
    const open = await service.export([ids[0] as ConnectionId], null);
    expect(told()).toEqual([]);
    open.saved();
    expect(told()).toMatchObject([
      {
        action: 'Connection exported',
        subject: 'Usage files',
        connectionId: ids[0],
        changes: [
          { field: 'Connections', after: 'Usage files' },
          { field: 'Keys', after: 'not exported' },
        ],
      },
    ]);
    (await service.export(ids, PASSPHRASE)).saved();
    const sealed = told().find(({ action }) => action === 'Connections exported');
    expect(sealed).toMatchObject({ subject: '2 connections', connectionId: null });
    expect(sealed?.changes.map(({ after }) => after)).toEqual([
      'Usage files, Zeta CRM',
      'of 1 of them, sealed by a passphrase',
    ]);
    for (const secret of [KEY, PASSPHRASE, 'a-refresh-token']) expect(JSON.stringify(told())).not.toContain(secret);
  });

  it('of very many names the first twenty and how many there are besides', async () => {
    const many = Array.from({ length: 23 }, (_, index) => addKeyed(`Files ${index}`));
    here.store.change(() => {
      for (const one of many) here.store.connections.insert(one);
    }, null);
    const ids = many.map(({ id }) => id);
    (await serviceOn(here, mine).export(ids, null)).saved();
    expect(told()[0]?.changes[0]?.after).toMatch(/^Files \d+(, Files \d+){19} and 3 more$/);
  });
});

describe('the preview', () => {
  /** The hosts of one entry of a file, and what else it says of it. */
  const previewOf = async (connectorId: string, fields: object, overrides: object = {}) => {
    const { ids } = await furnish();
    const file = JSON.parse((await serviceOn(here, mine).export([ids[0] as ConnectionId], null)).text);
    const { manifest } = connectorById(connectorId);
    Object.assign(file.connections[0], { connectorId, authMethodId: manifest.auth[0]?.id, fields });
    file.connections[0].overrides = { allowPrivateNetwork: false, ...overrides };
    return serviceOn(there, theirs).open(JSON.stringify(file), 'x.json').entries[0];
  };

  it.each<[string, object, object, string[]]>([
    ['gainsight-api', { domain: 'collector.evil.test' }, {}, ['https://collector.evil.test']],
    ['zendesk', { subdomain: 'evil' }, {}, ['https://evil.zendesk.com']],
    [
      'salesforce',
      { orgType: 'production' },
      { apiBaseUrl: 'https://acme.my.salesforce.com', loginBaseUrl: 'https://evil.my.salesforce.com' },
      ['https://acme.my.salesforce.com', 'https://evil.my.salesforce.com'],
    ],
    ['salesforce', { orgType: 'production' }, {}, ['https://login.salesforce.com']],
  ])('shows every host that %s would be sent to: %j %j', async (connectorId, fields, overrides, hosts) => {
    const entry = await previewOf(connectorId, fields, overrides);
    expect(entry).toMatchObject({ verdict: 'new', hosts });
    expect(entry?.jobs).toEqual(['Events_Usage files', 'To the CRM']);
  });

  it('shows the hosts of what cannot be imported as they stand in the file', async () => {
    const apiBaseUrl = 'http://minio.acme.com';
    const entry = await previewOf('s3', { bucket: 'b', accessKeyId: 'AKIAEXAMPLE' }, { apiBaseUrl });
    expect(entry).toMatchObject({ verdict: 'invalid', hosts: [apiBaseUrl] });
  });
});

it('tags come along; a file without any is one of before', async () => {
  const { ids } = await furnish();
  const [id] = ids as [ConnectionId];
  here.store.change(() => here.store.connectionList.setTags(id, ['EU', 'prod']), null);
  const { text } = await serviceOn(here, mine).export(ids, null);
  expect(JSON.parse(text).connections.map(({ tags }: { tags?: string[] }) => tags)).toEqual([
    ['EU', 'prod'],
    undefined,
  ]);
  const service = serviceOn(there, theirs);
  const preview = service.open(text, 'x.json');
  const results = await service.import(preview.importId, all(preview), null);
  const made = results.map(({ connectionId }) => connectionId as ConnectionId);
  const tags = there.store.connectionList.tags(made);
  expect(made.map((one) => tags.get(one))).toEqual([['EU', 'prod'], undefined]);
  const { updates } = there.store.updates.list({ tenantId: theirs.id, offset: 0, limit: 10 });
  expect(JSON.stringify(updates)).toContain('EU, prod');
  const hostile = text.replace('"EU"', '"E\\u202eU"');
  expect(() => service.open(hostile, 'x.json')).toThrow(/connections\.0\.tags\.0/);
});

describe('an import where something is there already', () => {
  it('never overwrites: a taken name gets another one, and job names go with it', async () => {
    const { ids } = await furnish();
    const service = serviceOn(here, mine);
    const { text } = await service.export([ids[0] as ConnectionId], null);
    const before = here.store.connections.get(ids[0] as ConnectionId);
    const preview = service.open(text, 'x.json');
    expect(preview.entries[0]).toMatchObject({ verdict: 'nameTaken', suggestedName: 'Usage files (imported)' });
    expect(await service.import(preview.importId, [{ index: 0, name: 'usage FILES' }], null)).toMatchObject([
      { status: 'refused', notes: [expect.stringContaining('There is a connection named')] },
    ]);
    const again = service.open(text, 'x.json');
    const [result] = await service.import(again.importId, all(again), null);
    expect(result).toMatchObject({ status: 'created', name: 'Usage files (imported)', jobs: 2 });
    expect(here.store.connections.get(ids[0] as ConnectionId)).toEqual(before);
    expect(here.store.jobs.listOfConnection(result?.connectionId as ConnectionId).map(({ name }) => name)).toEqual([
      'Events_Usage files (imported)',
      'To the CRM (imported)',
    ]);
  });

  it('the tenant’s limits hold, and say who has the slot', async () => {
    const { ids } = await furnish();
    const { text } = await serviceOn(here, mine).export([ids[1] as ConnectionId], null);
    expect(DEFAULT_LIMITS.perCategory.crm).toBe(1);
    const service = serviceOn(here, mine);
    const preview = service.open(text, 'x.json');
    expect(preview.entries[0]).toMatchObject({
      verdict: 'overLimit',
      reason: expect.stringContaining('"Zeta CRM" holds the slot'),
    });
    expect(await service.import(preview.importId, [{ index: 0, name: 'Second CRM' }], null)).toMatchObject([
      { status: 'refused', connectionId: null },
    ]);
    expect(here.store.connections.list(mine.id)).toHaveLength(2);
  });

  it('an unknown connector, a host its connector refuses and a destination that is not here are said before', async () => {
    const { ids } = await furnish();
    const { text } = await serviceOn(here, mine).export(ids, null);
    const file = JSON.parse(text);
    file.connections[1] = { ...file.connections[1], connectorId: 'ledger', connectorName: 'Ledger', name: 'Ledger' };
    file.connections[0].overrides = { apiBaseUrl: 'http://minio.acme.com', allowPrivateNetwork: false };
    const service = serviceOn(there, theirs);
    expect(service.open(JSON.stringify(file), 'x.json').entries).toMatchObject([
      {
        verdict: 'invalid',
        reason: expect.stringContaining('must begin with https://'),
        notes: [expect.stringContaining('Jobs that deliver to "Zeta CRM" deliver to the local cache')],
      },
      { verdict: 'unknownConnector', connectorName: 'Ledger' },
    ]);
  });
});

describe('an export with a passphrase', () => {
  it('brings keys along, tries them at the system first, and never holds the tokens of a log-in', async () => {
    const { ids } = await furnish();
    const { text, withKeys } = await serviceOn(here, mine).export(ids, PASSPHRASE);
    expect(withKeys).toBe(1);
    expect(text).not.toContain(KEY);
    const tried: Record<string, string>[] = [];
    tryKeys = async (_id, keys) => void tried.push(keys);
    const service = serviceOn(there, theirs);
    const preview = service.open(text, 'x.json');
    expect(preview.hasKeys).toBe(true);
    const results = await service.import(preview.importId, all(preview), PASSPHRASE);
    expect(results.map(({ status }) => status)).toEqual(['authorized', 'created']);
    expect(tried).toEqual([{ secretAccessKey: KEY }]);
  });

  it('keys that could not be tried are kept for later; keys that were refused are not', async () => {
    const { ids } = await furnish();
    const { text } = await serviceOn(here, mine).export([ids[0] as ConnectionId], PASSPHRASE);
    const service = serviceOn(there, theirs);
    for (const [code, isKept] of [
      ['unreachable', true],
      ['authorization_failed', false],
    ] as const) {
      tryKeys = async () => {
        throw new AppError(code, `It said ${code}.`);
      };
      const preview = service.open(text, 'x.json');
      const [result] = await service.import(preview.importId, all(preview), PASSPHRASE);
      expect(result).toMatchObject({ status: 'created', notes: [expect.stringContaining(`It said ${code}.`)] });
      const owner = connectionOwner(result?.connectionId as ConnectionId);
      expect(there.vault.has(owner, 'secretAccessKey')).toBe(isKept);
      if (isKept) expect((await there.vault.get(owner, 'secretAccessKey')).reveal()).toBe(KEY);
    }
  });

  it('a wrong passphrase, and a file whose hosts were changed, open nothing and change nothing', async () => {
    const { ids } = await furnish();
    const { text } = await serviceOn(here, mine).export(ids, PASSPHRASE);
    const service = serviceOn(there, theirs);
    const wrong = service.open(text, 'x.json');
    await expect(service.import(wrong.importId, all(wrong), 'another passphrase')).rejects.toMatchObject({
      code: 'wrong_passphrase',
    });
    const file = JSON.parse(text);
    file.connections[0].overrides = { apiBaseUrl: 'https://collector.evil.test', allowPrivateNetwork: false };
    const tampered = service.open(JSON.stringify(file), 'x.json');
    await expect(service.import(tampered.importId, all(tampered), PASSPHRASE)).rejects.toThrow(
      'or the file was changed',
    );
    expect(there.store.connections.list(theirs.id)).toEqual([]);
    // Indented otherwise, or with members in another order, it is the same file.
    const same = JSON.parse(text);
    const reordered = { ...Object.fromEntries(Object.entries(same).reverse()) };
    const opened = service.open(JSON.stringify(reordered), 'x.json');
    expect((await service.import(opened.importId, all(opened), PASSPHRASE))[0]?.status).toBe('authorized');
  });
});

describe('a hostile file', () => {
  const deep = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
  let made: string | undefined;
  /** Once for all: deriving a key takes half a second, as it should. */
  const exported = async (): Promise<string> => {
    if (made !== undefined) return made;
    const { ids } = await furnish();
    made = (await serviceOn(here, mine).export(ids, PASSPHRASE)).text;
    return made;
  };

  it.each<[string, (text: string) => string, RegExp]>([
    ['not JSON', (text) => text.slice(0, -20), /is not JSON/],
    ['a web page', () => '\n <!doctype html><p>Log in</p>', /web page/],
    ['another format', () => '{"format":"something","version":1}', /not a file of exported connections/],
    ['an array', () => '[1,2]', /not a file of exported connections/],
    [
      'a million levels',
      (text) => text.replace('"jobs": [', `"jobs": [${deep(300_000)},`),
      /nested too deeply|not JSON/,
    ],
    [
      '__proto__ in the fields',
      (text) => text.replace('"fields": {', '"fields": {"__proto__": {"polluted": "yes"},'),
      /not JSON, or holds keys/,
    ],
    [
      'a newer version',
      (text) => text.replace('"version": 1', '"version": 2'),
      /newer version of Patchbay \(file version 2\)/,
    ],
    ['a member too much', (text) => text.replace('"tenant":', '"extra": 1, "tenant":'), /is not as it should be/],
    [
      'a path as connector',
      (text) => text.replace('"connectorId": "s3"', '"connectorId": "../../s3"'),
      /connections\.0\.connectorId/,
    ],
    [
      'an invisible name',
      (text) => text.replace('"name": "Usage files"', '"name": "Usage\\u202efiles"'),
      /connections\.0\.name/,
    ],
    ['a greedy key derivation', (text) => text.replace(/"cost": \d+/, '"cost": 1048576'), /"keys\.kdf/],
  ])('%s is refused with the reason, and nothing is changed', async (_what, change, message) => {
    const changed = change(await exported());
    expect(() => serviceOn(there, theirs).open(changed, 'x.json')).toThrow(message);
    expect(there.store.connections.list(theirs.id)).toEqual([]);
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
  });

  it('names that look like paths or markup stay names', async () => {
    const { ids } = await furnish();
    const text = (await serviceOn(here, mine).export([ids[0] as ConnectionId], null)).text;
    const file = JSON.parse(text);
    for (const name of ['../../etc/passwd', 'CON', '<img src=x onerror=alert(1)>', '=cmd|calc']) {
      file.connections[0].name = name;
      file.connections[0].jobs = [];
      const service = serviceOn(there, theirs);
      const preview = service.open(JSON.stringify(file), 'x.json');
      expect(await service.import(preview.importId, all(preview), null)).toMatchObject([{ status: 'created', name }]);
    }
    expect(there.store.connections.list(theirs.id)).toHaveLength(4);
  });

  it('whatever is put in whatever place, the answer is a typed refusal or a file that fits', async () => {
    const file = JSON.parse(await exported());
    const paths = pathsOf(file);
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue({ maxDepth: 3 }), (path, value) => {
        const copy = structuredClone(file);
        put(copy, path, value);
        try {
          const read = readTransferFile(JSON.stringify(copy));
          expect(read.format).toBe('patchbay-connections');
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
          expect((error as AppError).code).toBe('invalid_input');
        }
      }),
      { numRuns: 400 },
    );
  });

  it('any text at all is refused with a sentence', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        expect(() => readTransferFile(text)).toThrow(/Nothing was changed\.$/);
      }),
    );
  });
});

function pathsOf(value: unknown, before: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [[...before]];
  return [[...before], ...Object.entries(value).flatMap(([key, member]) => pathsOf(member, [...before, key]))].filter(
    (path) => path.length > 0,
  );
}

function put(target: unknown, path: readonly string[], value: unknown): void {
  let at = target as Record<string, unknown>;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
  at[path.at(-1) as string] = value;
}
