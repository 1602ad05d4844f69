import type { Core } from '../core/open-core.ts';
import type { Execution } from '../shared/activity/activity.ts';
import type { Connection } from '../shared/connection/connection.ts';
import type { ConnectionId, TenantId } from '../shared/ids.ts';
import type { AppState, ConnectionRow } from '../shared/ipc/contract.ts';
import type { Push } from './ipc/events.ts';

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

/** Tells the page what happens in the application, as long as it concerns what the page shows. */
export function tellPage(core: Core, push: Push, state: () => AppState): void {
  const { records, tenants, connections, secrets } = core;
  const { events, store } = records;
  const shown = new TenantEvents({
    push,
    selected: () => tenants.tenants.list().selected,
    connection: (id) => store.connections.get(id),
    row: (connection) => connections.rows.row(connection),
  });
  events.on('stateChanged', () => push('app.stateChanged', state()));
  events.on('tenantsChanged', () => push('tenants.changed', {}));
  events.on('connectionsChanged', ({ changed, removed }) => {
    shown.connectionsChanged(changed, removed);
    // Jobs of others deliver to it and say so.
    push('jobs.changed', { connectionId: null });
  });
  events.on('connectionsImported', () => push('connections.changed', { rows: [], removed: [], all: true }));
  events.on('rowsChanged', (rows) => push('connections.changed', { rows: [...rows], removed: [], all: false }));
  events.on('jobsChanged', (id) => shown.jobsChanged(id));
  events.on('runProgressed', (execution) => shown.progress(execution));
  events.on('runChanged', (execution) => {
    push('app.stateChanged', state());
    shown.runsChanged(execution);
  });
  events.on('authorizationStep', (step) => push('connections.authorizationStep', step));
  events.on('testStep', (step) => push('connections.testStep', step));
  events.on('bulkStep', ({ bulkId, results }) => push('connections.bulkStep', { bulkId, results: [...results] }));
  let vaultState = secrets.vault.status().state;
  events.on('vaultChanged', (status) => {
    push('vault.changed', status);
    if (status.state === vaultState) return;
    vaultState = status.state;
    // What keeps a job from running may be another reason now.
    push('jobs.changed', { connectionId: null });
  });
}
