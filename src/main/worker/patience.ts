/** Waits of a run that people can see and a stop can end: for the disk, a rate limit, a system that does not answer. */
import { AppError } from '../../shared/app-error.ts';
import { ConnectorError, explain } from './connectors.ts';

const DISK_FULL = 'space on the disk';
const DISK_WAIT_MS = 1_000;

export function stoppedError(): ConnectorError {
  return new ConnectorError('cancelled', 'The run was stopped.');
}

export class Patience {
  readonly #signal: AbortSignal;
  readonly #now: () => number;
  readonly #log: (text: string) => void;
  readonly #onChange: () => void;
  #waitingFor: string | null = null;

  constructor(options: {
    /** Aborted when the run is to end. */
    readonly signal: AbortSignal;
    readonly now: () => number;
    readonly log: (text: string) => void;
    readonly onChange: () => void;
  }) {
    this.#signal = options.signal;
    this.#now = options.now;
    this.#log = options.log;
    this.#onChange = options.onChange;
  }

  /** For what, as people read it; null while nothing is waited for. */
  get waitingFor(): string | null {
    return this.#waitingFor;
  }

  /**
   * Repeats a transaction until the disk has room for it.
   * @throws ConnectorError cancelled when the run is ended meanwhile; else what the work throws
   */
  async withRoom<T>(work: () => T): Promise<T> {
    for (;;) {
      try {
        const value = work();
        if (this.#waitingFor === DISK_FULL) this.#log('There is space on the disk again; the run goes on.');
        this.#set(null);
        return value;
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'disk_full') throw error;
        if (this.#waitingFor !== DISK_FULL) this.#log(`The disk is full. ${explain('disk_full')}`);
        this.#set(DISK_FULL);
        await this.#pause(DISK_WAIT_MS);
      }
    }
  }

  /** @throws ConnectorError cancelled when the run is ended meanwhile */
  async wait(waitMs: number, what: string): Promise<void> {
    this.#set(`${what} until ${this.clock(waitMs)}`);
    await this.#pause(waitMs);
    this.#set(null);
  }

  throwIfEnding(): void {
    if (this.#signal.aborted) throw stoppedError();
  }

  /** Local time of day, for people. */
  clock(fromNowMs: number): string {
    const at = new Date(this.#now() + fromNowMs);
    return `${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`;
  }

  async #pause(waitMs: number): Promise<void> {
    this.throwIfEnding();
    const signal = this.#signal;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      // A timer holds at most 2^31 ms.
      const timer = setTimeout(done, Math.min(waitMs, 2 ** 31 - 1));
      signal.addEventListener('abort', done, { once: true });
    });
    this.throwIfEnding();
  }

  #set(what: string | null): void {
    if (this.#waitingFor === what) return;
    this.#waitingFor = what;
    this.#onChange();
  }
}
