import type { Execution } from '../../shared/activity/activity.ts';
import { AppError } from '../../shared/app-error.ts';
import type { Connection } from '../../shared/connection/connection.ts';
import type { ConnectorDescriptor } from '../../shared/connector.ts';
import type { ConnectorId, TenantId } from '../../shared/ids.ts';
import type { ConnectionRow } from '../../shared/ipc/contract.ts';
import type { Store } from '../store/store.ts';

const DAY_MS = 86_400_000;

export interface RowPorts {
  readonly store: Store;
  readonly descriptors: readonly ConnectorDescriptor[];
  readonly running: () => readonly Execution[];
}

/** Makes the rows of the Connections page: a connection with what jobs and runs say about it. */
export class ConnectionRows {
  readonly #ports: RowPorts;

  constructor(ports: RowPorts) {
    this.#ports = ports;
  }

  get descriptors(): readonly ConnectorDescriptor[] {
    return this.#ports.descriptors;
  }

  descriptor(id: ConnectorId): ConnectorDescriptor {
    const descriptor = this.#ports.descriptors.find((one) => one.id === id);
    if (descriptor === undefined)
      throw new AppError('not_found', 'This version of Patchbay does not know this connector.', {
        field: 'connectorId',
      });
    return descriptor;
  }

  row(connection: Connection): ConnectionRow {
    const rows = this.rows(connection.tenantId, [connection]);
    const [row] = rows;
    if (row === undefined) throw new AppError('not_found', 'This connection no longer exists.');
    return row;
  }

  rows(tenantId: TenantId, connections: readonly Connection[]): ConnectionRow[] {
    const { store } = this.#ports;
    const failed = store.executions.failedSince(tenantId, Date.now() - DAY_MS);
    const latest = store.executions.latestByConnection(tenantId);
    const jobs = store.jobs.countByConnection(tenantId);
    const running = this.#ports.running();
    return connections.map((connection) => {
      const run = latest.get(connection.id);
      const failure = failed.get(connection.id);
      return {
        connection,
        connectorName:
          this.#ports.descriptors.find((one) => one.id === connection.connectorId)?.name ?? connection.connectorId,
        environment: String(connection.fields.orgType ?? connection.fields.environment ?? ''),
        place: connection.authorization?.org ?? connection.overrides.apiBaseUrl ?? '',
        jobs: jobs.get(connection.id) ?? 0,
        runningJobs: running.filter((execution) => execution.connectionId === connection.id).length,
        lastRun: run === undefined ? null : { activityId: run.activityId, status: run.status, at: run.startedAt },
        dataAsOf: run?.dataAsOf ?? null,
        failedLast24Hours: failure?.count ?? 0,
        failedCause: failure?.cause ?? null,
      };
    });
  }
}
