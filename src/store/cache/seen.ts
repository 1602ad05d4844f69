/** Which of the rows that were there before a full pass it has met: a bitmap in chunks, written only where it changed. */
import type { JobId } from '../../shared/ids.ts';
import type { WritableDb } from '../database.ts';
import { rowsTable } from './table.ts';

export const CHUNK_ROWS = 16_384;
const CHUNK_BYTES = CHUNK_ROWS / 8;

export class SeenRows {
  readonly #jobId: JobId;
  readonly #chunks = new Map<number, Uint8Array>();
  readonly #dirty = new Set<number>();
  readonly #save;
  readonly #load;
  readonly #mark;
  readonly #isThere;
  readonly #countThere;

  constructor(db: WritableDb, jobId: JobId) {
    this.#jobId = jobId;
    this.#save = db.prepare(
      'INSERT INTO seen (job_id, chunk, bits) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET bits = excluded.bits',
    );
    this.#load = db
      .prepare<[string, number], Uint8Array>('SELECT bits FROM seen WHERE job_id = ? AND chunk = ?')
      .pluck();
    const table = rowsTable(jobId);
    this.#mark = db.prepare<[number]>(`UPDATE ${table} SET _gone = 1 WHERE _id = ? AND _gone = 0`);
    this.#isThere = db.prepare<[number], number>(`SELECT 1 FROM ${table} WHERE _id = ? AND _gone = 0`).pluck();
    this.#countThere = db
      .prepare<[number, number], number>(`SELECT count(*) FROM ${table} WHERE _id BETWEEN ? AND ? AND _gone = 0`)
      .pluck();
  }

  add(id: number): void {
    const chunk = Math.floor(id / CHUNK_ROWS);
    const bits = this.#chunk(chunk);
    const place = id - chunk * CHUNK_ROWS;
    const byte = place >> 3;
    const before = bits[byte] as number;
    const after = before | (1 << (place & 7));
    if (after === before) return;
    bits[byte] = after;
    this.#dirty.add(chunk);
  }

  /** Inside the page's transaction. Call {@link saved} once that is committed: a rolled back one must be written again. */
  save(): void {
    for (const chunk of this.#dirty) this.#save.run(this.#jobId, chunk, this.#chunk(chunk));
  }

  saved(): void {
    this.#dirty.clear();
  }

  /**
   * Marks the rows of one chunk that were not met as gone.
   * @param lastId rows with a greater id are new in this pass
   * @returns how many were marked
   */
  sweep(chunk: number, lastId: number): number {
    return this.#overUnmet(chunk, lastId, (id) => this.#mark.run(id).changes);
  }

  /** How many rows of one chunk {@link sweep} would mark. */
  unmet(chunk: number, lastId: number): number {
    const first = chunk * CHUNK_ROWS;
    if (this.#chunk(chunk).every((met) => met === 0))
      return this.#countThere.get(first, Math.min(lastId, first + CHUNK_ROWS - 1)) ?? 0;
    return this.#overUnmet(chunk, lastId, (id) => this.#isThere.get(id) ?? 0);
  }

  /** Ids have no holes, because rows are never removed one by one, so only the clear bits need a look at the table. */
  #overUnmet(chunk: number, lastId: number, look: (id: number) => number): number {
    const first = chunk * CHUNK_ROWS;
    const bits = this.#chunk(chunk);
    let sum = 0;
    for (let byte = 0; byte < CHUNK_BYTES; byte += 1) {
      const met = bits[byte] as number;
      if (met === 0xff) continue;
      for (let bit = 0; bit < 8; bit += 1) {
        const id = first + byte * 8 + bit;
        if ((met & (1 << bit)) === 0 && id <= lastId) sum += look(id);
      }
    }
    return sum;
  }

  #chunk(chunk: number): Uint8Array {
    let bits = this.#chunks.get(chunk);
    if (bits === undefined) {
      const stored = this.#load.get(this.#jobId, chunk);
      bits = new Uint8Array(CHUNK_BYTES);
      if (stored !== undefined) bits.set(stored.subarray(0, CHUNK_BYTES));
      this.#chunks.set(chunk, bits);
    }
    return bits;
  }
}
