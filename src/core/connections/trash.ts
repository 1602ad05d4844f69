import { AppError } from '../../shared/app-error.ts';
import { type Connection, NAME_MAX } from '../../shared/connection/connection.ts';
import { nextState, type RemoteRevocation } from '../../shared/connection/state.ts';
import { STATE_NAMES } from '../../shared/connection/state-names.ts';
import type { ConnectionId, TenantId } from '../../shared/ids.ts';
import type { TrashEntry } from '../../shared/ipc/contract/credentials.ts';
import { BY_ITSELF, type ConnectionDesk } from './desk.ts';
import type { ConnectionEditing } from './editing.ts';
import { methodOf, remoteWords } from './remote-words.ts';

const KEPT_MS = 30 * 86_400_000;

export interface RemovalImpact {
  readonly jobs: string[];
  readonly cachedRows: number;
  readonly executions: number;
  readonly dependentJobs: string[];
  readonly needsTypedName: boolean;
}

/** Deleted connections: 30 days in the trash with their jobs and rows, without their secret, then gone. */
export class ConnectionTrash {
  readonly #desk: ConnectionDesk;
  readonly #editing: ConnectionEditing;

  constructor(desk: ConnectionDesk, editing: ConnectionEditing) {
    this.#desk = desk;
    this.#editing = editing;
  }

  impact(id: ConnectionId): RemovalImpact {
    const impact = this.#desk.ports.impact(this.#desk.get(id).id);
    const isUsed = impact.jobs.length > 0 || impact.dependentJobs.length > 0;
    const needsTypedName = isUsed || impact.cachedRows > 0 || impact.executions > 0;
    return { ...impact, needsTypedName };
  }

  /**
   * Into the trash: it is gone from every list at once, then its authorization is revoked at the provider.
   * @returns what happened there; null where nobody had authorized it
   */
  async remove(id: ConnectionId, typedName: string): Promise<RemoteRevocation | null> {
    const { name } = this.#desk.get(id);
    if (this.impact(id).needsTypedName && typedName.trim() !== name.trim())
      throw new AppError('invalid_input', `Type "${name}" to delete it.`, { field: 'typedName' });
    return this.#desk.exclusively(id, async () => {
      const { ports } = this.#desk;
      ports.cancelLogIn(id);
      await ports.stopJobsOf(id, 'The connection was deleted.');
      const before = this.#desk.get(id);
      const at = ports.now();
      const state = nextState(before.state, { kind: 'revoked', at, remote: 'pending' });
      const trashed: Connection = { ...before, updatedAt: at, state };
      const update = this.#desk.describe(trashed, 'Connection deleted', [
        { field: 'State', before: STATE_NAMES[before.state.kind], after: 'In the trash' },
        { field: 'Can be restored until', before: '', after: keptUntil(at) },
      ]);
      const saved = ports.store.trash(trashed, at, update);
      ports.onChanged([], [id]);
      return this.#revoke(saved);
    });
  }

  list(): TrashEntry[] {
    const { ports } = this.#desk;
    const tenant = ports.currentTenant().id;
    return ports.store
      .listTrashed()
      .filter(({ connection }) => connection.tenantId === tenant)
      .map(({ connection, deletedAt }) => {
        const { jobs, cachedRows } = ports.impact(connection.id);
        return {
          id: connection.id,
          name: connection.name,
          connectorId: connection.connectorId,
          connectorName: ports.descriptor(connection.connectorId).name,
          deletedAt,
          keptUntil: keptUntil(deletedAt),
          jobs: jobs.length,
          cachedRows,
          remote: connection.state.kind === 'revoked' ? connection.state.remote : null,
        };
      });
  }

  /** Back with its jobs, mappings and history, without its secret. @throws AppError limit_reached when its slot is taken */
  restore(id: ConnectionId): Connection {
    const { ports } = this.#desk;
    const { connection } = this.#find(id);
    if (connection.tenantId !== ports.currentTenant().id)
      throw new AppError('not_allowed', 'This connection belongs to another tenant. Select that one first.');
    this.#editing.assertSlot(connection.connectorId);
    const name = this.#freeName(connection.name);
    const restored: Connection = { ...connection, name, updatedAt: ports.now() };
    const changes = [{ field: 'State', before: 'In the trash', after: STATE_NAMES[restored.state.kind] }];
    if (name !== connection.name)
      changes.push({ field: 'Name of the Connection', before: connection.name, after: name });
    const saved = ports.store.restore(restored, this.#desk.describe(restored, 'Connection restored', changes));
    ports.onChanged([saved], []);
    return saved;
  }

  /** With its jobs and their rows; its activities stay as history. */
  async removeForGood(id: ConnectionId, by?: string): Promise<void> {
    const { connection } = this.#find(id);
    await this.#desk.exclusively(id, async () => {
      const { ports } = this.#desk;
      const { state } = connection;
      const remote =
        state.kind === 'revoked' && state.remote === 'pending' ? await ports.revokeRemotely(connection) : null;
      // What still waits is asked for on without the connection.
      if (remote === 'pending') await ports.asides.keep(connection);
      await ports.dropRowsOf(id);
      ports.secrets.remove(id);
      ports.store.remove(id, this.#desk.describe(connection, 'Connection removed for good', [], by));
    });
  }

  /** At start and once a day: what has been in the trash for 30 days. */
  async purge(): Promise<void> {
    const { ports } = this.#desk;
    for (const { connection, deletedAt } of ports.store.listTrashed()) {
      if (keptUntil(deletedAt) > ports.now()) continue;
      await this.removeForGood(connection.id, BY_ITSELF).catch((error: unknown) =>
        ports.warn(`The deleted connection ${connection.id} is removed later`, error),
      );
    }
  }

  /** When a tenant is removed. */
  async empty(tenantId: TenantId): Promise<void> {
    for (const { connection } of this.#desk.ports.store.listTrashed())
      if (connection.tenantId === tenantId) await this.removeForGood(connection.id);
  }

  async #revoke(trashed: Connection): Promise<RemoteRevocation | null> {
    const { ports } = this.#desk;
    const { id, state } = trashed;
    const remote =
      state.kind === 'revoked' && state.remote === 'pending' ? await ports.revokeRemotely(trashed) : 'none';
    // A revocation that waits needs the tokens; nothing else ever sees them again.
    if (remote !== 'pending') ports.secrets.remove(id);
    if (state.kind !== 'revoked') return null;
    if (remote === state.remote) return remote;
    const current = this.#find(id).connection;
    const after = { ...current, state: nextState(current.state, { kind: 'remoteRevocationKnown', remote }) };
    const changes = [{ field: 'At the provider', before: '', after: remoteWords(remote, methodOf(ports, after)) }];
    ports.store.save(after, this.#desk.describe(after, 'Revocation at the provider', changes));
    return remote;
  }

  #find(id: ConnectionId): { connection: Connection; deletedAt: string } {
    const found = this.#desk.ports.store.trashed(id);
    if (found === null) throw new AppError('not_found', 'This connection is not in the trash any more.');
    return found;
  }

  #freeName(name: string): string {
    if (!this.#desk.isNameTaken(name, null)) return name;
    for (let number = 1; ; number += 1) {
      const ending = number === 1 ? ' (restored)' : ` (restored ${number})`;
      const candidate = `${name.slice(0, NAME_MAX - ending.length)}${ending}`;
      if (!this.#desk.isNameTaken(candidate, null)) return candidate;
    }
  }
}

function keptUntil(deletedAt: string): string {
  return new Date(Date.parse(deletedAt) + KEPT_MS).toISOString();
}
