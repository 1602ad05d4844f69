/**
 * Whether a row is the same as the stored one. The text cells are joined into one text on both sides: handing a text to SQLite,
 * or getting one out, costs more than comparing it.
 */
import { randomBytes } from 'node:crypto';
import type { CellValue, MappedColumn } from '../../shared/job/mapping.ts';
import type { ReadableDb } from '../database.ts';
import { isSameJson } from '../json-order.ts';
import { isTextual, joined, quoted } from './table.ts';
import type { StoredRow } from './window.ts';

/** Members of a stored row before its cells: id, gone, key, joined texts. */
const FIRST_CELL = 4;
/** Parts of one call of concat(): a function takes a limited number of arguments. */
const PARTS_PER_CALL = 40;

export class RowComparison {
  readonly #names: readonly string[];
  readonly #key: number;
  readonly #texts: readonly number[];
  readonly #others: readonly number[];
  readonly #separator: string;
  readonly #none: string;
  readonly #values: CellValue[];

  constructor({ columns, keyIndex }: { readonly columns: readonly MappedColumn[]; readonly keyIndex: number }) {
    const places = columns.map((_, place) => place).filter((place) => place !== keyIndex);
    this.#names = columns.map(({ name }) => quoted(name));
    this.#key = keyIndex;
    this.#texts = places.filter((place) => isTextual((columns[place] as MappedColumn).type));
    this.#others = places.filter((place) => !isTextual((columns[place] as MappedColumn).type));
    // Of this process alone: nobody can write data that looks the same when it is cut elsewhere.
    this.#separator = `\u001f${randomBytes(3).toString('base64url')}`;
    this.#none = `\u001e${randomBytes(3).toString('base64url')}`;
    this.#values = new Array(this.#others.length + 2).fill(null);
  }

  /** Rows behind an id, in order; {@link StoredRow}s. Takes the id and a limit. */
  readSql(table: string): string {
    const others = this.#others.map((place) => `t.${this.#names[place]}`);
    const parts = ['t._id', 't._gone', `t.${this.#names[this.#key]}`, this.#joinedSql(), ...others];
    return `SELECT ${parts.join(', ')} FROM ${table} AS t WHERE t._id > ? ORDER BY t._id LIMIT ?`;
  }

  /**
   * The stored row with the key of {@link RowComparison.values}: its id * 4, + 2 when it is gone, + 1 when it is there and the
   * same.
   */
  compareSql(table: string): string {
    const others = this.#others.map((place, at) => `t.${this.#names[place]} IS v.n${at}`);
    const conditions = [`(${this.#joinedSql()}) IS v.joined`, ...others, 't._gone = 0'];
    const values = ['? AS joined', ...this.#others.map((_, at) => `? AS n${at}`), '? AS k'];
    return `SELECT t._id * 4 + t._gone * 2 + ${joined(conditions, 'AND')}
      FROM (SELECT ${values.join(', ')}) AS v CROSS JOIN ${table} AS t WHERE t.${this.#names[this.#key]} = v.k`;
  }

  /** The values of {@link RowComparison.compareSql}; the array is used again by the next call. */
  values(row: readonly CellValue[]): CellValue[] {
    const values = this.#values;
    const others = this.#others;
    values[0] = this.#joined(row);
    for (let at = 0; at < others.length; at += 1) values[at + 1] = row[others[at] as number] ?? null;
    values[others.length + 1] = row[this.#key] ?? null;
    return values;
  }

  isSame(stored: StoredRow, row: readonly CellValue[]): boolean {
    const others = this.#others;
    for (let at = 0; at < others.length; at += 1)
      if (stored[FIRST_CELL + at] !== row[others[at] as number]) return false;
    return stored[3] === this.#joined(row);
  }

  #joined(row: readonly CellValue[]): string {
    const texts = this.#texts;
    const separator = this.#separator;
    let joined = '';
    for (let at = 0; at < texts.length; at += 1) joined += (row[texts[at] as number] ?? this.#none) + separator;
    return joined;
  }

  #joinedSql(): string {
    const parts = this.#texts.map((place) => `ifnull(t.${this.#names[place]}, '${this.#none}'), '${this.#separator}'`);
    const calls: string[] = [];
    for (let at = 0; at < parts.length; at += PARTS_PER_CALL)
      calls.push(`concat(${parts.slice(at, at + PARTS_PER_CALL).join(', ')})`);
    return calls.length === 0 ? "''" : calls.join(' || ');
  }
}

/** The second look at a row that differs: the members of a JSON object have no order, and some sources send them in any. */
export class JsonColumns {
  readonly #isJson: readonly boolean[];
  readonly #find;

  constructor(db: ReadableDb, table: string, columns: readonly MappedColumn[]) {
    const names = columns.map(({ name }) => quoted(name)).join(', ');
    this.#isJson = columns.map(({ type }) => type === 'json');
    this.#find = db.prepare<[number], CellValue[]>(`SELECT ${names} FROM ${table} WHERE _id = ?`).raw();
  }

  isSame(id: number, row: readonly CellValue[]): boolean {
    const stored = this.#find.get(id) ?? [];
    return row.every((cell, place) => {
      const before = stored[place];
      if (before === cell) return true;
      return this.#isJson[place] && typeof before === 'string' && typeof cell === 'string' && isSameJson(before, cell);
    });
  }
}
