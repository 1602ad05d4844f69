/** Short-lived access, asked of main at the moment of use and remembered until it ends. Never a refresh token. */
import type { ConnectionId } from '../../shared/ids.ts';
import { type Access, type AccessProvider, ConnectorError, Secret } from './connectors.ts';
import type { AccessReply } from './messages.ts';

/** Asked for again this long before its end, milliseconds. */
const MARGIN_MS = 5_000;
/** Main may be waiting for a token endpoint or a keyring that asks its user. */
const REPLY_TIMEOUT_MS = 180_000;

interface StampedAccess extends Access {
  readonly fingerprint: string;
}

export interface AccessRequest {
  readonly requestId: number;
  readonly connectionId: ConnectionId;
  readonly refused: string | null;
}

interface Waiting {
  readonly resolve: (access: StampedAccess) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

export class AccessBroker {
  readonly #ask: (request: AccessRequest) => void;
  readonly #now: () => number;
  readonly #current = new Map<ConnectionId, StampedAccess>();
  readonly #asking = new Map<string, Promise<StampedAccess>>();
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  constructor(ask: (request: AccessRequest) => void, now: () => number) {
    this.#ask = ask;
    this.#now = now;
  }

  provider(id: ConnectionId): AccessProvider {
    return {
      current: () => this.#get(id),
      renew: (refused) => this.#renew(id, refused),
    };
  }

  reply(reply: AccessReply): void {
    const waiting = this.#waiting.get(reply.requestId);
    if (waiting === undefined) return;
    this.#waiting.delete(reply.requestId);
    clearTimeout(waiting.timer);
    if (reply.kind === 'access') {
      const credentials = Object.fromEntries(
        Object.entries(reply.credentials).map(([name, value]) => [name, new Secret(value)]),
      );
      const { expiresAtMs, learned, fingerprint } = reply;
      waiting.resolve({ credentials, expiresAtMs, learned, fingerprint });
    } else {
      const { class: failureClass, message, status, vendorCode } = reply.failure;
      waiting.reject(
        new ConnectorError(failureClass, message, { status, vendorCode, retryAfterMs: reply.retryAfterMs }),
      );
    }
  }

  forget(id: ConnectionId): void {
    this.#current.delete(id);
  }

  async #get(id: ConnectionId): Promise<Access> {
    const known = this.#current.get(id);
    if (known !== undefined && (known.expiresAtMs === null || known.expiresAtMs - MARGIN_MS > this.#now()))
      return known;
    return this.#request(id, null);
  }

  async #renew(id: ConnectionId, refused: Access): Promise<Access> {
    const known = this.#current.get(id);
    // Another run of this connection has had it renewed already.
    if (known !== undefined && known !== refused) return known;
    this.#current.delete(id);
    return this.#request(id, 'fingerprint' in refused ? String(refused.fingerprint) : null);
  }

  /** One question per connection and refused access at a time; all who ask share the answer. */
  #request(id: ConnectionId, refused: string | null): Promise<StampedAccess> {
    const key = `${id} ${refused ?? ''}`;
    let asking = this.#asking.get(key);
    if (asking === undefined) {
      asking = this.#send(id, refused).finally(() => this.#asking.delete(key));
      this.#asking.set(key, asking);
    }
    return asking;
  }

  async #send(connectionId: ConnectionId, refused: string | null): Promise<StampedAccess> {
    this.#lastId += 1;
    const requestId = this.#lastId;
    const access = await new Promise<StampedAccess>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(requestId);
        reject(new ConnectorError('timeout', 'Patchbay did not get an access to the system in time.'));
      }, REPLY_TIMEOUT_MS);
      timer.unref();
      this.#waiting.set(requestId, { resolve, reject, timer });
      this.#ask({ requestId, connectionId, refused });
    });
    this.#current.set(connectionId, access);
    return access;
  }
}
