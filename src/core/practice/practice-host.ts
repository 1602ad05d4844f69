import { createInterface } from 'node:readline';
import { z } from 'zod';
import { AppError } from '../../shared/errors.ts';

const samplesSchema = z.object({
  fields: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  secrets: z.record(z.string(), z.string()),
  authMethodId: z.string(),
  oauthApp: z.object({ clientId: z.string(), clientSecret: z.string().optional() }).optional(),
  users: z.array(z.object({ name: z.string(), email: z.string(), password: z.string() })),
  apiBaseUrl: z.string(),
  loginBaseUrl: z.string().optional(),
});
const announcementSchema = z.object({
  practice: z.array(z.object({ connector: z.string(), baseUrl: z.string(), samples: samplesSchema })),
});
export type PracticeSystem = z.output<typeof announcementSchema>['practice'][number];

/** What the practice servers' process must offer; Electron's utilityProcess does. */
export interface PracticeProcess {
  readonly stdout: NodeJS.ReadableStream | null;
  kill(): boolean;
  once(event: 'exit', listener: (code: number) => void): unknown;
  /** Absent where the process takes no commands. */
  readonly post?: (message: unknown) => void;
  readonly onMessage?: (listener: (message: unknown) => void) => void;
}

const START_TIMEOUT_MS = 15_000;
const COMMAND_TIMEOUT_MS = 5_000;
const answerSchema = z.object({ requestId: z.number(), systems: z.array(z.string()) });

/**
 * Runs the practice servers of the practice tenant in a process of their own, on the same ports as last time when they
 * are free, so that connections made earlier still find them.
 */
export class PracticeHost {
  readonly #fork: (port: number) => PracticeProcess;
  readonly #port: number;
  readonly #onStarted: (systems: readonly PracticeSystem[]) => void;
  readonly #answers = new Map<number, (systems: readonly string[]) => void>();
  #lastRequest = 0;
  #running: Promise<readonly PracticeSystem[]> | null = null;
  #process: PracticeProcess | null = null;

  /** @param onStarted called each time they have started, before anybody else hears of it */
  constructor(
    fork: (port: number) => PracticeProcess,
    port: number,
    onStarted: (systems: readonly PracticeSystem[]) => void,
  ) {
    this.#fork = fork;
    this.#port = port;
    this.#onStarted = onStarted;
  }

  /** Starts the servers once; later calls answer the same. @throws AppError unreachable when they do not come up */
  systems(): Promise<readonly PracticeSystem[]> {
    this.#running ??= this.#start().catch((error: unknown) => {
      this.#running = null;
      throw error;
    });
    return this.#running;
  }

  get isRunning(): boolean {
    return this.#process !== null;
  }

  /**
   * Makes the running servers behave as told.
   * @returns connectors of the systems that know the command @throws AppError unreachable | timed_out
   */
  async command(command: unknown): Promise<string[]> {
    await this.systems();
    const post = this.#process?.post;
    if (post === undefined) throw new AppError('unreachable', 'The practice servers are not running.');
    this.#lastRequest += 1;
    const requestId = this.#lastRequest;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#answers.delete(requestId);
        reject(new AppError('timed_out', 'The practice servers did not answer. Open the practice tenant again.'));
      }, COMMAND_TIMEOUT_MS);
      this.#answers.set(requestId, (systems) => {
        clearTimeout(timer);
        this.#answers.delete(requestId);
        resolve([...systems]);
      });
      post({ requestId, command });
    });
  }

  async #start(): Promise<readonly PracticeSystem[]> {
    const child = this.#fork(this.#port);
    this.#process = child;
    child.onMessage?.((message) => {
      const answer = answerSchema.safeParse(message);
      if (answer.success) this.#answers.get(answer.data.requestId)?.(answer.data.systems);
    });
    child.once('exit', () => {
      if (this.#process !== child) return;
      this.#process = null;
      this.#running = null;
    });
    const { stdout } = child;
    if (stdout === null) throw new AppError('internal', 'The practice servers were started without an output to read.');
    const line = await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(
        () =>
          reject(
            new AppError(
              'unreachable',
              'The practice servers did not start within 15 seconds. Restart Patchbay; the log has the details.',
            ),
          ),
        START_TIMEOUT_MS,
      );
      const lines = createInterface({ input: stdout });
      lines.once('line', (text) => {
        clearTimeout(timer);
        resolve(text);
      });
      child.once('exit', (code) => {
        clearTimeout(timer);
        reject(
          new AppError('unreachable', `The practice servers stopped at start (code ${code}). The log has the details.`),
        );
      });
    });
    const systems = announcementSchema.parse(JSON.parse(line)).practice;
    this.#onStarted(systems);
    return systems;
  }

  stop(): void {
    this.#process?.kill();
    this.#process = null;
    this.#running = null;
  }
}
