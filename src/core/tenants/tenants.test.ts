// Tenants and OAuth apps on real files and the real vault.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../connectors/catalog.ts';
import { AppError } from '../../shared/errors.ts';
import type { ConnectorId, JobId, TenantId } from '../../shared/ids.ts';
import { DEFAULT_LIMITS } from '../../shared/tenant.ts';
import { newId } from '../../store/profile.ts';
import { aConnection, aJob, anExecution, anUpdate } from '../../store/testing/records.ts';
import { openTestProfile, type TestProfile } from '../network/testing/servers.ts';
import { oauthAppOwner } from '../oauth/grants.ts';
import { OAuthAppService } from './oauth-apps.ts';
import { TenantRemoval } from './removal.ts';
import { TenantService } from './service.ts';

const ACME = { name: 'Acme', domain: 'acme.gainsightcloud.com', products: ['px' as const] };
const CRM = 'example-crm' as ConnectorId;
let here: TestProfile;
let tenants: TenantService;
let oauthApps: OAuthAppService;
let selected: TenantId | null;

beforeEach(async () => {
  here = await openTestProfile();
  const { store, vault } = here;
  selected = null;
  const newUpdate = (tenantId: TenantId, subject: string, action: string, changes: never[] | object[]) =>
    anUpdate(aConnection(tenantId), action, { connectionId: null, subject, changes: changes as never });
  tenants = new TenantService({
    list: () => store.tenants.list(),
    insert: (tenant, update) => void store.change(() => store.tenants.insert(tenant), update),
    save: (tenant, update) => void store.change(() => store.tenants.save(tenant), update),
    remove: (id) => void store.change(() => store.tenants.remove(id), null),
    newId,
    newUpdate,
    now: () => new Date().toISOString(),
    selected: () => selected,
    select: (id) => {
      selected = id;
    },
    onChanged: () => undefined,
    ownLimit: (id) => (id === 'limited' ? 1 : undefined),
  });
  const ownerOf = (app: { tenantId: TenantId; connectorId: string; authMethodId: string }) =>
    oauthAppOwner(app.tenantId, app.connectorId, app.authMethodId);
  oauthApps = new OAuthAppService({
    list: (id) => store.oauthApps.list(id),
    find: (id, connectorId, methodId) => store.oauthApps.find(id, connectorId, methodId),
    save: (app, update) => void store.change(() => store.oauthApps.save(app), update),
    remove: (id, update) => void store.change(() => store.oauthApps.remove(id), update),
    secret: {
      info: (app) => vault.list(ownerOf(app)).find(({ name }) => name === 'clientSecret') ?? null,
      put: (app, clientSecret) => vault.put(ownerOf(app), { clientSecret }),
      isMissingOr: async (app) => !vault.has(ownerOf(app), 'clientSecret'),
      remove: (app) => vault.remove(ownerOf(app)),
    },
    connectorName: (connectorId) => {
      if (connectorId !== CRM) throw new AppError('not_found', `This Patchbay has no connector "${connectorId}".`);
      return 'Example CRM';
    },
    newId,
    newUpdate,
    now: () => new Date().toISOString(),
  });
});
afterEach(() => here.close());

const updatesOf = (id: TenantId) => here.store.updates.list({ tenantId: id, offset: 0, limit: 50 }).updates;

const HERE = { fields: {}, learned: {}, overrides: { allowPrivateNetwork: true } };

describe('tenants', () => {
  it('are added, switched and edited, each change with its Update activity in the words of the screen', () => {
    const acme = tenants.create(ACME);
    const other = tenants.create({ ...ACME, name: 'Globex', domain: 'globex.gainsightcloud.com' });
    expect(tenants.list()).toMatchObject({ selected: other.id, tenants: [{ name: 'Acme' }, { name: 'Globex' }] });
    tenants.select(acme.id);
    expect(tenants.current().name).toBe('Acme');
    tenants.update(acme.id, { domain: 'acme2.gainsightcloud.com', products: ['px', 'cc'] });
    expect(updatesOf(acme.id)[0]).toMatchObject({
      action: 'Tenant edited',
      changes: [
        { field: 'Domain', before: 'acme.gainsightcloud.com', after: 'acme2.gainsightcloud.com' },
        { field: 'Owned products', before: 'Gainsight PX', after: 'Gainsight PX, Gainsight Customer Communities' },
      ],
    });
    expect(() => tenants.update(acme.id, { name: ' gLOBEX ' })).toThrow('There is a tenant named');
  });

  it('a limit is raised only with the support case, which the activity keeps; lowering needs none', () => {
    const { id } = tenants.create(ACME);
    const raised = { ...DEFAULT_LIMITS, perCategory: { crm: 2, support: 1 } };
    expect(() => tenants.update(id, { limits: raised })).toThrow('Enter the support case');
    tenants.update(id, { limits: raised, supportCase: ' CASE-4711 ' });
    expect(updatesOf(id)[0]?.changes).toEqual([
      { field: 'Limit: CRM', before: '1', after: '2' },
      { field: 'Support case', before: '', after: 'CASE-4711' },
    ]);
    expect(tenants.update(id, { limits: DEFAULT_LIMITS }).limits).toEqual(DEFAULT_LIMITS);
    const first = { ...DEFAULT_LIMITS, perConnector: { limited: 3 } };
    expect(() => tenants.update(id, { limits: first })).toThrow('Enter the support case');
    // A connector that had no limit gets one: that is no raise.
    tenants.update(id, { limits: { ...DEFAULT_LIMITS, perConnector: { free: 3 } } });
    expect(tenants.get(id).limits.perConnector).toEqual({ free: 3 });
  });
});

describe('the tenant that is looked at', () => {
  it('is nobody’s at first, and that is said', () => {
    expect(tenants.list()).toEqual({ tenants: [], selected: null });
    expect(() => tenants.current()).toThrow('No tenant is open. Open the practice tenant or add your own first.');
  });

  it('is another one when it is forgotten, and none when it was the last', () => {
    const [acme, globex] = [tenants.create(ACME), tenants.create({ ...ACME, name: 'Globex' })];
    tenants.forget(globex.id);
    expect(tenants.current().id).toBe(acme.id);
    tenants.forget(acme.id);
    expect(tenants.list().selected).toBeNull();
  });

  it('is none when the preferences name one that is gone', () => {
    tenants.create(ACME);
    selected = newId() as TenantId;
    expect(tenants.list().selected).toBeNull();
    expect(() => tenants.select(newId() as TenantId)).toThrow('This tenant no longer exists.');
  });

  it('is another one at the next start when a restored configuration does not hold it, a real one first', () => {
    tenants.practice();
    const acme = tenants.create(ACME);
    selected = null;
    tenants.selectAnother();
    expect(selected).toBe(acme.id);
    const other = tenants.create({ ...ACME, name: 'Other' });
    tenants.selectAnother();
    expect(selected).toBe(other.id);
  });

  it('has a name of its own, whatever its case', () => {
    tenants.create(ACME);
    expect(() => tenants.create({ ...ACME, name: ' aCME ' })).toThrow(
      expect.objectContaining({ code: 'conflict', field: 'name' }),
    );
    expect(tenants.list().tenants).toHaveLength(1);
  });

  it('is not the practice tenant before that is furnished; there is one of it', () => {
    const practice = tenants.practice();
    expect(tenants.list()).toMatchObject({ tenants: [{ kind: 'practice' }], selected: null });
    expect(tenants.practice().id).toBe(practice.id);
    expect(updatesOf(practice.id).map(({ action }) => action)).toEqual(['Practice tenant opened']);
  });
});

describe('OAuth apps', () => {
  it('of a connector that is not there are refused before anything of them is stored', async () => {
    const { id } = tenants.create(ACME);
    const input = { connectorId: 'no-such' as ConnectorId, authMethodId: 'oauth', clientId: 'client' };
    await expect(oauthApps.save(id, input, new Secret('hush'))).rejects.toMatchObject({ code: 'not_found' });
    expect(oauthApps.list(id)).toEqual([]);
    expect(here.vault.status().secrets).toBe(0);
    expect(() => oauthApps.remove(id, CRM, 'oauth')).toThrow('There is no OAuth app for this connector yet.');
  });

  it('of the practice tenant are given once: what a person has changed stays', async () => {
    const { id } = tenants.practice();
    const given = { connectorId: CRM, authMethodId: 'oauth', clientId: 'practice' };
    await oauthApps.prefill(id, given, null, HERE);
    expect(oauthApps.list(id)).toMatchObject([{ clientId: 'practice', hasClientSecret: false }]);
    await oauthApps.prefill(id, given, new Secret('practice secret'), HERE);
    expect(oauthApps.list(id)).toMatchObject([{ clientId: 'practice', hasClientSecret: true }]);
    await oauthApps.save(id, { ...given, clientId: 'my own' }, null);
    oauthApps.forgetSecrets(id);
    await oauthApps.prefill(id, given, new Secret('practice secret'), HERE);
    expect(oauthApps.list(id)).toMatchObject([{ clientId: 'my own', hasClientSecret: false }]);
  });

  it('a client secret is write-only: whether, when, and whether it can be read is all that comes out', async () => {
    const { id } = tenants.create(ACME);
    const saved = await oauthApps.save(
      id,
      { connectorId: CRM, authMethodId: 'oauth', clientId: 'client' },
      new Secret('hush'),
    );
    expect(saved).toMatchObject({
      hasClientSecret: true,
      isClientSecretReadable: true,
      clientSecretSetAt: expect.any(String),
    });
    await oauthApps.save(id, { connectorId: CRM, authMethodId: 'oauth', clientId: 'client two' }, null);
    expect(oauthApps.list(id)).toMatchObject([{ clientId: 'client two', hasClientSecret: true }]);
    here.vault.lock();
    expect(oauthApps.list(id)).toMatchObject([{ hasClientSecret: true, isClientSecretReadable: false }]);
    expect(JSON.stringify([oauthApps.list(id), updatesOf(id)])).not.toContain('hush');
    oauthApps.remove(id, CRM, 'oauth');
    expect(oauthApps.list(id)).toEqual([]);
    expect(here.vault.status().secrets).toBe(0);
  });
});

describe('removing a tenant', () => {
  it('says what goes, wants the name, and leaves nothing of it: connections, trash, jobs’ rows, secrets, history', async () => {
    const { store, vault } = here;
    const kept = tenants.create({ ...ACME, name: 'Kept' });
    const { id } = tenants.create(ACME);
    const active = aConnection(id, { state: { kind: 'active', since: '2026-11-24T00:00:00.000Z' } });
    const trashed = aConnection(id);
    const [job, waiting] = [aJob(active), aJob(trashed, { name: 'Waits in the trash' })];
    store.change(
      () => {
        for (const one of [active, trashed]) store.connections.insert(one);
        for (const one of [job, waiting]) store.jobs.insert(one);
      },
      anUpdate(active, 'Connection created'),
    );
    store.executions.insert(anExecution(active, job));
    store.change(() => store.connections.trash(trashed, '2026-11-24T00:00:00.000Z'), null);
    await oauthApps.save(id, { connectorId: CRM, authMethodId: 'oauth', clientId: 'client' }, new Secret('hush'));

    const dropped: JobId[] = [];
    const removal = new TenantRemoval({
      tenants,
      oauthApps,
      connections: (one) => store.connections.list(one),
      trashed: () => store.connections.listTrashed().map(({ connection }) => connection),
      jobsOf: (one) => store.jobs.listOfConnection(one),
      executions: (tenantId) => store.executions.list({ tenantId, offset: 0, limit: 1, search: '' }).total,
      runningJobs: () => 1,
      removeConnection: async (one) =>
        void store.change(() => store.connections.trash(one, '2026-11-24T00:00:00.000Z'), null),
      dropJob: async (one) => {
        dropped.push(one);
        if (one === job.id) throw new Error('The worker did not answer.');
      },
      forgetHistory: async (one) => void (await store.removal.ofTenant(one)),
      log: () => undefined,
    });
    expect(removal.impact(id)).toEqual({
      connections: 1,
      jobs: 1,
      runningJobs: 1,
      executions: 1,
      oauthApps: 1,
      toRevoke: 1,
    });
    await expect(removal.remove(id, 'Acm')).rejects.toMatchObject({ field: 'typedName' });
    await removal.remove(id, 'Acme');
    expect(dropped).toEqual([job.id, waiting.id]);
    expect(store.connections.listTrashed()).toEqual([]);
    expect(store.jobs.get(job.id)).toBeNull();
    expect(vault.status().secrets).toBe(0);
    expect(updatesOf(id)).toEqual([]);
    expect(tenants.list()).toMatchObject({ selected: kept.id, tenants: [{ name: 'Kept' }] });
  });
});
