import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Connection } from '../../shared/connection/connection.ts';
import type { ConnectionId, JobId, TenantId } from '../../shared/ids.ts';
import { closeDatabase, inTransaction, openDatabase, type WritableDb } from '../database.ts';
import { migrate } from '../migrate.ts';
import { CONFIG_MIGRATIONS } from '../migrations.ts';
import { newId } from '../profile.ts';
import { aConnection, aJob, aTenant } from '../testing/records.ts';
import { ConnectionRepository } from './connections.ts';
import { JobRepository } from './jobs.ts';
import { OAuthAppRepository } from './oauth-apps.ts';
import { SettingsRepository } from './settings.ts';
import { TenantRepository } from './tenants.ts';

let folder: string;
let db: WritableDb;
let unreadable: string[];
let tenants: TenantRepository;
let connections: ConnectionRepository;
let jobs: JobRepository;
const tenant = aTenant();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pb-config-'));
  db = openDatabase(join(folder, 'config.db'), 'config');
  migrate(db, CONFIG_MIGRATIONS);
  unreadable = [];
  const report = (table: string, id: string) => unreadable.push(`${table} ${id}`);
  tenants = new TenantRepository(db, report);
  connections = new ConnectionRepository(db, report);
  jobs = new JobRepository(db, report);
  tenants.insert(tenant);
});

afterEach(() => {
  closeDatabase(db);
  rmSync(folder, { recursive: true, force: true });
});

describe('tenants', () => {
  it('come back as they were, in the order they were added, and change except for kind and date', () => {
    const second = aTenant({ name: 'Globex', kind: 'practice', createdAt: '2026-03-02T09:00:00.000Z', products: [] });
    tenants.insert(second);
    expect(tenants.list()).toEqual([tenant, second]);
    tenants.save({ ...second, name: 'Globex Corp', limits: { perCategory: { crm: 2 }, perConnector: { s3: 3 } } });
    expect(tenants.get(second.id)).toEqual({
      ...second,
      name: 'Globex Corp',
      limits: { perCategory: { crm: 2 }, perConnector: { s3: 3 } },
    });
    expect(() => tenants.save({ ...second, id: newId() as TenantId })).toThrow('This tenant no longer exists.');
  });

  it('take everything of theirs with them', () => {
    const connection = aConnection(tenant.id);
    connections.insert(connection);
    jobs.insert(aJob(connection));
    expect(tenants.remove(tenant.id)).toBe(true);
    expect(tenants.remove(tenant.id)).toBe(false);
    expect([connections.get(connection.id), jobs.list(tenant.id)]).toEqual([null, []]);
  });
});

describe('connections', () => {
  const full: Connection = aConnection(tenant.id, {
    name: 'Zürich “CRM” \u{1f600}',
    state: { kind: 'disconnected', since: '2026-03-01T10:00:00.000Z', reason: 'permission_missing', detail: 'Account' },
    authorization: {
      account: 'ada',
      accountId: '1',
      org: 'acme',
      orgId: '2',
      scopes: ['api'],
      missingScopes: [],
      grantedAt: '2026-03-01T10:00:00.000Z',
    },
    fields: { text: 'a', number: 1.5, yes: true },
    overrides: { apiBaseUrl: 'https://api.test', allowPrivateNetwork: true },
    learned: { instanceUrl: 'https://acme.my.example.test' },
  });

  it('come back as they were', () => {
    connections.insert(full);
    expect(connections.get(full.id)).toEqual(full);
    expect(connections.list(tenant.id)).toEqual([full]);
    expect(connections.get('nothing000' as ConnectionId)).toBeNull();
  });

  it.each([
    ['Salesforce', 'SALESFORCE'],
    ['Straße', 'STRASSE'],
    ['Ｗｉｄｅ', 'wide'],
    ['é', 'e\u0301'],
  ])('cannot be named %s and %s within a tenant', (name, same) => {
    connections.insert(aConnection(tenant.id, { name }));
    const conflict = {
      code: 'conflict',
      field: 'name',
      message: `There is a connection named "${same}" already. Choose another name.`,
    };
    expect(() => connections.insert(aConnection(tenant.id, { name: same }))).toThrow(expect.objectContaining(conflict));
    const other = aConnection(tenant.id, { name: 'Other' });
    connections.insert(other);
    expect(() => connections.save({ ...other, name: same })).toThrow(expect.objectContaining(conflict));
    const elsewhere = aTenant({ name: 'Globex' });
    tenants.insert(elsewhere);
    connections.insert(aConnection(elsewhere.id, { name: same }));
    expect(connections.count(elsewhere.id)).toBe(1);
  });

  it('are saved by whoever read the newest version, and by nobody else', () => {
    connections.insert(full);
    const first = connections.save({ ...full, name: 'First' });
    expect(first).toEqual({ ...full, name: 'First', version: 2 });
    expect(() => connections.save({ ...full, name: 'Late' })).toThrow(expect.objectContaining({ code: 'conflict' }));
    expect(connections.get(full.id)).toEqual(first);
    connections.remove(full.id);
    expect(() => connections.save(first)).toThrow(expect.objectContaining({ code: 'not_found' }));
    expect(connections.get(full.id)).toBeNull();
  });

  it('are not remembered from a transaction that was rolled back', () => {
    connections.insert(full);
    const failing = (): void => {
      connections.save({ ...full, name: 'Rolled back' });
      expect(connections.get(full.id)?.name).toBe('Rolled back');
      throw new Error('later step');
    };
    expect(() => inTransaction(db, failing)).toThrow('later step');
    connections.save({ ...full, name: 'Kept' });
    expect(connections.get(full.id)?.name).toBe('Kept');
    expect(connections.list(tenant.id).map(({ name }) => name)).toEqual(['Kept']);
  });

  it('leave a row that cannot be read out of the list and say which', () => {
    connections.insert(full);
    const good = aConnection(tenant.id, { name: 'Good' });
    connections.insert(good);
    db.prepare('UPDATE connections SET overrides = ? WHERE id = ?').run('{"unknown":1}', full.id);
    expect(connections.list(tenant.id)).toEqual([good]);
    expect(unreadable).toEqual([`connections ${full.id}`]);
  });

  it('refuse stored JSON that would change an object’s prototype', () => {
    connections.insert(full);
    db.prepare('UPDATE connections SET fields = ? WHERE id = ?').run('{"__proto__":{"polluted":"yes"}}', full.id);
    expect(connections.list(tenant.id)).toEqual([]);
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
  });

  it('ten thousand are listed, the second time without parsing a row again', () => {
    inTransaction(db, () => {
      for (let n = 0; n < 10_000; n += 1) connections.insert(aConnection(tenant.id, { name: `Connection ${n}` }));
    });
    const first = connections.list(tenant.id);
    const second = connections.list(tenant.id);
    expect(first).toHaveLength(10_000);
    expect(second.every((one, place) => one === first[place])).toBe(true);
  });
});

describe('jobs', () => {
  it('come back as they were, by tenant, connection and destination', () => {
    const source = aConnection(tenant.id, { name: 'Source' });
    const target = aConnection(tenant.id, { name: 'Target' });
    connections.insert(source);
    connections.insert(target);
    const toCache = aJob(source, { name: 'b' });
    const toTarget = aJob(source, {
      name: 'A',
      destination: { kind: 'connection', connectionId: target.id, object: 'Company', keys: ['Id'] },
    });
    jobs.insert(toCache);
    jobs.insert(toTarget);
    expect(jobs.list(tenant.id)).toEqual([toTarget, toCache]);
    expect(jobs.listOfConnection(source.id)).toEqual([toTarget, toCache]);
    expect(jobs.listDeliveringTo(target.id)).toEqual([toTarget]);
    expect(jobs.countByConnection(tenant.id)).toEqual(new Map([[source.id, 2]]));
    connections.remove(target.id);
    expect(jobs.get(toTarget.id)).toEqual(toTarget);
    connections.remove(source.id);
    expect(jobs.list(tenant.id)).toEqual([]);
  });

  it('are saved by whoever read the newest version, and by nobody else', () => {
    const connection = aConnection(tenant.id);
    connections.insert(connection);
    const job = aJob(connection);
    jobs.insert(job);
    const saved = jobs.save({
      ...job,
      isEnabled: false,
      filter: [{ field: 'Type', operator: 'eq', value: "Customer' --" }],
    });
    expect(saved.version).toBe(2);
    expect(jobs.get(job.id)).toEqual(saved);
    expect(() => jobs.save(job)).toThrow(expect.objectContaining({ code: 'conflict' }));
    expect(() => jobs.save({ ...job, id: 'nothing000' as JobId })).toThrow(
      expect.objectContaining({ code: 'not_found' }),
    );
    expect(jobs.remove(job.id)).toBe(true);
  });
});

it('an OAuth app keeps its id when it is saved again, so that its secret stays its own', () => {
  const apps = new OAuthAppRepository(db, () => undefined);
  const app = {
    id: newId(),
    tenantId: tenant.id,
    connectorId: 'example-crm',
    authMethodId: 'oauth',
    clientId: 'first',
    updatedAt: '2026-03-01T10:00:00.000Z',
  };
  expect(apps.save(app)).toEqual(app);
  expect(apps.save({ ...app, id: newId(), clientId: 'second' })).toEqual({ ...app, clientId: 'second' });
  expect(apps.list(tenant.id)).toHaveLength(1);
  expect(apps.find(tenant.id, 'example-crm', 'other')).toBeNull();
  expect(apps.remove(app.id)).toBe(true);
});

it('a setting that its schema refuses counts as absent', () => {
  const settings = new SettingsRepository(db);
  settings.set('fullCheck', { at: 5 });
  expect(settings.get('fullCheck', z.strictObject({ at: z.number() }))).toEqual({ at: 5 });
  expect(settings.get('fullCheck', z.string())).toBeNull();
  settings.remove('fullCheck');
  expect(settings.get('fullCheck', z.unknown())).toBeNull();
});
