/** The job of a command line, kept beside the data: a run that goes on must be the same job, whatever the source says now. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { jobSchema } from '../shared/job/job.ts';
import type { SyncArguments } from './arguments.ts';
import { jobIdOf } from './job.ts';

const planSchema = z.strictObject({
  job: jobSchema,
  /** Fields to ask for, when the source describes none. */
  readFields: z.array(z.string()).optional(),
  /** The first page was fetched for its fields and lies with the pages under way. */
  hasFirstPage: z.boolean().optional(),
});
export type JobPlan = z.infer<typeof planSchema>;

const fileSchema = z.strictObject({ asked: z.string(), plan: planSchema });

export class JobPlans {
  readonly #path: string;
  readonly #asked: string;

  /** @param folder the profile's data folder */
  constructor(folder: string, args: SyncArguments) {
    this.#path = join(folder, `headless-${jobIdOf(args)}.json`);
    const { mode, fields, key, lookbackSeconds, destination } = args;
    const target = destination === null ? null : { ...destination, token: '' };
    this.#asked = JSON.stringify([mode, fields, key, lookbackSeconds, target]);
  }

  /** Null when there is none, or when something else was asked for then. */
  read(): JobPlan | null {
    if (!existsSync(this.#path)) return null;
    const parsed = fileSchema.safeParse(parseJson(readFileSync(this.#path, 'utf8')));
    return parsed.success && parsed.data.asked === this.#asked ? parsed.data.plan : null;
  }

  save(plan: JobPlan): void {
    const temporary = `${this.#path}.new`;
    writeFileSync(temporary, JSON.stringify({ asked: this.#asked, plan }), { mode: 0o600 });
    renameSync(temporary, this.#path);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // A damaged plan is made again from the source.
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
