/**
 * Numbers and booleans written as text. A text becomes a number only when the number, written out again, is that text: "00501",
 * "+49301234" and "12E5" are refused with the reason, never changed. All sources share these rules: a CSV file, and text in JSON.
 */
import { exactDouble } from './exact-number.ts';
import { Misfit } from './misfit.ts';

/**
 * How the decimals of a column are written: always this many ("250.00"), or without zeros at the end ("250", "0.5"). Where a
 * mapping does not say, zeros at the end are taken, since they are no part of the number's value.
 */
export type Decimals = number | 'shortest';
export const MAX_DECIMALS = 15;

const MAP_AS_TEXT = 'map it as text';
const loses = (what: string): Misfit => new Misfit(`${what}; ${MAP_AS_TEXT}`);

const NOT_NUMBER = new Misfit('is not a number');
const NOT_INTEGER = new Misfit('is not a whole number');
const NOT_BOOLEAN = new Misfit('is neither true nor false');
const INTEGER_TOO_LARGE = loses('is too large for an exact whole number');
const TOO_MANY_DIGITS = loses('has more digits than a number keeps exactly');
const BLANKS = loses('has spaces around its digits, which a number loses');
const PLUS = loses('begins with a plus sign, which a number loses');
const LEADING_ZEROS = loses('has leading zeros, which a number loses');
const NEGATIVE_ZERO = loses('is a negative zero, which a number loses');
const EXPONENT = loses('is written with an exponent, which a number loses');
const SEPARATORS = loses('has a comma, a space or another separator among its digits');
const HALF_POINT = loses('lacks a digit before or after its decimal point');
const TRAILING_ZEROS = loses('ends with zeros after the decimal point, which a number loses');
const OTHER_WORD = loses('says true or false in other words, which a boolean loses');

/** A number longer than this is nobody's value; longer texts are not looked at. Characters. */
const MAX_NUMBER_LENGTH = 300;
/** @returns the place of the decimal point of a plain number, the text's length where it has none, -1 for any other text */
function pointOf(text: string): number {
  if (text.length > MAX_NUMBER_LENGTH) return -1;
  const start = text.charCodeAt(0) === MINUS ? 1 : 0;
  const point = digitsEnd(text, start);
  if (point === start || (point > start + 1 && text.charCodeAt(start) === ZERO)) return -1;
  if (point === text.length) return point;
  const end = text.charCodeAt(point) === POINT ? digitsEnd(text, point + 1) : -1;
  return end === text.length && end > point + 1 ? point : -1;
}

const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;

function digitsEnd(text: string, from: number): number {
  let at = from;
  for (let code = text.charCodeAt(at); code >= ZERO && code <= ZERO + 9; code = text.charCodeAt(at)) at += 1;
  return at;
}

/** @returns the whole number that this text is, written plainly */
export function integerOfText(text: string): number | Misfit {
  const point = pointOf(text);
  if (point < 0) return whyNotPlain(text, NOT_INTEGER);
  if (point < text.length) return NOT_INTEGER;
  const value = Number(text);
  if (value === 0) return text === '0' ? 0 : NEGATIVE_ZERO;
  return Number.isSafeInteger(value) ? value : INTEGER_TOO_LARGE;
}

/** @returns the number that this text is, to its last digit */
export function realOfText(text: string, decimals?: Decimals): number | Misfit {
  const point = pointOf(text);
  if (point < 0) return whyNotPlain(text, NOT_NUMBER);
  if (typeof decimals === 'number' && text.length - point - 1 !== decimals) return otherDecimals(decimals);
  if (decimals === 'shortest' && point < text.length && text.endsWith('0')) return TRAILING_ZEROS;
  const value = Number(text);
  if (value === 0 && text.startsWith('-')) return NEGATIVE_ZERO;
  return isExact(text, value) ? value : TOO_MANY_DIGITS;
}

const otherDecimalsOf = new Map<number, Misfit>();

function otherDecimals(decimals: number): Misfit {
  const words = `does not have exactly ${decimals} decimal${decimals === 1 ? '' : 's'}, as the column has`;
  const misfit = otherDecimalsOf.get(decimals) ?? loses(words);
  otherDecimalsOf.set(decimals, misfit);
  return misfit;
}

/** Fifteen significant digits always come back from a double; with more, the shortest text that means the number tells. */
function isExact(text: string, value: number): boolean {
  if (text.length <= 15) return true;
  const digits = text.replace(/^-/, '').replace('.', '').replace(/^0+/, '');
  if (digits.length <= 15) return true;
  const shortest = text.includes('.') ? withoutTrailingZeros(text) : text;
  return String(value) === shortest;
}

function withoutTrailingZeros(text: string): string {
  let end = text.length;
  while (text.charCodeAt(end - 1) === 0x30) end -= 1;
  return text.slice(0, text.charCodeAt(end - 1) === 0x2e ? end - 1 : end);
}

function whyNotPlain(text: string, otherwise: Misfit): Misfit {
  if (text.length > MAX_NUMBER_LENGTH) return otherwise;
  const trimmed = text.trim();
  if (trimmed !== text) return LOOSE.test(trimmed) || trimmed === '' ? BLANKS : otherwise;
  if (/^\+[\d.]/.test(text)) return PLUS;
  if (/^-?0\d/.test(text)) return LEADING_ZEROS;
  if (/[eE]/.test(text)) return LOOSE.test(text) ? EXPONENT : otherwise;
  if (/^-?\d[\d.,'’ \u00a0\u202f]*\d$/.test(text)) return SEPARATORS;
  return LOOSE.test(text) ? HALF_POINT : otherwise;
}

const LOOSE = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4})?$/;

/** What a text means as a whole number, whatever it loses by it: for columns whose mapping allows that. Null = blank. */
export function convertToInteger(text: string): number | null | Misfit {
  const trimmed = text.length > MAX_NUMBER_LENGTH ? text : text.trim();
  if (trimmed === '') return null;
  if (trimmed.length > MAX_NUMBER_LENGTH || !/^[+-]?\d+(?:\.0*)?$/.test(trimmed)) return NOT_INTEGER;
  const value = Number(trimmed);
  return Number.isSafeInteger(value) ? value + 0 : INTEGER_TOO_LARGE;
}

/** What a text means as a number, whatever its form loses by it: for columns whose mapping allows that. Null = blank. */
export function convertToReal(text: string): number | null | Misfit {
  const trimmed = text.length > MAX_NUMBER_LENGTH ? text : text.trim();
  if (trimmed === '') return null;
  if (trimmed.length > MAX_NUMBER_LENGTH || !LOOSE.test(trimmed) || !Number.isFinite(Number(trimmed)))
    return NOT_NUMBER;
  const value = exactDouble(trimmed);
  return value === null ? TOO_MANY_DIGITS : value + 0;
}

/** With so many values of one number of decimals it is the column's own, also where none ends with a zero. */
const ENOUGH_FOR_FIXED = 20;

/**
 * How the decimals of a column are written, judged by some of its values; null = in more than one way ("250.00" beside "250.0"),
 * or one of them is no number, so that the column stays text.
 */
export function decimalsOf(values: readonly string[]): Decimals | null {
  const lengths = new Set<number>();
  let hasTrailingZero = false;
  for (const value of values) {
    if (realOfText(value) instanceof Misfit) return null;
    const point = value.indexOf('.');
    lengths.add(point < 0 ? 0 : value.length - point - 1);
    hasTrailingZero ||= point >= 0 && value.endsWith('0');
  }
  const [length = 0] = lengths;
  const isFixed = lengths.size === 1 && length >= 1 && length <= MAX_DECIMALS;
  if (hasTrailingZero) return isFixed ? length : null;
  return isFixed && values.length >= ENOUGH_FOR_FIXED ? length : 'shortest';
}

const PLAIN_BOOLEANS: ReadonlyMap<string, 0 | 1> = new Map([
  ['true', 1],
  ['TRUE', 1],
  ['True', 1],
  ['false', 0],
  ['FALSE', 0],
  ['False', 0],
]);
const OTHER_BOOLEANS: ReadonlyMap<string, 0 | 1> = new Map([
  ['true', 1],
  ['1', 1],
  ['yes', 1],
  ['false', 0],
  ['0', 0],
  ['no', 0],
]);

/** "true" and "false", also as "TRUE" or "True"; "yes" and "1" are other texts and stay them. */
export function booleanOfText(text: string): 0 | 1 | Misfit {
  const value = PLAIN_BOOLEANS.get(text);
  if (value !== undefined) return value;
  return convertToBoolean(text) instanceof Misfit ? NOT_BOOLEAN : OTHER_WORD;
}

/** What a text means as a boolean: also yes, no, 1 and 0, in any case, with spaces around. Null = blank. */
export function convertToBoolean(text: string): 0 | 1 | null | Misfit {
  if (text.length > 20) return NOT_BOOLEAN;
  const word = text.trim().toLowerCase();
  return word === '' ? null : (OTHER_BOOLEANS.get(word) ?? NOT_BOOLEAN);
}
