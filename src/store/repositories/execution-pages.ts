import type { ExecutionStatus } from '../../shared/activity/activity.ts';
import type { ConnectionId, JobId, TenantId } from '../../shared/ids.ts';
import type { WritableDb } from '../database.ts';
import { type Row, type Statement, statement, type TextSearch, textSearch } from '../rows.ts';
import type { TenantNumbers } from './execution-rows.ts';
import { causesSql, statusesNamed, triggersNamed } from './execution-search.ts';

export interface ExecutionQuery {
  readonly tenantId: TenantId;
  readonly offset: number;
  readonly limit: number;
  readonly search?: string | undefined;
  readonly connectionId?: ConnectionId | undefined;
  readonly jobId?: JobId | undefined;
  readonly status?: ExecutionStatus | undefined;
  /** Only failed ones that ended at or after this instant, in milliseconds since 1970. */
  readonly failedSinceMs?: number | undefined;
  /** With `failedSinceMs`: without those that a success of the same job has followed. */
  readonly onlyStanding?: boolean | undefined;
}

/** Row numbers of one page, newest first, and how many there are in all. */
export interface ExecutionPage {
  readonly seqs: readonly number[];
  readonly total: number;
}

const EMPTY: ExecutionPage = { seqs: [], total: 0 };
const AMONG = 'subject_id IN (SELECT value FROM json_each(@subjects))';
const OF_TENANT = 'BETWEEN @tenantNo << 32 AND (@tenantNo + 1 << 32) - 1';
/** Gathering and sorting so many rows takes a few milliseconds: less than a walk that meets no match for long. */
const GATHER_ROWS = 5_000;
/** "status <> 'success'" is what lets SQLite use the small index of those. */
const STATUS = {
  any: '',
  success: "AND status = 'success'",
  other: "AND status = @status AND status <> 'success'",
} as const;
type StatusShape = keyof typeof STATUS;
/** Runs of a job never overlap: what began after the newest success had ended has not been followed by one. */
const STANDING = `AND started_at >= coalesce((
  SELECT l.data_as_of FROM subjects s JOIN latest_runs l ON l.tenant_no = s.tenant_no AND l.job_id = s.job_id
  WHERE s.id = executions.subject_id), 0)`;

interface Window {
  readonly limit: number;
  readonly offset: number;
  readonly order: 'ASC' | 'DESC';
}

/** A page in the second half of a list is nearer from its end. The caller turns an ASC page around. */
function windowOf(query: ExecutionQuery, total: number): Window {
  const limit = Math.max(0, Math.min(query.limit, total - query.offset));
  const fromEnd = total - query.offset - limit;
  return fromEnd < query.offset
    ? { limit, offset: fromEnd, order: 'ASC' }
    : { limit, offset: query.offset, order: 'DESC' };
}

/** The distinct names that match, as row numbers, and how many runs they have. */
interface Subjects {
  readonly ids: readonly number[];
  /** All their runs, and those with the status that was asked for. */
  readonly runs: number;
  readonly matching: number;
}

/** What a text finds besides names; the runs it finds are counted in search_tallies. */
interface Said {
  readonly subjects: readonly number[];
  readonly causes: readonly number[];
  readonly statuses: readonly ExecutionStatus[];
  readonly triggers: readonly string[];
}

/**
 * Finds pages of executions without ever scanning a million rows for a rare match: totals come from tallies, searches look
 * through the few distinct names, and a page is read either by gathering the matching names' runs or by walking all runs
 * from the newest, whichever touches fewer rows.
 */
export class ExecutionPages {
  readonly #db: WritableDb;
  readonly #tenants: TenantNumbers;
  readonly #statements = new Map<string, Statement<[Row]>>();

  constructor(db: WritableDb, tenants: TenantNumbers) {
    this.#db = db;
    this.#tenants = tenants;
  }

  find(query: ExecutionQuery): ExecutionPage {
    const tenantNo = this.#tenants.find(query.tenantId);
    if (tenantNo === null) return EMPTY;
    const text = textSearch(query.search ?? '');
    const said = text === null ? null : this.#said(query, text, tenantNo);
    if (said !== null) return this.#findSaid(query, said, tenantNo);
    const subjects = this.#subjects(query, text, tenantNo);
    const total = subjects === null ? this.#runsOfTenant(tenantNo, query.status) : subjects.matching;
    if (total === 0) return EMPTY;
    const bound = { tenantNo, status: query.status ?? null, subjects: JSON.stringify(subjects?.ids ?? []) };
    if (query.failedSinceMs !== undefined)
      return this.#failedSince(
        query,
        { ...bound, since: query.failedSinceMs },
        subjects === null ? '' : `AND ${AMONG}`,
      );
    const window = windowOf(query, total);
    if (window.limit === 0) return { seqs: [], total };
    const sql = this.#pageSql(statusShape(query.status), window, subjects, tenantNo);
    const seqs = this.#prepared(sql)
      .values({ ...bound, limit: window.limit, offset: window.offset })
      .map(Number);
    return { seqs: window.order === 'ASC' ? seqs.reverse() : seqs, total };
  }

  /** Null when the query names none, so that every name does. */
  #subjects(query: ExecutionQuery, text: TextSearch | null, tenantNo: number): Subjects | null {
    const { connectionId, jobId } = query;
    if (text === null && connectionId === undefined && jobId === undefined) return null;
    const rows = this.#prepared(subjectsSql(query, text)).all({
      tenantNo,
      status: query.status ?? null,
      ...(connectionId === undefined ? {} : { connectionId }),
      ...(jobId === undefined ? {} : { jobId }),
      ...(text === null ? {} : { text: text.kind === 'match' ? text.phrase : text.part }),
    });
    const found = { ids: [] as number[], runs: 0, matching: 0 };
    for (const row of rows) {
      found.ids.push(Number(row.id));
      found.runs += Number(row.runs);
      found.matching += Number(row.matching);
    }
    return found;
  }

  /** Null when the text finds names only, or nothing: then their tallies are enough. */
  #said(query: ExecutionQuery, text: TextSearch, tenantNo: number): Said | null {
    const search = query.search ?? '';
    const bound = { tenantNo, text: text.kind === 'match' ? text.phrase : text.part };
    const causes = this.#prepared(causesSql(text)).values(bound).map(Number);
    const [statuses, triggers] = [statusesNamed(search), triggersNamed(search)];
    if (causes.length + statuses.length + triggers.length === 0) return null;
    return {
      subjects: this.#subjects({ ...query, status: undefined }, text, tenantNo)?.ids ?? [],
      causes,
      statuses,
      triggers,
    };
  }

  #findSaid(query: ExecutionQuery, said: Said, tenantNo: number): ExecutionPage {
    const { connectionId, jobId, status } = query;
    const isNarrowed = connectionId !== undefined || jobId !== undefined;
    const among = isNarrowed ? (this.#subjects({ ...query, status: undefined }, null, tenantNo)?.ids ?? []) : [];
    const lists = { ...said, among };
    const bound = {
      tenantNo,
      status: status ?? null,
      ...Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, JSON.stringify(list)])),
    };
    const narrowed = isNarrowed ? 'AND subject_id IN (SELECT value FROM json_each(@among))' : '';
    const filter = `${narrowed} ${status === undefined ? '' : 'AND status = @status'} AND ${saysSql(said)}`;
    if (query.failedSinceMs !== undefined)
      return this.#failedSince(query, { ...bound, since: query.failedSinceMs }, filter);
    const { gathered, cost, total } = this.#counted(said, filter, bound);
    const window = windowOf(query, total);
    if (window.limit === 0) return { seqs: [], total };
    const walked = ((window.offset + window.limit) * this.#runsOfTenant(tenantNo, undefined)) / total;
    const sql = saidSql(filter, window, cost <= Math.max(walked, GATHER_ROWS));
    const seqs = this.#prepared(sql)
      .values({ ...bound, gathered, limit: window.limit, offset: window.offset })
      .map(Number);
    return { seqs: window.order === 'ASC' ? seqs.reverse() : seqs, total };
  }

  /**
   * How many runs there are, and what gathering them would touch: all runs of the names under which they lie, except for those
   * that only their cause finds.
   */
  #counted(said: Said, filter: string, bound: Row): { gathered: string; cost: number; total: number } {
    const isCaused = said.causes.length === 0 ? 'FALSE' : IN.causes;
    const row = this.#prepared(
      `SELECT json_group_array(subject_id) FILTER (WHERE isFound) AS gathered, sum(iif(isFound, runs, 0)) + sum(caused) AS cost,
         sum(found) AS total
       FROM (SELECT subject_id, sum(n) AS runs, max(n > 0 AND ${saysSql({ ...said, causes: [] })}) AS isFound,
           sum(iif(${isCaused}, n, 0)) AS caused, sum(iif(TRUE ${filter}, n, 0)) AS found
         FROM search_tallies WHERE subject_id ${OF_TENANT} GROUP BY subject_id)`,
    ).get(bound);
    return { gathered: String(row?.gathered ?? '[]'), cost: Number(row?.cost ?? 0), total: Number(row?.total ?? 0) };
  }

  #runsOfTenant(tenantNo: number, status: ExecutionStatus | undefined): number {
    const sql =
      'SELECT sum(n) FROM tenant_tallies WHERE tenant_no = @tenantNo AND (@status IS NULL OR status = @status)';
    return Number(this.#prepared(sql).value({ tenantNo, status: status ?? null }) ?? 0);
  }

  #pageSql(status: StatusShape, window: Window, subjects: Subjects | null, tenantNo: number): string {
    const order = `ORDER BY started_at ${window.order}, seq ${window.order} LIMIT @limit OFFSET @offset`;
    if (subjects === null) return `SELECT seq FROM executions WHERE tenant_no = @tenantNo ${STATUS[status]} ${order}`;
    const walked = ((window.offset + window.limit) * this.#runsOfTenant(tenantNo, undefined)) / subjects.matching;
    const onlyStatus = status === 'any' ? '' : 'AND status = @status';
    return subjects.runs <= walked
      ? `SELECT seq FROM executions INDEXED BY executions_by_subject WHERE ${AMONG} ${onlyStatus} ${order}`
      : `SELECT seq FROM executions INDEXED BY executions_by_start WHERE tenant_no = @tenantNo AND ${AMONG} ${onlyStatus} ${order}`;
  }

  #failedSince(query: ExecutionQuery, bound: Row, filter: string): ExecutionPage {
    if (query.status !== undefined && query.status !== 'failed') return EMPTY;
    const sql = `SELECT seq FROM executions INDEXED BY executions_failed
      WHERE tenant_no = @tenantNo AND status = 'failed' AND ended_at >= @since ${filter} ${query.onlyStanding === true ? STANDING : ''}
      ORDER BY started_at DESC, seq DESC`;
    const seqs = this.#prepared(sql).values(bound).map(Number);
    return { seqs: seqs.slice(query.offset, query.offset + query.limit), total: seqs.length };
  }

  /** The texts are put together from the constants of this file only, so there are few of them. */
  #prepared(sql: string): Statement<[Row]> {
    const known = this.#statements.get(sql);
    if (known) return known;
    const prepared = statement<[Row]>(this.#db, sql);
    this.#statements.set(sql, prepared);
    return prepared;
  }
}

const IN = {
  subjects: AMONG,
  causes: 'cause_id IN (SELECT value FROM json_each(@causes))',
  statuses: 'status IN (SELECT value FROM json_each(@statuses))',
  triggers: 'started_by IN (SELECT value FROM json_each(@triggers))',
} as const;

/** True for a run that the text finds by its names, by why it failed, by its status or by how it was started. */
function saysSql(said: Said): string {
  const parts = (['subjects', 'causes', 'statuses', 'triggers'] as const).filter((part) => said[part].length > 0);
  return parts.length === 0 ? 'FALSE' : `(${parts.map((part) => IN[part]).join(' OR ')})`;
}

function saidSql(filter: string, window: Window, isGathered: boolean): string {
  const order = `ORDER BY started_at ${window.order}, seq ${window.order} LIMIT @limit OFFSET @offset`;
  if (!isGathered)
    return `SELECT seq FROM executions INDEXED BY executions_by_start WHERE tenant_no = @tenantNo ${filter} ${order}`;
  return `SELECT seq FROM executions WHERE seq IN (
      SELECT seq FROM executions INDEXED BY executions_by_subject WHERE subject_id IN (SELECT value FROM json_each(@gathered))
      UNION SELECT seq FROM cause_runs WHERE cause_id IN (SELECT value FROM json_each(@causes))
    ) ${filter} ${order}`;
}

function subjectsSql(query: ExecutionQuery, text: TextSearch | null): string {
  const conditions: string[] = [];
  if (query.connectionId !== undefined) conditions.push('s.connection_id = @connectionId');
  if (query.jobId !== undefined) conditions.push('s.job_id = @jobId');
  if (text?.kind === 'part') conditions.push('instr(s.search_text, @text) > 0');
  const names = conditions.length === 0 ? '' : 'JOIN subjects s ON s.id = found.id';
  const found =
    text?.kind === 'match'
      ? `(SELECT rowid AS id FROM subjects_search WHERE subjects_search MATCH @text AND rowid ${OF_TENANT}) found ${names}`
      : `subjects s`;
  const id = text?.kind === 'match' ? 'found.id' : 's.id';
  if (text?.kind !== 'match') conditions.push(`s.id ${OF_TENANT}`);
  return `SELECT ${id} AS id, sum(t.n) AS runs, sum(iif(@status IS NULL OR t.status = @status, t.n, 0)) AS matching
    FROM ${found} CROSS JOIN tallies t ON t.subject_id = ${id}
    ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`} GROUP BY 1`;
}

function statusShape(status: ExecutionStatus | undefined): StatusShape {
  if (status === undefined) return 'any';
  return status === 'success' ? 'success' : 'other';
}
