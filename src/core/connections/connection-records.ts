import type { Update } from '../../shared/activity/activity.ts';
import { AppError } from '../../shared/app-error.ts';
import type { Connection } from '../../shared/connection/connection.ts';
import type { ConnectionId, JobId } from '../../shared/ids.ts';
import type { Tenant } from '../../shared/tenant.ts';
import { newId } from '../../store/profile.ts';
import type { TrashedConnection } from '../../store/repositories/connections.ts';
import type { FirstJob } from '../jobs/templates.ts';
import type { Records } from '../records/open-records.ts';

type Changes = Update['changes'];

/** What happened to a connection, for its Update activity. */
export interface ConnectionChange {
  readonly action: string;
  readonly changes: Changes;
  /** Absent: the person at the machine. */
  readonly by?: string | undefined;
}

/** The author of automatic changes: what a run found out, retried or completed on schedule. */
export const BY_ITSELF = 'Patchbay';

/** Stored connections: every change in one transaction with the Update activity that describes it, then told by an event. */
export class ConnectionRecords {
  readonly #records: Pick<Records, 'store' | 'events' | 'newUpdate' | 'now'>;
  readonly #tenants: { current(): Tenant };

  constructor(records: Pick<Records, 'store' | 'events' | 'newUpdate' | 'now'>, tenants: { current(): Tenant }) {
    this.#records = records;
    this.#tenants = tenants;
  }

  /** The time, ISO 8601. */
  now(): string {
    return this.#records.now();
  }

  currentTenant(): Tenant {
    return this.#tenants.current();
  }

  /** @throws AppError not_found, also for one in the trash */
  get(id: ConnectionId): Connection {
    const connection = this.find(id);
    if (connection === null) throw new AppError('not_found', 'This connection no longer exists.');
    return connection;
  }

  /** Null also for one in the trash. */
  find(id: ConnectionId): Connection | null {
    return this.#records.store.connections.get(id);
  }

  /** Of the current tenant. */
  list(): Connection[] {
    return this.#records.store.connections.list(this.currentTenant().id);
  }

  /** With its first jobs. @throws AppError conflict for a taken name */
  insert(connection: Connection, jobs: readonly FirstJob[], change: ConnectionChange): void {
    const { store } = this.#records;
    const { tenantId, createdAt } = connection;
    const origin = { tenantId, origin: 'outOfTheBox', createdAt, updatedAt: createdAt, version: 1 } as const;
    store.change(
      () => {
        store.connections.insert(connection);
        for (const job of jobs) store.jobs.insert({ ...job, ...origin, id: newId() as JobId });
      },
      this.#update(connection, change),
    );
    this.#tell([connection], []);
  }

  /**
   * Saves if the stored version is `connection.version`. @param change null: nothing that an Update would tell
   * @returns with the risen version @throws AppError conflict
   */
  save(connection: Connection, change: ConnectionChange | null): Connection {
    const saved = this.#save(connection, change);
    this.#tell([saved], []);
    return saved;
  }

  /** Like {@link save}, for one in the trash: the list must not hear of it. */
  saveTrashed(connection: Connection, change: ConnectionChange): Connection {
    return this.#save(connection, change);
  }

  /** Into the trash: `get` and `list` no longer know it. @throws AppError conflict */
  trash(connection: Connection, deletedAt: string, change: ConnectionChange): Connection {
    const { store } = this.#records;
    const update = this.#update(connection, change);
    const saved = store.change(() => store.connections.trash(connection, deletedAt), update);
    this.#tell([], [connection.id]);
    return saved;
  }

  /** Out of the trash. @throws AppError conflict when the name is taken */
  restore(connection: Connection, change: ConnectionChange): Connection {
    const { store } = this.#records;
    const saved = store.change(() => store.connections.restore(connection), this.#update(connection, change));
    this.#tell([saved], []);
    return saved;
  }

  /** For good, with its jobs. */
  removeForGood(connection: Connection, change: ConnectionChange): void {
    const { store } = this.#records;
    store.change(() => store.connections.remove(connection.id), this.#update(connection, change));
  }

  trashed(id: ConnectionId): TrashedConnection | null {
    return this.#records.store.connections.getTrashed(id);
  }

  /** Of all tenants. */
  listTrashed(): TrashedConnection[] {
    return this.#records.store.connections.listTrashed();
  }

  /** Revoked ones of all tenants whose provider has not been told yet, in the trash or not. */
  listRevoking(): Connection[] {
    const { connections, tenants } = this.#records.store;
    return [
      ...tenants.list().flatMap(({ id }) => connections.listInState(id, 'revoked')),
      ...this.listTrashed().map(({ connection }) => connection),
    ].filter(({ state }) => state.kind === 'revoked' && state.remote === 'pending');
  }

  isNameTaken(name: string, except: ConnectionId | null): boolean {
    const wanted = name.trim().toLowerCase();
    return this.list().some((one) => one.id !== except && one.name.toLowerCase() === wanted);
  }

  /** @throws AppError conflict (field "name") */
  refuseTakenName(name: string, except: ConnectionId | null): void {
    if (this.isNameTaken(name, except))
      throw new AppError('conflict', `There is a connection named "${name.trim()}" already.`, { field: 'name' });
  }

  #save(connection: Connection, change: ConnectionChange | null): Connection {
    const { store } = this.#records;
    const update = change === null ? null : this.#update(connection, change);
    return store.change(() => store.connections.save(connection), update);
  }

  #update({ id, tenantId, name }: Connection, { action, changes, by }: ConnectionChange): Update {
    return this.#records.newUpdate({ tenantId, connectionId: id, subject: name, action, changes, by });
  }

  #tell(changed: readonly Connection[], removed: readonly ConnectionId[]): void {
    this.#records.events.emit('connectionsChanged', { changed, removed });
  }
}
