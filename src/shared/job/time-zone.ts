/** Wall-clock times of a named zone as instants and back, by the time-zone data of the runtime; never by the zone of this machine. */

/** "UTC", "Europe/Berlin", "America/Argentina/Ushuaia": names of the IANA database, no offsets. */
export const TIME_ZONE_FORM = /^[A-Za-z][A-Za-z0-9_+-]{0,29}(?:\/[A-Za-z0-9_+-]{1,29}){0,2}$/;

export function isTimeZone(name: string): boolean {
  if (!TIME_ZONE_FORM.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** What a wall-clock time is in a zone. */
export interface ZonedTime {
  /** The instant, milliseconds since 1970. Of two the first; of none the one that a clock set forward shows. */
  readonly ms: number;
  /** 0: the clock was set forward over it; 2: it was shown twice, before and after the clock was set back. */
  readonly instants: 0 | 1 | 2;
}

export interface TimeZone {
  readonly name: string;
  /** @param localMs the wall-clock time as if it were UTC, milliseconds */
  at(localMs: number): ZonedTime;
  /** What the clock shows at an instant, as if it were UTC, milliseconds. */
  local(ms: number): number;
}

const DAY_MS = 86_400_000;
/** No zone changes its clock within such a slot: since 1973 all changes were at quarters of an hour UTC. */
const SLOT_MS = 900_000;
const CACHED_FROM_MS = Date.UTC(1973, 0);
const MAX_SLOTS = 20_000;
/** Before standard time each zone had one offset, its own mean time. */
const FIRST_CHANGE_MS = Date.UTC(1800, 0);

const UTC: TimeZone = { name: 'UTC', at: (ms) => ({ ms, instants: 1 }), local: (ms) => ms };

/** By name: each keeps what it asked the runtime, which takes microseconds a question. */
const zones = new Map<string, TimeZone>([['UTC', UTC]]);

/** @throws RangeError for a name that the runtime does not know; see {@link isTimeZone} */
export function timeZone(name: string): TimeZone {
  const known = zones.get(name);
  if (known !== undefined) return known;
  const zone = zoneOf(name, offsetsOf(name));
  zones.set(name, zone);
  return zone;
}

function zoneOf(name: string, offsetAt: (ms: number) => number): TimeZone {
  return {
    name,
    local: (ms) => ms + offsetAt(ms),
    at(localMs) {
      const before = localMs - offsetAt(localMs - DAY_MS);
      const after = localMs - offsetAt(localMs + DAY_MS);
      const isBefore = before + offsetAt(before) === localMs;
      const isAfter = after + offsetAt(after) === localMs;
      if (before === after || (isBefore && !isAfter)) return { ms: before, instants: isBefore ? 1 : 0 };
      if (isBefore) return { ms: Math.min(before, after), instants: 2 };
      return isAfter ? { ms: after, instants: 1 } : { ms: before, instants: 0 };
    },
  };
}

/** Offsets of a zone, milliseconds east of UTC; asked of the runtime once per quarter of an hour. */
function offsetsOf(name: string): (ms: number) => number {
  const ask = askedOffset(name);
  const known = new Map<number, number>();
  return (ms) => {
    if (ms < CACHED_FROM_MS) return ask(Math.max(ms, FIRST_CHANGE_MS));
    const slot = Math.floor(ms / SLOT_MS);
    const found = known.get(slot);
    if (found !== undefined) return found;
    if (known.size >= MAX_SLOTS) known.clear();
    const offset = ask(slot * SLOT_MS);
    known.set(slot, offset);
    return offset;
  };
}

function askedOffset(name: string): (ms: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (ms) => {
    const parts: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
    for (const { type, value } of format.formatToParts(ms)) if (type !== 'literal') parts[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(ms / 1000) * 1000;
  };
}
