/** Values as text, for connectors: exactly what is written or a reason, never by the zone of this machine. */
import { CASTS, castBy, Misfit } from '../../src/shared/job/cast.ts';
import { type DateRule, dayOf } from '../../src/shared/job/time-text.ts';

/** A time: the instant in ISO 8601 (UTC, milliseconds) and its day ("2024-05-01") in the zone of the rule. */
export interface ReadTime {
  readonly instant: string;
  readonly day: string;
}

/** Null = the value is blank; a text = why it is no time, to go on behind the name of the field. */
export type TimeReader = (value: string | number | boolean) => ReadTime | string | null;

/** Reads the values of one field: ISO 8601, the formats of the rule, seconds and milliseconds since 1970; nothing else. */
export function timeReader(rule: DateRule = {}): TimeReader {
  const cast = castBy('datetime', rule);
  return (value) => {
    const cell = cast(value);
    if (cell instanceof Misfit) return cell.reason;
    if (cell === null) return null;
    const instant = String(cell);
    return { instant, day: dayOf(Date.parse(instant), rule.timeZone) };
  };
}

const readIso = timeReader({ converts: true });

/** @returns milliseconds since 1970 of a time in ISO 8601, UTC without an offset; null for anything else */
export function instantMs(text: string): number | null {
  const time = readIso(text);
  return typeof time === 'object' && time !== null ? Date.parse(time.instant) : null;
}

/** The number that a value is, to its last digit. Null = blank; a text = why it is none, to go on behind the name of the field. */
export function numberOf(value: string | number | boolean): number | string | null {
  const cell = typeof value === 'boolean' ? 'is not a number' : CASTS.real(value);
  return cell instanceof Misfit ? cell.reason : cell;
}

/** "true" and "false", 1 and 0 as numbers. Null = blank; a text = why it is neither, to go on behind the name of the field. */
export function booleanOf(value: string | number | boolean): boolean | string | null {
  const cell = CASTS.boolean(value);
  if (cell instanceof Misfit) return cell.reason;
  return cell === null ? null : cell === 1;
}
