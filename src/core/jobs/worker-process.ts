/** The worker as a process: started, listened to, started again with growing pauses when it dies. */
import { type FromWorker, fromWorkerSchema, type ToWorker } from '../../engine/messages.ts';

/** What a started process must offer: an Electron utility process and a child process of Node are both easily made into it. */
export interface WorkerProcess {
  post(message: unknown): void;
  /** @param listener gets every message, unparsed */
  onMessage(listener: (message: unknown) => void): void;
  /** Called once, however the process ended. */
  onExit(listener: () => void): void;
  kill(): void;
}

/** Pauses before the worker is started again. */
const RESTART_WAITS_MS: readonly number[] = [100, 500, 1_500];
const CRASH_WINDOW_MS = 60_000;
/** This many crashes within the window, and it is left alone until somebody asks for a run. */
const CRASHES_ALLOWED = 3;

export interface WorkerHostOptions {
  readonly fork: () => WorkerProcess;
  readonly init: Extract<ToWorker, { type: 'init' }>;
  readonly onMessage: (message: FromWorker) => void;
  /** @param isPaused true when it will not be started again by itself */
  readonly onCrash: (isPaused: boolean) => void;
  readonly log: (text: string, error?: unknown) => void;
  readonly now?: () => number;
}

export class WorkerHost {
  readonly #options: WorkerHostOptions;
  readonly #now: () => number;
  #process: WorkerProcess | null = null;
  #crashes: number[] = [];
  #restart: NodeJS.Timeout | null = null;
  #isClosing = false;
  #onStarted: (() => void) | null = null;

  constructor(options: WorkerHostOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  get isRunning(): boolean {
    return this.#process !== null;
  }

  /** Starts the worker unless it runs; also ends a pause. */
  start(): void {
    if (this.#process !== null || this.#isClosing) return;
    if (this.#restart !== null) clearTimeout(this.#restart);
    this.#restart = null;
    const started = this.#options.fork();
    this.#process = started;
    started.onMessage((raw) => this.#receive(raw));
    started.onExit(() => this.#ended(started));
    started.post(this.#options.init);
    this.#onStarted?.();
    this.#onStarted = null;
  }

  /** Called once, when the worker has been started again and can be sent to. */
  afterRestart(listener: () => void): void {
    this.#onStarted = listener;
  }

  /** Ends the process without counting it as a crash; the next start makes a new one. */
  discard(): void {
    const discarded = this.#process;
    this.#process = null;
    discarded?.kill();
  }

  send(message: ToWorker): void {
    this.#process?.post(message);
  }

  /** From now on an end of the process is what was wanted. */
  close(): void {
    this.#isClosing = true;
    if (this.#restart !== null) clearTimeout(this.#restart);
  }

  kill(): void {
    this.#process?.kill();
  }

  #receive(raw: unknown): void {
    const parsed = fromWorkerSchema.safeParse(raw);
    if (parsed.success) this.#options.onMessage(parsed.data);
    else this.#options.log('A message of the worker had an unknown shape and was dropped');
  }

  #ended(ended: WorkerProcess): void {
    if (this.#process !== ended) return;
    this.#process = null;
    if (this.#isClosing) return;
    const now = this.#now();
    this.#crashes = [...this.#crashes.filter((at) => now - at < CRASH_WINDOW_MS), now];
    const isPaused = this.#crashes.length >= CRASHES_ALLOWED;
    this.#options.log(`The worker ended unexpectedly (${this.#crashes.length} times within a minute)`);
    if (isPaused) this.#crashes = [];
    else {
      const waitMs = RESTART_WAITS_MS[Math.min(this.#crashes.length, RESTART_WAITS_MS.length) - 1] ?? 0;
      this.#restart = setTimeout(() => this.start(), waitMs);
    }
    this.#options.onCrash(isPaused);
  }
}
