/** Writes rows into a job's table, only where something differs. */
import type { JobId } from '../../shared/ids.ts';
import type { CellValue, MappedColumn } from '../../shared/job/mapping.ts';
import type { WritableDb } from '../database.ts';
import { JsonColumns, RowComparison } from './comparison.ts';
import { quoted, rowsTable } from './table.ts';
import { type StoredRow, StoredRows } from './window.ts';

/** What became of a row, in the lowest two bits of what {@link RowWriter.write} answers; the rest is the row's id. */
export const WRITTEN = { unchanged: 0, inserted: 1, updated: 2, returned: 3 } as const;
export const OUTCOMES = 4;

/**
 * Three ways to the same result, chosen by what the page before was like. Mostly new rows are inserted first and compared only on
 * conflict. Rows that are mostly there, in the order they were first stored, are compared with stored rows read ahead in one
 * statement. Any other row is compared by a statement of its own.
 */
export class RowWriter {
  readonly #insert;
  readonly #update;
  readonly #find;
  readonly #markGone;
  readonly #compare;
  readonly #comparison: RowComparison;
  /** Null for a table without json columns. */
  readonly #json: JsonColumns | null;
  readonly #ahead: StoredRows;
  readonly #keyIndex: number;
  #isMostlyNew: boolean;
  #isInOrder = true;
  #lastId = 0;
  #inserted = 0;
  #inOrder = 0;
  #total = 0;

  /** @param isNew whether the table is empty */
  constructor(
    db: WritableDb,
    jobId: JobId,
    mapping: { readonly columns: readonly MappedColumn[]; readonly keyIndex: number },
    isNew: boolean,
  ) {
    const table = rowsTable(jobId);
    const names = mapping.columns.map(({ name }) => quoted(name));
    const key = names[mapping.keyIndex] as string;
    const comparison = new RowComparison(mapping);
    this.#isMostlyNew = isNew;
    this.#keyIndex = mapping.keyIndex;
    this.#comparison = comparison;
    this.#json = mapping.columns.some(({ type }) => type === 'json')
      ? new JsonColumns(db, table, mapping.columns)
      : null;
    this.#ahead = new StoredRows(db, comparison.readSql(table));
    this.#insert = db.prepare<CellValue[]>(
      `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')}) ON CONFLICT (${key}) DO NOTHING`,
    );
    this.#update = db.prepare<CellValue[]>(
      `UPDATE ${table} SET ${names.map((name) => `${name} = ?`).join(', ')}, _gone = 0 WHERE _id = ?`,
    );
    this.#find = db.prepare<[CellValue], number>(`SELECT _id FROM ${table} WHERE ${key} = ?`).pluck();
    this.#markGone = db.prepare<[CellValue]>(`UPDATE ${table} SET _gone = 1 WHERE ${key} = ? AND _gone = 0`);
    this.#compare = db.prepare<CellValue[], number>(comparison.compareSql(table)).pluck();
  }

  /** Before the rows of a page, also when the same page is written once more because its transaction failed. */
  beginPage(size: number): void {
    if (this.#total > 0) {
      this.#isMostlyNew = this.#inserted * 2 > this.#total;
      this.#isInOrder = this.#inOrder * 2 > this.#total - this.#inserted;
    }
    this.#inserted = 0;
    this.#inOrder = 0;
    this.#total = 0;
    // Rows read ahead in a transaction that was rolled back may never have been.
    this.#ahead.forget(this.#lastId, size);
  }

  /** @returns the row's id times {@link OUTCOMES} plus one of {@link WRITTEN} */
  write(row: CellValue[]): number {
    this.#total += 1;
    if (this.#isMostlyNew) {
      const id = this.#tryInsert(row);
      if (id !== 0) return id * OUTCOMES + WRITTEN.inserted;
    } else if (this.#isInOrder) {
      const stored = this.#ahead.take(row[this.#keyIndex] ?? null);
      if (stored !== null) return this.#writeOver(stored, row);
    }
    return this.#writeAlone(row);
  }

  /** The id of the row with this key. */
  find(key: CellValue): number | null {
    return this.#find.get(key) ?? null;
  }

  /** Marks the row with this key as gone. Before {@link beginPage}: rows read ahead would not know. @returns whether there was one */
  markGone(key: CellValue): boolean {
    return this.#markGone.run(key).changes > 0;
  }

  #writeOver(stored: StoredRow, row: CellValue[]): number {
    const [id, isGone] = stored;
    this.#lastId = id;
    this.#inOrder += 1;
    if (isGone === 0 && (this.#comparison.isSame(stored, row) || this.#json?.isSame(id, row) === true))
      return id * OUTCOMES + WRITTEN.unchanged;
    this.#update.run(...row, id);
    return id * OUTCOMES + (isGone === 0 ? WRITTEN.updated : WRITTEN.returned);
  }

  #writeAlone(row: CellValue[]): number {
    const found = this.#compare.get(...this.#comparison.values(row));
    if (found === undefined) return this.#tryInsert(row) * OUTCOMES + WRITTEN.inserted;
    const id = Math.floor(found / 4);
    if (id > this.#lastId && id - this.#lastId <= StoredRows.reach) this.#inOrder += 1;
    this.#lastId = id;
    if (found % 2 === 1 || (found % 4 === 0 && this.#json?.isSame(id, row) === true))
      return id * OUTCOMES + WRITTEN.unchanged;
    this.#update.run(...row, id);
    this.#ahead.spoil(id);
    return id * OUTCOMES + (found % 4 >= 2 ? WRITTEN.returned : WRITTEN.updated);
  }

  /**
   * Cells go as arguments of their own, not as one array: each costs the binding a fifth less.
   * @returns the new row's id, 0 when its key is there already
   */
  #tryInsert(row: CellValue[]): number {
    const { changes, lastInsertRowid } = this.#insert.run(...row);
    if (changes === 0) return 0;
    this.#inserted += 1;
    return Number(lastInsertRowid);
  }
}
