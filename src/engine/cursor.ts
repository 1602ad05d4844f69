/** The cursor of incremental reading: the greatest value met, and where the next pass begins. By the source's clock only. */
import { castBy } from '../shared/job/cast.ts';
import { compareDecimals, ExactNumber } from '../shared/job/exact-number.ts';

export type CursorValue = string | number;

/** Epoch values below this are seconds, others milliseconds (see cast.ts); smaller numbers are counters, not times. */
const MILLISECONDS_FROM = 1e11;
const SECONDS_FROM = 1e8;
/** From here on only digits are exact: microseconds, and from 1e17 on nanoseconds. */
const MICROSECONDS_FROM = 1e15;
const NANOSECONDS_FROM = 1e17;
const NANOSECONDS_BELOW = 1e20;

/** Times to the millisecond; a cursor may be cut, since reading begins at it and goes back by the look-back. */
const toTime = castBy('datetime', { converts: true });

/** Reads the cursor field of records and keeps the greatest value. */
export class CursorMax {
  readonly #keys: readonly string[];
  readonly #field: string;
  #value: CursorValue | null;

  constructor(field: string, value: CursorValue | null) {
    this.#field = field;
    this.#keys = field.split('.');
    this.#value = value;
  }

  get value(): CursorValue | null {
    return this.#value;
  }

  /** Back to what it was before a page whose transaction failed. */
  reset(value: CursorValue | null): void {
    this.#value = value;
  }

  see(record: Readonly<Record<string, unknown>>): void {
    let value: unknown = record[this.#field];
    if (value === undefined && this.#keys.length > 1) value = this.#nested(record);
    if (value instanceof ExactNumber) value = value.digits;
    if ((typeof value !== 'string' && typeof value !== 'number') || value === '') return;
    if (this.#value === null || isGreater(value, this.#value)) this.#value = value;
  }

  #nested(record: unknown): unknown {
    let current = record;
    for (const key of this.#keys) {
      if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key)) return undefined;
      current = (current as Record<string, unknown>)[key];
    }
    return current;
  }
}

export function isGreater(a: CursorValue, b: CursorValue): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a > b;
  if (typeof a === 'string' && typeof b === 'string' && haveSameForm(a, b)) return a > b;
  if (WHOLE.test(String(a)) && WHOLE.test(String(b))) return compareDecimals(String(a), String(b)) > 0;
  const left = sortable(a);
  const right = sortable(b);
  // What is no time never takes the place of one: the next read could not begin there.
  return typeof left === typeof right ? left > right : typeof left === 'number';
}

/** Times of one length and one zone sort as their texts do. */
function haveSameForm(a: string, b: string): boolean {
  if (a.length !== b.length || a.length < 20) return false;
  for (let back = 1; back <= 6; back += 1) {
    const code = a.charCodeAt(a.length - back);
    if (code === 0x5a) return b.charCodeAt(b.length - back) === 0x5a;
    if (code !== b.charCodeAt(b.length - back)) return back === 1 && isDigit(code) && !a.includes('+');
  }
  return true;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

const WHOLE = /^\d+$/;

/** Times as milliseconds, anything else as it is. */
function sortable(value: CursorValue): CursorValue {
  if (typeof value === 'number') return value;
  const time = toTime(value);
  return typeof time === 'string' ? Date.parse(time) : value;
}

/**
 * Where the next pass may begin so that nothing is missed. A record changed while the pass was reading may have been read
 * before its change, and the greatest value met may be younger: going back by the time the pass took reaches behind that
 * moment, whatever our clock says.
 */
export function nextCursor(greatest: CursorValue | null, passMs: number): CursorValue | null {
  return greatest === null ? null : earlier(greatest, Math.max(0, passMs));
}

/** @returns the value to read from, inclusive, in the form the source itself used where that is a number */
export function sinceValue(cursor: CursorValue, lookbackSeconds: number): string {
  return String(earlier(cursor, lookbackSeconds * 1000));
}

function earlier(cursor: CursorValue, ms: number): CursorValue {
  if (typeof cursor === 'number' && cursor < MICROSECONDS_FROM) return earlierNumber(cursor, ms);
  if (WHOLE.test(String(cursor))) return earlierWhole(String(cursor), ms);
  const time = toTime(cursor);
  return typeof time === 'string' ? new Date(Date.parse(time) - Math.ceil(ms)).toISOString() : cursor;
}

/** Also microseconds and nanoseconds since 1970, which are told by their length, and counters of any length. */
function earlierWhole(cursor: string, ms: number): string {
  if (Number(cursor) < MICROSECONDS_FROM) return String(earlierNumber(Number(cursor), ms));
  const size = Number(cursor);
  const perMs = size < NANOSECONDS_FROM ? 1_000n : size < NANOSECONDS_BELOW ? 1_000_000n : 0n;
  return String(BigInt(cursor) - BigInt(Math.ceil(ms)) * perMs);
}

function earlierNumber(cursor: number, ms: number): number {
  if (cursor >= MILLISECONDS_FROM) return cursor - Math.ceil(ms);
  return cursor >= SECONDS_FROM ? cursor - Math.ceil(ms / 1000) : cursor;
}
