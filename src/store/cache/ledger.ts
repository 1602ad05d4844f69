/** Passes, runs and their rejected records: what a resumed run needs to go on. */
import { z } from 'zod';
import { failureSchema, NO_COUNTS, type RunCounts, runCountsSchema } from '../../shared/activity/activity.ts';
import type { ActivityId, JobId } from '../../shared/ids.ts';
import type { ReadableDb, WritableDb } from '../database.ts';
import { fromJson, toJson } from '../rows.ts';
import { readHeldSweep, saveHeldSweep } from './findings.ts';

export type RejectedBy = 'source' | 'mapping' | 'destination';

export interface RejectedRecord {
  readonly key: string;
  readonly reason: string;
  readonly by: RejectedBy;
}

/** A part of the source that a run could not read. */
export interface UnreadPart {
  readonly part: string;
  readonly reason: string;
}

/** Unread parts kept per run; all are counted. */
export const UNREAD_KEPT = 1_000;
/** Rejected records kept per run; all are counted. */
export const REJECTED_KEPT = 10_000;
/** Runs whose counts and rejected records are kept per job, besides those under way. */
const RUNS_KEPT = 100;

const sinceSchema = z.strictObject({ field: z.string(), value: z.string() }).nullable();
const passSchema = z.strictObject({
  fingerprint: z.string(),
  mode: z.enum(['full', 'incremental']),
  since: sinceSchema,
  phase: z.enum(['reading', 'sweeping', 'delivering']),
  checkpoint: z.unknown(),
  pages: z.number().int(),
  /** Milliseconds since 1970. */
  startedAt: z.number().int(),
  touchedAt: z.number().int(),
  firstNewId: z.number().int(),
  cursorMax: z.union([z.string(), z.number()]).nullable(),
  unkeyed: z.number().int(),
  /** Chunks below this were swept. */
  sweptTo: z.number().int(),
});
export type Pass = Readonly<z.infer<typeof passSchema>>;

export const outcomeSchema = z.strictObject({
  status: z.enum(['success', 'partial_success', 'failed', 'stopped']),
  failure: failureSchema.nullable(),
});
export type Outcome = Readonly<z.infer<typeof outcomeSchema>>;

export interface Run {
  readonly id: ActivityId;
  readonly jobId: JobId;
  readonly startedAt: number;
  readonly elapsedMs: number;
  readonly counts: RunCounts;
  readonly expected: number | null;
  readonly outcome: Outcome | null;
}

export function readPass(db: ReadableDb, jobId: JobId): Pass | null {
  const row = db.prepare<[string], Record<string, unknown>>('SELECT * FROM passes WHERE job_id = ?').get(jobId);
  if (row === undefined) return null;
  return passSchema.parse({
    fingerprint: row.fingerprint,
    mode: row.mode,
    since: fromJson(row.since),
    phase: row.phase,
    checkpoint: fromJson(row.checkpoint),
    pages: row.pages,
    startedAt: row.started_at,
    touchedAt: row.touched_at,
    firstNewId: row.first_new_id,
    cursorMax: fromJson(row.cursor_max),
    unkeyed: row.unkeyed,
    sweptTo: row.swept_to,
  });
}

export function readRun(db: ReadableDb, id: ActivityId): Run | null {
  const row = db.prepare<[string], Record<string, unknown>>('SELECT * FROM runs WHERE id = ?').get(id);
  if (row === undefined) return null;
  const outcome = fromJson(row.outcome);
  return {
    id,
    jobId: row.job_id as JobId,
    startedAt: Number(row.started_at),
    elapsedMs: Number(row.elapsed_ms),
    counts: runCountsSchema.parse(fromJson(row.counts)),
    expected: row.expected === null ? null : Number(row.expected),
    outcome: outcome === null ? null : outcomeSchema.parse(outcome),
  };
}

/** The newest run of a job that was under way when its process ended. */
export function unfinishedRun(db: ReadableDb, jobId: JobId): Run | null {
  const id = db
    .prepare<[string], string>(
      'SELECT id FROM runs WHERE job_id = ? AND outcome IS NULL ORDER BY started_at DESC LIMIT 1',
    )
    .pluck()
    .get(jobId);
  return id === undefined ? null : readRun(db, id as ActivityId);
}

/** The pass and the run of one job, as they are written. Every method belongs into a transaction of the caller's. */
export class RunLedger {
  readonly #db: WritableDb;
  readonly #jobId: JobId;
  readonly #runId: ActivityId;
  readonly #savePass;
  readonly #saveRun;
  readonly #addRows;
  readonly #reject;
  readonly #unread;

  constructor(db: WritableDb, jobId: JobId, runId: ActivityId) {
    this.#db = db;
    this.#jobId = jobId;
    this.#runId = runId;
    this.#savePass = db.prepare(
      'UPDATE passes SET phase = ?, checkpoint = ?, pages = ?, touched_at = ?, cursor_max = ?, unkeyed = ?, swept_to = ? WHERE job_id = ?',
    );
    this.#saveRun = db.prepare('UPDATE runs SET elapsed_ms = ?, counts = ?, expected = ?, outcome = ? WHERE id = ?');
    this.#addRows = db.prepare('UPDATE job_tables SET rows = rows + ?, gone = gone + ? WHERE job_id = ?');
    this.#reject = db.prepare(
      'INSERT INTO rejected (run_id, n, record_key, reason, rejected_by) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    );
    this.#unread = db.prepare('INSERT INTO unread (run_id, part, reason) VALUES (?, ?, ?) ON CONFLICT DO NOTHING');
  }

  beginRun(startedAt: number): void {
    const old = `SELECT id FROM runs WHERE job_id = ? AND outcome IS NOT NULL ORDER BY started_at DESC LIMIT -1 OFFSET ${RUNS_KEPT}`;
    this.#db.prepare(`DELETE FROM rejected WHERE run_id IN (${old})`).run(this.#jobId);
    this.#db.prepare(`DELETE FROM unread WHERE run_id IN (${old})`).run(this.#jobId);
    this.#db.prepare(`DELETE FROM runs WHERE id IN (${old})`).run(this.#jobId);
    this.#db
      .prepare(
        'INSERT INTO runs (id, job_id, started_at, elapsed_ms, counts) VALUES (?, ?, ?, 0, ?) ON CONFLICT DO NOTHING',
      )
      .run(this.#runId, this.#jobId, startedAt, toJson(NO_COUNTS));
  }

  saveRun(run: Pick<Run, 'elapsedMs' | 'counts' | 'expected' | 'outcome'>): void {
    const outcome = run.outcome === null ? null : toJson(run.outcome);
    this.#saveRun.run(Math.round(run.elapsedMs), toJson(run.counts), run.expected, outcome, this.#runId);
  }

  /** Starts a pass from the beginning; what an earlier one had seen is forgotten. */
  beginPass(pass: Pass): void {
    // A pass that reads everything finds out anew what is missing.
    if (pass.mode === 'full') saveHeldSweep(this.#db, this.#jobId, null);
    this.endPass();
    this.#db
      .prepare(
        `INSERT INTO passes (job_id, fingerprint, mode, since, phase, checkpoint, pages, started_at, touched_at, first_new_id, cursor_max, unkeyed, swept_to)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        this.#jobId,
        pass.fingerprint,
        pass.mode,
        toJson(pass.since),
        pass.phase,
        toJson(pass.checkpoint ?? null),
        pass.pages,
        pass.startedAt,
        pass.touchedAt,
        pass.firstNewId,
        toJson(pass.cursorMax),
        pass.unkeyed,
        pass.sweptTo,
      );
  }

  savePass(pass: Pass): void {
    this.#savePass.run(
      pass.phase,
      toJson(pass.checkpoint ?? null),
      pass.pages,
      pass.touchedAt,
      toJson(pass.cursorMax),
      pass.unkeyed,
      pass.sweptTo,
      this.#jobId,
    );
  }

  /** What the pass has met is forgotten, unless rows that it has not met wait for somebody to decide. */
  endPass(): void {
    this.#db.prepare('DELETE FROM passes WHERE job_id = ?').run(this.#jobId);
    if (readHeldSweep(this.#db, this.#jobId) === null) this.forgetSeen();
  }

  forgetSeen(): void {
    this.#db.prepare('DELETE FROM seen WHERE job_id = ?').run(this.#jobId);
  }

  addRows(rows: number, gone: number): void {
    if (rows !== 0 || gone !== 0) this.#addRows.run(rows, gone, this.#jobId);
  }

  /** @param first how many this run has rejected before */
  reject(first: number, records: readonly RejectedRecord[]): void {
    for (let at = 0; at < records.length && first + at < REJECTED_KEPT; at += 1) {
      const { key, reason, by } = records[at] as RejectedRecord;
      this.#reject.run(this.#runId, first + at, key.slice(0, 1_000), reason.slice(0, 1_000), by);
    }
  }

  /** @param first how many parts this run has not read before */
  unread(first: number, parts: readonly UnreadPart[]): void {
    for (let at = 0; at < parts.length && first + at < UNREAD_KEPT; at += 1) {
      const { part, reason } = parts[at] as UnreadPart;
      this.#unread.run(this.#runId, part.slice(0, 2_000), reason.slice(0, 1_000));
    }
  }

  /** Before a source is read: it tries every part again that could not be read. */
  forgetUnread(): void {
    this.#db.prepare('DELETE FROM unread WHERE run_id = ?').run(this.#runId);
  }

  /**
   * What the run before could not read of the pass that this run goes on with, behind the end of reading.
   * @returns how many parts
   */
  adoptUnread(): number {
    const before = this.#db
      .prepare<[string, string], { id: string; counts: string }>(
        'SELECT id, counts FROM runs WHERE job_id = ? AND id <> ? ORDER BY started_at DESC, id DESC LIMIT 1',
      )
      .get(this.#jobId, this.#runId);
    if (before === undefined) return 0;
    this.#db
      .prepare('INSERT INTO unread SELECT ?, part, reason FROM unread WHERE run_id = ? ON CONFLICT DO NOTHING')
      .run(this.#runId, before.id);
    return runCountsSchema.parse(fromJson(before.counts)).unread;
  }

  /** What the next pass needs to know of this one. */
  completeTable(table: {
    readonly asOf: number;
    /** Whether the pass has read everything. */
    readonly isFull: boolean;
    readonly fingerprint: string;
    readonly cursor: string | number | null;
    readonly previous: unknown;
  }): void {
    this.#db
      .prepare(
        'UPDATE job_tables SET as_of = ?, full_at = coalesce(?, full_at), fingerprint = ?, cursor = ?, previous = ? WHERE job_id = ?',
      )
      .run(
        table.asOf,
        table.isFull ? table.asOf : null,
        table.fingerprint,
        toJson(table.cursor),
        toJson(table.previous ?? null),
        this.#jobId,
      );
  }

  setDeliveredTo(destination: string | null): void {
    this.#db.prepare('UPDATE job_tables SET delivered_to = ? WHERE job_id = ?').run(destination, this.#jobId);
  }
}

/** Rejected records of a run in the order they were met; `total` counts those that are kept. */
export function readRejected(
  db: ReadableDb,
  runId: string,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): { records: RejectedRecord[]; total: number } {
  const total = db.prepare<[string], number>('SELECT count(*) FROM rejected WHERE run_id = ?').pluck().get(runId) ?? 0;
  const records = db
    .prepare<[string, number, number], RejectedRecord>(
      'SELECT record_key AS key, reason, rejected_by AS "by" FROM rejected WHERE run_id = ? ORDER BY n LIMIT ? OFFSET ?',
    )
    .all(runId, limit, offset);
  return { records, total };
}

/** Parts that a run could not read, by name. A cache that the worker has not brought up to date yet has none. */
export function readUnread(db: ReadableDb, runId: string, limit: number): UnreadPart[] {
  const isThere = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'unread'").get();
  if (isThere === undefined) return [];
  return db
    .prepare<[string, number], UnreadPart>('SELECT part, reason FROM unread WHERE run_id = ? ORDER BY part LIMIT ?')
    .all(runId, limit);
}
