/** Writes rows into a job's table, only where something differs. */
import { randomBytes } from 'node:crypto';
import type { JobId } from '../../shared/ids.ts';
import type { CellValue, MappedColumn } from '../../shared/job/mapping.ts';
import { isTextual, quoted, rowsTable } from './cache-table.ts';
import type { WritableDb } from './database.ts';

/** What became of a row, in the lowest two bits of what {@link RowWriter.write} answers; the rest is the row's id. */
export const WRITTEN = { unchanged: 0, inserted: 1, updated: 2, returned: 3 } as const;
export const OUTCOMES = 4;

/**
 * Two ways to the same result. Where rows are mostly new they are inserted first and compared only on conflict; where they
 * are mostly there they are compared first, and an equal one costs no write. Comparing binds one joined text instead of every
 * text cell, because binding a text costs more than looking up the row.
 */
export class RowWriter {
  /** Whether the last page brought more new rows than known ones: sets the way of the next. */
  isMostlyNew: boolean;
  readonly #insert;
  readonly #compare;
  readonly #update;
  readonly #find;
  readonly #comparison: CellValue[];
  readonly #textPlaces: readonly number[];
  readonly #otherPlaces: readonly number[];
  readonly #keyIndex: number;
  readonly #separator: string;
  readonly #none: string;

  constructor(
    db: WritableDb,
    jobId: JobId,
    mapping: { readonly columns: readonly MappedColumn[]; readonly keyIndex: number },
    isMostlyNew: boolean,
  ) {
    const { columns, keyIndex } = mapping;
    this.isMostlyNew = isMostlyNew;
    // Random, so that no value can hold them: joined texts are then equal only when every part is.
    this.#separator = `\u001f${randomBytes(9).toString('base64url')}\u001f`;
    this.#none = `\u001e${randomBytes(9).toString('base64url')}\u001e`;
    const places = columns.map((_, place) => place).filter((place) => place !== keyIndex);
    this.#textPlaces = places.filter((place) => isTextual((columns[place] as MappedColumn).type));
    this.#otherPlaces = places.filter((place) => !isTextual((columns[place] as MappedColumn).type));
    this.#keyIndex = keyIndex;
    this.#comparison = new Array(this.#otherPlaces.length + 2).fill(null);
    const table = rowsTable(jobId);
    const names = columns.map(({ name }) => quoted(name));
    const key = names[keyIndex] as string;
    this.#insert = db.prepare<[CellValue[]]>(
      `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')}) ON CONFLICT (${key}) DO NOTHING`,
    );
    this.#update = db.prepare<[CellValue[], number]>(
      `UPDATE ${table} SET ${names.map((name) => `${name} = ?`).join(', ')}, _gone = 0 WHERE _id = ?`,
    );
    this.#find = db.prepare<[CellValue], number>(`SELECT _id FROM ${table} WHERE ${key} = ?`).pluck();
    this.#compare = db.prepare<[CellValue[]], number>(this.#comparisonSql(table, names, key)).pluck();
  }

  /** @returns the row's id times {@link OUTCOMES} plus one of {@link WRITTEN} */
  write(row: CellValue[]): number {
    if (this.isMostlyNew) {
      const { changes, lastInsertRowid } = this.#insert.run(row);
      if (changes === 1) return Number(lastInsertRowid) * OUTCOMES + WRITTEN.inserted;
    }
    const found = this.#compare.get(this.#toComparison(row));
    if (found === undefined) {
      const { lastInsertRowid } = this.#insert.run(row);
      return Number(lastInsertRowid) * OUTCOMES + WRITTEN.inserted;
    }
    const id = Math.floor(found / 4);
    if (found % 2 === 1) return id * OUTCOMES + WRITTEN.unchanged;
    this.#update.run(row, id);
    return id * OUTCOMES + (found % 4 >= 2 ? WRITTEN.returned : WRITTEN.updated);
  }

  /** The id of the row with this key. */
  find(key: CellValue): number | null {
    return this.#find.get(key) ?? null;
  }

  /** Answers id * 4 + 2 when the row was marked gone + 1 when it is there and equal. */
  #comparisonSql(table: string, names: readonly string[], key: string): string {
    const others = this.#otherPlaces.map((place, at) => `t.${names[place]} IS v.n${at}`);
    const conditions = [`(${this.#joinedSql(names)}) IS v.joined`, ...others, 't._gone = 0'];
    const values = ['? AS joined', ...this.#otherPlaces.map((_, at) => `? AS n${at}`), '? AS k'];
    return `SELECT t._id * 4 + t._gone * 2 + (${conditions.join(' AND ')})
      FROM (SELECT ${values.join(', ')}) AS v CROSS JOIN ${table} AS t WHERE t.${key} = v.k`;
  }

  /** In groups: a function takes a limited number of arguments. */
  #joinedSql(names: readonly string[]): string {
    const parts = this.#textPlaces.map((place) => `ifnull(t.${names[place]}, '${this.#none}'), '${this.#separator}'`);
    const groups: string[] = [];
    for (let at = 0; at < parts.length; at += 40) groups.push(`concat(${parts.slice(at, at + 40).join(', ')})`);
    return groups.length === 0 ? "''" : groups.join(' || ');
  }

  #toComparison(row: readonly CellValue[]): CellValue[] {
    const values = this.#comparison;
    const others = this.#otherPlaces;
    let joined = '';
    for (const place of this.#textPlaces) joined += (row[place] ?? this.#none) + this.#separator;
    values[0] = joined;
    for (let at = 0; at < others.length; at += 1) values[at + 1] = row[others[at] as number] ?? null;
    values[others.length + 1] = row[this.#keyIndex] ?? null;
    return values;
  }
}
