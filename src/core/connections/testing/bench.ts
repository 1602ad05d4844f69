/**
 * The connection service on a real profile: config.db, history.db and vault.db in a temporary folder, the practice servers
 * over real HTTP, and a person who logs in on their pages. Only the job runner is a list of what it was told.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConnectorError, connectorById, describeAll, openConnection, Secret } from '../../../../connectors/catalog.ts';
import { createTransport } from '../../../../connectors/kit/doors/authorization.ts';
import { practiceById, type RunningPractice } from '../../../../connectors/practice/catalog.ts';
import type { Update } from '../../../shared/activity/activity.ts';
import { AppError } from '../../../shared/app-error.ts';
import type { Connection } from '../../../shared/connection/connection.ts';
import type { ActivityId, ConnectionId, ConnectorId } from '../../../shared/ids.ts';
import type { AuthorizationStep, ConnectionInput } from '../../../shared/ipc/contract.ts';
import type { Tenant } from '../../../shared/tenant.ts';
import { newActivityId, newId, openProfile } from '../../../store/profile.ts';
import { Store } from '../../../store/store.ts';
import { aTenant } from '../../../store/testing/records.ts';
import { CoreEvents } from '../../events.ts';
import { AuthorizationService } from '../../oauth/authorize.ts';
import { DeferredRevocations } from '../../oauth/deferred-revocations.ts';
import { connectionOwner, GrantStore } from '../../oauth/grants.ts';
import type { AuthorizationWindow } from '../../oauth/login-window.ts';
import { revokeRemotely } from '../../oauth/revocations.ts';
import type { Records } from '../../records/open-records.ts';
import { Keyring } from '../../vault/keyring.ts';
import { SecretMask } from '../../vault/masking.ts';
import { NodeKeyring } from '../../vault/testing/vault.ts';
import { VaultService } from '../../vault/vault-service.ts';
import { AccessService } from '../access.ts';
import { ConnectionRecords } from '../connection-records.ts';
import { ConnectionRows } from '../rows.ts';
import { type ConnectionService, connectionService } from '../service.ts';
import { type Person, walkThroughLogIn } from './person.ts';

export interface Bench {
  readonly service: ConnectionService;
  readonly store: Store;
  readonly vault: VaultService;
  readonly keyring: NodeKeyring;
  readonly deferredRevocations: DeferredRevocations;
  readonly access: AccessService;
  readonly steps: AuthorizationStep[];
  /** Runs that were told to stop: connection and reason. */
  readonly stopped: { readonly id: ConnectionId; readonly why: string }[];
  readonly droppedRowsOf: ConnectionId[];
  tenant: Tenant;
  /** Who answers the next log-in window; null closes it. */
  person: Person | null;
  /** Added to the wall clock. */
  aheadMs: number;
  /** No request leaves the machine. */
  isOffline: boolean;
  /** What every request to revoke is answered instead of by the provider. */
  revocationStatus: number | null;
  practice(connectorId: string): Promise<RunningPractice>;
  input(connectorId: string, change?: Partial<ConnectionInput>): Promise<ConnectionInput>;
  /** A connection that is authorized already. */
  connected(connectorId: string, change?: Partial<ConnectionInput>): Promise<Connection>;
  updates(id: ConnectionId): Update[];
  /** Every secret of a connection, by name. */
  secretsOf(id: ConnectionId): Promise<Record<string, string>>;
  close(): Promise<void>;
}

export async function makeBench(): Promise<Bench> {
  const root = mkdtempSync(join(tmpdir(), 'patchbay-connections-'));
  const warnings: string[] = [];
  const log = (text: string, error?: unknown): void => void warnings.push(`${text} ${String(error ?? '')}`);
  const store = await Store.open({ profile: openProfile(root), version: '1', onNotice: () => undefined, log });
  const keyring = new NodeKeyring();
  const now = (): string => new Date(Date.now() + bench.aheadMs).toISOString();
  const vault = new VaultService({
    db: store.vaultDb,
    keyring: new Keyring(keyring, 'linux'),
    mask: new SecretMask(),
    application: 'test',
    now,
    log,
  });
  await vault.unlock(null);
  const grants = new GrantStore(vault);
  const wire = createTransport();
  const transport: typeof wire = {
    ...wire,
    send: async (request, signal) => {
      if (bench.isOffline) throw new ConnectorError('network', 'The host could not be reached: no network.');
      const { method, url } = request;
      const isRevocation = method === 'DELETE' || url.includes('/revoke');
      if (isRevocation && bench.revocationStatus !== null)
        return { status: bench.revocationStatus, headers: {}, body: Buffer.from('{"error":"no"}') };
      return wire.send(request, signal);
    },
  };
  const practices = new Map<string, RunningPractice>();
  const tenant = aTenant({ limits: { perCategory: { crm: 3, support: 3 }, perConnector: {} } });
  store.tenants.insert(tenant);
  const loadConnection = (id: ConnectionId): Connection | null => store.connections.get(id);
  const loadOAuthApp = (_tenant: string, connectorId: string): { clientId: string } | null => {
    const app = practices.get(connectorId)?.samples.oauthApp;
    return app === undefined ? null : { clientId: app.clientId };
  };
  const clock = { now: () => Date.now() + bench.aheadMs, monotonic: () => performance.now() };
  const access = new AccessService({
    grants,
    loadConnection,
    loadOAuthApp,
    connectorById,
    transport,
    ...clock,
    random: Math.random,
    wait: async () => undefined,
    onLost: (id, reason, detail) => void bench.service.markDisconnected(id, reason, detail),
    onLearned: () => undefined,
    log,
  });
  const authorization = new AuthorizationService({
    grants,
    loadConnection,
    loadOAuthApp,
    connectorById,
    transport,
    ...clock,
    randomBytes: (count) => randomBytes(count),
    openWindow: ({ startUrl }): AuthorizationWindow => ({
      ended:
        bench.person === null
          ? Promise.resolve({ kind: 'cancelled' })
          : walkThroughLogIn(startUrl, bench.person).then((url) => ({
              kind: 'returned',
              callback: { method: 'GET', url },
            })),
      focus: () => undefined,
      close: () => undefined,
    }),
    openBrowser: () => Promise.reject(new Error('This bench has no browser.')),
  });
  const newUpdate = (input: Parameters<Records['newUpdate']>[0]): Update => ({
    kind: 'update',
    id: newActivityId(Date.now()) as ActivityId,
    connectionId: null,
    jobId: null,
    at: now(),
    ...input,
    by: input.by ?? 'You',
  });
  const revoke = (connection: Connection) =>
    revokeRemotely(connection, { grants, loadOAuthApp, connectorById, transport, log });
  const deferredRevocations = new DeferredRevocations({
    grants,
    settings: store.settings,
    removeSecrets: (id) => vault.remove(connectionOwner(id)),
    revokeRemotely: revoke,
    onEnded: () => undefined,
    newId,
  });
  const rows = new ConnectionRows({ store, descriptors: describeAll(), running: () => [], nowMs: clock.now });
  const events = new CoreEvents(log);
  events.on('connectionsChanged', ({ removed }) => {
    for (const id of removed) access.forget(id);
  });
  events.on('authorizationStep', (step) => void bench.steps.push(step));
  const service = connectionService({
    records: new ConnectionRecords({ store, events, newUpdate, now }, { current: () => bench.tenant }),
    connectors: { connector: connectorById, descriptor: (id) => rows.descriptor(id) },
    access: {
      open: (connection, provider, signal) =>
        openConnection({
          connector: connectorById(connection.connectorId),
          ...connection,
          access: provider,
          transport,
          signal,
          now: clock.now,
          log: () => undefined,
        }),
      stored: (id) => access.provider(id),
      fromCredentials: (connection, secrets) => access.fromCredentials(connection, secrets),
      logIn: (connection, _way, onStep) => authorization.logIn(connection, 'window', onStep),
      cancelLogIn: (id) => authorization.cancelLogIn(id),
      revokeRemotely: revoke,
      deferred: deferredRevocations,
    },
    secrets: {
      names: (id) => vault.list(connectionOwner(id)),
      put: (id, values) => vault.put(connectionOwner(id), values),
      get: (id, name) => vault.get(connectionOwner(id), name),
      remove: (id, names) => vault.remove(connectionOwner(id), names),
      assertUsable: () => {
        if (vault.status().state === 'locked') throw new AppError('vault_locked', 'The vault is locked.');
      },
    },
    jobs: {
      stop: async (id, why) => void bench.stopped.push({ id, why }),
      dropRows: async (id) => void bench.droppedRowsOf.push(id),
      using: (id) => [...store.jobs.listOfConnection(id), ...store.jobs.listDeliveringTo(id)],
      impact: (id) => ({
        jobs: store.jobs.listOfConnection(id).map(({ name }) => name),
        cachedRows: 0,
        executions: store.executions.countOfConnection(id),
        dependentJobs: store.jobs.listDeliveringTo(id).map(({ name }) => name),
      }),
    },
    practice: { secretsFor: async () => ({}) },
    rows,
    events,
    log: { error: log },
  });
  const bench: Bench = {
    service,
    store,
    vault,
    keyring,
    deferredRevocations,
    access,
    steps: [],
    stopped: [],
    droppedRowsOf: [],
    tenant,
    person: 'dana',
    aheadMs: 0,
    isOffline: false,
    revocationStatus: null,
    async practice(connectorId) {
      const known = practices.get(connectorId);
      if (known !== undefined) return known;
      const started = await practiceById(connectorId).start({ port: 0, records: 40 });
      practices.set(connectorId, started);
      const { authMethodId, oauthApp, apiBaseUrl, loginBaseUrl } = started.samples;
      if (oauthApp?.clientSecret !== undefined) {
        const app = { tenantId: tenant.id, connectorId, authMethodId };
        const hosts = loginBaseUrl === undefined ? { apiBaseUrl } : { apiBaseUrl, loginBaseUrl };
        const place = { fields: {}, learned: {}, overrides: { ...hosts, allowPrivateNetwork: true } };
        await grants.putClientSecret(
          app,
          connectorById(connectorId).manifest,
          new Secret(oauthApp.clientSecret),
          place,
        );
      }
      return started;
    },
    async input(connectorId, change = {}) {
      const { samples } = await bench.practice(connectorId);
      const { apiBaseUrl, loginBaseUrl } = samples;
      return {
        connectorId: connectorId as ConnectorId,
        name: connectorId,
        authMethodId: samples.authMethodId,
        fields: { ...samples.fields },
        secrets: { ...samples.secrets },
        overrides: { apiBaseUrl, ...(loginBaseUrl ? { loginBaseUrl } : {}), allowPrivateNetwork: true },
        ...change,
      };
    },
    async connected(connectorId, change) {
      const { connection } = await service.create(await bench.input(connectorId, change));
      if (connection.state.kind === 'active') return service.get(connection.id);
      const outcome = await service.authorize({ id: connection.id });
      if (outcome.kind !== 'authorized') throw new Error(`The log-in ended with ${outcome.kind}.`);
      return service.get(connection.id);
    },
    updates: (id) =>
      store.updates.list({ tenantId: bench.tenant.id, offset: 0, limit: 100, search: '', connectionId: id }).updates,
    async secretsOf(id) {
      const found: Record<string, string> = {};
      for (const { name } of vault.list(connectionOwner(id)))
        found[name] = (await vault.get(connectionOwner(id), name)).reveal();
      return found;
    },
    async close() {
      for (const running of practices.values()) await running.close();
      await transport.close();
      await store.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
  return bench;
}
