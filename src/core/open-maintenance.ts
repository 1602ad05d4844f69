import type { Connection } from '../shared/connection/connection.ts';
import type { ConnectionStateKind } from '../shared/connection/state.ts';
import { CredentialWatch } from './connections/credential-watch.ts';
import type { Connections } from './connections/open-connections.ts';
import type { Jobs } from './jobs/open-jobs.ts';
import type { Runs } from './jobs/open-runs.ts';
import { Upkeep } from './maintenance.ts';
import { connectionOwner } from './oauth/grants.ts';
import type { Access } from './oauth/open-access.ts';
import type { Platform } from './platform.ts';
import type { Practice } from './practice/open-practice.ts';
import type { Records } from './records/open-records.ts';
import type { Secrets } from './vault/open-secrets.ts';

/** What comes due by itself, and what a start leaves for later. */
export interface Maintenance {
  /** Looks now; who waits for the network is told when it has come or gone. */
  isOnline(): boolean;
  /** Call it once, when the application is in use: whatever it does would hold up the first answers. */
  start(): void;
  stop(): void;
}

export interface MaintenanceParts {
  readonly platform: Platform;
  readonly records: Records;
  readonly secrets: Secrets;
  readonly access: Access;
  readonly connections: Connections;
  readonly runs: Runs;
  readonly jobs: Jobs;
  readonly practice: Practice;
}

export function openMaintenance(parts: MaintenanceParts): Maintenance {
  const { platform, records, runs, connections, practice, jobs } = parts;
  const { store, log } = records;
  const upkeep = createUpkeep(parts);
  let stopRolling: () => void = () => undefined;
  return {
    isOnline: () => upkeep.lookAtNetwork(),
    start: () => {
      watchCredentials(parts);
      upkeep.start(inState(records, 'revoked'));
      platform.onWake(() => upkeep.retry());
      if (store.isRestored || store.isVaultEmptied)
        disconnectWithoutCredential(parts).catch((error: unknown) =>
          log.error('Connections without a credential could not be marked', error),
        );
      store.startMaintenance(platform.processes.checkThread, () => runs.runner.repairCache());
      stopRolling = connections.listActions.startRolling();
      void practice
        .ready()
        .catch((error: unknown) => log.error('The practice servers did not start', error))
        .then(() => jobs.startResuming());
    },
    stop: () => {
      upkeep.stop();
      stopRolling();
    },
  };
}

function createUpkeep({ platform, records, access, connections }: MaintenanceParts): Upkeep {
  const { events, log } = records;
  const upkeep = new Upkeep({
    completeRevocations: () => connections.service.completeRevocations(),
    purgeTrash: () => connections.service.purgeTrash(),
    hasDeferredRevocations: () => !access.deferredRevocations.isEmpty,
    isOnline: () => platform.network.isOnline(),
    onNetwork: () => {
      events.emit('networkChanged', undefined);
      events.emit('stateChanged', undefined);
      events.emit('jobsChanged', null);
    },
    remind: (connection) => platform.remind(connection, () => events.emit('reminderChosen', connection)),
    now: () => platform.clock.now(),
    warn: (text, error) => log.error(text, error),
  });
  events.on('connectionsChanged', ({ changed }) => upkeep.note(changed));
  return upkeep;
}

function watchCredentials({ records, secrets: { vault }, connections }: MaintenanceParts): void {
  const watch = new CredentialWatch({
    connections: (kind) => inState(records, kind),
    secrets: (id) => vault.list(connectionOwner(id)),
    markDisconnected: (id, detail) => connections.service.markDisconnected(id, 'credential_missing', detail),
    found: (ids) => connections.service.credentialsFound(ids),
    warn: (text, error) => records.log.error(text, error),
  });
  records.events.on('vaultChanged', (status) => void watch.follow(status));
  void watch.follow(vault.status());
}

/** Of all tenants. */
function inState({ store }: Records, kind: ConnectionStateKind): Connection[] {
  return store.tenants.list().flatMap(({ id }) => store.connections.listInState(id, kind));
}

/**
 * After an older configuration was put in place, or the credential store had to start empty: connections that say "Connected"
 * and have nothing to connect with say so at once, not at their next run.
 */
async function disconnectWithoutCredential({ records, secrets, connections }: MaintenanceParts): Promise<void> {
  for (const { id } of inState(records, 'active'))
    if (secrets.ofConnections.names(id).length === 0)
      await connections.service.markDisconnected(
        id,
        'credential_missing',
        'Its credential is not in the credential store.',
      );
}
