/** Objects with more fields than fit into one request: read in parts of fields over the same records, and put together again. */
import { ConnectorError, type SourceRecord, type SourceRejection } from './contract.ts';

export interface SplitOptions {
  /** Bytes that the names of one request may take. */
  readonly room: number;
  /** Bytes that a name takes in the request, with what separates it from the next. */
  sizeOf(field: string): number;
  /** Largest number of fields of one request, where the vendor has such a limit. */
  readonly maxFields?: number | undefined;
  /** What the field list shares its room with, for the refusal: "The filter of Account". */
  readonly rest: string;
}

/**
 * Fields in the given order, in groups that each fit into one request; one group where all fit.
 * @throws ConnectorError bad_request when not even one field fits
 */
export function splitFields(fields: readonly string[], options: SplitOptions): string[][] {
  const { room, sizeOf, maxFields = Number.POSITIVE_INFINITY, rest } = options;
  const groups: string[][] = [[]];
  let left = room;
  for (const field of fields) {
    const size = sizeOf(field);
    if (size > room)
      throw new ConnectorError(
        'bad_request',
        `${rest} is too long for one request: no room is left for “${field.slice(0, 80)}”. Shorten it.`,
      );
    const group = groups.at(-1) as string[];
    if (group.length > 0 && (size > left || group.length >= maxFields)) {
      groups.push([field]);
      left = room - size;
    } else {
      group.push(field);
      left -= size;
    }
  }
  return groups;
}

export interface JoinOptions {
  readonly key: string;
  /** A field that every part carries and that changes with the record, where there is one. */
  readonly stamp?: string | undefined;
  readonly object: string;
}

/**
 * Completes records with another part of their fields. A record that the other part does not have, or has in another version, is not
 * stored half: it is rejected with the reason, and left out.
 */
export function joinPart(
  records: readonly SourceRecord[],
  part: readonly SourceRecord[],
  { key, stamp, object }: JoinOptions,
): { readonly records: SourceRecord[]; readonly rejected: SourceRejection[] } {
  const byKey = new Map(part.map((record) => [record[key], record]));
  const whole: SourceRecord[] = [];
  const rejected: SourceRejection[] = [];
  for (const record of records) {
    const other = byKey.get(record[key]);
    if (other !== undefined && (stamp === undefined || other[stamp] === record[stamp])) {
      whole.push(merged(record, other));
      continue;
    }
    const what = other === undefined ? 'no longer sent the record' : 'changed the record';
    const reason = `The source ${what} while its other fields were read, so it was not stored. Run the job again.`;
    rejected.push({ where: `${object} ${String(record[key])}`, reason });
  }
  return { records: whole, rejected };
}

/** Records of related objects lie inside a record, and may have come in both parts. */
function merged(one: SourceRecord, other: SourceRecord): SourceRecord {
  const whole: Record<string, unknown> = { ...one };
  for (const [name, value] of Object.entries(other)) {
    const known = whole[name];
    whole[name] = isRecord(known) && isRecord(value) ? merged(known, value) : value;
  }
  return whole;
}

function isRecord(value: unknown): value is SourceRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
