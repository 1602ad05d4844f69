/** One record against the description of its object: converted, or refused with a reason that holds no value. */

import type { WriteBatch } from '../kit/index.ts';
import { ConnectorError } from '../kit/index.ts';
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

/** Converts the values of one record to what the fields take; the first that cannot be is the reason. */
export function checkRecord(
  record: Values,
  keys: readonly string[],
  fields: ReadonlyMap<string, GainsightField>,
): Checked {
  const values: Record<string, Value> = {};
  for (const [name, value] of Object.entries(record)) {
    const field = fields.get(name);
    if (field === undefined) continue;
    const converted = convert(value, field);
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

function convert(value: Value, field: GainsightField): Value | { ok: false; reason: string } {
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
      return toTime(value, field);
    default:
      return toText(String(value), field);
  }
}

function toNumber(value: Exclude<Value, null>, field: GainsightField): Value | { ok: false; reason: string } {
  if (value === '') return field.isNillable ? null : refuse(`“${field.label}” must have a value.`);
  const number = typeof value === 'string' ? Number(value.trim() === '' ? Number.NaN : value) : value;
  return typeof number === 'number' && Number.isFinite(number)
    ? number
    : refuse(`The value for “${field.label}” is not a number.`);
}

function toBoolean(value: Exclude<Value, null>, field: GainsightField): Value | { ok: false; reason: string } {
  if (typeof value === 'boolean') return value;
  const word = String(value).toLowerCase();
  if (word === 'true' || word === '1') return true;
  if (word === 'false' || word === '0') return false;
  return refuse(`The value for “${field.label}” is neither true nor false.`);
}

/** DATE takes yyyy-MM-dd, DATETIME ISO 8601 without fractions of a second; both in UTC. */
function toTime(value: Exclude<Value, null>, field: GainsightField): Value | { ok: false; reason: string } {
  if (value === '') return field.isNillable ? null : refuse(`“${field.label}” must have a value.`);
  const ms = typeof value === 'number' ? value : Date.parse(String(value));
  if (typeof value === 'boolean' || Number.isNaN(ms) || Math.abs(ms) > 8.64e15)
    return refuse(`The value for “${field.label}” is not a date.`);
  const iso = new Date(ms).toISOString();
  return field.dataType === 'DATE' ? iso.slice(0, 10) : `${iso.slice(0, 19)}Z`;
}

function toText(value: string, field: GainsightField): Value | { ok: false; reason: string } {
  if (field.maxLength !== null && value.length > field.maxLength)
    return refuse(`The value for “${field.label}” is longer than ${field.maxLength} characters.`);
  if (field.dataType === 'EMAIL' && value !== '' && !/^[^\s@]+@[^\s@]+$/.test(value))
    return refuse(`The value for “${field.label}” is not an email address.`);
  return value;
}
