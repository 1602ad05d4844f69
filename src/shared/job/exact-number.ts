/** Numbers as the source wrote them, where JavaScript's own (a double) would be another number. */

let writtenAsText = 0;

/** A JSON number that no double holds, by its own digits. Immutable; as text it is those digits, unchanged. */
export class ExactNumber {
  /** As JSON writes numbers: "9007199254740993", "0.1234567890123456789", "1e400". */
  readonly digits: string;

  constructor(digits: string) {
    this.digits = digits;
  }

  toString(): string {
    return this.digits;
  }

  /** JSON.stringify can only write it as a text; {@link writeJson} writes the number. */
  toJSON(): string {
    writtenAsText += 1;
    return this.digits;
  }
}

/**
 * A number of JSON: a plain one where that is the same number, else the digits. Whole numbers from 1e21 on, which JavaScript
 * writes with an exponent, keep their digits as well.
 * @param token follows JSON's grammar of numbers
 */
export function readNumber(token: string): number | ExactNumber {
  const value = Number(token);
  const shown = String(value);
  if (shown === token) return value;
  const isPlain = shown.includes('e') ? /[.eE]/.test(token) : Number.isFinite(value);
  return isPlain && isSameDecimal(token, shown) ? value : new ExactNumber(token);
}

/**
 * The double that is this decimal, by the shortest digits that name the double; null when it is another number.
 * @param text an optional sign, digits with at most one point, an optional exponent
 */
export function exactDouble(text: string): number | null {
  const value = Number(text);
  const shown = String(value);
  return shown === text || (Number.isFinite(value) && isSameDecimal(text, shown)) ? value : null;
}

/** Whether a decimal has no fraction, however it is written ("1.0", "12e3"). */
export function isWholeDecimal(text: string): boolean {
  const { digits, exponent } = decimalOf(text);
  return digits === '' || exponent >= 0;
}

/** By value, not by form: negative when `a` is less than `b`. Both as in {@link exactDouble}. */
export function compareDecimals(a: string, b: string): number {
  const left = decimalOf(a);
  const right = decimalOf(b);
  if (left.sign !== right.sign) return left.sign - right.sign;
  // Where the first digit stands; of two that begin at the same place the digits decide, as texts do.
  const places = left.digits.length + left.exponent - (right.digits.length + right.exponent);
  if (places !== 0) return places * left.sign;
  return left.digits === right.digits ? 0 : left.digits < right.digits ? -left.sign : left.sign;
}

/**
 * JSON text with every {@link ExactNumber} by its own digits.
 * @returns undefined where JSON.stringify does
 * @throws TypeError or RangeError as JSON.stringify does
 */
export function writeJson(value: unknown): string | undefined {
  const before = writtenAsText;
  const text = JSON.stringify(value);
  return writtenAsText === before ? text : writeExactly(value);
}

/** Values of JSON only: an exact number comes from nowhere else. */
function writeExactly(value: unknown): string {
  if (value instanceof ExactNumber) return value.digits;
  if (Array.isArray(value)) return `[${value.map(writeExactly).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  return `{${Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([key, member]) => `${JSON.stringify(key)}:${writeExactly(member)}`)
    .join(',')}}`;
}

/** Value = sign * digits * 10^exponent; the digits have no zero at either end, and zero has none at all. */
interface Decimal {
  readonly sign: -1 | 0 | 1;
  readonly digits: string;
  readonly exponent: number;
}

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

function decimalOf(text: string): Decimal {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = DECIMAL.exec(text) ?? [];
  const all = whole + fraction;
  let first = 0;
  while (all.charCodeAt(first) === 0x30) first += 1;
  let end = all.length;
  while (end > first && all.charCodeAt(end - 1) === 0x30) end -= 1;
  if (first >= end) return { sign: 0, digits: '', exponent: 0 };
  return {
    sign: sign === '-' ? -1 : 1,
    digits: all.slice(first, end),
    exponent: Number(exponent) - fraction.length + (all.length - end),
  };
}

function isSameDecimal(a: string, b: string): boolean {
  const left = decimalOf(a);
  const right = decimalOf(b);
  return left.sign === right.sign && left.digits === right.digits && left.exponent === right.exponent;
}
