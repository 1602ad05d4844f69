/** What comes due by itself: revocations that wait for the network, reminders, the trash. */
import type { Connection } from '../shared/connection/connection.ts';
import type { ConnectionId } from '../shared/ids.ts';

const LOOK_MS = 5_000;
const RETRY_MS = 5 * 60_000;
/** An app that is never closed empties its trash too. */
const PURGE_MS = 86_400_000;

export interface UpkeepPorts {
  /** Tries what waits for a provider. */
  readonly completeRevocations: () => Promise<void>;
  readonly purgeTrash: () => Promise<void>;
  /** Whether old grants wait besides those of revoked connections. */
  readonly hasDeferredRevocations: () => boolean;
  readonly isOnline: () => boolean;
  /** The network has come or gone. */
  readonly onNetwork: () => void;
  /** Shows a reminder outside of the window. */
  readonly remind: (connection: Connection) => void;
  readonly now: () => number;
  readonly warn: (text: string, error: unknown) => void;
}

/** Looks every few seconds; nothing is sent unless something waits. */
export class Upkeep {
  readonly #ports: UpkeepPorts;
  /** Revoked until a date, by id. */
  readonly #reminders = new Map<ConnectionId, Connection>();
  /** Revoked ones whose provider has not been told. */
  readonly #waiting = new Set<ConnectionId>();
  readonly #reminded = new Set<string>();
  #timer: NodeJS.Timeout | null = null;
  #isOnline = true;
  #retriedAt = 0;
  #purgedAt = 0;

  constructor(ports: UpkeepPorts) {
    this.#ports = ports;
  }

  /** Keeps in mind what of these comes due: looking through ten thousand every few seconds would be felt. */
  note(connections: readonly Connection[]): void {
    for (const connection of connections) {
      const { id, state } = connection;
      this.#reminders.delete(id);
      this.#waiting.delete(id);
      if (state.kind !== 'revoked') continue;
      if (state.until !== undefined) this.#reminders.set(id, connection);
      if (state.remote === 'pending') this.#waiting.add(id);
    }
  }

  /** Call it once, when the window is shown. `connections`: those of all tenants. */
  start(connections: readonly Connection[]): void {
    if (this.#timer !== null) return;
    this.note(connections);
    this.lookAtNetwork();
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    this.#timer.unref();
    void this.#purge().finally(() => this.retry());
    this.#remind();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  /** Also when the machine wakes. */
  retry(): void {
    this.#retriedAt = this.#ports.now();
    this.#ports
      .completeRevocations()
      .catch((error: unknown) => this.#ports.warn('Waiting revocations could not be tried', error));
  }

  async #purge(): Promise<void> {
    this.#purgedAt = this.#ports.now();
    await this.#ports
      .purgeTrash()
      .catch((error: unknown) => this.#ports.warn('The trash could not be emptied of what is due', error));
  }

  /** Whether there is a network now. Whoever was told that there is none hears of its return, however short it was away. */
  lookAtNetwork(): boolean {
    const isOnline = this.#ports.isOnline();
    if (isOnline !== this.#isOnline) {
      this.#isOnline = isOnline;
      this.#ports.onNetwork();
      if (isOnline) this.retry();
    }
    return isOnline;
  }

  #look(): void {
    this.lookAtNetwork();
    const isTime = this.#ports.now() - this.#retriedAt > RETRY_MS;
    if (isTime && (this.#waiting.size > 0 || this.#ports.hasDeferredRevocations())) this.retry();
    if (this.#ports.now() - this.#purgedAt >= PURGE_MS) void this.#purge();
    this.#remind();
  }

  #remind(): void {
    for (const connection of this.#reminders.values()) {
      const { state, id } = connection;
      if (state.kind !== 'revoked' || state.until === undefined) continue;
      const key = `${id} ${state.until}`;
      if (Date.parse(state.until) > this.#ports.now() || this.#reminded.has(key)) continue;
      this.#reminded.add(key);
      this.#ports.remind(connection);
    }
  }
}
