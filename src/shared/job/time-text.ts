/**
 * Text as an instant: ISO 8601, and the formats that a mapping names, nothing else. A time without an offset belongs to the zone
 * of the mapping, which is UTC unless it says otherwise; the zone of this machine never decides.
 */
import { compileFormat, type DateParser, offsetMinutes, type WrittenTime } from './date-format.ts';
import { Misfit } from './misfit.ts';
import { type TimeZone, timeZone } from './time-zone.ts';

/** How a column's dates and times are written; absent parts: ISO 8601 only, and UTC. */
export interface DateRule {
  /** Besides ISO 8601; a text that two of them read differently is refused. */
  readonly formats?: readonly string[] | undefined;
  /** IANA name. */
  readonly timeZone?: string | undefined;
  /** Cuts digits beyond a millisecond, and takes wall-clock times that the zone skips or has twice as the first possible instant. */
  readonly converts?: boolean | undefined;
}

/** Milliseconds since 1970, or why there is none. */
export type TimeParser = (text: string) => number | Misfit;

const NOT_TIME = new Misfit('is not a date or time in ISO 8601');
const NOT_IN_FORMATS = new Misfit('is not a date or time in ISO 8601 or in a format of the mapping');
const NO_SUCH_TIME = new Misfit('is a date or time that does not exist');
const TWO_READINGS = new Misfit('fits two formats of the mapping that read it differently');
const FINER = new Misfit('is finer than a millisecond, which a time loses; map it as text');
const MAX_LENGTH = 80;

/** @throws Error for a format or a zone that {@link dateRuleProblem} refuses */
export function timeParser(rule: DateRule): TimeParser {
  const zone = timeZone(rule.timeZone ?? 'UTC');
  const parsers = (rule.formats ?? []).map(parserOf);
  const converts = rule.converts === true;
  return (text) => {
    const trimmed = text.length > MAX_LENGTH ? text : text.trim();
    if (trimmed.length > MAX_LENGTH) return parsers.length === 0 ? NOT_TIME : NOT_IN_FORMATS;
    const iso = parseIso(trimmed);
    if (iso !== null) return instantOf(iso, zone, converts);
    return parsers.length === 0 ? NOT_TIME : firstOf(trimmed, parsers, zone, converts);
  };
}

function parserOf(format: string): DateParser {
  const compiled = compileFormat(format);
  if (!compiled.ok) throw new Error(compiled.problem);
  return compiled.parse;
}

function firstOf(text: string, parsers: readonly DateParser[], zone: TimeZone, converts: boolean): number | Misfit {
  let found: number | Misfit = NOT_IN_FORMATS;
  for (const parse of parsers) {
    const time = parse(text);
    if (time === null) continue;
    const instant = instantOf(time, zone, converts);
    if (typeof found === 'number' && typeof instant === 'number' && found !== instant) return TWO_READINGS;
    if (typeof found !== 'number') found = instant;
  }
  return found;
}

/** An offset may lack its colon (Salesforce: "+0000"), a space may stand for the T. */
const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?: ?(?:(Z|UTC)|([+-])(\d\d)(?::?(\d\d))?))?)?$/i;

function parseIso(text: string): WrittenTime | null {
  const parts = ISO.exec(text);
  if (parts === null) return null;
  const [, year, month, day, hour, minute, second, fraction, utc, sign, hours, minutes] = parts;
  const offset = sign === undefined ? null : offsetMinutes(sign, hours, minutes);
  if (sign !== undefined && offset === null) return null;
  return {
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour ?? 0),
    minute: Number(minute ?? 0),
    second: Number(second ?? 0),
    fraction: fraction ?? '',
    offsetMinutes: utc === undefined ? offset : 0,
    hasTime: hour !== undefined,
  };
}

function instantOf(time: WrittenTime, zone: TimeZone, converts: boolean): number | Misfit {
  const localMs = localMsOf(time);
  if (localMs === null) return NO_SUCH_TIME;
  if (!converts && /[1-9]/.test(time.fraction.slice(3))) return FINER;
  if (time.offsetMinutes !== null) return localMs - time.offsetMinutes * 60_000;
  if (zone.name === 'UTC') return localMs;
  return time.hasTime ? timeIn(zone, localMs, converts) : dayIn(zone, localMs);
}

function timeIn(zone: TimeZone, localMs: number, converts: boolean): number | Misfit {
  const { ms, instants } = zone.at(localMs);
  if (instants === 1 || converts) return ms;
  return new Misfit(
    instants === 0
      ? `is a time that the clocks of ${zone.name} skip`
      : `is a time that the clocks of ${zone.name} show twice; only an offset in the text tells which`,
  );
}

/** A day begins at its first instant, also where the clock is set forward at midnight. */
function dayIn(zone: TimeZone, localMs: number): number | Misfit {
  const { ms } = zone.at(localMs);
  const day = (at: number): number => Math.floor(at / 86_400_000);
  return day(zone.local(ms)) === day(localMs) ? ms : new Misfit(`is a day that the calendar of ${zone.name} skips`);
}

/** The wall-clock time as if it were UTC; null for 30 February, 25:00 and the like. 24:00 is the end of its day. */
function localMsOf({ year, month, day, hour, minute, second, fraction }: WrittenTime): number | null {
  const isEnd = hour === 24 && minute === 0 && second === 0 && !/[1-9]/.test(fraction);
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return null;
  if ((hour > 23 && !isEnd) || minute > 59 || second > 59) return null;
  // Date.UTC takes the years 0 to 99 for 1900 to 1999.
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return (
    date.getTime() + hour * 3_600_000 + minute * 60_000 + second * 1000 + Number(fraction.slice(0, 3).padEnd(3, '0'))
  );
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** The day that an instant has in a zone, "2024-05-01". */
export function dayOf(ms: number, zoneName: string | undefined): string {
  return new Date(timeZone(zoneName ?? 'UTC').local(ms)).toISOString().slice(0, 10);
}
