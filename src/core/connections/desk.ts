import { AppError } from '../../shared/app-error.ts';
import { type ConnectionAction, offer } from '../../shared/connection/actions.ts';
import type { Connection } from '../../shared/connection/connection.ts';
import type { ConnectionId } from '../../shared/ids.ts';
import type { ConnectionPorts } from './ports.ts';

type Changes = { field: string; before: string; after: string }[];

/** Who did what nobody asked for: found out by a run, tried again later, due by itself. */
export const BY_ITSELF = 'Patchbay';

/** What all parts of the connection service share: reading, saving with its Update activity, one thing at a time. */
export class ConnectionDesk {
  readonly ports: ConnectionPorts;
  /** Connections with an authorization, revocation or removal under way. */
  readonly #busy = new Set<ConnectionId>();

  constructor(ports: ConnectionPorts) {
    this.ports = ports;
  }

  /** @throws AppError not_found, also for one in the trash */
  get(id: ConnectionId): Connection {
    const connection = this.ports.store.get(id);
    if (connection === null) throw new AppError('not_found', 'This connection no longer exists.');
    return connection;
  }

  list(): Connection[] {
    return this.ports.store.list(this.ports.currentTenant().id);
  }

  /** Saves with the Update activity that describes it (none without changes), and tells everybody. */
  save(connection: Connection, action: string, changes: Changes | null, by?: string): Connection {
    const saved = this.ports.store.save(
      connection,
      changes === null ? null : this.describe(connection, action, changes, by),
    );
    this.ports.onChanged([saved], []);
    return saved;
  }

  describe(
    connection: Connection,
    action: string,
    changes: Changes,
    by?: string,
  ): ReturnType<ConnectionPorts['newUpdate']> {
    return this.ports.newUpdate({
      tenantId: connection.tenantId,
      connectionId: connection.id,
      subject: connection.name,
      action,
      changes,
      by,
    });
  }

  /** @throws AppError not_allowed with the sentence that the menu shows */
  assertOffered(connection: Connection, action: ConnectionAction): void {
    const offered = offer(connection.state.kind, action);
    if (!offered.offered) throw new AppError('not_allowed', offered.reason);
  }

  /** @throws AppError different_org */
  refuseOtherOrg(connection: Connection, orgId: string, org: string): void {
    const before = connection.authorization;
    if (before === null || before.orgId === orgId) return;
    throw new AppError(
      'different_org',
      `This log-in belongs to ${org}, but "${connection.name}" is for ${before.org}. Its jobs and rows belong to that org; create another connection for ${org} instead. Nothing was changed.`,
      { details: { before: before.org, after: org } },
    );
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

  /** @throws AppError busy while another authorization, revocation or removal of the connection is under way */
  async exclusively<T>(id: ConnectionId, work: () => Promise<T>): Promise<T> {
    if (this.#busy.has(id))
      throw new AppError(
        'busy',
        'Another authorization, revocation or deletion of this connection is under way. Wait until it has ended, or cancel it.',
      );
    this.#busy.add(id);
    try {
      return await work();
    } finally {
      this.#busy.delete(id);
    }
  }

  isBusy(id: ConnectionId): boolean {
    return this.#busy.has(id);
  }
}
