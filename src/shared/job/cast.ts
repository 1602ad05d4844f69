/** Casts of one value to the type of a cached column. A cast answers the stored value, null for none, or a {@link Misfit}. */
import type { ColumnType } from '../connector.ts';
import { ExactNumber, exactDouble, isWholeDecimal, writeJson } from './exact-number.ts';
import { Misfit } from './misfit.ts';
import {
  booleanOfText,
  convertToBoolean,
  convertToInteger,
  convertToReal,
  type Decimals,
  integerOfText,
  realOfText,
} from './text-value.ts';
import { type DateRule, type TimeParser, timeParser } from './time-text.ts';
import { isUnicode, namesBytes } from './unicode.ts';

export { Misfit } from './misfit.ts';

/** What a cached column holds: booleans are 0 and 1, times UTC ISO 8601 text with milliseconds, JSON its text. */
export type CellValue = string | number | null;

/** Longest text one cell takes, characters. */
export const MAX_TEXT_LENGTH = 1_000_000;
/** Numbers below this are seconds since 1970, others milliseconds: 1e11 seconds is the year 5138, 1e11 ms is March 1973. */
const SECONDS_BELOW = 1e11;
/** Smaller numbers are counts, days or dates such as 20240501: 1e8 seconds is March 1973. */
const SECONDS_FROM = 1e8;

const TOO_LONG = new Misfit(`is longer than ${MAX_TEXT_LENGTH.toLocaleString('en')} characters`);
const NOT_INTEGER = new Misfit('is not a whole number');
const INTEGER_TOO_LARGE = new Misfit('is too large for an exact whole number; map it as text');
const NOT_NUMBER = new Misfit('is not a number');
const NOT_EXACT = new Misfit('has more digits than a number keeps exactly; map it as text');
const NOT_UNICODE = new Misfit('holds half a character or bytes that are no text');
const NOT_BOOLEAN = new Misfit('is neither true nor false');
const NOT_TIME = new Misfit('is not a date or time');
const NO_EPOCH = new Misfit('is not a date or time: a number counts seconds or milliseconds since 1970');
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

/** How the values of one column are written, where a mapping says it; see {@link FieldMapping}. */
export interface TextRules extends DateRule {
  readonly decimals?: Decimals | undefined;
}

/** The cast of a column whose mapping says how its values are written. */
export function castBy(type: ColumnType, rules: TextRules): Cast {
  if (type === 'datetime') return datetimeCast(rules);
  const fromText = rules.converts === true ? CONVERSIONS[type] : undefined;
  const cast = CASTS[type];
  if (fromText !== undefined) return (value) => (typeof value === 'string' ? fromText(value) : cast(value));
  const { decimals } = rules;
  if (type !== 'real' || decimals === undefined) return cast;
  return (value) => (typeof value === 'string' && value !== '' ? realOfText(value, decimals) : cast(value));
}

const CONVERSIONS: Partial<Readonly<Record<ColumnType, (text: string) => CellValue | Misfit>>> = {
  integer: convertToInteger,
  real: convertToReal,
  boolean: convertToBoolean,
};

function datetimeCast(rules: DateRule): Cast {
  if (rules.formats === undefined && rules.timeZone === undefined && rules.converts !== true) return CASTS.datetime;
  const parse = timeParser(rules);
  return (value) => (typeof value === 'string' ? timeOfText(value, parse) : toDatetime(value));
}

function toText(value: unknown): CellValue | Misfit {
  if (typeof value === 'string')
    return value.length > MAX_TEXT_LENGTH ? TOO_LONG : isUnicode(value) ? value : NOT_UNICODE;
  if (value === null || value === undefined) return null;
  if (typeof value === 'number') return Object.is(value, -0) ? '0' : String(value);
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (value instanceof ExactNumber) return value.digits.length > MAX_TEXT_LENGTH ? TOO_LONG : value.digits;
  return toJsonText(value);
}

function toInteger(value: unknown): CellValue | Misfit {
  if (typeof value === 'number') return wholeNumber(value);
  if (value === null || value === undefined || value === '') return null;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'string') return integerOfText(value);
  if (value instanceof ExactNumber) return isWholeDecimal(value.digits) ? INTEGER_TOO_LARGE : NOT_INTEGER;
  return typeof value === 'bigint' ? wholeNumber(Number(value)) : NOT_INTEGER;
}

function wholeNumber(value: number): number | Misfit {
  if (Number.isSafeInteger(value)) return value === 0 ? 0 : value;
  return Number.isInteger(value) ? INTEGER_TOO_LARGE : NOT_INTEGER;
}

function toReal(value: unknown): CellValue | Misfit {
  if (typeof value === 'number') return finite(value);
  if (value === null || value === undefined || value === '') return null;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'string') return realOfText(value);
  if (value instanceof ExactNumber || typeof value === 'bigint') return exactDouble(String(value)) ?? NOT_EXACT;
  return NOT_NUMBER;
}

/** SQLite has no NaN and compares -0 with 0 as equal: neither is stored. */
function finite(value: number): number | Misfit {
  if (!Number.isFinite(value)) return NOT_NUMBER;
  return value === 0 ? 0 : value;
}

function toBoolean(value: unknown): CellValue | Misfit {
  if (value === true || value === 1) return 1;
  if (value === false || value === 0) return 0;
  if (value === null || value === undefined || value === '') return null;
  return typeof value === 'string' ? booleanOfText(value) : NOT_BOOLEAN;
}

function toDatetime(value: unknown): CellValue | Misfit {
  if (typeof value === 'string') return timeOfText(value, parseUtc);
  if (value === null || value === undefined) return null;
  if (typeof value === 'number') return epochTime(value);
  return value instanceof Date ? fromEpoch(value.getTime()) : NOT_TIME;
}

function epochTime(value: number): string | Misfit {
  const size = Math.abs(value);
  if (size >= SECONDS_BELOW) return fromEpoch(value);
  // 20240501 and 45413 are written dates, not the 20,240,501st second of 1970.
  return size >= SECONDS_FROM || value === 0 ? fromEpoch(value * 1000) : NO_EPOCH;
}

function fromEpoch(ms: number): string | Misfit {
  // Beyond this Date itself has no value; the years 0 to 9999 are those that sort as text.
  if (!(ms >= -62_167_219_200_000 && ms < 253_402_300_800_000)) return NOT_TIME;
  return new Date(ms).toISOString();
}

const parseUtc: TimeParser = timeParser({});

function timeOfText(text: string, parse: TimeParser): string | null | Misfit {
  if (isUtcInstant(text)) return text;
  if (text === '' || (text.length < 80 && text.trim() === '')) return null;
  const ms = parse(text);
  return typeof ms === 'number' ? fromEpoch(ms) : ms;
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
    const text = writeJson(value);
    if (text === undefined) return null;
    if (text.length > MAX_TEXT_LENGTH) return TOO_LONG;
    return namesBytes(text) ? NOT_UNICODE : text;
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return NOT_JSON;
    throw error;
  }
}
