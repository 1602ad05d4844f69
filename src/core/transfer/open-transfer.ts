import { connectorById, hasConnector } from '../../../connectors/catalog.ts';
import type { TenantId } from '../../shared/ids.ts';
import { newId } from '../../store/profile.ts';
import { hostsOf } from '../connections/hosts.ts';
import type { Connections } from '../connections/open-connections.ts';
import type { Jobs } from '../jobs/open-jobs.ts';
import type { Runs } from '../jobs/open-runs.ts';
import type { Platform } from '../platform.ts';
import type { Records } from '../records/open-records.ts';
import type { Tenants } from '../tenants/open-tenants.ts';
import { TenantRemoval } from '../tenants/removal.ts';
import { ForgottenPassphrase } from '../vault/forgotten-passphrase.ts';
import type { Secrets } from '../vault/open-secrets.ts';
import { TransferService } from './service.ts';

/** What concerns a whole profile or tenant: moving connections, removing a tenant, a passphrase that is forgotten. */
export interface Transfer {
  readonly transfer: TransferService;
  readonly removal: TenantRemoval;
  readonly forgotten: ForgottenPassphrase;
}

export interface TransferParts {
  readonly platform: Platform;
  readonly records: Records;
  readonly secrets: Secrets;
  readonly tenants: Tenants;
  readonly connections: Connections;
  readonly runs: Runs;
  readonly jobs: Jobs;
}

export function openTransfer(parts: TransferParts): Transfer {
  return { transfer: transferService(parts), removal: tenantRemoval(parts), forgotten: forgottenPassphrase(parts) };
}

function forgottenPassphrase({
  records: { store },
  secrets: { vault },
  connections,
}: TransferParts): ForgottenPassphrase {
  return new ForgottenPassphrase({
    tenants: () => store.tenants.list(),
    connections: (id) => store.connections.list(id),
    oauthApps: (id) => store.oauthApps.list(id),
    connectorName: (id) => (hasConnector(id) ? connectorById(id).manifest.name : id),
    vault,
    markDisconnected: (id, detail) => connections.service.markDisconnected(id, 'credential_missing', detail),
  });
}

function tenantRemoval({ records, tenants: { tenants, oauthApps }, connections, runs }: TransferParts): TenantRemoval {
  const { store, log } = records;
  return new TenantRemoval({
    tenants,
    oauthApps,
    connections: (id) => store.connections.list(id),
    trashed: () => store.connections.listTrashed().map(({ connection }) => connection),
    jobsOf: (id) => store.jobs.listOfConnection(id),
    executions: (tenantId: TenantId) => store.executions.list({ tenantId, offset: 0, limit: 1, search: '' }).total,
    runningJobs: (id) => runs.runner.running().filter(({ tenantId }) => tenantId === id).length,
    removeConnection: async ({ id, name }) => void (await connections.service.remove(id, name)),
    dropJob: (id) => runs.runner.dropJob(id),
    forgetHistory: async (id) => {
      // With the secrets of revocations that still wait: they are asked for on without the tenant's connections.
      await connections.service.emptyTrash(id);
      connections.drafts.forget(id);
      await store.removal.ofTenant(id);
    },
    log: (text, error) => (error === undefined ? log.info(text) : log.error(text, error)),
  });
}

function transferService({ platform, records, secrets, tenants, connections, jobs }: TransferParts): TransferService {
  const { store, events } = records;
  return new TransferService({
    version: platform.application.version,
    tenant: () => tenants.tenants.current(),
    connections: (id) => store.connections.list(id),
    jobsOf: (id) => store.jobs.listOfConnection(id),
    jobs: (id) => store.jobs.list(id),
    descriptor: (id) => connections.rows.descriptors.find((one) => one.id === id) ?? null,
    refuseHost: (id, host) => connectorById(id).manifest.endpoints.refuseHost?.(host) ?? null,
    keys: secrets.ofConnections,
    hostsOf: (id, placed) => Object.values(hostsOf(connectorById(id), { ...placed, learned: {} })),
    tagsOf: (id) => store.connectionList.tags([id]).get(id) ?? [],
    insert: (connection, tags, update) =>
      store.change(() => {
        store.connections.insert(connection);
        store.connectionList.setTags(connection.id, tags);
      }, update),
    record: (update) => void store.change(() => undefined, update),
    createJob: (settings, from) => void jobs.service.create(settings, from),
    tryKeys: async (id, secretValues) => void (await connections.service.authorize({ id, secrets: secretValues })),
    newId,
    newUpdate: (facts) => records.newUpdate(facts),
    now: records.now,
    onImported: () => events.emit('connectionsImported', undefined),
  });
}
