import sjson from 'secure-json-parse';
import { foldForSearch } from '../shared/search-fold.ts';
import type { ReadableDb } from './database.ts';
import { guarded } from './database.ts';

/** A row as it lies on disk: untrusted until a schema has read it. */
export type Row = Readonly<Record<string, unknown>>;

/** Told of every row that a schema refused: the row is left out of lists, and nothing else fails. */
export type ReportUnreadable = (table: string, id: string, error: unknown) => void;

/**
 * Whether rows are read by their schema. `untouched` when the file is exactly as this version of the app closed it: what is in it
 * was written by this version, and reading 10,000 connections at start without the schema takes a third of the time.
 */
export type RowTrust = 'checked' | 'untouched';

export interface Statement<P extends unknown[]> {
  get(...params: P): Row | undefined;
  all(...params: P): Row[];
  /** The first column of the first row. */
  value(...params: P): unknown;
  /** The first column of every row. */
  values(...params: P): unknown[];
  /** @returns how many rows changed */
  run(...params: P): number;
}

/** Prepares once, and turns what SQLite reports into the store's typed errors at every call. */
export function statement<P extends unknown[] = []>(db: ReadableDb, sql: string): Statement<P> {
  const prepared = db.prepare<unknown[], Row>(sql);
  const first = (row: Row | undefined): unknown => (row === undefined ? undefined : Object.values(row)[0]);
  return {
    get: (...params) => guarded(db, () => prepared.get(...params)),
    all: (...params) => guarded(db, () => prepared.all(...params)),
    value: (...params) => guarded(db, () => first(prepared.get(...params))),
    values: (...params) => guarded(db, () => prepared.all(...params).map(first)),
    run: (...params) => guarded(db, () => prepared.run(...params).changes),
  };
}

/** Parses stored JSON; a `__proto__` or `constructor.prototype` in it is an error, not a surprise later. */
export function fromJson(text: unknown): unknown {
  if (text === null || text === undefined) return null;
  if (typeof text !== 'string') throw new Error('Stored JSON is not text.');
  return sjson.parse(text, undefined, { protoAction: 'error', constructorAction: 'error' });
}

export function toJson(value: unknown): string {
  return JSON.stringify(value);
}

export function toMs(instant: string): number {
  return Date.parse(instant);
}

export function fromMs(ms: unknown): string {
  if (typeof ms !== 'number') throw new Error('A stored instant is not a number.');
  return new Date(ms).toISOString();
}

/** Names are compared in this form: case, width and composed letters do not matter. For searches see foldForSearch. */
export function foldText(text: string): string {
  return text.normalize('NFKC').toUpperCase().toLowerCase();
}

const TRIGRAM = 3;

/**
 * How a search text is looked up: null for everything, `match` as an FTS5 phrase where it has the three letters a trigram needs,
 * else `part` for `instr`. Neither can be understood as an operator or a wildcard.
 */
export type TextSearch =
  | { readonly kind: 'match'; readonly phrase: string }
  | { readonly kind: 'part'; readonly part: string };

export function textSearch(input: string): TextSearch | null {
  // Names hold no NUL, and FTS5 would end the phrase at it.
  const text = foldForSearch(input.trim()).replaceAll('\0', '\u{fffd}');
  if (text === '') return null;
  return [...text].length < TRIGRAM
    ? { kind: 'part', part: text }
    : { kind: 'match', phrase: `"${text.replaceAll('"', '""')}"` };
}

/** Reads rows with a schema, one by one: a damaged row is reported and left out. */
export function readRows<T>(rows: readonly Row[], table: string, read: (row: Row) => T, report: ReportUnreadable): T[] {
  const values: T[] = [];
  for (const row of rows) {
    try {
      values.push(read(row));
    } catch (error) {
      report(table, String(row.id ?? ''), error);
    }
  }
  return values;
}
