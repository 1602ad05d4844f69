import type { Execution } from '../../shared/activity/activity.ts';
import type { Connection } from '../../shared/connection/connection.ts';
import type { ConnectionId, TenantId } from '../../shared/ids.ts';
import type { ConnectionRow } from '../../shared/ipc/contract.ts';
import type { Push } from '../ipc/events.ts';

export interface TenantEventPorts {
  readonly push: Push;
  /** The tenant that the page shows; null when it shows none. */
  readonly selected: () => TenantId | null;
  readonly connection: (id: ConnectionId) => Connection | null;
  readonly row: (connection: Connection) => ConnectionRow;
}

/**
 * Tells the page what has changed in the tenant that it shows. Runs, revocations and credentials of other tenants go on meanwhile:
 * the page is told nothing of them, and reads everything anew when its tenant changes.
 */
export class TenantEvents {
  readonly #ports: TenantEventPorts;

  constructor(ports: TenantEventPorts) {
    this.#ports = ports;
  }

  connectionsChanged(changed: readonly Connection[], removed: readonly ConnectionId[] = []): void {
    const { push, selected, row } = this.#ports;
    const tenantId = selected();
    const rows = changed.filter((one) => one.tenantId === tenantId).map(row);
    if (rows.length > 0 || removed.length > 0) push('connections.changed', { rows, removed: [...removed], all: false });
  }

  /** The connection's row says how many jobs there are. */
  jobsChanged(id: ConnectionId | null): void {
    this.#ports.push('jobs.changed', { connectionId: id });
    const connection = id === null ? null : this.#ports.connection(id);
    if (connection !== null) this.connectionsChanged([connection]);
  }

  progress(execution: Execution): void {
    if (this.#isShown(execution)) this.#ports.push('activity.progress', execution);
  }

  /** A run has begun or ended: what is counted and shown beside its connection and job. */
  runsChanged(execution: Execution): void {
    if (!this.#isShown(execution)) return;
    this.#ports.push('activity.changed', { id: execution.id });
    this.jobsChanged(execution.connectionId);
  }

  #isShown({ tenantId }: Execution): boolean {
    return tenantId === this.#ports.selected();
  }
}
