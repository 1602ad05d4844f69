/** Runs jobs beside each other on one thread, and says what becomes of them. Knows no process: see index.ts for that. */
import { NO_COUNTS } from '../shared/activity/activity.ts';
import { AppError } from '../shared/errors.ts';
import { isLossBySystem } from '../shared/failure/rules.ts';
import type { ActivityId, ConnectionId, JobId } from '../shared/ids.ts';
import type { OpenedCache } from '../store/cache/cache.ts';
import { dropJobRows } from '../store/cache/table.ts';
import { checkpoint } from '../store/database.ts';
import { isDamage, toStoreError } from '../store/database-errors.ts';
import { markSuspect } from '../store/startup-check.ts';
import type { RunAccess } from './access.ts';
import { ConnectorError, type Transport, toFailure } from './connectors.ts';
import type { FromWorker, RunSpec } from './messages.ts';
import { JobRun, type RunEnd } from './run.ts';
import { RunLog } from './run-log.ts';
import { removeSpool } from './spool.ts';
import { markHeld } from './sweep.ts';
import { Systems } from './systems.ts';

/** Progress of a run is sent at most this often, milliseconds. */
const PROGRESS_EVERY_MS = 250;
/** Runs still busy at a shutdown are left where their last transaction was, milliseconds. */
const SHUTDOWN_MS = 4_000;
const CHECKPOINT_WHEN_IDLE_MS = 2_000;
/** Waits before a run whose source or destination failed passingly tries again; a stored page starts them anew. */
const RETRY_WAITS_MS: readonly number[] = [5_000, 15_000, 30_000, 60_000, 120_000];

export interface EngineOptions {
  readonly cache: OpenedCache;
  readonly transport: Transport;
  readonly access: (id: ConnectionId) => RunAccess;
  readonly send: (message: FromWorker) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  readonly retryWaitsMs?: readonly number[];
}

interface Running {
  readonly run: JobRun;
  readonly done: Promise<void>;
}

export class Engine {
  readonly #options: EngineOptions;
  readonly #systems: Systems;
  readonly #now: () => number;
  readonly #running = new Map<ActivityId, Running>();
  readonly #marking = new Set<JobId>();
  #idleTimer: NodeJS.Timeout | null = null;
  #isDamaged = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#systems = new Systems(options.access, this.#now);
  }

  start(spec: RunSpec): void {
    const { activityId, job } = spec;
    // What is asked of a damaged cache is asked of the next worker again.
    if (this.#running.has(activityId) || this.#isDamaged) return;
    if (this.#isOf(job.id)) {
      const what = this.#marking.has(job.id)
        ? 'Rows of this job are being marked.'
        : 'Another run of this job is under way.';
      this.#refuse(spec, new ConnectorError('internal', what));
      return;
    }
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer);
    const log = new RunLog((lines) => this.#options.send({ type: 'log', activityId, lines }), this.#now);
    const progress = new Throttle(PROGRESS_EVERY_MS, () => this.#sendProgress(run));
    const { cache, transport, retryWaitsMs = RETRY_WAITS_MS } = this.#options;
    const run = new JobRun(spec, {
      db: cache.db,
      folder: cache.profile.data,
      transport,
      systems: this.#systems,
      now: this.#now,
      log: (text) => log.add(text),
      onProgress: () => progress.poke(),
      onDamage: () => this.#foundDamage(),
      retryWaitsMs,
    });
    const done = run
      .run()
      .catch((error: unknown): RunEnd | null => {
        if (this.#isDamage(error)) return null;
        return { status: 'failed', failure: toFailure(error), failedConnection: null };
      })
      .then((end) => {
        progress.stop();
        log.flush();
        this.#running.delete(activityId);
        if (end !== null) this.#report(run, end);
        this.#tidyWhenIdle();
      });
    this.#running.set(activityId, { run, done });
  }

  async stop(activityId: ActivityId): Promise<void> {
    const running = this.#running.get(activityId);
    running?.run.end('stopped');
    await running?.done;
  }

  /** Removes everything a job has stored; a run of it is stopped first. */
  async dropJob(jobId: JobId): Promise<void> {
    const ofJob = [...this.#running.values()].filter(({ run }) => run.spec.job.id === jobId);
    for (const { run } of ofJob) run.end('stopped');
    await Promise.all(ofJob.map(({ done }) => done));
    try {
      dropJobRows(this.#options.cache.db, jobId);
    } catch (error) {
      this.#isDamage(error);
      throw error;
    }
    removeSpool(this.#options.cache.profile.data, jobId);
  }

  /**
   * Marks the rows of a finding as gone, see {@link markHeld}.
   * @throws AppError busy while the job runs
   */
  async markMissing(jobId: JobId, agreed: { finding: ActivityId; rows: number }): Promise<number | null> {
    if (this.#isOf(jobId)) throw new AppError('busy', 'The job is running. Wait until it has ended.');
    this.#marking.add(jobId);
    try {
      return await markHeld(this.#options.cache.db, jobId, agreed);
    } catch (error) {
      this.#isDamage(error);
      throw error;
    } finally {
      this.#marking.delete(jobId);
      this.#tidyWhenIdle();
    }
  }

  #isOf(jobId: JobId): boolean {
    return this.#marking.has(jobId) || [...this.#running.values()].some(({ run }) => run.spec.job.id === jobId);
  }

  /** Interrupts all runs, empties the journal and closes the file, in less than five seconds. */
  async shutdown(): Promise<void> {
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer);
    const all = [...this.#running.values()];
    for (const { run } of all) run.end('interrupted');
    await Promise.race([Promise.all(all.map(({ done }) => done)), delay(SHUTDOWN_MS)]);
    try {
      this.#options.cache.close();
    } catch (error) {
      // Closed all the same. Whoever opens it next replays the journal, or repairs the file.
      if (!this.#isDamage(error)) this.#note('The record cache could not be closed cleanly', error);
    }
    await this.#options.transport.close();
  }

  #isDamage(error: unknown): boolean {
    const { db } = this.#options.cache;
    const is = isDamage(toStoreError(error, db.name));
    if (is) this.#foundDamage();
    return is;
  }

  /** Whoever opens the file next checks all of it; until then nothing more is read or written here. */
  #foundDamage(): void {
    if (this.#isDamaged) return;
    this.#isDamaged = true;
    markSuspect(this.#options.cache.profile, 'cache');
    for (const { run } of this.#running.values()) run.end('interrupted');
    this.#options.send({ type: 'damaged' });
  }

  #report(run: JobRun, { status, failure, failedConnection }: RunEnd): void {
    const { state, spec } = run;
    if (failure !== null && failedConnection !== null && isLossBySystem(failure.class))
      this.#options.send({ type: 'lost', connectionId: failedConnection, failure });
    this.#options.send({
      type: 'finished',
      activityId: spec.activityId,
      status,
      failure,
      failedConnection,
      endedAt: new Date(this.#now()).toISOString(),
      counts: { ...(state?.counts ?? run.stored?.counts ?? NO_COUNTS) },
      expected: state?.expected ?? run.stored?.expected ?? null,
      elapsedMs: state?.elapsedMs ?? run.stored?.elapsedMs ?? 0,
    });
  }

  #refuse(spec: RunSpec, error: ConnectorError): void {
    this.#options.send({
      type: 'finished',
      activityId: spec.activityId,
      status: 'failed',
      failure: toFailure(error),
      failedConnection: null,
      endedAt: new Date(this.#now()).toISOString(),
      counts: NO_COUNTS,
      expected: null,
      elapsedMs: 0,
    });
  }

  #sendProgress(run: JobRun): void {
    const { state, waitingFor, spec } = run;
    this.#options.send({
      type: 'progress',
      activityId: spec.activityId,
      status: waitingFor === null ? 'running' : 'waiting',
      waitingFor,
      counts: { ...(state?.counts ?? NO_COUNTS) },
      expected: state?.expected ?? null,
      elapsedMs: state?.elapsedMs ?? 0,
    });
  }

  #note(what: string, error: unknown): void {
    this.#options.send({ type: 'note', text: `${what}: ${toFailure(error).message}` });
  }

  /** Nothing reads or writes now: the journal goes into the file. */
  #tidyWhenIdle(): void {
    if (this.#running.size > 0) return;
    const { db } = this.#options.cache;
    this.#idleTimer = setTimeout(() => {
      if (this.#running.size > 0 || !db.open) return;
      try {
        checkpoint(db, 'truncate');
      } catch (error) {
        if (this.#isDamage(error)) return;
        // The next page's own checkpoint tries again; a reader in the way is no fault.
        this.#note('The record cache could not be tidied', error);
      }
    }, CHECKPOINT_WHEN_IDLE_MS);
    this.#idleTimer.unref();
  }
}

/** Calls at once, then at most once in an interval, and once more for what came meanwhile. Also looks by itself now and then. */
class Throttle {
  readonly #call: () => void;
  readonly #everyMs: number;
  readonly #timer: NodeJS.Timeout;
  #last = Number.NEGATIVE_INFINITY;

  constructor(everyMs: number, call: () => void) {
    this.#everyMs = everyMs;
    this.#call = call;
    // Waits for a rate limit happen inside the kit, which tells nobody.
    this.#timer = setInterval(() => this.poke(), everyMs * 4);
    this.#timer.unref();
  }

  poke(): void {
    const now = performance.now();
    if (now - this.#last < this.#everyMs) return;
    this.#last = now;
    this.#call();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
