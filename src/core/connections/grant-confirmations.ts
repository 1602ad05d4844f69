import type { Authorization, Connection } from '../../shared/connection/connection.ts';
import { AppError } from '../../shared/errors.ts';
import type { ConnectionId } from '../../shared/ids.ts';
import type { GrantLoss } from '../../shared/ipc/contract/credentials.ts';
import { accessParts } from './changes.ts';
import type { PendingGrant } from './pending-grant.ts';

const LIFE_MS = 10 * 60_000;

interface Held {
  readonly connectionId: ConnectionId;
  /** What the connection was made of when the grant was judged: it was given for that alone. */
  readonly basis: string;
  readonly grant: PendingGrant;
  readonly authorization: Authorization;
  readonly losses: readonly GrantLoss[];
  readonly timer: NodeJS.Timeout;
}

/** Grants of another account, or that can read less than before, kept in memory until the admin confirms or ten minutes have passed. */
export class GrantConfirmations {
  readonly #held = new Map<string, Held>();
  readonly #warn: (text: string, error: unknown) => void;

  constructor(warn: (text: string, error: unknown) => void) {
    this.#warn = warn;
  }

  hold(held: Omit<Held, 'timer'>, flowId: string): string {
    const timer = setTimeout(() => this.#drop(flowId), LIFE_MS);
    timer.unref();
    this.#held.set(flowId, { ...held, timer });
    return flowId;
  }

  /** @throws AppError not_found when it is too late or for another connection, conflict when that was edited meanwhile */
  take(flowId: string, connection: Connection): Pick<Held, 'grant' | 'authorization' | 'losses'> {
    const held = this.#held.get(flowId);
    if (held === undefined || held.connectionId !== connection.id)
      throw new AppError('not_found', 'This log-in can no longer be confirmed. Start the authorization again.');
    if (held.basis !== accessParts(connection)) {
      this.#drop(flowId);
      throw new AppError('conflict', 'The connection was edited meanwhile. Start the authorization again.');
    }
    clearTimeout(held.timer);
    this.#held.delete(flowId);
    const { grant, authorization, losses } = held;
    return { grant, authorization, losses };
  }

  /** The admin keeps the grant before: what was held for the connection is given back. */
  refuse(connectionId: ConnectionId): void {
    for (const [flowId, held] of [...this.#held]) if (held.connectionId === connectionId) this.#drop(flowId);
  }

  #drop(flowId: string): void {
    const held = this.#held.get(flowId);
    if (held === undefined) return;
    clearTimeout(held.timer);
    this.#held.delete(flowId);
    held.grant.discard().catch((error: unknown) => {
      this.#warn('A grant that is not used could not be withdrawn', error);
    });
  }
}
