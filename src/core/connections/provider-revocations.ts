import { AppError } from '../../shared/app-error.ts';
import type { Connection } from '../../shared/connection/connection.ts';
import { nextState, type RemoteRevocation } from '../../shared/connection/state.ts';
import type { ConnectionId } from '../../shared/ids.ts';
import type { AppLog } from '../log.ts';
import type { ConnectionSecrets } from '../vault/open-secrets.ts';
import type { ConnectionAccess, ConnectorLookup } from './collaborators.ts';
import { BY_ITSELF, type ConnectionRecords } from './connection-records.ts';
import type { KeyedLock } from './keyed-lock.ts';
import { methodOf, remoteWords } from './remote-words.ts';

interface Completion {
  readonly isByHand?: boolean;
  readonly by?: string;
}

export interface ProviderRevocationsParts {
  readonly records: ConnectionRecords;
  readonly lock: KeyedLock<ConnectionId>;
  readonly connectors: ConnectorLookup;
  readonly access: ConnectionAccess;
  readonly secrets: ConnectionSecrets;
  readonly log: Pick<AppLog, 'error'>;
}

/** What has to be told to the provider of a revoked connection: now, again, or later. */
export class ProviderRevocations {
  readonly #records: ConnectionRecords;
  readonly #lock: KeyedLock<ConnectionId>;
  readonly #connectors: ConnectorLookup;
  readonly #access: ConnectionAccess;
  readonly #secrets: ConnectionSecrets;
  readonly #log: Pick<AppLog, 'error'>;

  constructor(parts: ProviderRevocationsParts) {
    this.#records = parts.records;
    this.#lock = parts.lock;
    this.#connectors = parts.connectors;
    this.#access = parts.access;
    this.#secrets = parts.secrets;
    this.#log = parts.log;
  }

  /** Tries the provider's side again: by hand also where it had refused. */
  async retry(id: ConnectionId): Promise<RemoteRevocation> {
    const { state } = this.#records.get(id);
    if (state.kind !== 'revoked') throw new AppError('not_allowed', 'This connection is not revoked.');
    const after = await this.#lock.hold(id, () => this.complete(id, { isByHand: true }));
    return after.state.kind === 'revoked' ? after.state.remote : 'none';
  }

  /** Tries every revocation that waits: at start, when the network returns, and now and then. */
  async completeAll(): Promise<void> {
    await this.#access.deferred.retry();
    for (const { id } of this.#records.listRevoking()) {
      if (this.#lock.isHeld(id)) continue;
      await this.#lock
        .hold(id, () => this.complete(id, { by: BY_ITSELF }))
        .catch((error: unknown) => this.#log.error(`The revocation of connection ${id} could not be completed`, error));
    }
  }

  /** Before new tokens take the place of those that a waiting revocation needs. */
  async deferWaiting(id: ConnectionId): Promise<void> {
    const connection = this.#records.get(id);
    if (!isWaiting(connection, true)) return;
    const { state } = await this.complete(id, { isByHand: true });
    if (state.kind === 'revoked' && state.remote === 'pending') await this.#access.deferred.keep(connection);
  }

  /** @param how `isByHand` also retries a revocation that the provider rejected; `by`: absent = the user */
  async complete(id: ConnectionId, { isByHand = false, by }: Completion = {}): Promise<Connection> {
    const connection = this.#find(id);
    if (!isWaiting(connection, isByHand)) return connection;
    const remote = await this.#access.revokeRemotely(connection);
    const current = this.#find(id);
    if (current.state.kind !== 'revoked') return current;
    // What was refused is kept for another try; the grant is dead here either way.
    if (remote === 'done' || remote === 'none') this.#secrets.remove(id);
    if (remote === current.state.remote) return current;
    const state = nextState(current.state, { kind: 'remoteRevocationKnown', remote });
    const after = { ...current, updatedAt: this.#records.now(), state };
    const words = (answer: RemoteRevocation): string => remoteWords(answer, methodOf(this.#connectors, current));
    const changes = [{ field: 'At the provider', before: words(current.state.remote), after: words(remote) }];
    const change = { action: 'Revocation at the provider', changes, by };
    return this.#records.trashed(id) === null
      ? this.#records.save(after, change)
      : this.#records.saveTrashed(after, change);
  }

  /** In the trash or not. */
  #find(id: ConnectionId): Connection {
    return this.#records.trashed(id)?.connection ?? this.#records.get(id);
  }
}

function isWaiting({ state }: Connection, isByHand: boolean): boolean {
  return state.kind === 'revoked' && (state.remote === 'pending' || (isByHand && state.remote === 'failed'));
}
