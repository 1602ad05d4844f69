import type { Execution, ExecutionStatus } from '../../shared/activity/activity.ts';
import { AppError } from '../../shared/errors.ts';
import type { ActivityId, ConnectionId, JobId, TenantId } from '../../shared/ids.ts';
import { durably, inTransaction, type WritableDb } from '../database.ts';
import { fromMs, type ReportUnreadable, type Row, readRows, statement, toJson, toMs } from '../rows.ts';
import { ExecutionPages, type ExecutionQuery } from './execution-pages.ts';
import {
  CauseRows,
  EXECUTION_COLUMNS,
  EXECUTION_JOINS,
  readExecution,
  SubjectRows,
  TenantNumbers,
} from './execution-rows.ts';

/** The newest run of a job, and when its newest successful one ended. */
export interface LatestRun {
  readonly jobId: JobId;
  readonly connectionId: ConnectionId;
  readonly activityId: ActivityId;
  readonly status: ExecutionStatus;
  readonly startedAt: string;
  readonly dataAsOf: string | null;
}

export interface Failures {
  readonly count: number;
  /** The most frequent message of those failures. */
  readonly cause: string | null;
}

/** What changes while a run works; its names, trigger and start never do. */
function changing(one: Execution): unknown[] {
  const {
    read,
    inserted,
    updated,
    unchanged,
    gone,
    rejected,
    delivered,
    refused,
    unread,
    missing,
    stillRejected,
    pages,
    bytes,
  } = one.counts;
  return [
    one.status,
    one.waitingFor,
    one.endedAt === null ? null : toMs(one.endedAt),
    one.durationMs,
    one.expected,
    one.failure === null ? null : toJson(one.failure),
    read,
    inserted,
    updated,
    unchanged,
    gone,
    rejected,
    delivered,
    refused,
    unread,
    missing,
    stillRejected,
    pages,
    bytes,
  ];
}

const SELECT = `SELECT ${EXECUTION_COLUMNS} FROM executions e ${EXECUTION_JOINS}`;

export class ExecutionRepository {
  readonly #db: WritableDb;
  readonly #report: ReportUnreadable;
  readonly #pages: ExecutionPages;
  readonly #tenants: TenantNumbers;
  readonly #subjects: SubjectRows;
  readonly #causes: CauseRows;
  readonly #insert;
  readonly #update;
  readonly #get;
  readonly #bySeq;
  readonly #open;
  readonly #failedCounts;
  readonly #failedCauses;
  readonly #latest;
  readonly #latestOf;
  readonly #countOfConnection;

  constructor(db: WritableDb, report: ReportUnreadable) {
    this.#db = db;
    this.#report = report;
    this.#tenants = new TenantNumbers(db);
    this.#pages = new ExecutionPages(db, this.#tenants);
    this.#subjects = new SubjectRows(db, this.#tenants);
    this.#causes = new CauseRows(db);
    this.#insert = statement<unknown[]>(
      db,
      `INSERT INTO executions (status, waiting_for, ended_at, duration_ms, expected, failure, read, inserted, updated, unchanged, gone,
         rejected, delivered, refused, unread, missing, still_rejected, pages, bytes, cause_id, id, tenant_no, subject_id, started_by, started_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#update = statement<unknown[]>(
      db,
      `UPDATE executions SET status = ?, waiting_for = ?, ended_at = ?, duration_ms = ?, expected = ?, failure = ?, read = ?,
         inserted = ?, updated = ?, unchanged = ?, gone = ?, rejected = ?, delivered = ?, refused = ?, unread = ?, missing = ?,
         still_rejected = ?, pages = ?, bytes = ?, cause_id = ?
       WHERE id = ?`,
    );
    this.#get = statement<[string]>(db, `${SELECT} WHERE e.id = ?`);
    this.#bySeq = statement<[string]>(
      db,
      `SELECT ${EXECUTION_COLUMNS} FROM json_each(?) page CROSS JOIN executions e ON e.seq = page.value
       ${EXECUTION_JOINS} ORDER BY page.key`,
    );
    this.#open = statement(db, `${SELECT} WHERE e.ended_at IS NULL ORDER BY e.started_at`);
    this.#failedCounts = statement<[number, number]>(
      db,
      `SELECT s.connection_id, sum(f.n) AS n FROM (
         SELECT subject_id, count(*) AS n FROM executions INDEXED BY executions_failed
         WHERE tenant_no = ? AND status = 'failed' AND ended_at >= ? GROUP BY subject_id
       ) f JOIN subjects s ON s.id = f.subject_id GROUP BY s.connection_id`,
    );
    this.#failedCauses = statement<[number, number]>(
      db,
      `SELECT s.connection_id, e.failure ->> 'message' AS cause, count(*) AS n
       FROM executions e INDEXED BY executions_failed JOIN subjects s ON s.id = e.subject_id
       WHERE e.tenant_no = ? AND e.status = 'failed' AND e.ended_at >= ? AND e.failure IS NOT NULL
       GROUP BY s.connection_id, cause ORDER BY n, max(e.ended_at)`,
    );
    this.#latest = statement<[number]>(db, 'SELECT * FROM latest_runs WHERE tenant_no = ?');
    this.#latestOf = statement<[string, number]>(
      db,
      'SELECT l.* FROM json_each(?) job CROSS JOIN latest_runs l ON l.tenant_no = ? AND l.job_id = job.value',
    );
    this.#countOfConnection = statement<[string]>(
      db,
      'SELECT coalesce(sum(n), 0) FROM tallies WHERE subject_id IN (SELECT id FROM subjects WHERE connection_id = ?)',
    );
  }

  /** Durable when it returns: a run that has begun is known after a power cut. */
  insert(one: Execution): void {
    durably(this.#db, () => {
      const { tenantNo, subjectId } = this.#subjects.keyOf(one);
      const causeId = this.#causes.idOf(tenantNo, one.failure);
      this.#insert.run(...changing(one), causeId, one.id, tenantNo, subjectId, one.trigger, toMs(one.startedAt));
    });
  }

  /** Progress of a run. Survives a crash of the process; a power cut may take the last ones. @throws AppError not_found */
  update(one: Execution): void {
    inTransaction(this.#db, () => this.#save(one));
  }

  /** The end of a run; durable when it returns. @throws AppError not_found */
  finish(one: Execution): void {
    durably(this.#db, () => this.#save(one));
  }

  get(id: ActivityId): Execution | null {
    const row = this.#get.get(id);
    return row === undefined ? null : readExecution(row);
  }

  /** Newest first; `total` counts all that match. */
  list(query: ExecutionQuery): { executions: Execution[]; total: number } {
    const { seqs, total } = this.#pages.find(query);
    const rows = seqs.length === 0 ? [] : this.#bySeq.all(JSON.stringify(seqs));
    return { executions: readRows(rows, 'executions', readExecution, this.#report), total };
  }

  /** Runs of all tenants without an end: at start, those of a process that is gone. */
  listOpen(): Execution[] {
    return readRows(this.#open.all(), 'executions', readExecution, this.#report);
  }

  /** Failed executions that ended at or after `sinceMs`, by connection; connections without any are absent. */
  failedSince(tenantId: TenantId, sinceMs: number): Map<ConnectionId, Failures> {
    const tenantNo = this.#tenants.find(tenantId);
    if (tenantNo === null) return new Map();
    const causes = new Map<unknown, string>();
    // Ordered by frequency: the last one of a connection stays.
    for (const row of this.#failedCauses.all(tenantNo, sinceMs)) causes.set(row.connection_id, String(row.cause));
    return new Map(
      this.#failedCounts
        .all(tenantNo, sinceMs)
        .map((row) => [
          String(row.connection_id) as ConnectionId,
          { count: Number(row.n), cause: causes.get(row.connection_id) ?? null },
        ]),
    );
  }

  /** Newest run and age of data of every job that has run, or of those among `jobs`. */
  latestByJob(tenantId: TenantId, jobs?: readonly JobId[]): Map<JobId, LatestRun> {
    return new Map(this.#latestRows(tenantId, jobs).map((row) => [String(row.job_id) as JobId, readLatest(row)]));
  }

  /** The same by connection: the newest run of any of its jobs, and the newest data. */
  latestByConnection(tenantId: TenantId): Map<ConnectionId, LatestRun> {
    const newest = new Map<unknown, { run: Row; dataAsOf: number | null }>();
    for (const row of this.#latestRows(tenantId)) {
      const known = newest.get(row.connection_id);
      const dataAsOf = row.data_as_of === null ? null : Number(row.data_as_of);
      if (known === undefined) newest.set(row.connection_id, { run: row, dataAsOf });
      else {
        if (Number(row.started_at) > Number(known.run.started_at)) known.run = row;
        if (dataAsOf !== null && dataAsOf > (known.dataAsOf ?? 0)) known.dataAsOf = dataAsOf;
      }
    }
    const byConnection = new Map<ConnectionId, LatestRun>();
    for (const [id, { run, dataAsOf }] of newest)
      byConnection.set(String(id) as ConnectionId, readLatest({ ...run, data_as_of: dataAsOf }));
    return byConnection;
  }

  countOfConnection(connectionId: ConnectionId): number {
    return Number(this.#countOfConnection.value(connectionId));
  }

  #save(one: Execution): void {
    const tenantNo = this.#tenants.find(one.tenantId);
    const causeId = tenantNo === null ? null : this.#causes.idOf(tenantNo, one.failure);
    if (this.#update.run(...changing(one), causeId, one.id) === 0)
      throw new AppError('not_found', 'This activity no longer exists.');
  }

  #latestRows(tenantId: TenantId, jobs?: readonly JobId[]): Row[] {
    const tenantNo = this.#tenants.find(tenantId);
    if (tenantNo === null) return [];
    return jobs === undefined ? this.#latest.all(tenantNo) : this.#latestOf.all(JSON.stringify(jobs), tenantNo);
  }
}

function readLatest(row: Row): LatestRun {
  return {
    jobId: String(row.job_id) as JobId,
    connectionId: String(row.connection_id) as ConnectionId,
    activityId: String(row.execution_id) as ActivityId,
    status: String(row.status) as ExecutionStatus,
    startedAt: fromMs(row.started_at),
    dataAsOf: row.data_as_of === null ? null : fromMs(row.data_as_of),
  };
}
