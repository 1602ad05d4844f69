/** Rows on their way to a destination: queued with the page that changed them, taken off as the destination answers. */
import type { ActivityId, JobId } from '../../shared/ids.ts';
import type { CellValue, MappedColumn } from '../../shared/job/mapping.ts';
import type { WritableDb } from '../database.ts';
import { quoted, rowsTable } from './table.ts';

/** Rows of one queue entry made from the whole table or from earlier refusals. */
const ENTRY_ROWS = 1_000;

export interface DeliveryEntry {
  readonly n: number;
  /** Row ids in the order they are delivered. */
  readonly ids: readonly number[];
  /** How many of them the destination has answered. */
  readonly answered: number;
}

export interface StoredRow {
  readonly id: number;
  readonly cells: readonly CellValue[];
}

/** Every method that writes belongs into a transaction of the caller's. */
export class DeliveryQueue {
  readonly #db: WritableDb;
  readonly #jobId: JobId;
  readonly #table: string;
  readonly #next;
  readonly #add;
  readonly #answer;
  readonly #remove;
  readonly #last;
  readonly #row;
  readonly #refuse;
  readonly #accept;
  readonly #countRefusals;
  /** Null until it matters: most jobs never have any. */
  #hasRefusals: boolean | null = null;

  constructor(db: WritableDb, jobId: JobId, columns: readonly MappedColumn[]) {
    this.#db = db;
    this.#jobId = jobId;
    this.#table = rowsTable(jobId);
    const names = columns.map(({ name }) => quoted(name)).join(', ');
    this.#next = db.prepare<[string], { n: number; ranges: Buffer; answered: number }>(
      'SELECT n, ranges, answered FROM deliveries WHERE job_id = ? ORDER BY n LIMIT 1',
    );
    this.#add = db.prepare('INSERT INTO deliveries (job_id, n, ranges, answered) VALUES (?, ?, ?, 0)');
    this.#answer = db.prepare('UPDATE deliveries SET answered = ? WHERE job_id = ? AND n = ?');
    this.#remove = db.prepare('DELETE FROM deliveries WHERE job_id = ? AND n = ?');
    this.#last = db.prepare<[string], number | null>('SELECT max(n) FROM deliveries WHERE job_id = ?').pluck();
    this.#row = db
      .prepare<[number], CellValue[]>(`SELECT ${names} FROM ${this.#table} WHERE _id = ? AND _gone = 0`)
      .raw();
    this.#refuse = db.prepare(
      'INSERT INTO refusals (job_id, row_id, run_id) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET run_id = excluded.run_id',
    );
    this.#accept = db.prepare('DELETE FROM refusals WHERE job_id = ? AND row_id = ?');
    this.#countRefusals = db.prepare<[string], number>('SELECT 1 FROM refusals WHERE job_id = ? LIMIT 1').pluck();
  }

  /** @returns the entry's number */
  add(ids: readonly number[]): number {
    const n = (this.#last.get(this.#jobId) ?? 0) + 1;
    this.#add.run(this.#jobId, n, toRanges(ids));
    return n;
  }

  /** Queues every row that is not gone: the destination is new, or has had other columns. */
  addAll(): number {
    this.clear();
    const ids = this.#db
      .prepare<[number, number], number>(
        `SELECT _id FROM ${this.#table} WHERE _id > ? AND _gone = 0 ORDER BY _id LIMIT ?`,
      )
      .pluck();
    let queued = 0;
    for (let last = 0; ; ) {
      const part = ids.all(last, ENTRY_ROWS);
      if (part.length === 0) return queued;
      this.add(part);
      queued += part.length;
      last = part.at(-1) as number;
    }
  }

  /** Queues once more what the destination refused in earlier runs and has not got since. */
  addRefused(runId: ActivityId): number {
    const ids = this.#db
      .prepare<[string, string], number>('SELECT row_id FROM refusals WHERE job_id = ? AND run_id <> ? ORDER BY row_id')
      .pluck()
      .all(this.#jobId, runId);
    for (let at = 0; at < ids.length; at += ENTRY_ROWS) this.add(ids.slice(at, at + ENTRY_ROWS));
    this.#db.prepare('UPDATE refusals SET run_id = ? WHERE job_id = ?').run(runId, this.#jobId);
    return ids.length;
  }

  clear(): void {
    this.#db.prepare('DELETE FROM deliveries WHERE job_id = ?').run(this.#jobId);
    this.#db.prepare('DELETE FROM refusals WHERE job_id = ?').run(this.#jobId);
  }

  first(): DeliveryEntry | null {
    const row = this.#next.get(this.#jobId);
    return row === undefined ? null : { n: row.n, ids: fromRanges(row.ranges), answered: row.answered };
  }

  /** Notes that the destination has answered for the first `answered` rows of an entry. */
  answer(entry: Pick<DeliveryEntry, 'n' | 'ids'>, answered: number): void {
    if (answered >= entry.ids.length) this.#remove.run(this.#jobId, entry.n);
    else this.#answer.run(answered, this.#jobId, entry.n);
  }

  refuse(id: number, runId: ActivityId): void {
    this.#refuse.run(this.#jobId, id, runId);
    this.#hasRefusals = true;
  }

  /** The destination has taken a row that it may have refused before. */
  accept(id: number): void {
    this.#hasRefusals ??= this.#countRefusals.get(this.#jobId) !== undefined;
    if (this.#hasRefusals) this.#accept.run(this.#jobId, id);
  }

  /** Rows as they are now; those that went away meanwhile are left out. */
  rows(ids: readonly number[]): StoredRow[] {
    const rows: StoredRow[] = [];
    for (const id of ids) {
      const cells = this.#row.get(id);
      if (cells !== undefined) rows.push({ id, cells });
    }
    return rows;
  }
}

/** Ids in order as pairs of first and last: the rows of a page are mostly neighbours. */
function toRanges(ids: readonly number[]): Buffer {
  const pairs: number[] = [];
  for (const id of ids) {
    if (pairs.length > 0 && pairs.at(-1) === id - 1) pairs[pairs.length - 1] = id;
    else pairs.push(id, id);
  }
  const packed = new Float64Array(pairs);
  return Buffer.from(packed.buffer);
}

function fromRanges(packed: Buffer): number[] {
  const ids: number[] = [];
  for (let at = 0; at + 16 <= packed.length; at += 16) {
    const last = packed.readDoubleLE(at + 8);
    for (let id = packed.readDoubleLE(at); id <= last; id += 1) ids.push(id);
  }
  return ids;
}
