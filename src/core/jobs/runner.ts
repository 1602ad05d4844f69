/** Main's side of running jobs: hands runs to the worker, keeps their Execution up to date, and carries them over crashes. */

import type { FromWorker, RunSpec } from '../../engine/messages.ts';
import type { Execution, Failure } from '../../shared/activity/activity.ts';
import { endOf } from '../../shared/activity/figures.ts';
import { AppError } from '../../shared/app-error.ts';
import { adviceOf } from '../../shared/failure/rules.ts';
import type { ActivityId, ConnectionId, JobId } from '../../shared/ids.ts';
import { AccessResponder, type AccessSource } from './access-responder.ts';
import { maskMessage } from './masked.ts';
import { type Line, Reports } from './reports.ts';
import { runSpec } from './run-spec.ts';
import type { RunOrder } from './service.ts';
import { WorkerHost, type WorkerProcess } from './worker-process.ts';

/** Longest time the worker may take to close, milliseconds; then it is ended, and the next start resumes. */
const CLOSE_MS = 4_800;
/** Longest time a run may take to stop, milliseconds: a page that is slow to come is still taken. */
const STOP_MS = 20_000;
const DROP_MS = 60_000;
/** Should the repair not help, the worker is not restarted for each question that fails. */
const REPAIR_EVERY_MS = 60_000;

const CRASHED: Failure = {
  class: 'worker_crashed',
  message: 'The process that runs jobs ended three times within a minute.',
  advice: adviceOf('worker_crashed'),
};

export interface RunnerPorts {
  /** Starts the worker's bundle as a process of its own. */
  readonly fork: () => WorkerProcess;
  /** Folder of the profile. */
  readonly profile: string;
  /** The built network thread. */
  readonly networkThread: string;
  readonly access: AccessSource;
  /** Certificates of the moment a run starts. */
  readonly network: () => RunSpec['network'];
  /** URL of the proxy for an origin, null for the direct way; the worker asks for each it goes to. */
  readonly proxyFor: (origin: string) => Promise<string | null>;
  /** The Execution of a run has changed; `isEnd` when it has ended. Called again while it throws. */
  readonly onExecution: (execution: Execution, isEnd: boolean) => void;
  /** Called again while it throws. */
  readonly onLog: (id: ActivityId, lines: readonly Line[]) => void;
  /** The two before have thrown, a full disk most likely; null when everything is saved again. */
  readonly onUnsaved: (error: unknown) => void;
  /** Takes secrets out of a text, in whatever form they are written. */
  readonly mask: (text: string) => string;
  /** The authorization of a connection is lost: disconnect it and stop its other jobs. */
  readonly onLost: (id: ConnectionId, failure: Failure) => void;
  /** The cache is put aside or repaired: who has it open must open it anew. */
  readonly onCacheReplaced: () => void;
  /** For people: what the worker had to repair, or that it is paused. */
  readonly onNotice: (text: string) => void;
  readonly log: (text: string, error?: unknown) => void;
  readonly now: () => string;
  /** Overrides how long a run may take to stop, milliseconds. */
  readonly stopMs?: number | undefined;
}

interface Run {
  readonly spec: RunSpec;
  execution: Execution;
  /** Why it is being stopped, once somebody asked for it; with a failure where nobody did, but it can work no longer. */
  stopping: { readonly why: string; readonly failure: Failure | null } | null;
  readonly ended: Promise<void>;
  readonly end: () => void;
}

type Marked = Pick<Extract<FromWorker, { type: 'marked' }>, 'rows' | 'message'>;

export class JobRunner {
  readonly #ports: RunnerPorts;
  readonly #host: WorkerHost;
  readonly #responder: AccessResponder;
  readonly #reports: Reports;
  readonly #runs = new Map<ActivityId, Run>();
  #isRepairing = false;
  #repairedAt = Number.NEGATIVE_INFINITY;
  readonly #drops = new Map<number, (message: string | null) => void>();
  readonly #marks = new Map<number, (marked: Marked) => void>();
  #lastId = 0;
  #closed: (() => void) | null = null;

  constructor(ports: RunnerPorts) {
    this.#ports = ports;
    const { fork, profile, networkThread, log } = ports;
    this.#host = new WorkerHost({
      fork,
      init: { type: 'init', profile, networkThread },
      onMessage: (message) => this.#receive(maskMessage(message, ports.mask)),
      onCrash: (isPaused) => this.#crashed(isPaused),
      log,
    });
    this.#reports = new Reports(ports);
    this.#responder = new AccessResponder(ports.access, (message) => this.#host.send(message));
  }

  /** Starts the worker beforehand, so that the first run need not wait for it. */
  warmUp(): void {
    this.#host.start();
  }

  start(order: RunOrder): void {
    const spec = runSpec(order, this.#ports.network());
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#runs.set(order.execution.id, { spec, execution: order.execution, stopping: null, ended, end });
    if (this.#host.isRunning) this.#host.send({ type: 'start', spec });
    else {
      this.#host.start();
      this.#host.send({ type: 'start', spec });
    }
  }

  /**
   * Resolves when the run has ended; the page and the batch at hand are finished first, for as long as the worker answers.
   * @param failure given when it is not a person who stops it: the run ends as failed, with this
   */
  async stop(id: ActivityId, why: string, failure: Failure | null = null): Promise<void> {
    const run = this.#runs.get(id);
    if (run === undefined) return;
    run.stopping ??= { why, failure };
    if (this.#host.isRunning) this.#host.send({ type: 'stop', activityId: id, why });
    else this.#finish(run, stoppedAs(run));
    const limit = setTimeout(() => this.#giveUp(run), this.#ports.stopMs ?? STOP_MS);
    await run.ended;
    clearTimeout(limit);
  }

  /** A revocation waits for the end of its runs, and must not wait for a worker that hangs. Its other runs go on in the next. */
  #giveUp(run: Run): void {
    if (this.#runs.get(run.spec.activityId) !== run) return;
    this.#ports.log(`The worker did not stop the run ${run.spec.activityId} in time and is ended`);
    this.#finish(run, stoppedAs(run));
    this.#host.kill();
  }

  isRunning(id: JobId): boolean {
    return [...this.#runs.values()].some(({ spec }) => spec.job.id === id);
  }

  running(): readonly Execution[] {
    return [...this.#runs.values()].map(({ execution }) => execution);
  }

  /** Somebody else found the cache damaged and marked it so: the worker repairs it when it starts. */
  repairCache(): void {
    if (performance.now() - this.#repairedAt < REPAIR_EVERY_MS) return;
    if (this.#host.isRunning) this.#repair();
    else {
      this.#repairedAt = performance.now();
      this.#host.start();
    }
  }

  /** Removes everything a job has stored. @throws AppError when the worker could not */
  async dropJob(jobId: JobId): Promise<void> {
    this.#host.start();
    this.#lastId += 1;
    const requestId = this.#lastId;
    const message = await new Promise<string | null>((resolve) => {
      const timer = setTimeout(() => resolve('The worker did not answer in time.'), DROP_MS);
      this.#drops.set(requestId, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      this.#host.send({ type: 'dropJob', requestId, jobId });
    });
    this.#drops.delete(requestId);
    if (message !== null) throw new AppError('internal', `The rows of the job could not be removed. ${message}`);
  }

  /**
   * Marks the rows of a finding as gone.
   * @returns how many; null when the finding is not the last one any more
   * @throws AppError when the worker could not
   */
  async markMissing(jobId: JobId, agreed: { finding: ActivityId; rows: number }): Promise<number | null> {
    this.#host.start();
    this.#lastId += 1;
    const requestId = this.#lastId;
    const answer = await new Promise<Marked>((resolve) => {
      const late = { rows: null, message: 'The worker did not answer in time.' };
      const timer = setTimeout(() => resolve(late), DROP_MS);
      this.#marks.set(requestId, (marked) => {
        clearTimeout(timer);
        resolve(marked);
      });
      this.#host.send({ type: 'markMissing', requestId, jobId, ...agreed });
    });
    this.#marks.delete(requestId);
    if (answer.message !== null) throw new AppError('internal', `The rows could not be marked. ${answer.message}`);
    return answer.rows;
  }

  /** The connection was edited, revoked or authorized anew: the worker must ask for its access again. */
  forgetAccess(connectionId: ConnectionId): void {
    this.#host.send({ type: 'forgetAccess', connectionId });
  }

  /** Interrupts all runs where they are and closes the worker, in less than five seconds. The next start resumes them. */
  async shutdown(): Promise<void> {
    this.#host.close();
    if (this.#host.isRunning) await this.#closeWorker();
    this.#reports.close();
  }

  async #closeWorker(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, CLOSE_MS);
      this.#closed = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#host.send({ type: 'shutdown' });
    });
    this.#host.kill();
  }

  #receive(message: FromWorker): void {
    switch (message.type) {
      case 'ready':
        this.#isRepairing = false;
        if (message.notices.length > 0) this.#ports.onCacheReplaced();
        for (const text of message.notices) this.#ports.onNotice(text);
        break;
      case 'damaged':
        this.#repair();
        break;
      case 'broken':
        this.#broken(message.failure);
        break;
      case 'progress':
        this.#progress(message);
        break;
      case 'log':
        this.#reports.lines(message.activityId, message.lines);
        break;
      case 'finished':
        this.#finished(message);
        break;
      case 'accessRequest':
        void this.#responder.serve(message);
        break;
      case 'proxyRequest':
        void this.#answerProxy(message);
        break;
      case 'lost':
        this.#ports.onLost(message.connectionId, message.failure);
        break;
      case 'dropped':
        this.#drops.get(message.requestId)?.(message.message);
        break;
      case 'marked':
        this.#marks.get(message.requestId)?.(message);
        break;
      case 'note':
        this.#ports.log(message.text);
        break;
      case 'closed':
        this.#closed?.();
        break;
    }
  }

  async #answerProxy({ requestId, origin }: Extract<FromWorker, { type: 'proxyRequest' }>): Promise<void> {
    try {
      this.#host.send({ type: 'proxyReply', requestId, proxy: await this.#ports.proxyFor(origin), refusal: null });
    } catch (error) {
      const refusal = error instanceof Error ? error.message : String(error);
      this.#host.send({ type: 'proxyReply', requestId, proxy: null, refusal });
    }
  }

  #progress(message: Extract<FromWorker, { type: 'progress' }>): void {
    const run = this.#runs.get(message.activityId);
    if (run === undefined) return;
    const { status, waitingFor, counts, expected, elapsedMs } = message;
    run.execution = { ...run.execution, status, waitingFor, counts, expected, durationMs: elapsedMs };
    this.#reports.execution(run.execution, false);
  }

  #finished(message: Extract<FromWorker, { type: 'finished' }>): void {
    const run = this.#runs.get(message.activityId);
    if (run === undefined) return;
    const { status, failure, counts, expected, elapsedMs } = message;
    run.execution = { ...run.execution, counts, expected, durationMs: elapsedMs };
    if (run.stopping !== null)
      this.#reports.lines(message.activityId, [{ at: message.endedAt, text: run.stopping.why }]);
    this.#finish(run, status === 'stopped' ? stoppedAs(run) : { status, failure }, message.endedAt);
  }

  #finish(run: Run, end: Pick<Execution, 'status' | 'failure'>, endedAt = this.#ports.now()): void {
    this.#runs.delete(run.spec.activityId);
    run.execution = { ...run.execution, ...end, waitingFor: null, endedAt: endOf(run.execution, endedAt) };
    this.#reports.execution(run.execution, true);
    run.end();
  }

  /** The runs go on in the next worker, from their checkpoints and as the same activities. */
  #crashed(isPaused: boolean): void {
    for (const answer of this.#drops.values()) answer('The worker ended.');
    for (const answer of this.#marks.values()) answer({ rows: null, message: 'The worker ended.' });
    this.#closed?.();
    if (isPaused) {
      this.#ports.onNotice(`${CRASHED.message} Running jobs were ended. ${CRASHED.advice}`);
      for (const run of [...this.#runs.values()]) this.#finish(run, { status: 'failed', failure: CRASHED });
      return;
    }
    for (const run of [...this.#runs.values()]) {
      if (run.stopping !== null) {
        this.#finish(run, stoppedAs(run));
        continue;
      }
      const text = this.#isRepairing
        ? 'The record cache is damaged. It is repaired or begun anew, and the run goes on with what is left of it.'
        : 'The process that runs jobs ended unexpectedly; the run goes on from its checkpoint.';
      this.#reports.lines(run.spec.activityId, [{ at: this.#ports.now(), text }]);
    }
    this.#host.afterRestart(() => {
      for (const { spec } of this.#runs.values())
        this.#host.send({ type: 'start', spec: { ...spec, isResumed: true } });
    });
  }

  /** The next worker looks at the whole file before it goes on. A file must be closed everywhere to be put aside. */
  #repair(): void {
    this.#repairedAt = performance.now();
    this.#isRepairing = true;
    this.#ports.onCacheReplaced();
    this.#host.kill();
  }

  /** The cache does not open: every run ends with the reason, and the worker is asked again with the next run. */
  #broken(failure: Failure): void {
    this.#ports.log(`The worker cannot work: ${failure.message}`);
    for (const run of [...this.#runs.values()]) this.#finish(run, { status: 'failed', failure });
    this.#host.discard();
  }
}

function stoppedAs({ stopping }: Run): Pick<Execution, 'status' | 'failure'> {
  const failure = stopping?.failure ?? null;
  return { status: failure === null ? 'stopped' : 'failed', failure };
}

export type { WorkerProcess };
