import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import * as electron from 'electron';
import { createTransport } from '../../../connectors/authorization-kit.ts';
import { connectorById, describeAll, hasConnector, openConnection, Secret } from '../../../connectors/catalog.ts';
import type { Execution, Update } from '../../shared/activity/activity.ts';
import { AppError } from '../../shared/app-error.ts';
import type { Connection } from '../../shared/connection/connection.ts';
import { reasonOf } from '../../shared/connection/loss.ts';
import type { RemoteRevocation } from '../../shared/connection/state.ts';
import { type ActivityId, type ConnectionId, connectorIdSchema, type JobId, type TenantId } from '../../shared/ids.ts';
import type { MenuCommand } from '../../shared/ipc/contract/connection-list.ts';
import type { AppState } from '../../shared/ipc/contract.ts';
import { AccessService } from '../connections/access.ts';
import { connectionStore } from '../connections/connection-store.ts';
import { ConnectionDrafts } from '../connections/drafts.ts';
import { createListActions } from '../connections/list-actions.ts';
import { ConnectionRows } from '../connections/rows.ts';
import { ConnectionService } from '../connections/service.ts';
import { createPush } from '../ipc/events.ts';
import { handlers } from '../ipc/handlers.ts';
import { registerCalls } from '../ipc/router.ts';
import { createTenantGuard } from '../ipc/tenant-guard.ts';
import { maskChanges } from '../jobs/masked.ts';
import { JobRunner } from '../jobs/runner.ts';
import { JobService } from '../jobs/service.ts';
import { openLog } from '../log.ts';
import { AuthorizationService } from '../oauth/authorize.ts';
import { connectionOwner, GrantStore, oauthAppOwner } from '../oauth/grants.ts';
import { revokeRemotely } from '../oauth/revocations.ts';
import { openAuthorizationWindow } from '../oauth/window.ts';
import { addressesOf, atPresentAddress, practiceAddressesSchema } from '../practice/moved-servers.ts';
import { PracticeHost, type PracticeSystem } from '../practice/practice-host.ts';
import { NetworkService } from '../settings/network.ts';
import { NoticeBoard } from '../settings/notices.ts';
import { cachePath } from '../store/cache.ts';
import { CacheReader } from '../store/cache-reader.ts';
import { newActivityId, newId, openProfile } from '../store/profile.ts';
import { emptyQuarantine } from '../store/quarantine.ts';
import { markSuspect } from '../store/startup-check.ts';
import { Store } from '../store/store.ts';
import { OAuthAppService } from '../tenants/oauth-apps.ts';
import { TenantService } from '../tenants/service.ts';
import { isAsync, Keyring, safeStorageOf } from '../vault/keyring.ts';
import { SecretMask } from '../vault/masking.ts';
import { keyringGate } from '../vault/secret-service.ts';
import { VaultService } from '../vault/vault-service.ts';
import { composeLifecycle } from './compose-lifecycle.ts';
import { composeSettings, disconnectWithoutCredential } from './compose-settings.ts';
import { focusWindow } from './lifecycle.ts';
import { openLink } from './links.ts';
import { openPreferences } from './preferences.ts';
import { forkPractice, forkWorker } from './processes.ts';
import { serveApp } from './protocol.ts';
import { releaseStartMemory } from './release-memory.ts';
import { followReminder } from './reminder.ts';
import { TenantEvents } from './tenant-events.ts';
import { boundsOnScreen, keepWindowState, workAreas } from './window-state.ts';
import { type OpeningWindow, openApp } from './windows.ts';

const PRACTICE_PORT = 42_900;
/** How long after the window is shown upkeep, checks and interrupted runs begin, milliseconds. */
const SETTLE_MS = 700;
/** And how long after that the whole list is in the page, milliseconds. */
const IDLE_MS = 2_000;
/** Where the practice systems were when they last ran. */
const PRACTICE_ADDRESSES = 'practice.addresses';
const UNEXPECTED: AppState['notices'][number] = {
  id: 'unexpected',
  kind: 'warning',
  text: 'Something unexpected happened, and what was under way may be incomplete. Restart Patchbay when something does not work; the log in the profile’s folder has the details.',
};
const RESUME_AGAIN_MS = 5_000;
const DISK_FULL: AppState['notices'][number] = {
  id: 'disk-full',
  kind: 'warning',
  text: 'The disk is full, so what happens is not saved. Free some space; running jobs wait for it and go on by themselves.',
};

export interface RunningApp {
  readonly window: () => electron.BrowserWindow | null;
  /** An item of the native menu was chosen. */
  readonly choose: (command: MenuCommand) => void;
  /** Nobody caught it: it is logged and said, and the app goes on. */
  readonly report: (error: unknown) => void;
  readonly close: () => Promise<void>;
}

/** The one place that constructs services and hands them to each other. */
export async function compose(opening: OpeningWindow): Promise<RunningApp> {
  const root = electron.app.getPath('userData');
  const mask = new SecretMask();
  // Before anything that can fail.
  const log = openLog(join(root, 'logs'), (text) => mask.mask(text));
  log.info(`Patchbay ${electron.app.getVersion()} starts`);
  const profile = openProfile(root);
  const preferences = openPreferences(root, (error) => log.error('The preferences could not be written', error));
  electron.nativeTheme.themeSource = preferences.get().settings.theme;
  let announce: () => void = () => undefined;
  const notices = new NoticeBoard(() => announce());
  const notice = (entry: AppState['notices'][number]): void => notices.add(entry);
  const store = await Store.open({
    profile,
    version: electron.app.getVersion(),
    onNotice: notice,
    log: (text: string) => log.info(text),
  });
  const now = (): string => new Date().toISOString();
  const vault = new VaultService({
    db: store.vaultDb,
    keyring: new Keyring(
      safeStorageOf(electron),
      process.platform,
      keyringGate(
        isAsync(safeStorageOf(electron)),
        electron.app.commandLine.getSwitchValue('password-store'),
        process.env,
        process.platform,
      ),
    ),
    mask,
    application: electron.app.name,
    now,
    log: (text: string) => log.info(text),
    onRemoved: () => void emptyQuarantine(profile.quarantine, 'vault'),
  });
  let window: electron.BrowserWindow | null = null;
  const push = createPush(() => (window === null || window.isDestroyed() ? [] : [window.webContents]));
  const newUpdate = (
    input: Pick<Update, 'tenantId' | 'subject' | 'action' | 'changes'> & {
      connectionId?: ConnectionId;
      jobId?: JobId;
      by?: string | undefined;
    },
  ): Update => ({
    kind: 'update',
    id: newActivityId(Date.now()) as ActivityId,
    connectionId: null,
    jobId: null,
    ...input,
    changes: maskChanges(input.changes, (text) => mask.mask(text)),
    at: now(),
    by: input.by ?? 'You',
  });
  const tenants = new TenantService({
    list: () => store.tenants.list(),
    insert: (tenant, update) => void store.change(() => store.tenants.insert(tenant), update),
    save: (tenant, update) => void store.change(() => store.tenants.save(tenant), update),
    remove: (id) => void store.change(() => store.tenants.remove(id), null),
    newId,
    newUpdate: (tenantId, subject, action, changes) => newUpdate({ tenantId, subject, action, changes }),
    now,
    selected: () => preferences.get().lastTenant,
    select: (lastTenant) => preferences.set({ lastTenant }),
    onChanged: () => {
      push('tenants.changed', {});
      push('app.stateChanged', state());
    },
    ownLimit: (id) => (hasConnector(id) ? connectorById(id).manifest.maxPerTenant : undefined),
  });
  tenants.selectAnother();
  const grants = new GrantStore(vault);
  const ownerOf = (record: { tenantId: TenantId; connectorId: string; authMethodId: string }) =>
    oauthAppOwner(record.tenantId, record.connectorId, record.authMethodId);
  const oauthApps = new OAuthAppService({
    list: (id) => store.oauthApps.list(id),
    find: (id, connectorId, methodId) => store.oauthApps.find(id, connectorId, methodId),
    save: (app, update) => void store.change(() => store.oauthApps.save(app), update),
    remove: (id, update) => void store.change(() => store.oauthApps.remove(id), update),
    secret: {
      info: (record) => vault.list(ownerOf(record)).find(({ name }) => name === 'clientSecret') ?? null,
      put: (record, clientSecret, place) =>
        grants.putClientSecret(record, connectorById(record.connectorId).manifest, clientSecret, place),
      isMissingOr: (record, clientSecret) => grants.isClientSecret(record, clientSecret, true),
      remove: (record) => vault.remove(ownerOf(record)),
    },
    connectorName: (id) => connectorById(id).manifest.name,
    newId,
    newUpdate: (tenantId, subject, action, changes) => newUpdate({ tenantId, subject, action, changes }),
    now,
  });
  const network = new NetworkService({
    settings: store.settings,
    change: (write, action, changes) => {
      // It holds for all tenants; who looks for it looks at the one on screen.
      const tenantId = tenants.list().selected;
      store.change(write, tenantId === null ? null : newUpdate({ tenantId, subject: 'Network', action, changes }));
    },
    resolveProxy: (url) => electron.session.defaultSession.resolveProxy(url),
    now: Date.now,
  });
  const directTransport = createTransport();
  const transport = network.over(directTransport);
  const loadConnection = (id: ConnectionId): Connection | null => store.connections.get(id) ?? null;
  const loadOAuthApp = (tenantId: TenantId, connectorId: string, methodId: string) =>
    store.oauthApps.find(tenantId, connectorId, methodId) ?? null;
  const isOffline = (): boolean => !electron.net.isOnline();
  const clock = { now: () => Date.now(), monotonic: () => performance.now() };
  const logLine = (text: string, error?: unknown): void =>
    error === undefined ? log.info(text) : log.error(text, error);
  const practice = new PracticeHost(
    (port) => forkPractice(port, join(root, 'practice')),
    PRACTICE_PORT,
    (systems) => followPractice(systems),
  );
  function followPractice(systems: readonly PracticeSystem[]): void {
    const addresses = addressesOf(systems);
    const before = store.settings.get(PRACTICE_ADDRESSES, practiceAddressesSchema) ?? {};
    const all = tenants.list().tenants.filter((tenant) => tenant.kind === 'practice');
    const changed = all
      .flatMap((tenant) => store.connections.list(tenant.id))
      .flatMap((connection) => atPresentAddress(connection, before, addresses) ?? [])
      .map((connection) => store.change(() => store.connections.save(connection), null));
    store.settings.set(PRACTICE_ADDRESSES, addresses);
    if (changed.length === 0) return;
    for (const { id } of changed) runner.forgetAccess(id);
    shown.connectionsChanged(changed);
  }
  const prefillPractice = async (): Promise<void> => {
    const tenant = tenants.list().tenants.find((one) => one.kind === 'practice');
    if (tenant === undefined) return;
    for (const { connector, samples } of await practice.systems()) {
      if (samples.oauthApp === undefined) continue;
      const { clientId, clientSecret } = samples.oauthApp;
      const isOpen = vault.status().state === 'unlocked';
      await oauthApps.prefill(
        tenant.id,
        { connectorId: connectorIdSchema.parse(connector), authMethodId: samples.authMethodId, clientId },
        clientSecret === undefined || !isOpen ? null : new Secret(clientSecret),
        {
          fields: samples.fields,
          learned: {},
          overrides: {
            apiBaseUrl: samples.apiBaseUrl,
            ...(samples.loginBaseUrl === undefined ? {} : { loginBaseUrl: samples.loginBaseUrl }),
            allowPrivateNetwork: true,
          },
        },
      );
    }
  };
  const access = new AccessService({
    grants,
    loadConnection,
    loadOAuthApp,
    connectorById,
    transport,
    ...clock,
    random: Math.random,
    wait: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
    onLost: (id, reason, detail) => lose(id, reason, mask.mask(detail)),
    onLearned: (id, learned) => {
      const connection = loadConnection(id);
      if (connection !== null)
        store.change(
          () => store.connections.save({ ...connection, learned: { ...connection.learned, ...learned } }),
          null,
        );
    },
    log: logLine,
  });
  const authorization = new AuthorizationService({
    grants,
    loadConnection,
    loadOAuthApp,
    connectorById,
    transport,
    ...clock,
    randomBytes: (count: number) => randomBytes(count),
    openWindow: (options) => openAuthorizationWindow({ ...options, policy: { ...options.policy, ca: network.ca() } }),
    openBrowser: (url: string) => openLink(url, { allowLoopbackHttp: true }),
  });
  const build = __dirname;
  const reader = new CacheReader({
    file: cachePath(profile),
    thread: join(build, 'reader-thread.cjs'),
    onDamage: () => {
      markSuspect(profile, 'cache');
      runner.repairCache();
    },
  });
  const runner = new JobRunner({
    fork: () => forkWorker(join(build, 'worker.cjs')),
    profile: root,
    networkThread: join(build, 'network-thread.cjs'),
    access,
    network: () => {
      const ca = network.ca();
      return ca === undefined ? {} : { ca };
    },
    proxyFor: (origin) => network.proxyFor(origin),
    onExecution: (execution, isEnd) => onExecution(execution, isEnd),
    onLog: (id, lines) => store.logs.append(id, [...lines]),
    onLost: (id, failure) => {
      const reason = reasonOf(failure.class);
      if (reason !== null) lose(id, reason, failure.message, failure);
    },
    onNotice: (text) => notice({ id: newId(), kind: 'warning', text }),
    onCacheReplaced: () => {
      void reader.reopen();
      push('jobs.changed', { connectionId: null });
    },
    onUnsaved: (error) => {
      if (error === null) notices.withdraw(DISK_FULL.id);
      else if (error instanceof AppError && error.code === 'disk_full') notice(DISK_FULL);
    },
    mask: (text) => mask.mask(text),
    log: logLine,
    now,
  });
  const rows = new ConnectionRows({
    store,
    descriptors: describeAll(),
    running: () => runner.running(),
    nowMs: clock.now,
  });
  const shown = new TenantEvents({
    push,
    selected: () => tenants.list().selected,
    connection: loadConnection,
    row: (connection) => rows.row(connection),
  });
  const revokeAtProvider = (connection: Connection): Promise<RemoteRevocation> =>
    revokeRemotely(connection, { grants, loadOAuthApp, connectorById, transport, log: logLine });
  const lifecycle = composeLifecycle({
    store,
    vault,
    grants,
    connections: () => connections,
    revokeRemotely: revokeAtProvider,
    newUpdate,
    onReminderChosen: ({ id, tenantId }) =>
      followReminder({ tenants, focus: () => focusWindow(window), push }, { id, tenantId }),
    onNetwork: () => {
      push('app.stateChanged', state());
      push('jobs.changed', { connectionId: null });
      if (mayResume) resume();
    },
    warn: (text, error) => log.error(text, error),
  });
  const connections: ConnectionService = new ConnectionService({
    store: connectionStore(store, { tenants: () => store.tenants.list().map(({ id }) => id), newId }),
    connector: connectorById,
    descriptor: (id) => rows.descriptor(id),
    tenant: (id) => tenants.get(id),
    currentTenant: () => tenants.current(),
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
    storedAccess: (id) => access.provider(id),
    logIn: (connection, way, onStep) => authorization.logIn(connection, way, onStep),
    cancelLogIn: (id) => authorization.cancelLogIn(id),
    revokeRemotely: revokeAtProvider,
    asides: lifecycle.asides,
    secrets: {
      names: (id) => vault.list(connectionOwner(id)),
      put: (id, values) => vault.put(connectionOwner(id), values),
      get: (id, name) => vault.get(connectionOwner(id), name),
      remove: (id, names) => vault.remove(connectionOwner(id), names),
      assertUsable: () => {
        const status = vault.status();
        if (status.state === 'unset')
          throw new AppError(
            'vault_unavailable',
            'Nothing protects credentials on this machine yet. Set a passphrase first.',
          );
        if (status.state === 'locked') throw new AppError('vault_locked', 'The vault is locked. Unlock it first.');
      },
    },
    practiceSecrets: async (tenant, connectorId) =>
      tenant.kind === 'practice'
        ? ((await practice.systems()).find((system) => system.connector === connectorId)?.samples.secrets ?? {})
        : {},
    stopJobsOf: (id, why, failure) => jobs.stopJobsOf(id, why, failure),
    dropRowsOf: async (id) => {
      for (const job of store.jobs.listOfConnection(id)) await runner.dropJob(job.id);
    },
    jobsUsing: (id) => [
      ...store.jobs.listOfConnection(id),
      ...store.jobs.listDeliveringTo(id).filter((job) => job.connectionId !== id),
    ],
    impact: (id) => {
      const own = store.jobs.listOfConnection(id);
      return {
        jobs: own.map((job) => job.name),
        cachedRows: own.reduce((sum, job) => sum + (reader.table(job.id)?.rows ?? 0), 0),
        executions: store.executions.countOfConnection(id),
        dependentJobs: store.jobs.listDeliveringTo(id).map((job) => job.name),
      };
    },
    row: (connection) => rows.row(connection),
    onChanged: (changed, removed) => {
      for (const { id } of changed) runner.forgetAccess(id);
      for (const id of removed) access.forget(id);
      lifecycle.upkeep.note(changed);
      shown.connectionsChanged(changed, removed);
      // Jobs of others deliver to it and say so.
      push('jobs.changed', { connectionId: null });
    },
    onStep: (step) => push('connections.authorizationStep', step),
    newId,
    newUpdate,
    now,
    warn: (text, error) => log.error(text, error),
  });
  const jobs: JobService = new JobService({
    store: {
      get: (id) => store.jobs.get(id) ?? null,
      list: (id) => store.jobs.list(id),
      listOfConnection: (id) => store.jobs.listOfConnection(id),
      names: (id) => store.jobs.names(id),
      insert: (job, update) => void store.change(() => store.jobs.insert(job), update),
      save: (job, update) => store.change(() => store.jobs.save(job), update),
      remove: (id, update) => void store.change(() => store.jobs.remove(id), update),
      record: (update) => void store.change(() => undefined, update),
    },
    executions: {
      insert: (one) => store.executions.insert(one),
      save: (one) => (one.endedAt === null ? store.executions.update(one) : store.executions.finish(one)),
      get: (id) => store.executions.get(id) ?? null,
      unfinished: () => store.executions.listOpen(),
      lastRuns: (id, ofJobs) =>
        new Map(
          [...store.executions.latestByJob(id, ofJobs)].map(([job, run]) => [
            job,
            { activityId: run.activityId, status: run.status, at: run.startedAt },
          ]),
        ),
      addLog: (id, text) => store.logs.append(id, [{ at: now(), text }]),
    },
    runner,
    connection: loadConnection,
    connections: (id) => store.connections.list(id),
    vaultState: () => vault.status().state,
    isOffline,
    currentTenant: () => tenants.current(),
    newId,
    newActivityId: () => newActivityId(Date.now()),
    newUpdate,
    now,
    onChanged: (connectionId) => shown.jobsChanged(connectionId),
    onExecution: (execution) => {
      shown.progress(execution);
      pushRunsOf(execution);
    },
  });
  const listActions = createListActions({
    store,
    connections,
    rows,
    push,
    currentTenant: () => tenants.list().selected,
    newUpdate,
    log: (text, error) => log.error(text, error),
  });
  const drafts = new ConnectionDrafts({
    settings: store.settings,
    descriptor: (id) => rows.descriptor(id),
    isThere: (id) => store.connections.get(id) !== null,
    now,
  });
  const state = (): AppState => ({
    network: lifecycle.upkeep.lookAtNetwork() ? 'online' : 'offline',
    runningJobs: runner.running().filter(({ tenantId }) => tenantId === tenants.list().selected).length,
    vault: vault.status(),
    notices: notices.list(),
  });
  announce = () => push('app.stateChanged', state());
  function onExecution(execution: Execution, isEnd: boolean): void {
    try {
      if (isEnd) store.executions.finish(execution);
      else store.executions.update(execution);
    } finally {
      // Also what cannot be saved is shown: on a full disk it says so.
      shown.progress(execution);
      if (isEnd) pushRunsOf(execution);
    }
  }
  function lose(...[id, ...why]: Parameters<ConnectionService['lost']>): void {
    connections
      .lost(id, ...why)
      .catch((error: unknown) => log.error('A lost authorization could not be written down', error));
  }
  function pushRunsOf(execution: Execution): void {
    push('app.stateChanged', state());
    shown.runsChanged(execution);
  }
  let vaultState = vault.status().state;
  let mayResume = false;
  const resume = (): void => {
    try {
      jobs.resumeInterrupted();
    } catch (error) {
      log.error('Interrupted runs could not go on; it is tried again', error);
      setTimeout(resume, RESUME_AGAIN_MS).unref();
    }
  };
  vault.onChanged((status) => {
    push('vault.changed', status);
    push('app.stateChanged', state());
    if (status.state !== vaultState) {
      vaultState = status.state;
      push('jobs.changed', { connectionId: null });
      if (mayResume) resume();
    }
    if (status.state === 'unlocked')
      void prefillPractice().catch((error: unknown) => log.error('The practice OAuth apps could not be stored', error));
  });
  const settings = composeSettings({
    store,
    vault,
    tenants,
    oauthApps,
    connections,
    drafts,
    jobs,
    runner,
    rows,
    network,
    transport: directTransport,
    notices,
    root,
    window: () => window,
    push,
    newUpdate,
    now,
    log: logLine,
  });
  registerCalls(
    handlers({
      settings,
      store,
      tenants,
      vault,
      connections,
      drafts,
      jobs,
      reader,
      rows,
      listActions,
      preferences,
      practice,
      state,
      push,
      oauthApps,
      prefillPractice,
      window: () => window,
      asSecret: (text) => new Secret(text),
    }),
    {
      onUnexpected: (call, error) => log.error(`The call ${call} failed`, error),
      onRefusedSender: (call) => log.warn(`A foreign sender called ${call}`),
      guard: createTenantGuard({ store, selected: () => tenants.list().selected }),
    },
  );
  serveApp(electron.session.defaultSession, join(build, '..', 'renderer', 'main_window'));
  // What the page will ask first: its process is still starting, and there is nothing else to do.
  rows.prepare(tenants.list().selected);
  window = opening.window;
  await opening.ready;
  openApp(window, boundsOnScreen(preferences.get().window, workAreas(electron.screen)));
  keepWindowState(window, (kept) => preferences.set({ window: kept }));
  window.on('closed', () => authorization.cancelAll());
  let settling: NodeJS.Timeout | undefined;
  window.once('show', () => {
    vault.start();
    // The page is asking for its list now; what can wait a moment would hold up the answers.
    settling = setTimeout(settle, SETTLE_MS);
  });
  function settle(): void {
    settling = setTimeout(() => {
      store.releaseCaches();
      releaseStartMemory();
    }, IDLE_MS);
    lifecycle.start();
    if (store.isRestored || store.isVaultEmptied)
      void disconnectWithoutCredential({ store, vault, connections }).catch((error: unknown) =>
        log.error('Connections without a credential could not be marked', error),
      );
    store.startMaintenance(join(build, 'check-thread.cjs'), () => runner.repairCache());
    const isPractice = tenants.list().tenants.some((tenant) => tenant.kind === 'practice');
    const ready = isPractice ? practice.systems() : Promise.resolve([]);
    void ready
      .catch((error: unknown) => log.error('The practice servers did not start', error))
      .then(() => {
        mayResume = true;
        resume();
      });
  }
  const stopRolling = listActions.startRolling();
  return {
    window: () => window,
    choose: (command) => push('app.menuChosen', { command }),
    report: (error) => {
      log.error('Nobody caught an error', error);
      notice(error instanceof AppError && error.code === 'disk_full' ? DISK_FULL : UNEXPECTED);
    },
    close: async () => {
      authorization.cancelAll();
      clearTimeout(settling);
      lifecycle.upkeep.stop();
      stopRolling();
      // What could not be written is in the log by now; quitting goes on.
      await preferences.written().catch(() => undefined);
      await runner.shutdown();
      practice.stop();
      await reader.close();
      await transport.close();
      await store.close();
    },
  };
}
