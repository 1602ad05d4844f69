import type { Failure } from '../../shared/activity/activity.ts';
import { AppError } from '../../shared/app-error.ts';
import type { Connection } from '../../shared/connection/connection.ts';
import { type DisconnectReason, reasonSentence } from '../../shared/connection/reasons.ts';
import { nextState, type RemoteRevocation } from '../../shared/connection/state.ts';
import type { ConnectionId } from '../../shared/ids.ts';
import { stateWords } from './changes.ts';
import { BY_ITSELF, type ConnectionDesk } from './desk.ts';
import { failureOf } from './failures.ts';
import { methodOf, remoteWords } from './remote-words.ts';

const REMINDER = 'Reminder to authorize it again';
/** Longest time ahead that a revocation may be meant for. */
const LONGEST_MS = 366 * 86_400_000;

interface Completion {
  readonly isByHand?: boolean;
  readonly by?: string;
}

/** Authorizations that end, by hand or by themselves, and what has to be told to the provider. */
export class ConnectionRevoking {
  readonly #desk: ConnectionDesk;

  constructor(desk: ConnectionDesk) {
    this.#desk = desk;
  }

  /**
   * At once here; at the provider as soon as it can be reached.
   * @param until when the admin wants to be reminded to authorize it again
   */
  async revoke(id: ConnectionId, until?: string): Promise<Connection> {
    this.#desk.assertOffered(this.#desk.get(id), 'revoke');
    if (until !== undefined) this.#assertAhead(until);
    return this.#desk.exclusively(id, async () => {
      const { ports } = this.#desk;
      ports.cancelLogIn(id);
      const before = this.#desk.get(id);
      const at = ports.now();
      const state = nextState(before.state, { kind: 'revoked', at, remote: 'pending', until });
      const changes = [{ field: 'State', before: stateWords(before.state), after: stateWords(state) }];
      if (until !== undefined) changes.push({ field: REMINDER, before: 'none', after: until });
      this.#desk.save({ ...before, updatedAt: at, state }, 'Connection revoked', changes);
      await ports.stopJobsOf(id, 'The connection was revoked.');
      return this.#complete(id);
    });
  }

  /** @param until null: it stays revoked, and nobody is reminded */
  setReminder(id: ConnectionId, until: string | null): void {
    const before = this.#desk.get(id);
    const { state } = before;
    if (state.kind !== 'revoked')
      throw new AppError('not_allowed', 'This connection is not revoked: there is nothing to be reminded of.');
    if (until !== null) this.#assertAhead(until);
    const { now } = this.#desk.ports;
    const after = nextState(state, { kind: 'reminderSet', ...(until === null ? {} : { until }) });
    this.#desk.save({ ...before, updatedAt: now(), state: after }, 'Reminder changed', [
      { field: REMINDER, before: state.until ?? 'none', after: until ?? 'none' },
    ]);
  }

  /** Tries the provider's side again: by hand also where it had refused. */
  async retry(id: ConnectionId): Promise<RemoteRevocation> {
    const { state } = this.#desk.get(id);
    if (state.kind !== 'revoked') throw new AppError('not_allowed', 'This connection is not revoked.');
    const after = await this.#desk.exclusively(id, () => this.#complete(id, { isByHand: true }));
    return after.state.kind === 'revoked' ? after.state.remote : 'none';
  }

  /** Tries every revocation that waits: at start, when the network returns, and now and then. */
  async completeAll(): Promise<void> {
    const { ports } = this.#desk;
    await ports.asides.retry();
    for (const { id } of ports.store.revoking()) {
      if (this.#desk.isBusy(id)) continue;
      await this.#desk
        .exclusively(id, () => this.#complete(id, { by: BY_ITSELF }))
        .catch((error: unknown) => ports.warn(`The revocation of connection ${id} could not be completed`, error));
    }
  }

  /** Before new tokens take the place of those that a waiting revocation needs. */
  async putAside(id: ConnectionId): Promise<void> {
    const { ports } = this.#desk;
    const connection = this.#desk.get(id);
    if (!isWaiting(connection, true)) return;
    const { state } = await this.#complete(id, { isByHand: true });
    if (state.kind === 'revoked' && state.remote === 'pending') await ports.asides.keep(connection);
  }

  /**
   * A call or run learnt that the credential no longer works. The connection's other runs end as failed, for the same cause.
   * @param failure as the run that learnt it was told
   */
  async lost(id: ConnectionId, reason: DisconnectReason, detail: string, failure?: Failure): Promise<void> {
    const { ports } = this.#desk;
    const before = ports.store.get(id);
    if (before === null) return;
    const event = { kind: 'authorizationLost', at: ports.now(), reason, detail, object: failure?.about } as const;
    const state = nextState(before.state, event);
    if (state === before.state) return;
    const changes = [{ field: 'State', before: stateWords(before.state), after: stateWords(state) }];
    this.#desk.save({ ...before, updatedAt: ports.now(), state }, 'Connection disconnected', changes, BY_ITSELF);
    const why = `The connection was disconnected: ${reasonSentence({ reason, object: failure?.about })}.`;
    await ports.stopJobsOf(id, why, failure ?? failureOf(reason, detail));
  }

  /** After the vault could be opened again: connections whose secret is readable now go on. */
  credentialsFound(ids: readonly ConnectionId[]): void {
    const { ports } = this.#desk;
    for (const id of ids) {
      const before = ports.store.get(id);
      if (before === null) continue;
      const state = nextState(before.state, { kind: 'credentialFound', at: ports.now() });
      if (state === before.state) continue;
      const changes = [{ field: 'State', before: stateWords(before.state), after: stateWords(state) }];
      this.#desk.save({ ...before, updatedAt: ports.now(), state }, 'Credential readable again', changes, BY_ITSELF);
    }
  }

  /** @param how `isByHand`: one that was refused before is asked again too; `by`: absent = the person at the machine */
  async #complete(id: ConnectionId, { isByHand = false, by }: Completion = {}): Promise<Connection> {
    const { ports } = this.#desk;
    const connection = this.#find(id);
    if (!isWaiting(connection, isByHand)) return connection;
    const remote = await ports.revokeRemotely(connection);
    const current = this.#find(id);
    if (current.state.kind !== 'revoked') return current;
    // What was refused is kept for another try; the grant is dead here either way.
    if (remote === 'done' || remote === 'none') ports.secrets.remove(id);
    if (remote === current.state.remote) return current;
    const state = nextState(current.state, { kind: 'remoteRevocationKnown', remote });
    const after = { ...current, updatedAt: ports.now(), state };
    const words = (answer: RemoteRevocation): string => remoteWords(answer, methodOf(ports, current));
    const changes = [{ field: 'At the provider', before: words(current.state.remote), after: words(remote) }];
    if (ports.store.trashed(id) === null) return this.#desk.save(after, 'Revocation at the provider', changes, by);
    // The list must not hear of what is in the trash.
    return ports.store.save(after, this.#desk.describe(after, 'Revocation at the provider', changes, by));
  }

  /** In the trash or not. */
  #find(id: ConnectionId): Connection {
    return this.#desk.ports.store.trashed(id)?.connection ?? this.#desk.get(id);
  }

  #assertAhead(until: string): void {
    const ms = Date.parse(until) - Date.parse(this.#desk.ports.now());
    if (ms > 0 && ms <= LONGEST_MS) return;
    throw new AppError('invalid_input', 'Choose a date and time within the next year.', { field: 'until' });
  }
}

function isWaiting({ state }: Connection, isByHand: boolean): boolean {
  return state.kind === 'revoked' && (state.remote === 'pending' || (isByHand && state.remote === 'failed'));
}
