/** The typed table of a job: made and altered from its mapping. */
import { z } from 'zod';
import { type ColumnType, columnTypeSchema } from '../../shared/connector.ts';
import { type JobId, jobIdSchema } from '../../shared/ids.ts';
import type { MappedColumn } from '../../shared/job/mapping.ts';
import { inTransaction, type ReadableDb, type WritableDb } from '../database.ts';
import { fromJson } from '../rows.ts';

const SQL_TYPES: Readonly<Record<ColumnType, string>> = {
  text: 'TEXT',
  integer: 'INTEGER',
  real: 'REAL',
  boolean: 'INTEGER',
  datetime: 'TEXT',
  json: 'TEXT',
};

/** Of a table, without our own two: https://www.sqlite.org/limits.html, and what a comparison reads beside them. */
const MOST_COLUMNS = 1_990;

const columnsSchema = z.array(z.strictObject({ name: z.string(), type: columnTypeSchema }));

export interface TableInfo {
  readonly jobId: JobId;
  readonly columns: readonly MappedColumn[];
  readonly keyColumn: string;
  readonly rows: number;
  readonly gone: number;
  /** Milliseconds since 1970. */
  readonly asOf: number | null;
  /** When everything was read the last time, milliseconds since 1970. */
  readonly fullAt: number | null;
  readonly fingerprint: string | null;
  readonly cursor: unknown;
  readonly previous: unknown;
  readonly deliveredTo: string | null;
  /** Everything was never read with the present settings: no such pass has ended, or the one of changed settings goes on. */
  readonly isIncomplete: boolean;
}

/** Table of a job's rows, quoted. Ids hold lower-case letters and digits only, which is checked once more here. */
export function rowsTable(jobId: string): string {
  return `"rows_${jobIdSchema.parse(jobId)}"`;
}

/** A column name, quoted; the names come from a mapping, whose schema allows letters, digits and underscores. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * Conditions as one. A chain of AND or OR is as deep as it is long, and SQLite takes a depth of 1,000; halves of halves are not.
 * @returns in parentheses where there are several; TRUE of AND and FALSE of OR where there is none
 */
export function joined(conditions: readonly string[], by: 'AND' | 'OR'): string {
  if (conditions.length <= 1) return conditions[0] ?? (by === 'AND' ? 'TRUE' : 'FALSE');
  const half = Math.ceil(conditions.length / 2);
  return `(${joined(conditions.slice(0, half), by)} ${by} ${joined(conditions.slice(half), by)})`;
}

export function isTextual(type: ColumnType): boolean {
  return SQL_TYPES[type] === 'TEXT';
}

const TABLE_INFO = `SELECT t.*, p.fingerprint AS passing FROM job_tables t
  LEFT JOIN passes p ON p.job_id = t.job_id AND p.mode = 'full'`;

export function tableInfo(db: ReadableDb, jobId: string): TableInfo | null {
  const row = db.prepare<[string], Record<string, unknown>>(`${TABLE_INFO} WHERE t.job_id = ?`).get(jobId);
  return row === undefined ? null : toInfo(row);
}

export function tableInfos(db: ReadableDb): TableInfo[] {
  return db.prepare<[], Record<string, unknown>>(TABLE_INFO).all().map(toInfo);
}

function toInfo(row: Record<string, unknown>): TableInfo {
  return {
    jobId: jobIdSchema.parse(row.job_id),
    columns: columnsSchema.parse(fromJson(row.columns)),
    keyColumn: String(row.key_column),
    rows: Number(row.rows),
    gone: Number(row.gone),
    asOf: row.as_of === null ? null : Number(row.as_of),
    // Absent as long as the worker has not brought an older file up to date.
    fullAt: typeof row.full_at === 'number' ? row.full_at : null,
    fingerprint: row.fingerprint === null ? null : String(row.fingerprint),
    cursor: fromJson(row.cursor),
    previous: fromJson(row.previous),
    deliveredTo: row.delivered_to === null ? null : String(row.delivered_to),
    isIncomplete: row.as_of === null || (row.passing !== null && row.passing !== row.fingerprint),
  };
}

/**
 * Brings the job's table to its mapping. New columns are added; another key, or another type of a column that stays, makes it
 * anew. Columns no longer mapped stay in the file, unseen, until then.
 * @returns what was done, for the run's log; null when nothing was
 */
export function ensureTable(
  db: WritableDb,
  jobId: JobId,
  columns: readonly MappedColumn[],
  keyColumn: string,
): string | null {
  const info = tableInfo(db, jobId);
  if (info === null) {
    inTransaction(db, () => create(db, jobId, columns, keyColumn));
    return null;
  }
  const physical = physicalColumns(db, jobId);
  const why = whyRebuild(physical, info.keyColumn, columns, keyColumn);
  if (why !== null) {
    inTransaction(db, () => {
      forgetRows(db, jobId);
      create(db, jobId, columns, keyColumn);
    });
    return `The local table is made anew: ${why}.`;
  }
  const added = columns.filter(({ name }) => !physical.has(name.toLowerCase()));
  const listed = JSON.stringify(columns);
  if (added.length === 0 && listed === JSON.stringify(info.columns)) return null;
  inTransaction(db, () => {
    for (const { name, type } of added)
      db.exec(`ALTER TABLE ${rowsTable(jobId)} ADD COLUMN ${quoted(name)} ${SQL_TYPES[type]}`);
    db.prepare('UPDATE job_tables SET columns = ? WHERE job_id = ?').run(listed, jobId);
  });
  return added.length === 0 ? null : `Columns were added: ${added.map(({ name }) => name).join(', ')}.`;
}

function whyRebuild(
  physical: ReadonlyMap<string, string>,
  oldKey: string,
  columns: readonly MappedColumn[],
  keyColumn: string,
): string | null {
  if (physical.size === 0) return 'it was not there';
  const added = columns.filter(({ name }) => !physical.has(name.toLowerCase())).length;
  if (physical.size + added > MOST_COLUMNS) return 'it has too many columns that are no longer mapped';
  if (oldKey.toLowerCase() !== keyColumn.toLowerCase()) return `the key is now "${keyColumn}" instead of "${oldKey}"`;
  for (const { name, type } of columns) {
    const before = physical.get(name.toLowerCase());
    if (before !== undefined && before !== SQL_TYPES[type]) return `"${name}" has another type`;
  }
  return null;
}

/** Column types by lower-case name, without our own columns. */
function physicalColumns(db: ReadableDb, jobId: string): Map<string, string> {
  const rows = db.pragma(`table_info(${rowsTable(jobId)})`) as { name: string; type: string }[];
  return new Map(rows.filter(({ name }) => !name.startsWith('_')).map(({ name, type }) => [name.toLowerCase(), type]));
}

function create(db: WritableDb, jobId: string, columns: readonly MappedColumn[], keyColumn: string): void {
  const definitions = columns.map(
    ({ name, type }) => `${quoted(name)} ${SQL_TYPES[type]}${name === keyColumn ? ' NOT NULL UNIQUE' : ''}`,
  );
  db.exec(
    `CREATE TABLE ${rowsTable(jobId)} (_id INTEGER PRIMARY KEY, _gone INTEGER NOT NULL DEFAULT 0, ${definitions.join(', ')}) STRICT`,
  );
  db.prepare('INSERT INTO job_tables (job_id, columns, key_column, rows, gone) VALUES (?, ?, ?, 0, 0)').run(
    jobId,
    JSON.stringify(columns),
    keyColumn,
  );
}

/** Everything that refers to rows of a job, and the rows; not its runs. */
function forgetRows(db: WritableDb, jobId: string): void {
  db.exec(`DROP TABLE IF EXISTS ${rowsTable(jobId)}`);
  for (const table of ['job_tables', 'passes', 'seen', 'held_sweeps', 'open_rejections', 'deliveries', 'refusals'])
    db.prepare(`DELETE FROM ${table} WHERE job_id = ?`).run(jobId);
}

/** Removes a job's rows, checkpoints, runs and rejected records. */
export function dropJobRows(db: WritableDb, jobId: JobId): void {
  inTransaction(db, () => {
    forgetRows(db, jobId);
    db.prepare('DELETE FROM rejected WHERE run_id IN (SELECT id FROM runs WHERE job_id = ?)').run(jobId);
    db.prepare('DELETE FROM unread WHERE run_id IN (SELECT id FROM runs WHERE job_id = ?)').run(jobId);
    db.prepare('DELETE FROM runs WHERE job_id = ?').run(jobId);
  });
}
