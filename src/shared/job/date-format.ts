/** Written dates and times by named parts, such as `DD/MM/YYYY HH:mm`: parsed exactly, to the last character. */

/** A wall-clock time as it is written. */
export interface WrittenTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Digits after the seconds' point, as they stand; empty = none. */
  readonly fraction: string;
  /** Minutes east of UTC; null = the text does not say. */
  readonly offsetMinutes: number | null;
  /** False for a day without a time. */
  readonly hasTime: boolean;
}

export type DateParser = (text: string) => WrittenTime | null;
export type CompiledFormat =
  | { readonly ok: true; readonly parse: DateParser }
  | { readonly ok: false; readonly problem: string };

export const MAX_FORMAT_LENGTH = 60;
export const MAX_FORMATS = 10;

interface Found {
  year?: number;
  month?: number;
  day?: number;
  hour?: number;
  hour12?: number;
  minute?: number;
  second?: number;
  fraction?: string;
  isAfternoon?: boolean;
  offsetMinutes?: number;
}

/** Takes its piece of the text at a place; answers the place behind it, -1 = it is not there. */
type Step = (text: string, at: number, found: Found) => number;

interface Token {
  readonly step: Step;
  readonly part: keyof Found;
  /** Begins with a digit, and may be longer or shorter. */
  readonly width: 'fixed' | 'varying' | 'letters';
}

const MONTHS = 'January February March April May June July August September October November December'.split(' ');

const TOKENS: Readonly<Record<string, Token>> = {
  YYYY: digits('year', 4, 4),
  MMMM: monthName(MONTHS),
  MMM: monthName(MONTHS.map((name) => name.slice(0, 3))),
  MM: digits('month', 2, 2),
  M: digits('month', 1, 2),
  DD: digits('day', 2, 2),
  D: digits('day', 1, 2),
  HH: digits('hour', 2, 2),
  H: digits('hour', 1, 2),
  hh: digits('hour12', 2, 2),
  h: digits('hour12', 1, 2),
  mm: digits('minute', 2, 2),
  m: digits('minute', 1, 2),
  ss: digits('second', 2, 2),
  s: digits('second', 1, 2),
  SSS: { part: 'fraction', width: 'fixed', step: fraction },
  A: { part: 'isAfternoon', width: 'letters', step: halfOfDay },
  Z: { part: 'offsetMinutes', width: 'letters', step: offset },
};
const FORMAT_TOKENS: readonly string[] = Object.keys(TOKENS);

/** Compiles a format; the problem is a sentence for the person who typed it. */
export function compileFormat(format: string): CompiledFormat {
  const trimmed = format.trim();
  if (trimmed === '') return refused('Enter a date format.');
  if (trimmed.length > MAX_FORMAT_LENGTH) return refused(`Use at most ${MAX_FORMAT_LENGTH} characters.`);
  const steps: Step[] = [];
  const parts: (keyof Found)[] = [];
  let before: Token['width'] | null = null;
  for (const piece of trimmed.match(/\[[^\]]*\]?|([A-Za-z])\1*|[^A-Za-z[]+/g) ?? []) {
    const literal = literalOf(piece);
    if (literal !== null) {
      steps.push(exactly(literal));
      before = null;
      continue;
    }
    const token = Object.hasOwn(TOKENS, piece) ? TOKENS[piece] : undefined;
    if (token === undefined) return refused(unknownToken(piece));
    if (before === 'varying' && token.width !== 'letters')
      return refused(`Put a separator before ${piece}: the part before it may have one digit or two.`);
    if (parts.includes(token.part)) return refused(`${piece} names a part of the date that the format already has.`);
    steps.push(token.step);
    parts.push(token.part);
    before = token.width;
  }
  const lack = whatIsMissing(parts);
  return lack === null ? { ok: true, parse: parserOf(steps, parts.some(isOfTime)) } : refused(lack);
}

const refused = (problem: string): CompiledFormat => ({ ok: false, problem });

/** Text between brackets, separators, and the T between date and time. */
function literalOf(piece: string): string | null {
  if (piece.startsWith('[')) return piece.endsWith(']') ? piece.slice(1, -1) : null;
  return piece === 'T' || !/[A-Za-z]/.test(piece) ? piece : null;
}

function unknownToken(piece: string): string {
  if (piece.startsWith('[')) return 'Close the bracket.';
  if (piece === 'YY') return 'YY leaves the century open. Use dates with four digits of the year: YYYY.';
  return `${piece} is not part of a date format. Use ${FORMAT_TOKENS.join(', ')}, and put other words in [brackets].`;
}

const isOfTime = (part: keyof Found): boolean => !['year', 'month', 'day', 'offsetMinutes'].includes(part);

function whatIsMissing(parts: readonly (keyof Found)[]): string | null {
  const has = (part: keyof Found): boolean => parts.includes(part);
  if (!has('year') || !has('month') || !has('day')) return 'A date format needs a year, a month and a day.';
  if (has('hour') && has('hour12')) return 'Use H for 24 hours or h with A for 12 hours, not both.';
  if (has('hour12') !== has('isAfternoon')) return 'Use h and A (AM or PM) together.';
  if (has('minute') && !has('hour') && !has('hour12')) return 'Minutes need an hour.';
  if (has('second') && !has('minute')) return 'Seconds need minutes.';
  if (has('fraction') && !has('second')) return 'SSS needs seconds.';
  return has('offsetMinutes') && !parts.some(isOfTime) ? 'An offset (Z) needs a time.' : null;
}

function parserOf(steps: readonly Step[], hasTime: boolean): DateParser {
  return (text) => {
    const found: Found = {};
    let at = 0;
    for (const step of steps) {
      at = step(text, at, found);
      if (at < 0) return null;
    }
    return at === text.length ? written(found, hasTime) : null;
  };
}

function written(found: Found, hasTime: boolean): WrittenTime | null {
  const { year = 0, month = 0, day = 0, hour12, minute = 0, second = 0 } = found;
  if (hour12 !== undefined && (hour12 < 1 || hour12 > 12)) return null;
  const hour = hour12 === undefined ? (found.hour ?? 0) : (hour12 % 12) + (found.isAfternoon === true ? 12 : 0);
  const { fraction: rest = '', offsetMinutes = null } = found;
  return { year, month, day, hour, minute, second, fraction: rest, offsetMinutes, hasTime };
}

function exactly(literal: string): Step {
  return (text, at) => (text.startsWith(literal, at) ? at + literal.length : -1);
}

function digits(
  part: 'year' | 'month' | 'day' | 'hour' | 'hour12' | 'minute' | 'second',
  least: number,
  most: number,
): Token {
  return {
    part,
    width: least === most ? 'fixed' : 'varying',
    step(text, at, found) {
      const end = digitsEnd(text, at, most);
      if (end - at < least) return -1;
      found[part] = Number(text.slice(at, end));
      return end;
    },
  };
}

function digitsEnd(text: string, at: number, most: number): number {
  let end = at;
  while (end < at + most && text.charCodeAt(end) >= 0x30 && text.charCodeAt(end) <= 0x39) end += 1;
  return end;
}

function fraction(text: string, at: number, found: Found): number {
  const end = digitsEnd(text, at, 9);
  found.fraction = text.slice(at, end);
  return end === at ? -1 : end;
}

function monthName(names: readonly string[]): Token {
  return {
    part: 'month',
    width: 'letters',
    step(text, at, found) {
      const index = names.findIndex((name) => text.slice(at, at + name.length).toLowerCase() === name.toLowerCase());
      if (index < 0) return -1;
      found.month = index + 1;
      return at + (names[index] ?? '').length;
    },
  };
}

function halfOfDay(text: string, at: number, found: Found): number {
  const word = text.slice(at, at + 2).toUpperCase();
  if (word !== 'AM' && word !== 'PM') return -1;
  found.isAfternoon = word === 'PM';
  return at + 2;
}

const OFFSET = /^(?:Z|([+-])(\d\d)(?::?(\d\d))?)/i;

function offset(text: string, at: number, found: Found): number {
  const parts = OFFSET.exec(text.slice(at, at + 6));
  if (parts === null) return -1;
  const minutes = offsetMinutes(parts[1], parts[2], parts[3]);
  if (minutes === null) return -1;
  found.offsetMinutes = minutes;
  return at + parts[0].length;
}

/** @returns minutes east of UTC; null for an offset that no zone has */
export function offsetMinutes(sign = '+', hours = '00', minutes = '00'): number | null {
  const total = Number(hours) * 60 + Number(minutes);
  if (Number(minutes) > 59 || total > 18 * 60) return null;
  return sign === '-' ? -total : total;
}
