/** Short-lived access, asked of main at the moment of use and remembered until it ends. Never a refresh token. */
import type { ConnectionId } from '../shared/ids.ts';
import { type Access, type AccessProvider, ConnectorError, NEW_ACCESS_MS, Secret } from './connectors.ts';
import type { AccessReply } from './messages.ts';

/** Asked for again this long before its end, milliseconds. */
const MARGIN_MS = 5_000;
/** Times of issue that are closer than this are one, milliseconds. */
const SAME_MS = 500;
/** A question to main that takes longer is shown as what the run waits for, milliseconds. */
const SHOWN_WAIT_MS = 1_000;
/** Main may be waiting for a token endpoint or a keyring that asks its user. */
const REPLY_TIMEOUT_MS = 180_000;

interface StampedAccess extends Access {
  readonly fingerprint: string;
  /** Monotonic milliseconds. */
  readonly newUntil: number;
}

interface Asking {
  readonly access: Promise<StampedAccess>;
  readonly connectionId: ConnectionId;
  readonly sinceMs: number;
}

export interface RunAccess extends AccessProvider {
  /** Whether an access has been asked for and awaited for a while, because its renewal takes its time. */
  readonly isWaiting?: () => boolean;
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
  readonly #monotonic: () => number;
  readonly #current = new Map<ConnectionId, StampedAccess>();
  readonly #asking = new Map<string, Asking>();
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  /** @param now milliseconds since 1970 @param monotonic milliseconds */
  constructor(ask: (request: AccessRequest) => void, now: () => number, monotonic = () => performance.now()) {
    this.#ask = ask;
    this.#now = now;
    this.#monotonic = monotonic;
  }

  provider(id: ConnectionId): RunAccess {
    return {
      current: () => this.#get(id),
      renew: (refused) => this.#renew(id, refused),
      isWaiting: () => this.#isWaiting(id),
    };
  }

  #isWaiting(id: ConnectionId): boolean {
    const longAgo = this.#monotonic() - SHOWN_WAIT_MS;
    return [...this.#asking.values()].some(({ connectionId, sinceMs }) => connectionId === id && sinceMs < longAgo);
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
      const { expiresAtMs, learned, fingerprint, ageMs } = reply;
      const newUntil = ageMs === null ? Number.NEGATIVE_INFINITY : this.#monotonic() - ageMs + NEW_ACCESS_MS;
      const isNew = (): boolean => this.#monotonic() < newUntil;
      waiting.resolve({ credentials, expiresAtMs, learned, fingerprint, newUntil, isNew });
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
    return this.#usable(id) ?? this.#request(id, null);
  }

  #usable(id: ConnectionId): StampedAccess | undefined {
    const known = this.#current.get(id);
    if (known === undefined || known.expiresAtMs === null) return known;
    return known.expiresAtMs - MARGIN_MS > this.#now() ? known : undefined;
  }

  async #renew(id: ConnectionId, refused: Access): Promise<Access> {
    const fingerprint = 'fingerprint' in refused ? String(refused.fingerprint) : null;
    const known = this.#usable(id);
    // Another run of this connection has had it renewed already.
    if (known !== undefined && known.fingerprint !== fingerprint) return known;
    this.#current.delete(id);
    return this.#request(id, fingerprint);
  }

  /** One question per connection and refused access at a time; all who ask share the answer. */
  #request(id: ConnectionId, refused: string | null): Promise<StampedAccess> {
    const key = `${id} ${refused ?? ''}`;
    const asking = this.#asking.get(key);
    if (asking !== undefined) return asking.access;
    const access = this.#send(id, refused).finally(() => this.#asking.delete(key));
    this.#asking.set(key, { access, connectionId: id, sinceMs: this.#monotonic() });
    return access;
  }

  async #send(connectionId: ConnectionId, refused: string | null): Promise<StampedAccess> {
    this.#lastId += 1;
    const requestId = this.#lastId;
    const answer = await new Promise<StampedAccess>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(requestId);
        reject(new ConnectorError('timeout', 'Patchbay did not get an access to the system in time.'));
      }, REPLY_TIMEOUT_MS);
      timer.unref();
      this.#waiting.set(requestId, { resolve, reject, timer });
      this.#ask({ requestId, connectionId, refused });
    });
    const known = this.#current.get(connectionId);
    // The same object as long as it is the same: what became of it is remembered by it.
    const access = known !== undefined && isSame(known, answer) ? known : answer;
    this.#current.set(connectionId, access);
    return access;
  }
}

/** A token may be issued once more with the same value: then it is another access. */
function isSame(known: StampedAccess, answer: StampedAccess): boolean {
  return (
    known.fingerprint === answer.fingerprint &&
    !(answer.newUntil > known.newUntil + SAME_MS) &&
    known.expiresAtMs === answer.expiresAtMs &&
    JSON.stringify(known.learned) === JSON.stringify(answer.learned)
  );
}
