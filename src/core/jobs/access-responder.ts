/** Answers the worker's requests for access: the short-lived part only, from the service that keeps the grants. */
import { type Access, ConnectorError, toFailure } from '../../../connectors/catalog.ts';
import type { AccessReply, FromWorker } from '../../engine/messages.ts';
import type { ConnectionId } from '../../shared/ids.ts';

/** An access that can be told from the next one without comparing secrets. */
interface StampedAccess extends Access {
  readonly fingerprint: string;
  /** Milliseconds since it was asked for at the token endpoint; null = not by this process. */
  readonly ageMs: () => number | null;
}

/** What {@link AccessService} of connections/access.ts offers. */
export interface AccessSource {
  current(id: ConnectionId): Promise<StampedAccess>;
  renew(id: ConnectionId, refused: string): Promise<StampedAccess>;
}

export class AccessResponder {
  readonly #source: AccessSource;
  readonly #send: (reply: AccessReply) => void;

  constructor(source: AccessSource, send: (reply: AccessReply) => void) {
    this.#source = source;
    this.#send = send;
  }

  async serve({ requestId, connectionId, refused }: Extract<FromWorker, { type: 'accessRequest' }>): Promise<void> {
    try {
      const access = await (refused === null
        ? this.#source.current(connectionId)
        : this.#source.renew(connectionId, refused));
      const credentials = Object.fromEntries(
        Object.entries(access.credentials).map(([name, secret]) => [name, secret.reveal()]),
      );
      const { expiresAtMs, learned, fingerprint, ageMs } = access;
      this.#send({
        type: 'accessReply',
        kind: 'access',
        requestId,
        credentials,
        expiresAtMs,
        learned: { ...learned },
        fingerprint,
        ageMs: ageMs(),
      });
    } catch (error) {
      const retryAfterMs = error instanceof ConnectorError ? error.retryAfterMs : undefined;
      const failure = toFailure(error);
      this.#send({
        type: 'accessReply',
        kind: 'failure',
        requestId,
        failure,
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      });
    }
  }
}
