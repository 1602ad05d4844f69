/** Stored rows read ahead: a source that sends its records in the order of last time meets them one after the other. */
import type { CellValue } from '../../shared/job/mapping.ts';
import type { WritableDb } from '../database.ts';

/** Id, whether it is gone (0 or 1), key, joined texts (null once it is out of date), then the other cells. */
export type StoredRow = [id: number, gone: number, key: CellValue, joined: string | null, ...others: CellValue[]];

const SMALLEST = 100;
const LARGEST = 2_000;

export class StoredRows {
  /** Stored rows without a record that are passed over: they are gone at the source. */
  static readonly reach = 16;
  readonly #read;
  #rows: StoredRow[] = [];
  #at = 0;
  #last = 0;
  #size = SMALLEST;
  #isEnd = false;

  /** @param sql gives {@link StoredRow}s behind an id, in order, and takes a limit */
  constructor(db: WritableDb, sql: string) {
    this.#read = db.prepare<[number, number], StoredRow>(sql).raw();
  }

  /** Begins again behind a row, to read about as many as will be asked for. */
  forget(lastId: number, size: number): void {
    this.#rows = [];
    this.#at = 0;
    this.#last = lastId;
    this.#size = Math.min(Math.max(size, SMALLEST), LARGEST);
    this.#isEnd = false;
  }

  /** The stored row with this key, when it is among the next few. */
  take(key: CellValue): StoredRow | null {
    if (this.#at >= this.#rows.length && !this.#readOn()) return null;
    const rows = this.#rows;
    const end = Math.min(this.#at + StoredRows.reach, rows.length);
    for (let at = this.#at; at < end; at += 1) {
      const row = rows[at] as StoredRow;
      if (row[2] !== key) continue;
      this.#at = at + 1;
      return row;
    }
    return null;
  }

  /** A row was changed by another way: if it was read ahead, it was read too early. */
  spoil(id: number): void {
    const row = this.#rows.find(([stored]) => stored === id);
    if (row !== undefined) row[3] = null;
  }

  #readOn(): boolean {
    if (this.#isEnd) return false;
    this.#rows = this.#read.all(this.#last, this.#size);
    this.#at = 0;
    this.#last = this.#rows.at(-1)?.[0] ?? this.#last;
    this.#isEnd = this.#rows.length === 0;
    return !this.#isEnd;
  }
}
