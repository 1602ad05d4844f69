/** Casts of one value to the type of a cached column. A cast answers the stored value, null for none, or a {@link Misfit}. */
import type { ColumnType } from '../connector.ts';

/** What a cached column holds: booleans are 0 and 1, times UTC ISO 8601 text with milliseconds, JSON its text. */
export type CellValue = string | number | null;

/** Why a value does not fit its column; the reason goes on after the column's name. */
export class Misfit {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** Longest text one cell takes, characters. */
export const MAX_TEXT_LENGTH = 1_000_000;
/** Numbers below this are seconds since 1970, others milliseconds: 1e11 seconds is the year 5138, 1e11 ms is March 1973. */
const SECONDS_BELOW = 1e11;

const TOO_LONG = new Misfit(`is longer than ${MAX_TEXT_LENGTH.toLocaleString('en')} characters`);
const NOT_INTEGER = new Misfit('is not a whole number');
const INTEGER_TOO_LARGE = new Misfit('is too large for an exact whole number; map it as text');
const NOT_NUMBER = new Misfit('is not a number');
const NOT_BOOLEAN = new Misfit('is neither true nor false');
const NOT_TIME = new Misfit('is not a date or time');
const NOT_JSON = new Misfit('cannot be written as JSON');

export type Cast = (value: unknown) => CellValue | Misfit;

export const CASTS: Readonly<Record<ColumnType, Cast>> = {
  text: toText,
  integer: toInteger,
  real: toReal,
  boolean: toBoolean,
  datetime: toDatetime,
  json: toJsonText,
};

function toText(value: unknown): CellValue | Misfit {
  if (typeof value === 'string') return value.length > MAX_TEXT_LENGTH ? TOO_LONG : value;
  if (value === null || value === undefined) return null;
  if (typeof value === 'number') return Object.is(value, -0) ? '0' : String(value);
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  return toJsonText(value);
}

function toInteger(value: unknown): CellValue | Misfit {
  if (typeof value === 'number') return wholeNumber(value);
  if (value === null || value === undefined || value === '') return null;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'bigint') return wholeNumber(Number(value));
  if (typeof value !== 'string') return NOT_INTEGER;
  const text = value.trim();
  if (text === '') return null;
  return text.length <= 400 && /^[+-]?\d+(?:\.0+)?$/.test(text) ? wholeNumber(Number(text)) : NOT_INTEGER;
}

function wholeNumber(value: number): number | Misfit {
  if (Number.isSafeInteger(value)) return value === 0 ? 0 : value;
  return Number.isInteger(value) ? INTEGER_TOO_LARGE : NOT_INTEGER;
}

function toReal(value: unknown): CellValue | Misfit {
  if (typeof value === 'number') return finite(value);
  if (value === null || value === undefined || value === '') return null;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'bigint') return finite(Number(value));
  if (typeof value !== 'string') return NOT_NUMBER;
  const text = value.trim();
  if (text === '') return null;
  return text.length <= 400 && /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4})?$/.test(text)
    ? finite(Number(text))
    : NOT_NUMBER;
}

/** SQLite has no NaN and compares -0 with 0 as equal: neither is stored. */
function finite(value: number): number | Misfit {
  if (!Number.isFinite(value)) return NOT_NUMBER;
  return value === 0 ? 0 : value;
}

const BOOLEAN_WORDS: ReadonlyMap<string, 0 | 1> = new Map([
  ['true', 1],
  ['1', 1],
  ['yes', 1],
  ['false', 0],
  ['0', 0],
  ['no', 0],
]);

function toBoolean(value: unknown): CellValue | Misfit {
  if (value === true || value === 1) return 1;
  if (value === false || value === 0) return 0;
  if (value === null || value === undefined || value === '') return null;
  if (typeof value !== 'string' || value.length > 20) return NOT_BOOLEAN;
  const text = value.trim().toLowerCase();
  return text === '' ? null : (BOOLEAN_WORDS.get(text) ?? NOT_BOOLEAN);
}

function toDatetime(value: unknown): CellValue | Misfit {
  if (typeof value === 'string') {
    if (isUtcInstant(value)) return value;
    return value === '' ? null : parseTime(value);
  }
  if (value === null || value === undefined) return null;
  if (typeof value === 'number') return fromEpoch(Math.abs(value) < SECONDS_BELOW ? value * 1000 : value);
  return value instanceof Date ? fromEpoch(value.getTime()) : NOT_TIME;
}

function fromEpoch(ms: number): string | Misfit {
  // Beyond this Date itself has no value; the years 0 to 9999 are those that sort as text.
  if (!(ms >= -62_167_219_200_000 && ms < 253_402_300_800_000)) return NOT_TIME;
  return new Date(ms).toISOString();
}

/**
 * ISO 8601 dates and times; an offset may lack its colon (Salesforce: "+0000"), a space may stand for the T. Without an offset
 * it is UTC: the zone of this machine must not decide what is stored.
 */
const TIME = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?: ?(Z|UTC|[+-]\d\d(?::?\d\d)?))?)?$/i;

function parseTime(value: string): string | null | Misfit {
  const text = value.trim();
  if (text === '') return null;
  const parts = text.length > 50 ? null : TIME.exec(text);
  if (parts === null) return NOT_TIME;
  const [, day, minutes = '00:00', seconds = '00', fraction = '', zone = 'Z'] = parts;
  const offset = /^(?:Z|UTC)$/i.test(zone) ? 'Z' : `${zone.slice(0, 3)}:${zone.length > 3 ? zone.slice(-2) : '00'}`;
  const ms = Date.parse(`${day}T${minutes}:${seconds}.${fraction.slice(0, 3).padEnd(3, '0')}${offset}`);
  // Date.parse takes 31 February for 3 March; a day that is not in the calendar is an error, not another day.
  if (Number.isNaN(ms) || !isCalendarDay(day ?? '')) return NOT_TIME;
  return fromEpoch(ms);
}

function isCalendarDay(day: string): boolean {
  const ms = Date.parse(`${day}T00:00:00.000Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day);
}

/** "2024-05-01T10:00:00.000Z", checked without allocating: most sources send exactly this. */
function isUtcInstant(text: string): boolean {
  if (text.length !== 24 || text.charCodeAt(23) !== 0x5a || text.charCodeAt(10) !== 0x54) return false;
  if (text.charCodeAt(4) !== 0x2d || text.charCodeAt(7) !== 0x2d || text.charCodeAt(19) !== 0x2e) return false;
  if (text.charCodeAt(13) !== 0x3a || text.charCodeAt(16) !== 0x3a) return false;
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  if (twoDigits(text, 0) < 0 || twoDigits(text, 2) < 0 || month < 1 || month > 12 || day < 1) return false;
  // Days 29 to 31 do not exist in every month: the slow way knows the calendar.
  if (day > 28) return false;
  if (!isBelow(twoDigits(text, 11), 24) || !isBelow(twoDigits(text, 14), 60) || !isBelow(twoDigits(text, 17), 60))
    return false;
  return twoDigits(text, 20) >= 0 && digit(text, 22) >= 0;
}

function isBelow(value: number, limit: number): boolean {
  return value >= 0 && value < limit;
}

function twoDigits(text: string, at: number): number {
  const tens = digit(text, at);
  const ones = digit(text, at + 1);
  return tens < 0 || ones < 0 ? -1 : tens * 10 + ones;
}

function digit(text: string, at: number): number {
  const value = text.charCodeAt(at) - 0x30;
  return value >= 0 && value <= 9 ? value : -1;
}

function toJsonText(value: unknown): CellValue | Misfit {
  if (value === null || value === undefined || typeof value === 'function' || typeof value === 'symbol') return null;
  try {
    const text = JSON.stringify(value);
    if (text === undefined) return null;
    return text.length > MAX_TEXT_LENGTH ? TOO_LONG : text;
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return NOT_JSON;
    throw error;
  }
}
