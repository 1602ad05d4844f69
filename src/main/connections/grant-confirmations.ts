import { AppError } from '../../shared/errors.ts';
import type { ConnectionId } from '../../shared/ids.ts';
import type { Authorization, PendingGrant } from './ports.ts';

const LIFE_MS = 10 * 60_000;

interface Held {
  readonly connectionId: ConnectionId;
  readonly grant: PendingGrant;
  readonly authorization: Authorization;
  readonly timer: NodeJS.Timeout;
}

/** Grants of another account than before, kept in memory until the admin confirms or ten minutes have passed. */
export class GrantConfirmations {
  readonly #held = new Map<string, Held>();

  hold(connectionId: ConnectionId, grant: PendingGrant, authorization: Authorization, flowId: string): string {
    const timer = setTimeout(() => {
      this.#held.delete(flowId);
      void grant.discard();
    }, LIFE_MS);
    timer.unref();
    this.#held.set(flowId, { connectionId, grant, authorization, timer });
    return flowId;
  }

  /** @throws AppError not_found when it is too late or for another connection */
  take(flowId: string, connectionId: ConnectionId): { grant: PendingGrant; authorization: Authorization } {
    const held = this.#held.get(flowId);
    if (held === undefined || held.connectionId !== connectionId)
      throw new AppError('not_found', 'This log-in can no longer be confirmed. Start the authorization again.');
    clearTimeout(held.timer);
    this.#held.delete(flowId);
    return { grant: held.grant, authorization: held.authorization };
  }
}
