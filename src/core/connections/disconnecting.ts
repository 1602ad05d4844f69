import type { Failure } from '../../shared/activity/activity.ts';
import type { DisconnectReason } from '../../shared/connection/reasons.ts';
import { nextState } from '../../shared/connection/state.ts';
import { reasonSentence } from '../../shared/failure/rules.ts';
import type { ConnectionId } from '../../shared/ids.ts';
import { stateWords } from './changes.ts';
import type { ConnectionJobs } from './collaborators.ts';
import { BY_ITSELF, type ConnectionRecords } from './connection-records.ts';
import { failureOf } from './failures.ts';

/** Authorizations that end by themselves, and credentials that can be read again. */
export class ConnectionDisconnecting {
  readonly #records: ConnectionRecords;
  readonly #jobs: ConnectionJobs;

  constructor(records: ConnectionRecords, jobs: ConnectionJobs) {
    this.#records = records;
    this.#jobs = jobs;
  }

  /**
   * A call or run learnt that the credential no longer works. The connection's other runs end as failed, for the same cause.
   * @param failure as the run that learnt it was told
   */
  async markDisconnected(id: ConnectionId, reason: DisconnectReason, detail: string, failure?: Failure): Promise<void> {
    const before = this.#records.find(id);
    if (before === null) return;
    const event = {
      kind: 'authorizationLost',
      at: this.#records.now(),
      reason,
      detail,
      object: failure?.about,
    } as const;
    const state = nextState(before.state, event);
    if (state === before.state) return;
    const changes = [{ field: 'State', before: stateWords(before.state), after: stateWords(state) }];
    this.#records.save(
      { ...before, updatedAt: this.#records.now(), state },
      { action: 'Connection disconnected', changes, by: BY_ITSELF },
    );
    const why = `The connection was disconnected: ${reasonSentence({ reason, object: failure?.about })}.`;
    await this.#jobs.stop(id, why, failure ?? failureOf(reason, detail));
  }

  /** After the vault could be opened again: connections whose secret is readable now go on. */
  credentialsFound(ids: readonly ConnectionId[]): void {
    for (const id of ids) {
      const before = this.#records.find(id);
      if (before === null) continue;
      const state = nextState(before.state, { kind: 'credentialFound', at: this.#records.now() });
      if (state === before.state) continue;
      const changes = [{ field: 'State', before: stateWords(before.state), after: stateWords(state) }];
      this.#records.save(
        { ...before, updatedAt: this.#records.now(), state },
        { action: 'Credential readable again', changes, by: BY_ITSELF },
      );
    }
  }
}
