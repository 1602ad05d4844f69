import { type Execution, executionSchema, type Failure } from '../../shared/activity/activity.ts';
import { foldForSearch } from '../../shared/search-fold.ts';
import type { WritableDb } from '../database.ts';
import { fromJson, fromMs, type Row, statement } from '../rows.ts';

/** Where those columns come from, with "e" given by the caller. */
export const EXECUTION_JOINS = 'JOIN subjects s ON s.id = e.subject_id JOIN tenants t ON t.no = e.tenant_no';

/** How an execution lies in history.db: its names in `subjects`, everything else in `executions`. */
export const EXECUTION_COLUMNS = `e.*, t.tenant_id, s.connection_id, s.job_id, s.connection_name, s.job_name, s.source_object, s.destination`;

export function readExecution(row: Row): Execution {
  const { read, inserted, updated, unchanged, gone, rejected, delivered, refused, unread, missing, pages, bytes } = row;
  const stillRejected = row.still_rejected;
  return executionSchema.parse({
    kind: 'execution',
    id: row.id,
    tenantId: row.tenant_id,
    connectionId: row.connection_id,
    connectionName: row.connection_name,
    jobId: row.job_id,
    jobName: row.job_name,
    sourceObject: row.source_object,
    destination: row.destination,
    trigger: row.started_by,
    status: row.status,
    waitingFor: row.waiting_for,
    startedAt: fromMs(row.started_at),
    endedAt: row.ended_at === null ? null : fromMs(row.ended_at),
    durationMs: row.duration_ms,
    counts: {
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
    },
    expected: row.expected,
    failure: fromJson(row.failure),
  });
}

/** The row numbers that stand for the tenant and for the names of an execution. */
export interface SubjectKey {
  readonly tenantNo: number;
  readonly subjectId: number;
}

/** Numbers tenants from 1 in the order they had their first run. */
export class TenantNumbers {
  readonly #known = new Map<string, number>();
  readonly #find;
  readonly #insert;

  constructor(db: WritableDb) {
    this.#find = statement<[string]>(db, 'SELECT no FROM tenants WHERE tenant_id = ?');
    this.#insert = statement<[string]>(db, 'INSERT INTO tenants (tenant_id) VALUES (?) RETURNING no');
  }

  /** Null for a tenant that never ran anything. */
  find(tenantId: string): number | null {
    const known = this.#known.get(tenantId);
    if (known !== undefined) return known;
    const found = this.#find.value(tenantId);
    if (typeof found !== 'number') return null;
    this.#known.set(tenantId, found);
    return found;
  }

  findOrAdd(tenantId: string): number {
    // Not remembered here: the transaction may be rolled back.
    return this.find(tenantId) ?? Number(this.#insert.value(tenantId));
  }
}

/** Finds the row of an execution's names, or makes it: it is the same for every run of a job until something is renamed. */
export class SubjectRows {
  readonly #tenants: TenantNumbers;
  readonly #find;
  readonly #insert;

  constructor(db: WritableDb, tenants: TenantNumbers) {
    this.#tenants = tenants;
    this.#find = statement<unknown[]>(
      db,
      `SELECT id FROM subjects WHERE job_id = ? AND connection_id = ? AND tenant_no = ? AND connection_name = ? AND job_name = ?
         AND source_object = ? AND destination = ?`,
    );
    this.#insert = statement<[Row]>(
      db,
      `INSERT INTO subjects (id, tenant_no, connection_id, job_id, connection_name, job_name, source_object, destination, search_text)
       SELECT coalesce(max(id), @tenantNo << 32) + 1, @tenantNo, @connectionId, @jobId, @connectionName, @jobName, @sourceObject,
         @destination, @searchText
       FROM subjects WHERE id BETWEEN @tenantNo << 32 AND (@tenantNo + 1 << 32) - 1 RETURNING id`,
    );
  }

  keyOf(one: Execution): SubjectKey {
    const { jobId, connectionId, connectionName, jobName, sourceObject, destination } = one;
    const tenantNo = this.#tenants.findOrAdd(one.tenantId);
    const names = [connectionName, jobName, sourceObject, destination];
    const found = this.#find.value(jobId, connectionId, tenantNo, ...names);
    if (found !== undefined) return { tenantNo, subjectId: Number(found) };
    const row = { tenantNo, connectionId, jobId, connectionName, jobName, sourceObject, destination };
    return { tenantNo, subjectId: Number(this.#insert.value({ ...row, searchText: subjectText(names) })) };
  }
}

/** @param names connection, job, source object and destination */
export function subjectText(names: readonly string[]): string {
  return foldForSearch(names.join('\n'));
}

/** Why a run failed, as it is searched: what the list and the activity show of it. The advice is the same for hundreds and is left out. */
export function causeText({ message, vendorCode }: Failure): string {
  return foldForSearch([message, ...(vendorCode === undefined ? [] : [vendorCode])].join('\n'));
}

/** Finds the row of what a failure says, or makes it: a cause is said by thousands of runs. */
export class CauseRows {
  readonly #find;
  readonly #insert;

  constructor(db: WritableDb) {
    this.#find = statement<[number, string]>(db, 'SELECT id FROM causes WHERE tenant_no = ? AND search_text = ?');
    this.#insert = statement<[Row]>(
      db,
      `INSERT INTO causes (id, tenant_no, search_text)
       SELECT coalesce(max(id), @tenantNo << 32) + 1, @tenantNo, @searchText
       FROM causes WHERE id BETWEEN @tenantNo << 32 AND (@tenantNo + 1 << 32) - 1 RETURNING id`,
    );
  }

  /** Null for a run without a failure. */
  idOf(tenantNo: number, failure: Failure | null): number | null {
    if (failure === null) return null;
    const searchText = causeText(failure);
    return Number(this.#find.value(tenantNo, searchText) ?? this.#insert.value({ tenantNo, searchText }));
  }
}
