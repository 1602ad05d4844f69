/** One record against the description of its object: converted, or refused with a reason that holds no value. */

import { booleanOf, ConnectorError, numberOf, type TimeReader, timeReader, type WriteBatch } from '../kit/index.ts';
import type { GainsightField } from './describe.ts';

type Value = string | number | boolean | null;
export type Values = Readonly<Record<string, Value>>;
export type Checked = { readonly ok: true; readonly values: Values } | { readonly ok: false; readonly reason: string };

const refuse = (reason: string): { ok: false; reason: string } => ({ ok: false, reason });

/** Types a key may have: https://support.gainsight.com/gainsight_nxt/API_and_Developer_Docs/Company_and_Relationship_API/Company_API_Documentation */
const KEY_TYPES: ReadonlySet<string> = new Set(['STRING', 'GSID', 'NUMBER', 'EMAIL']);
export const canBeKey = ({ dataType }: GainsightField): boolean => KEY_TYPES.has(dataType);

/**
 * What is wrong with a batch as a whole: keys and fields the object does not have.
 * @throws ConnectorError schema_changed, bad_request or destination_refused
 */
export function checkBatch({ object, keys, records }: WriteBatch, fields: ReadonlyMap<string, GainsightField>): void {
  if (keys.length < 1 || keys.length > 3)
    throw new ConnectorError('bad_request', 'Gainsight matches records by one to three key fields.');
  for (const key of keys) {
    const field = fields.get(key);
    if (field === undefined) throw missing(object, key);
    if (!canBeKey(field))
      throw new ConnectorError(
        'bad_request',
        `The field “${field.label}” of ${object} cannot be a key: only texts, numbers, emails and Gsids can.`,
      );
  }
  const names = new Set(records.flatMap((record) => Object.keys(record)));
  for (const name of names) {
    const field = fields.get(name);
    if (field === undefined) throw missing(object, name);
    if (!field.isCreateable && !field.isUpdateable && !keys.includes(name)) {
      throw new ConnectorError(
        'destination_refused',
        `The field “${field.label}” of ${object} is read-only in Gainsight. Take it out of the mapping.`,
      );
    }
  }
}

const missing = (object: string, name: string): ConnectorError =>
  new ConnectorError('schema_changed', `${object} in Gainsight has no field “${name}”. Edit the mapping of the job.`);

/** How the dates of a field are read. */
export type FieldTimes = (field: string) => TimeReader;

/** One reader for each field of a batch, made when it is first needed. */
export function fieldTimes(dates: WriteBatch['dates']): FieldTimes {
  const readers = new Map<string, TimeReader>();
  return (field) => {
    const known = readers.get(field);
    if (known !== undefined) return known;
    const reader = timeReader(dates !== undefined && Object.hasOwn(dates, field) ? dates[field] : {});
    readers.set(field, reader);
    return reader;
  };
}

/** Converts the values of one record to what the fields take; the first that cannot be is the reason. */
export function checkRecord(
  record: Values,
  keys: readonly string[],
  fields: ReadonlyMap<string, GainsightField>,
  timeOf: FieldTimes,
): Checked {
  const values: Record<string, Value> = {};
  for (const [name, value] of Object.entries(record)) {
    const field = fields.get(name);
    if (field === undefined) continue;
    const converted = convert(value, field, timeOf);
    if (typeof converted === 'object' && converted !== null) return converted;
    values[name] = converted;
  }
  for (const key of keys) {
    const value = values[key];
    if (value === undefined || value === null || value === '')
      return refuse(`The key field “${fields.get(key)?.label ?? key}” has no value.`);
  }
  return { ok: true, values };
}

/** The first required field that a new record would lack, as a reason; null = none. */
export function lackOf(values: Values, fields: ReadonlyMap<string, GainsightField>): string | null {
  for (const field of fields.values()) {
    if (!field.isRequired || !field.isCreateable) continue;
    const value = values[field.name];
    if (value === undefined || value === null || value === '')
      return `“${field.label}” is required for a new record and has no value.`;
  }
  return null;
}

function convert(value: Value, field: GainsightField, timeOf: FieldTimes): Value | { ok: false; reason: string } {
  if (value === null) {
    return field.isNillable && !field.isRequired ? null : refuse(`“${field.label}” must have a value.`);
  }
  switch (field.dataType) {
    case 'NUMBER':
    case 'PERCENTAGE':
    case 'CURRENCY':
      return toNumber(value, field);
    case 'BOOLEAN':
      return toBoolean(value, field);
    case 'DATE':
    case 'DATETIME':
      return toTime(value, field, timeOf(field.name));
    default:
      return toText(String(value), field);
  }
}

function toNumber(value: Exclude<Value, null>, field: GainsightField): Value | { ok: false; reason: string } {
  const number = numberOf(value);
  if (typeof number === 'string') return refuse(`The value for “${field.label}” ${number}.`);
  return number ?? (field.isNillable ? null : refuse(`“${field.label}” must have a value.`));
}

function toBoolean(value: Exclude<Value, null>, field: GainsightField): Value | { ok: false; reason: string } {
  const truth = booleanOf(value);
  if (typeof truth === 'boolean') return truth;
  return refuse(`The value for “${field.label}” ${truth ?? 'is neither true nor false'}.`);
}

/** DATE takes yyyy-MM-dd, the day in the zone of the mapping; DATETIME ISO 8601 in UTC, whole seconds. */
function toTime(
  value: Exclude<Value, null>,
  field: GainsightField,
  read: TimeReader,
): Value | { ok: false; reason: string } {
  if (typeof value === 'boolean') return refuse(`The value for “${field.label}” is not a date.`);
  const time = read(value);
  if (typeof time === 'string') return refuse(`The value for “${field.label}” ${time}.`);
  if (time === null) return field.isNillable ? null : refuse(`“${field.label}” must have a value.`);
  return field.dataType === 'DATE' ? time.day : `${time.instant.slice(0, 19)}Z`;
}

function toText(value: string, field: GainsightField): Value | { ok: false; reason: string } {
  if (field.maxLength !== null && value.length > field.maxLength)
    return refuse(`The value for “${field.label}” is longer than ${field.maxLength} characters.`);
  if (field.dataType === 'EMAIL' && value !== '' && !/^[^\s@]+@[^\s@]+$/.test(value))
    return refuse(`The value for “${field.label}” is not an email address.`);
  return value;
}
