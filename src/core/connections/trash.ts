import { AppError } from '../../shared/app-error.ts';
import { type Connection, NAME_MAX } from '../../shared/connection/connection.ts';
import { nextState, type RemoteRevocation } from '../../shared/connection/state.ts';
import { STATE_NAMES } from '../../shared/connection/state-names.ts';
import type { ConnectionId, TenantId } from '../../shared/ids.ts';
import type { TrashEntry } from '../../shared/ipc/contract/credentials.ts';
import type { AppLog } from '../log.ts';
import type { ConnectionSecrets } from '../vault/open-secrets.ts';
import type { ConnectionAccess, ConnectionJobs, ConnectorLookup } from './collaborators.ts';
import { BY_ITSELF, type ConnectionRecords } from './connection-records.ts';
import type { KeyedLock } from './keyed-lock.ts';
import { refuseFullSlot } from './limits.ts';
import { methodOf, remoteWords } from './remote-words.ts';

const KEPT_MS = 30 * 86_400_000;

export interface RemovalImpact {
  readonly jobs: string[];
  readonly cachedRows: number;
  readonly executions: number;
  readonly dependentJobs: string[];
  readonly needsTypedName: boolean;
}

export interface ConnectionTrashParts {
  readonly records: ConnectionRecords;
  readonly lock: KeyedLock<ConnectionId>;
  readonly connectors: ConnectorLookup;
  readonly access: ConnectionAccess;
  readonly secrets: ConnectionSecrets;
  readonly jobs: ConnectionJobs;
  readonly log: Pick<AppLog, 'error'>;
}

/** Deleted connections: 30 days in the trash with their jobs and rows, without their secret, then gone. */
export class ConnectionTrash {
  readonly #records: ConnectionRecords;
  readonly #lock: KeyedLock<ConnectionId>;
  readonly #connectors: ConnectorLookup;
  readonly #access: ConnectionAccess;
  readonly #secrets: ConnectionSecrets;
  readonly #jobs: ConnectionJobs;
  readonly #log: Pick<AppLog, 'error'>;

  constructor(parts: ConnectionTrashParts) {
    this.#records = parts.records;
    this.#lock = parts.lock;
    this.#connectors = parts.connectors;
    this.#access = parts.access;
    this.#secrets = parts.secrets;
    this.#jobs = parts.jobs;
    this.#log = parts.log;
  }

  impact(id: ConnectionId): RemovalImpact {
    const impact = this.#jobs.impact(this.#records.get(id).id);
    const isUsed = impact.jobs.length > 0 || impact.dependentJobs.length > 0;
    const needsTypedName = isUsed || impact.cachedRows > 0 || impact.executions > 0;
    return { ...impact, needsTypedName };
  }

  /**
   * Into the trash: it is gone from every list at once, then its authorization is revoked at the provider.
   * @returns what happened there; null where nobody had authorized it
   */
  async remove(id: ConnectionId, typedName: string): Promise<RemoteRevocation | null> {
    const { name } = this.#records.get(id);
    if (this.impact(id).needsTypedName && typedName.trim() !== name.trim())
      throw new AppError('invalid_input', `Type "${name}" to delete it.`, { field: 'typedName' });
    return this.#lock.hold(id, async () => {
      this.#access.cancelLogIn(id);
      await this.#jobs.stop(id, 'The connection was deleted.');
      const before = this.#records.get(id);
      const at = this.#records.now();
      const state = nextState(before.state, { kind: 'revoked', at, remote: 'pending' });
      const trashed: Connection = { ...before, updatedAt: at, state };
      const changes = [
        { field: 'State', before: STATE_NAMES[before.state.kind], after: 'In the trash' },
        { field: 'Can be restored until', before: '', after: keptUntil(at) },
      ];
      return this.#revoke(this.#records.trash(trashed, at, { action: 'Connection deleted', changes }));
    });
  }

  list(): TrashEntry[] {
    const tenant = this.#records.currentTenant().id;
    return this.#records
      .listTrashed()
      .filter(({ connection }) => connection.tenantId === tenant)
      .map(({ connection, deletedAt }) => {
        const { jobs, cachedRows } = this.#jobs.impact(connection.id);
        return {
          id: connection.id,
          name: connection.name,
          connectorId: connection.connectorId,
          connectorName: this.#connectors.descriptor(connection.connectorId).name,
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
    const { connection } = this.#find(id);
    if (connection.tenantId !== this.#records.currentTenant().id)
      throw new AppError('not_allowed', 'This connection belongs to another tenant. Select that one first.');
    refuseFullSlot(this.#records, this.#connectors, connection.connectorId);
    const name = this.#freeName(connection.name);
    const restored: Connection = { ...connection, name, updatedAt: this.#records.now() };
    const changes = [{ field: 'State', before: 'In the trash', after: STATE_NAMES[restored.state.kind] }];
    if (name !== connection.name)
      changes.push({ field: 'Name of the Connection', before: connection.name, after: name });
    return this.#records.restore(restored, { action: 'Connection restored', changes });
  }

  /** With its jobs and their rows; its activities stay as history. */
  async removeForGood(id: ConnectionId, by?: string): Promise<void> {
    const { connection } = this.#find(id);
    await this.#lock.hold(id, async () => {
      const { state } = connection;
      const remote =
        state.kind === 'revoked' && state.remote === 'pending' ? await this.#access.revokeRemotely(connection) : null;
      // What still waits is asked for on without the connection.
      if (remote === 'pending') await this.#access.deferred.keep(connection);
      await this.#jobs.dropRows(id);
      this.#secrets.remove(id);
      this.#records.removeForGood(connection, { action: 'Connection removed for good', changes: [], by });
    });
  }

  /** At start and once a day: what has been in the trash for 30 days. */
  async purge(): Promise<void> {
    for (const { connection, deletedAt } of this.#records.listTrashed()) {
      if (keptUntil(deletedAt) > this.#records.now()) continue;
      await this.removeForGood(connection.id, BY_ITSELF).catch((error: unknown) =>
        this.#log.error(`The deleted connection ${connection.id} is removed later`, error),
      );
    }
  }

  /** When a tenant is removed. */
  async empty(tenantId: TenantId): Promise<void> {
    for (const { connection } of this.#records.listTrashed())
      if (connection.tenantId === tenantId) await this.removeForGood(connection.id);
  }

  async #revoke(trashed: Connection): Promise<RemoteRevocation | null> {
    const { id, state } = trashed;
    const remote =
      state.kind === 'revoked' && state.remote === 'pending' ? await this.#access.revokeRemotely(trashed) : 'none';
    // A revocation that waits needs the tokens; nothing else ever sees them again.
    if (remote !== 'pending') this.#secrets.remove(id);
    if (state.kind !== 'revoked') return null;
    if (remote === state.remote) return remote;
    const current = this.#find(id).connection;
    const after = { ...current, state: nextState(current.state, { kind: 'remoteRevocationKnown', remote }) };
    const changes = [
      { field: 'At the provider', before: '', after: remoteWords(remote, methodOf(this.#connectors, after)) },
    ];
    this.#records.saveTrashed(after, { action: 'Revocation at the provider', changes });
    return remote;
  }

  #find(id: ConnectionId): { connection: Connection; deletedAt: string } {
    const found = this.#records.trashed(id);
    if (found === null) throw new AppError('not_found', 'This connection is not in the trash any more.');
    return found;
  }

  #freeName(name: string): string {
    if (!this.#records.isNameTaken(name, null)) return name;
    for (let number = 1; ; number += 1) {
      const ending = number === 1 ? ' (restored)' : ` (restored ${number})`;
      const candidate = `${name.slice(0, NAME_MAX - ending.length)}${ending}`;
      if (!this.#records.isNameTaken(candidate, null)) return candidate;
    }
  }
}

function keptUntil(deletedAt: string): string {
  return new Date(Date.parse(deletedAt) + KEPT_MS).toISOString();
}
