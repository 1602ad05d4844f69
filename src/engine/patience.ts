/** Waits of a run that people can see and a stop can end: for the disk, a rate limit, a system that does not answer. */
import type { Failure } from '../shared/activity/activity.ts';
import { AppError, type ErrorCode } from '../shared/errors.ts';
import { CAUSES } from '../shared/failure/causes.ts';
import { waitingForOf } from '../shared/failure/rules.ts';
import { ConnectorError } from './connectors.ts';

interface Shortage {
  /** For what, as people read it. */
  readonly waitingFor: string;
  readonly begun: string;
  readonly over: string;
}

/** What a transaction may wait for, by the code of its failure. */
const SHORTAGES: Partial<Record<ErrorCode, Shortage>> = {
  disk_full: {
    waitingFor: waitingForOf('disk_full'),
    begun: `${CAUSES.disk_full.what}. ${CAUSES.disk_full.advice}`,
    over: 'There is space on the disk again; the run goes on.',
  },
  busy: {
    waitingFor: 'another program to release the record cache',
    begun: 'Another program has locked the record cache of this profile. The run goes on when it lets go.',
    over: 'The record cache is free again; the run goes on.',
  },
};
const SHORTAGE_WAIT_MS = 1_000;

export function stoppedError(): ConnectorError {
  return new ConnectorError('cancelled', `${CAUSES.cancelled.what}.`);
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
   * Repeats a transaction until the disk has room for it and no other program keeps the file to itself.
   * @throws ConnectorError cancelled when the run is ended meanwhile; else what the work throws
   */
  async withRoom<T>(work: () => T): Promise<T> {
    let waited: Shortage | null = null;
    for (;;) {
      try {
        const value = work();
        if (waited !== null) this.#log(waited.over);
        this.#set(null);
        return value;
      } catch (error) {
        const shortage = error instanceof AppError ? SHORTAGES[error.code] : undefined;
        if (shortage === undefined) throw error;
        if (waited !== shortage) this.#log(shortage.begun);
        waited = shortage;
        this.#set(shortage.waitingFor);
        await this.#pause(SHORTAGE_WAIT_MS);
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

  /** A used-up quota is not waited for, but the failure says when there is one again, where the system tells. */
  withResumption(failure: Failure, error: unknown): Failure {
    const waitMs = error instanceof ConnectorError ? error.retryAfterMs : undefined;
    if (failure.class !== 'quota_exceeded' || waitMs === undefined) return failure;
    const at = new Date(this.#now() + waitMs);
    const date = [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((part) => String(part).padStart(2, '0'));
    const message = `${failure.message} The job can run again from ${date.join('-')} ${this.clock(waitMs)}.`;
    return { ...failure, message };
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
