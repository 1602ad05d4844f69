/** One run of a job: read a page, let the request for the next one go out, store, deliver; until the end, a stop or a failure. */
import { isLossBySystem, passesSoon, speaksOf, waitingForOf } from '../shared/failure/rules.ts';
import type { ConnectionId } from '../shared/ids.ts';
import { sourcePaths } from '../shared/job/mapping.ts';
import { readHeldSweep, saveHeldSweep } from '../store/cache/findings.ts';
import { type Outcome, type Pass, type Run, readRun } from '../store/cache/ledger.ts';
import type { StillRejected } from '../store/cache/rejections.ts';
import type { SeenRows } from '../store/cache/seen.ts';
import { inTransaction } from '../store/database.ts';
import { isDamage, toStoreError } from '../store/database-errors.ts';
import {
  ConnectorError,
  type JsonValue,
  NoProgressError,
  type Page,
  type ReadRequest,
  toFailure,
} from './connectors.ts';
import { type CursorValue, isGreater, nextCursor } from './cursor.ts';
import type { RunSpec } from './messages.ts';
import { restartPass } from './passes.ts';
import { Patience, stoppedError } from './patience.ts';
import { peekable, turn } from './peekable.ts';
import { countOf } from './run-log.ts';
import { beginRun, type RunParts, type RunPorts } from './run-parts.ts';
import type { Counts, RunState } from './run-state.ts';
import { removeSpool } from './spool.ts';
import { countUnmet, isUnusual, lastChunk, rowsBefore } from './sweep.ts';

/** A batch under way at a stop gets this long to be answered. */
const BATCH_GRACE_MS = 3_000;
/** More pages than any source has: one that invents pages must end somewhere. */
const MAX_PAGES = 1_000_000;
/** Parts of a source that were not read, named in a run's log; the activity has more. */
const UNREAD_LOGGED = 50;
/** The kit's own pauses for a rate limit are shown from this length on. */
const SHOWN_PAUSE_MS = 1_000;

export interface RunEnd extends Outcome {
  /** The connection the failure is about. */
  readonly failedConnection: ConnectionId | null;
}

export class JobRun {
  readonly spec: RunSpec;
  /** The run as an earlier process has ended it. */
  stored: Run | null = null;
  readonly #ports: RunPorts;
  readonly #reading = new AbortController();
  readonly #writing = new AbortController();
  readonly #patience: Patience;
  #ending: 'stopped' | 'interrupted' | null = null;
  #parts: RunParts | null = null;
  /** Pages stored since this process took the run up. */
  #pages = 0;
  #retries = 0;
  #retriedAt = -1;

  constructor(spec: RunSpec, ports: RunPorts) {
    this.spec = spec;
    this.#ports = ports;
    const { now, log, onProgress } = ports;
    this.#patience = new Patience({ signal: this.#reading.signal, now, log, onChange: onProgress });
  }

  /** Null until the run has begun. */
  get state(): RunState | null {
    return this.#parts?.state ?? null;
  }

  /** For what the run waits, as people read it; null while it works. */
  get waitingFor(): string | null {
    if (this.#patience.waitingFor !== null) return this.#patience.waitingFor;
    const { source, delivery } = this.#parts ?? {};
    if (source?.waitsForAccess() === true || delivery?.waitsForAccess() === true)
      return 'the authorization to be renewed';
    const pausedMs = source?.limiter.pausedForMs('default') ?? 0;
    return pausedMs < SHOWN_PAUSE_MS ? null : `the rate limit until ${this.#patience.clock(pausedMs)}`;
  }

  /** Ends the run after the page and the batch at hand. `interrupted`: it is resumed as the same activity later. */
  end(how: 'stopped' | 'interrupted'): void {
    this.#ending ??= how;
    this.#reading.abort(stoppedError());
    setTimeout(() => this.#writing.abort(stoppedError()), BATCH_GRACE_MS).unref();
  }

  /** @returns how it ended; null when it was interrupted and is to be resumed */
  async run(): Promise<RunEnd | null> {
    const before = readRun(this.#ports.db, this.spec.activityId);
    if (before?.outcome) {
      // Killed between its end and the moment main heard of it.
      this.stored = before;
      return { ...before.outcome, failedConnection: null };
    }
    const end = await this.#runToItsEnd();
    await this.#parts?.spool.close();
    // Kept answers are for a run that was interrupted. Behind an end they would be old, or the very ones that made it fail.
    if (end !== null) removeSpool(this.#ports.folder, this.spec.job.id);
    return end;
  }

  async #runToItsEnd(): Promise<RunEnd | null> {
    try {
      const signals = { reading: this.#reading.signal, writing: this.#writing.signal };
      const parts = await this.#patience.withRoom(() => beginRun(this.spec, this.#ports, signals, this.#patience));
      this.#parts = parts;
      await this.#workUntilDone(parts);
      return await this.#succeed(parts);
    } catch (error) {
      return await this.#fail(error);
    }
  }

  async #workUntilDone(parts: RunParts): Promise<void> {
    for (;;) {
      try {
        await this.#work(parts);
        return;
      } catch (error) {
        this.#patience.throwIfEnding();
        if (!(await this.#mayGoOn(error, parts))) throw error;
        parts.delivery?.retry();
      }
    }
  }

  async #work(parts: RunParts): Promise<void> {
    const { state, delivery } = parts;
    // What an earlier run left must not wait for the source.
    await delivery?.drain();
    if (state.pass.phase === 'reading') await this.#readAll(parts);
    if (state.pass.phase === 'sweeping') await this.#sweep(parts);
    // Last, because reading may have brought what they lacked.
    await delivery?.drain();
    await delivery?.offerRefused();
    await delivery?.drain();
  }

  async #readAll(parts: RunParts): Promise<void> {
    const { source, state, spool, delivery } = parts;
    await this.#forgetUnread(parts);
    const iterator = source.connector.read(source.context, this.#request(parts))[Symbol.asyncIterator]();
    let coming = peekable(iterator.next());
    try {
      for (;;) {
        const { done, value: page } = await coming.result;
        if (done === true) break;
        // The request for the next page goes out now and travels while this page is stored.
        coming = peekable(iterator.next());
        await spool.settled();
        await turn();
        await delivery?.room();
        await this.#store(page, coming.isDone(), parts);
        this.#patience.throwIfEnding();
        if (state.pass.pages >= MAX_PAGES) throw new NoProgressError(`The source has more than ${MAX_PAGES} pages.`);
      }
    } finally {
      // Not awaited: a reader that hangs in a request would hold up the end of the run.
      iterator.return?.().catch(() => undefined);
    }
    if (state.pass.phase === 'reading') await this.#enter(phaseAfterReading(state.pass), parts);
    this.#ports.log(
      `Read to the end: ${countOf(state.counts.read, 'record')} on ${countOf(state.counts.pages, 'page')}.`,
    );
  }

  /** The last page and the end of reading are one transaction: a run killed behind it does not begin again. */
  async #store(page: Page, isLast: boolean, { store, state, delivery }: RunParts): Promise<void> {
    const phase = isLast ? phaseAfterReading(state.pass) : state.pass.phase;
    const changed = await this.#patience.withRoom(() => store.store(page, state, phase));
    this.#pages += 1;
    this.#logUnread(page, state);
    if (changed !== null) delivery?.push(changed);
    this.#ports.onProgress();
  }

  /** The source tries them all again, see {@link Page.unread}. */
  async #forgetUnread({ state, ledger }: RunParts): Promise<void> {
    if (state.counts.unread === 0) return;
    await this.#patience.withRoom(() => inTransaction(this.#ports.db, () => ledger.forgetUnread()));
    state.counts.unread = 0;
  }

  #logUnread({ unread = [] }: Page, { counts }: RunState): void {
    const before = counts.unread - unread.length;
    for (const { part, reason } of unread.slice(0, Math.max(0, UNREAD_LOGGED - before)))
      this.#ports.log(`Not read: ${part}. ${reason}`);
  }

  #request({ info, state }: RunParts): ReadRequest {
    const { job, readFields } = this.spec;
    const { since, checkpoint } = state.pass;
    const fields = new Set(sourcePaths(job.mapping));
    if (job.cursorField !== null) fields.add(job.cursorField);
    return {
      object: job.sourceObject,
      fields: readFields ?? [...fields],
      filter: job.filter,
      since,
      checkpoint: (checkpoint ?? null) as JsonValue,
      ...(since === null || info.previous === null ? {} : { previous: info.previous as JsonValue }),
    };
  }

  async #enter(phase: Pass['phase'], { state, ledger }: RunParts): Promise<void> {
    const pass = { ...state.pass, phase };
    await this.#patience.withRoom(() => inTransaction(this.#ports.db, () => ledger.savePass(pass)));
    state.pass = pass;
  }

  /** Marks rows that a full pass has not met, a chunk at a time. */
  async #sweep(parts: RunParts): Promise<void> {
    const { state, seen } = parts;
    if (state.counts.unread > 0) {
      this.#ports.log(
        `Rows that are gone were not marked: ${countOf(state.counts.unread, 'part')} of the source could not be read.`,
      );
    } else if (state.pass.unkeyed > 0) {
      this.#ports.log(
        `Rows that are gone were not marked: ${state.pass.unkeyed} records could not be told by their key.`,
      );
    } else if (seen !== null && !(await this.#hold(seen, parts))) {
      for (let chunk = state.pass.sweptTo; chunk <= lastChunk(state.pass.firstNewId); chunk += 1) {
        await this.#patience.withRoom(() => this.#sweepChunk(chunk, parts));
        await turn();
        this.#patience.throwIfEnding();
      }
    }
    await this.#enter('delivering', parts);
  }

  /**
   * Keeps an unusually large finding for a person, instead of marking it. A sweep that has begun is ended: it was judged before.
   * @returns whether it is kept
   */
  async #hold(seen: SeenRows, { state }: RunParts): Promise<boolean> {
    const { job, activityId, marksMissing } = this.spec;
    const { db, now } = this.#ports;
    const { firstNewId: lastId, sweptTo } = state.pass;
    if (sweptTo > 0 || marksMissing === true) return false;
    const missing = await countUnmet(seen, lastId, () => this.#breathe());
    if (!isUnusual(missing, rowsBefore(db, job.id, lastId))) return false;
    const held = { runId: activityId, foundAt: now(), lastId, missing };
    await this.#patience.withRoom(() => inTransaction(db, () => saveHeldSweep(db, job.id, held)));
    return true;
  }

  async #breathe(): Promise<void> {
    await turn();
    this.#patience.throwIfEnding();
  }

  /** What an earlier full pass has left for a person to decide, less what was met since. @returns rows */
  async #stillMissing({ seen, state }: RunParts): Promise<number> {
    const { db } = this.#ports;
    const { id } = this.spec.job;
    const held = readHeldSweep(db, id);
    if (held === null || seen === null || state.pass.mode === 'full') return held?.missing ?? 0;
    const missing = await countUnmet(seen, held.lastId, () => this.#breathe());
    await this.#patience.withRoom(() => inTransaction(db, () => saveHeldSweep(db, id, { ...held, missing })));
    return missing;
  }

  #sweepChunk(chunk: number, { state, ledger, seen }: RunParts): void {
    const pass = { ...state.pass, sweptTo: chunk + 1 };
    const marked = inTransaction(this.#ports.db, () => {
      const gone = seen?.sweep(chunk, pass.firstNewId) ?? 0;
      ledger.addRows(-gone, gone);
      ledger.savePass(pass);
      const counts = { ...state.counts, gone: state.counts.gone + gone };
      ledger.saveRun({ elapsedMs: state.elapsedMs, counts, expected: state.expected, outcome: null });
      return gone;
    });
    state.pass = pass;
    state.counts.gone += marked;
  }

  async #succeed(parts: RunParts): Promise<RunEnd> {
    const { state, info, ledger, rejections } = parts;
    const { db, now } = this.#ports;
    const { counts, pass } = state;
    counts.missing = await this.#stillMissing(parts);
    let outcome: Outcome = { status: 'success', failure: null };
    let still: StillRejected | null = null;
    await this.#patience.withRoom(() =>
      inTransaction(db, () => {
        if (pass.mode === 'full' && counts.unread === 0) rejections.endFullPass(pass.startedAt);
        still = rejections.ofEarlierRuns();
        counts.stillRejected = still.count;
        ledger.reject(counts.rejected + counts.refused, still.records);
        outcome = { status: isWhole(counts) ? 'success' : 'partial_success', failure: null };
        const known = info.fingerprint === pass.fingerprint ? (info.cursor as CursorValue | null) : null;
        const cursor = cursorAfter(pass, known, Math.max(state.elapsedMs, now() - pass.startedAt));
        // A source that had nothing to say leaves what it said last.
        const isSilent = pass.pages === 0 && info.fingerprint === pass.fingerprint;
        const previous = isSilent ? info.previous : pass.checkpoint;
        ledger.completeTable({
          asOf: now(),
          isFull: pass.mode === 'full',
          fingerprint: pass.fingerprint,
          cursor,
          previous,
        });
        ledger.endPass();
        ledger.saveRun({ elapsedMs: state.elapsedMs, counts, expected: state.expected, outcome });
      }),
    );
    if (counts.unread > 0) this.#ports.log(unreadLine(counts.unread));
    if (still !== null && counts.stillRejected > 0) this.#ports.log(stillRejectedLine(still));
    if (counts.missing > 0) this.#ports.log(missingLine(counts.missing));
    if (counts.gone > 0) this.#ports.log(`${countOf(counts.gone, 'row')} no longer at the source, marked as gone.`);
    if (this.#parts?.delivery != null) this.#ports.log(`Delivered: ${countOf(counts.delivered, 'row')}.`);
    return { ...outcome, failedConnection: null };
  }

  async #fail(error: unknown): Promise<RunEnd | null> {
    // Interrupts this run and the others: they go on with what can be saved of the file.
    if (isDamage(toStoreError(error, this.#ports.db.name))) this.#ports.onDamage();
    const delivery = this.#parts?.delivery ?? null;
    const isDestination = delivery !== null && delivery.failure === error;
    if (this.#ending === null) setTimeout(() => this.#writing.abort(stoppedError()), BATCH_GRACE_MS).unref();
    await delivery?.halt();
    if (this.#ending === 'interrupted') return null;
    if (this.#ending === 'stopped') return this.#end({ status: 'stopped', failure: null }, null);
    const { source, destination } = this.spec;
    const failed = isDestination && destination !== null ? destination : source;
    const explained = toFailure(await this.#explained(error, isDestination));
    const failure = this.#patience.withResumption(explained, error);
    return this.#end({ status: 'failed', failure }, failed.connectionId, error instanceof NoProgressError);
  }

  /** A connector may know the truer reason of a lost authorization. */
  async #explained(error: unknown, isDestination: boolean): Promise<unknown> {
    if (!(error instanceof ConnectorError) || this.#parts === null) return error;
    if (error.failureClass !== 'object_denied' && !isLossBySystem(error.failureClass)) return error;
    if (isDestination) return (await this.#parts.delivery?.explain(error)) ?? error;
    const { connector, context } = this.#parts.source;
    return connector.explain(context, error);
  }

  /**
   * The checkpoint stays: the next run of the job goes on from it.
   * @param isAstray the checkpoint leads into a circle, so the next run begins anew
   */
  #end(outcome: Outcome, failedConnection: ConnectionId | null, isAstray = false): RunEnd {
    if (this.#parts !== null) {
      const { counts, expected, elapsedMs } = this.#parts.state;
      const { ledger } = this.#parts;
      try {
        inTransaction(this.#ports.db, () => {
          ledger.saveRun({ elapsedMs, counts, expected, outcome });
          if (isAstray) ledger.endPass();
        });
      } catch (error) {
        // Main hears of the end all the same; the file only misses it when the process is killed in this moment.
        this.#ports.log(`The end of the run could not be noted on disk. ${toFailure(error).message}`);
      }
    }
    return { ...outcome, failedConnection };
  }

  /** Whether the run may go on behind a failure; waits first where that can help. */
  async #mayGoOn(error: unknown, parts: RunParts): Promise<boolean> {
    if (!(error instanceof ConnectorError)) return false;
    const { state, ledger, delivery } = parts;
    const isAtCheckpoint = this.#pages === 0 && state.pass.phase === 'reading' && state.pass.pages > 0;
    // A source that no longer knows the position of the checkpoint answers like this.
    if (speaksOf(error.failureClass, 'request', 'answer') && isAtCheckpoint && delivery?.failure !== error) {
      this.#ports.log('The source no longer knows where the run was interrupted; it reads everything again.');
      const again = (): Pass => restartPass(ledger, state.pass, this.#ports.now());
      state.pass = await this.#patience.withRoom(() => inTransaction(this.#ports.db, again));
      return true;
    }
    if (!passesSoon(error.failureClass)) return false;
    const progress = state.counts.pages + state.counts.delivered + state.counts.refused;
    if (this.#retriedAt !== progress) this.#retries = 0;
    this.#retriedAt = progress;
    const planned = this.#ports.retryWaitsMs[this.#retries];
    if (planned === undefined) return false;
    this.#retries += 1;
    // Never less than planned: short waits that a system asks for again and again must not use the patience up.
    const waitMs = Math.max(error.retryAfterMs ?? 0, planned);
    this.#ports.log(`${error.message} The run continues at ${this.#patience.clock(waitMs)}.`);
    await this.#patience.wait(waitMs, waitingForOf(error.failureClass));
    return true;
  }
}

/** Everything was read, stored and delivered, and nothing waits for anybody. */
function isWhole({ rejected, refused, unread, missing, stillRejected }: Counts): boolean {
  return rejected + refused + unread + missing + stillRejected === 0;
}

function stillRejectedLine({ count, since }: StillRejected): string {
  const day = since === null ? '' : ` since ${new Date(since).toISOString().slice(0, 10)}`;
  return `${countOf(count, 'record')} still rejected${day}. They were not read again in this run.`;
}

function missingLine(missing: number): string {
  return `${countOf(missing, 'row')} no longer at the source. That is more than half, so they were not marked as deleted. Open the activity to mark them, or check the source.`;
}

function unreadLine(count: number): string {
  const what = count === 1 ? '1 part of the source was not read. The next run tries it again.' : null;
  return what ?? `${count.toLocaleString('en')} parts of the source were not read. The next run tries them again.`;
}

function phaseAfterReading(pass: Pass): Pass['phase'] {
  return pass.mode === 'full' && pass.firstNewId > 0 ? 'sweeping' : 'delivering';
}

function cursorAfter(pass: Pass, known: CursorValue | null, passMs: number): CursorValue | null {
  const reached = nextCursor(pass.cursorMax, passMs);
  // Everything before the known one has been read already.
  return known !== null && (reached === null || isGreater(known, reached)) ? known : reached;
}
