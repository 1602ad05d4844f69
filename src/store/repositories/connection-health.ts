import type { ExecutionStatus } from '../../shared/activity/activity.ts';
import type { ActivityId, ConnectionId, TenantId } from '../../shared/ids.ts';
import type { WritableDb } from '../database.ts';
import { fromMs, statement } from '../rows.ts';
import { TenantNumbers } from './execution-rows.ts';

export interface LastRun {
  readonly activityId: ActivityId;
  readonly status: ExecutionStatus;
  readonly startedAt: string;
  readonly dataAsOf: string | null;
}

/** What a connection's row says of its runs, for a few connections at a time, without reading a tenant's whole history. */
export class ConnectionHealth {
  readonly #tenants: TenantNumbers;
  readonly #counts;
  readonly #causes;
  readonly #latest;

  constructor(db: WritableDb) {
    this.#tenants = new TenantNumbers(db);
    this.#counts = statement<[number, number]>(
      db,
      // Few subjects, many runs: only where a success lies between two failures are the runs looked at one by one.
      `SELECT s.connection_id, sum(CASE
         WHEN l.data_as_of IS NULL OR l.data_as_of <= f.first THEN f.n
         WHEN l.data_as_of > f.last THEN 0
         ELSE (SELECT count(*) FROM executions e INDEXED BY executions_by_subject
               WHERE e.subject_id = f.subject_id AND e.started_at >= l.data_as_of AND e.status = 'failed')
       END) AS n FROM (
         SELECT subject_id, count(*) AS n, min(started_at) AS first, max(started_at) AS last
         FROM executions INDEXED BY executions_failed
         WHERE tenant_no = ? AND status = 'failed' AND ended_at >= ? GROUP BY subject_id
       ) f JOIN subjects s ON s.id = f.subject_id
       LEFT JOIN latest_runs l ON l.tenant_no = s.tenant_no AND l.job_id = s.job_id
       GROUP BY s.connection_id HAVING n > 0`,
    );
    const subjects =
      'SELECT s.id FROM json_each(?) one CROSS JOIN subjects s INDEXED BY subjects_by_connection ON s.connection_id = one.value';
    this.#causes = statement<[string, number, number]>(
      db,
      `SELECT s.connection_id, e.failure ->> 'message' AS cause, count(*) AS n
       FROM executions e INDEXED BY executions_failed JOIN subjects s ON s.id = e.subject_id
       LEFT JOIN latest_runs l ON l.tenant_no = s.tenant_no AND l.job_id = s.job_id
       WHERE +e.subject_id IN (${subjects}) AND e.tenant_no = ? AND e.status = 'failed' AND e.ended_at >= ? AND e.failure IS NOT NULL
         AND e.started_at >= coalesce(l.data_as_of, 0)
       GROUP BY s.connection_id, cause ORDER BY n, max(e.ended_at)`,
    );
    this.#latest = statement<[number, string]>(
      db,
      `SELECT l.connection_id, l.execution_id, l.status, l.started_at, l.data_as_of FROM latest_runs l
       WHERE l.tenant_no = ? AND l.job_id IN (
         SELECT s.job_id FROM json_each(?) one CROSS JOIN subjects s INDEXED BY subjects_by_connection ON s.connection_id = one.value
       ) ORDER BY l.started_at`,
    );
  }

  /**
   * Failures that stand: executions that failed at or after `sinceMs` and that no success of the same job has followed. By
   * connection; connections without any are absent.
   */
  failures(tenantId: TenantId, sinceMs: number): Map<ConnectionId, number> {
    const tenantNo = this.#tenants.find(tenantId);
    if (tenantNo === null) return new Map();
    return new Map(
      this.#counts.all(tenantNo, sinceMs).map((row) => [String(row.connection_id) as ConnectionId, Number(row.n)]),
    );
  }

  /** The most frequent message of those failures, the later one of two that are as frequent. */
  causes(tenantId: TenantId, ids: readonly ConnectionId[], sinceMs: number): Map<ConnectionId, string> {
    const tenantNo = this.#tenants.find(tenantId);
    if (tenantNo === null || ids.length === 0) return new Map();
    // Ordered by frequency: the last one of a connection stays.
    const rows = this.#causes.all(JSON.stringify(ids), tenantNo, sinceMs);
    return new Map(rows.map((row) => [String(row.connection_id) as ConnectionId, String(row.cause)]));
  }

  /** The newest run of any of a connection's jobs, and how old its newest data is. */
  lastRuns(tenantId: TenantId, ids: readonly ConnectionId[]): Map<ConnectionId, LastRun> {
    const tenantNo = this.#tenants.find(tenantId);
    if (tenantNo === null || ids.length === 0) return new Map();
    const wanted = new Set<string>(ids);
    const runs = new Map<ConnectionId, LastRun>();
    for (const row of this.#latest.all(tenantNo, JSON.stringify(ids))) {
      const id = String(row.connection_id) as ConnectionId;
      // A job that was moved to another connection keeps its earlier names.
      if (!wanted.has(id)) continue;
      const earlier = runs.get(id)?.dataAsOf ?? null;
      const dataAsOf = row.data_as_of === null ? null : fromMs(row.data_as_of);
      // Oldest first: the last one of a connection stays; of its data, the newest.
      runs.set(id, {
        activityId: String(row.execution_id) as ActivityId,
        status: String(row.status) as ExecutionStatus,
        startedAt: fromMs(row.started_at),
        dataAsOf: dataAsOf === null || (earlier !== null && earlier > dataAsOf) ? earlier : dataAsOf,
      });
    }
    return runs;
  }
}
