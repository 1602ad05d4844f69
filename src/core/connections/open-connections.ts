import { connectorById, describeAll, openConnection } from '../../../connectors/catalog.ts';
import type { ConnectionId } from '../../shared/ids.ts';
import type { Jobs } from '../jobs/open-jobs.ts';
import type { Runs } from '../jobs/open-runs.ts';
import type { Network } from '../network/open-network.ts';
import type { Access } from '../oauth/open-access.ts';
import type { Platform } from '../platform.ts';
import type { Practice } from '../practice/open-practice.ts';
import type { Records } from '../records/open-records.ts';
import type { Tenants } from '../tenants/open-tenants.ts';
import type { Secrets } from '../vault/open-secrets.ts';
import type { ConnectionAccess, ConnectionJobs } from './collaborators.ts';
import { ConnectionRecords } from './connection-records.ts';
import { ConnectionDrafts } from './drafts.ts';
import { createListActions, type ListActions } from './list-actions.ts';
import { ConnectionRows } from './rows.ts';
import { type ConnectionService, connectionService } from './service.ts';

export interface Connections {
  readonly service: ConnectionService;
  /** Rows of the list. */
  readonly rows: ConnectionRows;
  readonly drafts: ConnectionDrafts;
  readonly listActions: ListActions;
}

export interface ConnectionParts {
  readonly platform: Platform;
  readonly records: Records;
  readonly secrets: Secrets;
  readonly tenants: Tenants;
  readonly network: Network;
  readonly practice: Practice;
  readonly access: Access;
  readonly runs: Runs;
  readonly jobs: Jobs;
}

export function openConnections(parts: ConnectionParts): Connections {
  const { platform, records, tenants, runs } = parts;
  const { store, events, log } = records;
  const rows = new ConnectionRows({
    store,
    descriptors: describeAll(),
    running: () => runs.runner.running(),
    nowMs: platform.clock.now,
  });
  const service = connectionService({
    records: new ConnectionRecords(records, tenants.tenants),
    connectors: { connector: connectorById, descriptor: (id) => rows.descriptor(id) },
    access: connectionAccess(parts),
    secrets: parts.secrets.ofConnections,
    jobs: connectionJobs(parts),
    practice: parts.practice,
    rows,
    events,
    log,
  });
  events.on('accessLost', ({ id, reason, detail, failure }) => {
    service
      .markDisconnected(id, reason, detail, failure)
      .catch((error: unknown) => log.error('A lost authorization could not be written down', error));
  });
  const listActions = createListActions({
    store,
    connections: service,
    rows,
    events,
    currentTenant: () => tenants.tenants.list().selected,
    newUpdate: (facts) => records.newUpdate(facts),
    log: (text, error) => log.error(text, error),
  });
  const drafts = new ConnectionDrafts({
    settings: store.settings,
    descriptor: (id) => rows.descriptor(id),
    isThere: (id) => store.connections.get(id) !== null,
    now: records.now,
  });
  return { service, rows, drafts, listActions };
}

function connectionAccess({ platform, network, access }: ConnectionParts): ConnectionAccess {
  return {
    open: (connection, provider, signal) =>
      openConnection({
        connector: connectorById(connection.connectorId),
        ...connection,
        access: provider,
        transport: network.transport,
        signal,
        now: platform.clock.now,
        log: () => undefined,
      }),
    stored: (id) => access.service.provider(id),
    fromCredentials: (connection, secrets) => access.service.fromCredentials(connection, secrets),
    logIn: (connection, way, onStep) => access.authorization.logIn(connection, way, onStep),
    cancelLogIn: (id) => access.authorization.cancelLogIn(id),
    revokeRemotely: (connection) => access.revokeRemotely(connection),
    deferred: access.deferredRevocations,
  };
}

function connectionJobs({ records: { store }, runs, jobs }: ConnectionParts): ConnectionJobs {
  const rowsOf = (id: ConnectionId): number =>
    store.jobs.listOfConnection(id).reduce((sum, job) => sum + (runs.reader.table(job.id)?.rows ?? 0), 0);
  return {
    stop: (id, why, failure) => jobs.service.stopJobsOf(id, why, failure),
    dropRows: async (id) => {
      for (const job of store.jobs.listOfConnection(id)) await runs.runner.dropJob(job.id);
    },
    using: (id) => [
      ...store.jobs.listOfConnection(id),
      ...store.jobs.listDeliveringTo(id).filter((job) => job.connectionId !== id),
    ],
    impact: (id) => ({
      jobs: store.jobs.listOfConnection(id).map(({ name }) => name),
      cachedRows: rowsOf(id),
      executions: store.executions.countOfConnection(id),
      dependentJobs: store.jobs.listDeliveringTo(id).map(({ name }) => name),
    }),
  };
}
