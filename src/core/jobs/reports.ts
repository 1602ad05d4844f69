/** Hands on what runs say to those who store it. What cannot be stored now is kept here and stored when that works again. */
import type { Execution } from '../../shared/activity/activity.ts';
import type { ActivityId } from '../../shared/ids.ts';

/** Between attempts to store what could not be stored, milliseconds. */
const RETRY_MS = 1_000;
/** Lines kept per run while they cannot be stored; the last ones say how it ended. */
const LINES_KEPT = 200;

export interface Line {
  readonly at: string;
  readonly text: string;
}

export interface ReportPorts {
  /** The Execution of a run has changed; `isEnd` when it has ended. May throw: it is called again then. */
  readonly onExecution: (execution: Execution, isEnd: boolean) => void;
  /** May throw: it is called again then. */
  readonly onLog: (id: ActivityId, lines: readonly Line[]) => void;
  /** Storing failed, for the first time of a row; null when all of it is stored. */
  readonly onUnsaved: (error: unknown) => void;
  readonly log: (text: string, error?: unknown) => void;
}

export class Reports {
  readonly #ports: ReportPorts;
  readonly #executions = new Map<ActivityId, { readonly execution: Execution; readonly isEnd: boolean }>();
  readonly #lines = new Map<ActivityId, readonly Line[]>();
  #timer: NodeJS.Timeout | null = null;

  constructor(ports: ReportPorts) {
    this.#ports = ports;
  }

  /** Never throws: it is called where nobody could do anything about it, and runs go on whatever becomes of their report. */
  execution(execution: Execution, isEnd: boolean): void {
    // What waits is older: a run that has ended says nothing more.
    this.#executions.set(execution.id, { execution, isEnd });
    this.#try(() => this.#saveExecution(execution.id));
  }

  /** Never throws. */
  lines(id: ActivityId, lines: readonly Line[]): void {
    this.#lines.set(id, [...(this.#lines.get(id) ?? []), ...lines].slice(-LINES_KEPT));
    this.#try(() => this.#saveLines(id));
  }

  /** The last attempt, when the app ends: what is still unsaved then, the next start finds as interrupted. */
  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    for (const id of this.#lines.keys()) this.#lastly(() => this.#saveLines(id));
    for (const id of this.#executions.keys()) this.#lastly(() => this.#saveExecution(id));
  }

  #saveExecution(id: ActivityId): void {
    const waiting = this.#executions.get(id);
    if (waiting === undefined) return;
    this.#ports.onExecution(waiting.execution, waiting.isEnd);
    this.#executions.delete(id);
  }

  #saveLines(id: ActivityId): void {
    const waiting = this.#lines.get(id);
    if (waiting === undefined) return;
    this.#ports.onLog(id, waiting);
    this.#lines.delete(id);
  }

  #try(save: () => void): void {
    try {
      save();
    } catch (error) {
      if (this.#timer !== null) return;
      this.#timer = setInterval(() => this.#retry(), RETRY_MS);
      this.#timer.unref();
      this.#ports.log('What a run reported could not be saved; it is tried again', error);
      this.#ports.onUnsaved(error);
    }
  }

  #retry(): void {
    try {
      for (const id of this.#lines.keys()) this.#saveLines(id);
      for (const id of this.#executions.keys()) this.#saveExecution(id);
    } catch {
      // Said at the first time already; this goes on every second.
      return;
    }
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#ports.onUnsaved(null);
  }

  #lastly(save: () => void): void {
    try {
      save();
    } catch (error) {
      this.#ports.log('What a run reported could not be saved', error);
    }
  }
}
