/** Constructs what Settings works with; compose.ts hands in what the rest of the app is made of. */
import { app, type BrowserWindow } from 'electron';
import type { Transport } from '../../../connectors/authorization-kit.ts';
import { connectorById, hasConnector, Secret } from '../../../connectors/catalog.ts';
import type { Update } from '../../shared/activity/activity.ts';
import { AppError } from '../../shared/app-error.ts';
import type { ConnectionId, JobId, TenantId } from '../../shared/ids.ts';
import type { ConnectionDrafts } from '../connections/drafts.ts';
import { hostsOf } from '../connections/hosts.ts';
import type { ConnectionRows } from '../connections/rows.ts';
import type { ConnectionService } from '../connections/service.ts';
import type { Push } from '../ipc/events.ts';
import type { SettingsHandlerPorts } from '../ipc/settings-handlers.ts';
import type { JobRunner } from '../jobs/runner.ts';
import type { JobService } from '../jobs/service.ts';
import { connectionOwner } from '../oauth/grants.ts';
import { ForgottenPassphrase } from '../settings/forgotten-passphrase.ts';
import type { NetworkService } from '../settings/network.ts';
import type { NoticeBoard } from '../settings/notices.ts';
import { newId } from '../store/profile.ts';
import type { Store } from '../store/store.ts';
import type { OAuthAppService } from '../tenants/oauth-apps.ts';
import { TenantRemoval } from '../tenants/removal.ts';
import type { TenantService } from '../tenants/service.ts';
import { TransferService } from '../transfer/service.ts';
import type { VaultService } from '../vault/vault-service.ts';

export interface SettingsParts {
  readonly store: Store;
  readonly vault: VaultService;
  readonly tenants: TenantService;
  readonly oauthApps: OAuthAppService;
  readonly connections: ConnectionService;
  readonly drafts: ConnectionDrafts;
  readonly jobs: JobService;
  readonly runner: JobRunner;
  readonly rows: ConnectionRows;
  readonly network: NetworkService;
  readonly transport: Transport;
  readonly notices: NoticeBoard;
  readonly root: string;
  readonly window: () => BrowserWindow | null;
  readonly push: Push;
  readonly newUpdate: (
    input: Pick<Update, 'tenantId' | 'subject' | 'action' | 'changes'> & { connectionId?: ConnectionId; jobId?: JobId },
  ) => Update;
  readonly now: () => string;
  readonly log: (text: string, error?: unknown) => void;
}

export function composeSettings(parts: SettingsParts): SettingsHandlerPorts {
  const { store, network, transport, notices, root, window } = parts;
  return {
    store,
    network,
    transport,
    notices,
    root,
    window,
    transfer: transferService(parts),
    forgotten: forgottenPassphrase(parts),
    removal: tenantRemoval(parts),
    asSecret: (text) => new Secret(text),
    restart: () => {
      app.relaunch();
      // After the answer has reached the page.
      setTimeout(() => app.quit(), 100);
    },
  };
}

function forgottenPassphrase({ store, vault, connections }: SettingsParts): ForgottenPassphrase {
  return new ForgottenPassphrase({
    tenants: () => store.tenants.list(),
    connections: (id) => store.connections.list(id),
    oauthApps: (id) => store.oauthApps.list(id),
    connectorName,
    vault,
    lost: (id, detail) => connections.lost(id, 'credential_missing', detail),
  });
}

function connectorName(id: string): string {
  return hasConnector(id) ? connectorById(id).manifest.name : id;
}

function tenantRemoval(parts: SettingsParts): TenantRemoval {
  const { store, tenants, oauthApps, connections, drafts, runner, log } = parts;
  return new TenantRemoval({
    tenants,
    oauthApps,
    connections: (id) => store.connections.list(id),
    trashed: () => store.connections.listTrashed().map(({ connection }) => connection),
    jobsOf: (id) => store.jobs.listOfConnection(id),
    executions: (tenantId: TenantId) => store.executions.list({ tenantId, offset: 0, limit: 1, search: '' }).total,
    runningJobs: (id) => runner.running().filter(({ tenantId }) => tenantId === id).length,
    removeConnection: async ({ id, name }) => void (await connections.remove(id, name)),
    dropJob: (id) => runner.dropJob(id),
    forgetHistory: async (id) => {
      // With the secrets of revocations that still wait: they are asked for on without the tenant's connections.
      await connections.emptyTrash(id);
      drafts.forget(id);
      await store.removal.ofTenant(id);
    },
    log,
  });
}

function transferService({
  store,
  vault,
  tenants,
  connections,
  jobs,
  rows,
  push,
  newUpdate,
  now,
}: SettingsParts): TransferService {
  return new TransferService({
    version: app.getVersion(),
    tenant: () => tenants.current(),
    connections: (id) => store.connections.list(id),
    jobsOf: (id) => store.jobs.listOfConnection(id),
    jobs: (id) => store.jobs.list(id),
    descriptor: (id) => rows.descriptors.find((one) => one.id === id) ?? null,
    refuseHost: (id, host) => connectorById(id).manifest.endpoints.refuseHost?.(host) ?? null,
    keys: {
      names: (id) => vault.list(connectionOwner(id)),
      get: (id, name) => vault.get(connectionOwner(id), name),
      put: (id, values) => vault.put(connectionOwner(id), values),
      assertUsable: () => {
        const { state } = vault.status();
        if (state === 'unset')
          throw new AppError(
            'vault_unavailable',
            'Nothing protects credentials on this machine yet. Set a passphrase first.',
          );
        if (state !== 'unlocked') throw new AppError('vault_locked', 'The vault is locked. Unlock it first.');
      },
    },
    hostsOf: (id, placed) => Object.values(hostsOf(connectorById(id), { ...placed, learned: {} })),
    tagsOf: (id) => store.connectionList.tags([id]).get(id) ?? [],
    insert: (connection, tags, update) =>
      store.change(() => {
        store.connections.insert(connection);
        store.connectionList.setTags(connection.id, tags);
      }, update),
    record: (update) => void store.change(() => undefined, update),
    createJob: (settings, from) => void jobs.create(settings, from),
    tryKeys: async (id, secrets) => void (await connections.authorize({ id, secrets })),
    newId,
    newUpdate,
    now,
    onImported: () => push('connections.changed', { rows: [], removed: [], all: true }),
  });
}

/**
 * After an older configuration was put in place, or the credential store had to start empty: connections that say "Connected"
 * and have nothing to connect with say so at once, not at their next run.
 */
export async function disconnectWithoutCredential({
  store,
  vault,
  connections,
}: Pick<SettingsParts, 'store' | 'vault' | 'connections'>): Promise<void> {
  for (const tenant of store.tenants.list())
    for (const { id, state } of store.connections.list(tenant.id))
      if (state.kind === 'active' && vault.list(connectionOwner(id)).length === 0)
        await connections.lost(id, 'credential_missing', 'Its credential is not in the credential store.');
}
