/** The log of a run on its way to main: stamped, bounded, a few lines to a message. */
import type { LogLine } from './messages.ts';

/** Lines of one run; a source that fails thousands of times must not fill the history. */
const MAX_LINES = 1_000;
const MAX_LENGTH = 2_000;

export class RunLog {
  readonly #send: (lines: LogLine[]) => void;
  readonly #now: () => number;
  #pending: LogLine[] = [];
  #count = 0;
  #isScheduled = false;

  constructor(send: (lines: LogLine[]) => void, now: () => number) {
    this.#send = send;
    this.#now = now;
  }

  add(text: string): void {
    this.#count += 1;
    if (this.#count > MAX_LINES) return;
    const at = new Date(this.#now()).toISOString();
    this.#pending.push({ at, text: text.slice(0, MAX_LENGTH) });
    if (this.#count === MAX_LINES) this.#pending.push({ at, text: 'Further lines of this run are not kept.' });
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.flush());
  }

  flush(): void {
    this.#isScheduled = false;
    if (this.#pending.length === 0) return;
    const lines = this.#pending;
    this.#pending = [];
    this.#send(lines);
  }
}

/** "1 record", "1,200 records". */
export function countOf(count: number, one: string): string {
  return `${count.toLocaleString('en')} ${one}${count === 1 ? '' : 's'}`;
}
