/** Questions of the Data page to a job's table: searched, sorted, in pages. Runs on a thread of its own (data/reader-thread.ts). */
import type { MappedColumn } from '../../shared/job/mapping.ts';
import { foldForSearch, isAscii } from '../../shared/search-fold.ts';
import type { ReadableDb } from '../database.ts';
import { isTextual, joined, quoted, rowsTable, type TableInfo, tableInfo } from './table.ts';

export type Cell = string | number | null;

export interface RowsQuery {
  readonly jobId: string;
  readonly offset: number;
  readonly limit: number;
  readonly search: string;
  readonly sort: { readonly column: string; readonly descending: boolean } | null;
}

export interface RowsPage {
  readonly columns: readonly MappedColumn[];
  readonly rows: readonly (readonly Cell[])[];
  readonly total: number;
  readonly asOf: number | null;
}

/** A list that was made is used again for this long even when rows have changed meanwhile: a sync changes some every moment. */
const LIST_LIFE_MS = 3_000;
/** Lists kept: the page somebody looks at, and the one before it. */
const LISTS_KEPT = 2;

/** Row ids of a search and sort, in order, so that the next page of it costs nothing. */
interface IdList {
  readonly key: string;
  readonly ids: Float64Array;
  readonly version: number;
  readonly madeAt: number;
}

export class CacheQueries {
  readonly #db: ReadableDb;
  #lists: IdList[] = [];

  constructor(db: ReadableDb) {
    this.#db = db;
    // SQLite writes a number otherwise than it is shown: 5 as 5.0, and a third with one digit more.
    db.function('number_has', { deterministic: true }, (cell: unknown, digits: unknown) =>
      typeof cell === 'number' && String(cell).includes(String(digits)) ? 1 : 0,
    );
    db.function('fold_has', { deterministic: true }, (cell: unknown, part: unknown) =>
      typeof cell === 'string' && foldForSearch(cell).includes(String(part)) ? 1 : 0,
    );
  }

  page(query: RowsQuery): RowsPage {
    const info = tableInfo(this.#db, query.jobId);
    if (info === null) return { columns: [], rows: [], total: 0, asOf: null };
    const ids = this.#idsOf(info, query);
    const rows = this.rows(info, ids.subarray(query.offset, query.offset + query.limit));
    return { columns: info.columns, rows, total: ids.length, asOf: info.asOf };
  }

  /** Ids of all rows that a search finds, in the order of the sort, else oldest first. */
  ids(jobId: string, search: string, sort: RowsQuery['sort']): Float64Array {
    const info = tableInfo(this.#db, jobId);
    return info === null ? new Float64Array(0) : this.#idsOf(info, { jobId, search, sort });
  }

  info(jobId: string): TableInfo | null {
    return tableInfo(this.#db, jobId);
  }

  /** Rows that went away since their ids were listed are left out. */
  rows(info: TableInfo, ids: Iterable<number>): Cell[][] {
    const names = info.columns.map(({ name }) => quoted(name)).join(', ');
    const row = this.#db.prepare<[number], Cell[]>(`SELECT ${names} FROM ${rowsTable(info.jobId)} WHERE _id = ?`).raw();
    const rows: Cell[][] = [];
    for (const id of ids) {
      const cells = row.get(id);
      if (cells !== undefined) rows.push(cells);
    }
    return rows;
  }

  #idsOf(info: TableInfo, { search, sort }: Pick<RowsQuery, 'jobId' | 'search' | 'sort'>): Float64Array {
    const key = JSON.stringify([info.jobId, search, sort, info.columns.length]);
    const version = Number(this.#db.pragma('data_version', { simple: true }));
    const known = this.#lists.find((list) => list.key === key);
    if (known !== undefined && (known.version === version || performance.now() - known.madeAt < LIST_LIFE_MS))
      return known.ids;
    const ids = this.#list(info, search, sort);
    const list: IdList = { key, ids, version, madeAt: performance.now() };
    this.#lists = [list, ...this.#lists.filter((other) => other.key !== key)].slice(0, LISTS_KEPT);
    return ids;
  }

  #list(info: TableInfo, search: string, sort: RowsQuery['sort']): Float64Array {
    const { sql, values } = listStatement(info, search, sort);
    const ids = new GrowingIds(info.rows);
    for (const id of this.#db
      .prepare<Readonly<Record<string, string>>[], number>(sql)
      .pluck()
      .iterate(...values))
      ids.add(id);
    return ids.done();
  }
}

interface ListStatement {
  readonly sql: string;
  readonly values: readonly Readonly<Record<string, string>>[];
}

/** Only columns of the table itself get into the text; everything typed by people is bound. */
function listStatement(info: TableInfo, search: string, sort: RowsQuery['sort']): ListStatement {
  const text = search.trim();
  const found = text === '' ? null : searchCondition(info, text);
  const conditions = found === null ? '_gone = 0' : `_gone = 0 AND (${found.sql})`;
  const column = info.columns.find(({ name }) => name === sort?.column);
  const order = column === undefined ? '_id' : `${orderOf(column)} ${sort?.descending === true ? 'DESC' : 'ASC'}, _id`;
  return {
    sql: `SELECT _id FROM ${rowsTable(info.jobId)} WHERE ${conditions} ORDER BY ${order}`,
    values: found === null ? [] : [found.bound],
  };
}

interface Found {
  readonly sql: string;
  readonly bound: Readonly<Record<string, string>>;
}

/** Digits as they are shown and exported: with or without the commas of thousands. */
const NUMBER_PART = /^-?[\d.,]+(?:e[+-]?\d*)?$/i;

/**
 * Text columns that hold the text, folded as {@link foldForSearch} does; numbers are found by how they are shown. A cell of ASCII
 * letters alone, which is what most are, is left to LIKE, which knows their case: only the others cost a call into JavaScript.
 */
function searchCondition({ columns }: TableInfo, text: string): Found {
  const part = foldForSearch(text);
  const pattern = `%${part.replaceAll(/[\\%_]/g, '\\$&')}%`;
  const like = (value: string): string => `${value} LIKE @pattern ESCAPE '\\'`;
  // LIKE and length() read up to a NUL, so a cell with one is not as long as it has bytes.
  const isPlain = (name: string): string => `length(${name}) = octet_length(${name})`;
  const has = (name: string): string =>
    isAscii(part) && !part.includes('\0')
      ? `iif(${isPlain(name)}, ${like(name)}, fold_has(${name}, @part))`
      : `(NOT ${isPlain(name)} AND fold_has(${name}, @part))`;
  const texts = columns.filter(({ type }) => isTextual(type)).map(({ name }) => has(quoted(name)));
  const numbers = columns.filter(({ type }) => type === 'integer' || type === 'real');
  const digits = NUMBER_PART.test(text) ? text.replaceAll(',', '').toLowerCase() : '';
  const hasDigits = ({ name, type }: MappedColumn): string =>
    type === 'integer' ? `CAST(${quoted(name)} AS TEXT) LIKE @shown` : `number_has(${quoted(name)}, @digits)`;
  const sql = joined([...texts, ...(digits === '' ? [] : numbers.map(hasDigits))], 'OR');
  const bound = { pattern, part, digits, shown: `%${digits}%` };
  return { sql, bound: Object.fromEntries(Object.entries(bound).filter(([name]) => sql.includes(`@${name}`))) };
}

function orderOf({ name, type }: MappedColumn): string {
  return type === 'text' ? `${quoted(name)} COLLATE NOCASE` : quoted(name);
}

class GrowingIds {
  #ids: Float64Array;
  #size = 0;

  constructor(expected: number) {
    this.#ids = new Float64Array(Math.max(16, Math.min(expected, 1_000_000)));
  }

  add(id: number): void {
    if (this.#size === this.#ids.length) {
      const larger = new Float64Array(this.#size * 2);
      larger.set(this.#ids);
      this.#ids = larger;
    }
    this.#ids[this.#size] = id;
    this.#size += 1;
  }

  done(): Float64Array {
    return this.#ids.slice(0, this.#size);
  }
}
