import { AppError } from '../../shared/app-error.ts';
import type { Connection } from '../../shared/connection/connection.ts';
import { nextState } from '../../shared/connection/state.ts';
import type { ConnectionId } from '../../shared/ids.ts';
import { stateWords } from './changes.ts';
import type { ConnectionAccess, ConnectionJobs } from './collaborators.ts';
import type { ConnectionRecords } from './connection-records.ts';
import type { KeyedLock } from './keyed-lock.ts';
import type { ProviderRevocations } from './provider-revocations.ts';
import { assertOffered } from './rules.ts';

const REMINDER = 'Reminder to authorize it again';
/** Longest time ahead that a revocation may be meant for. */
const LONGEST_MS = 366 * 86_400_000;

export interface ConnectionRevokingParts {
  readonly records: ConnectionRecords;
  readonly lock: KeyedLock<ConnectionId>;
  readonly access: ConnectionAccess;
  readonly jobs: ConnectionJobs;
  readonly provider: ProviderRevocations;
}

/** Revoke, and the reminder to authorize again. */
export class ConnectionRevoking {
  readonly #records: ConnectionRecords;
  readonly #lock: KeyedLock<ConnectionId>;
  readonly #access: ConnectionAccess;
  readonly #jobs: ConnectionJobs;
  readonly #provider: ProviderRevocations;

  constructor(parts: ConnectionRevokingParts) {
    this.#records = parts.records;
    this.#lock = parts.lock;
    this.#access = parts.access;
    this.#jobs = parts.jobs;
    this.#provider = parts.provider;
  }

  /**
   * At once here; at the provider as soon as it can be reached.
   * @param until when the admin wants to be reminded to authorize it again
   */
  async revoke(id: ConnectionId, until?: string): Promise<Connection> {
    assertOffered(this.#records.get(id), 'revoke');
    if (until !== undefined) this.#assertAhead(until);
    return this.#lock.hold(id, async () => {
      this.#access.cancelLogIn(id);
      const before = this.#records.get(id);
      const at = this.#records.now();
      const state = nextState(before.state, { kind: 'revoked', at, remote: 'pending', until });
      const changes = [{ field: 'State', before: stateWords(before.state), after: stateWords(state) }];
      if (until !== undefined) changes.push({ field: REMINDER, before: 'none', after: until });
      this.#records.save({ ...before, updatedAt: at, state }, { action: 'Connection revoked', changes });
      await this.#jobs.stop(id, 'The connection was revoked.');
      return this.#provider.complete(id);
    });
  }

  /** @param until null: it stays revoked, and nobody is reminded */
  setReminder(id: ConnectionId, until: string | null): void {
    const before = this.#records.get(id);
    const { state } = before;
    if (state.kind !== 'revoked')
      throw new AppError('not_allowed', 'This connection is not revoked: there is nothing to be reminded of.');
    if (until !== null) this.#assertAhead(until);
    const after = nextState(state, { kind: 'reminderSet', ...(until === null ? {} : { until }) });
    const changes = [{ field: REMINDER, before: state.until ?? 'none', after: until ?? 'none' }];
    this.#records.save(
      { ...before, updatedAt: this.#records.now(), state: after },
      { action: 'Reminder changed', changes },
    );
  }

  #assertAhead(until: string): void {
    const ms = Date.parse(until) - Date.parse(this.#records.now());
    if (ms > 0 && ms <= LONGEST_MS) return;
    throw new AppError('invalid_input', 'Choose a date and time within the next year.', { field: 'until' });
  }
}
