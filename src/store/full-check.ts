import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import type { DataFile } from './database.ts';
import type { SettingsRepository } from './repositories/settings.ts';

const DAY_MS = 86_400_000;
const EVERY_MS = 7 * DAY_MS;
const SETTING = 'fullCheck';
/** Where the check of each file stands; `after` is set while one is under way, over restarts. */
const progressSchema = z.record(
  z.string(),
  z.strictObject({ doneAt: z.number().nullable(), after: z.string().nullable() }),
);
type Progress = z.infer<typeof progressSchema>;
const reportSchema = z.strictObject({ table: z.string(), problems: z.array(z.string()) });

export interface FullCheckOptions {
  /** The built check-thread. */
  readonly threadPath: string;
  readonly files: readonly { readonly file: DataFile; readonly path: string }[];
  readonly settings: SettingsRepository;
  readonly now: () => number;
  /** Told of a file with damage; its check ends with it. */
  readonly onDamage: (file: DataFile, problem: string) => void;
  readonly log: (text: string, error?: unknown) => void;
}

/** The whole check of every file once a week, in a thread, one file after the other; goes on where a quit interrupted it. */
export class FullCheck {
  readonly #options: FullCheckOptions;
  #thread: Worker | null = null;
  #isStopped = false;

  constructor(options: FullCheckOptions) {
    this.#options = options;
  }

  /** Checks what is due. Call it some time after the window is shown, and once a day. */
  async run(): Promise<void> {
    for (const { file, path } of this.#options.files) {
      if (this.#isStopped) return;
      if (!existsSync(path) || !this.#isDue(file)) continue;
      try {
        await this.#check(file, path);
      } catch (error) {
        this.#options.log(`The check of ${file} did not end; it goes on later`, error);
      }
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#thread?.terminate();
  }

  #progress(): Progress {
    return this.#options.settings.get(SETTING, progressSchema) ?? {};
  }

  #isDue(file: DataFile): boolean {
    const known = this.#progress()[file];
    if (known === undefined || known.after !== null || known.doneAt === null) return true;
    const age = this.#options.now() - known.doneAt;
    // A negative age: the clock was set back.
    return age < 0 || age >= EVERY_MS;
  }

  #save(file: DataFile, doneAt: number | null, after: string | null): void {
    this.#options.settings.set(SETTING, { ...this.#progress(), [file]: { doneAt, after } });
  }

  #check(file: DataFile, path: string): Promise<void> {
    const before = this.#progress()[file] ?? { doneAt: null, after: null };
    return new Promise((resolve, reject) => {
      let problem: string | null = null;
      const thread = new Worker(this.#options.threadPath, { workerData: { path, after: before.after } });
      this.#thread = thread;
      // How far it got is written into a file that may not take it: a full disk ends the check, and not the app.
      const orEnd = (step: () => void): void => {
        try {
          step();
        } catch (error) {
          reject(error);
        }
      };
      thread.on('message', (message: unknown) =>
        orEnd(() => {
          const { table, problems } = reportSchema.parse(message);
          problem ??= problems[0] ?? null;
          if (!this.#isStopped) this.#save(file, before.doneAt, table);
        }),
      );
      thread.once('error', reject);
      thread.once('exit', () =>
        orEnd(() => {
          this.#thread = null;
          if (this.#isStopped) return resolve();
          if (problem !== null) this.#options.onDamage(file, problem);
          this.#save(file, this.#options.now(), null);
          resolve();
        }),
      );
    });
  }
}
