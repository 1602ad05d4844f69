/** What a value must be, and how it is stored: dates as milliseconds since the epoch, as queries give them back. */
import type { PracticeField, PracticeObject } from './definitions.ts';
import { refuse } from './refusals.ts';

export type Row = Readonly<Record<string, unknown>>;
export type Right = 'createable' | 'updateable';

/** @throws PracticeRefusal for the first value that fails; the vendor quotes field and value in its text */
export function checkedRecord(object: PracticeObject, record: Row, right: Right, keys: readonly string[]): Row {
  const stored: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(record)) {
    const field = object.fields.find(({ fieldName }) => fieldName === name);
    if (field === undefined)
      throw refuse(400, 'GSOBJ_1002', `Invalid field, please re-check data mapping (${name} = ${String(value)})`);
    if (!field.meta[right] && !keys.includes(name))
      throw refuse(400, 'GSOBJ_1008', `Field is not ${right} (${name} = ${String(value)})`);
    stored[name] = checkedValue(field, value);
  }
  return stored;
}

export function checkRequired(object: PracticeObject, record: Row): void {
  for (const { fieldName, meta } of object.fields) {
    if (meta.required && (record[fieldName] ?? '') === '')
      throw refuse(400, 'GSOBJ_1007', `Invalid field value (${fieldName} = null)`);
  }
}

function checkedValue({ fieldName, dataType, meta, options }: PracticeField, value: unknown): unknown {
  const quoted = `(${fieldName} = ${String(value)})`;
  if (value === null) {
    if (!meta.nillable) throw refuse(400, 'GSOBJ_1007', `Invalid field value ${quoted}`);
    return null;
  }
  switch (dataType) {
    case 'NUMBER':
    case 'CURRENCY':
    case 'PERCENTAGE': {
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
      if (typeof number !== 'number' || !Number.isFinite(number))
        throw refuse(400, 'GSOBJ_1008', `Failed to parse value as number. ${quoted}`);
      return number;
    }
    case 'BOOLEAN':
      if (typeof value !== 'boolean')
        throw refuse(400, 'GSOBJ_1008', `Invalid Boolean Value: ${String(value)} ${quoted}`);
      return value;
    case 'DATE': {
      if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value))
        throw refuse(400, 'GSOBJ_1006', `Invalid dateTime format ${quoted}`);
      return timeOf(`${value}T00:00:00Z`, 'GSOBJ_1006', quoted);
    }
    case 'DATETIME': {
      if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}Z| \d{2}:\d{2}:\d{2})$/.test(value)) {
        throw refuse(400, 'GSOBJ_1005', `Invalid dateTime format ${quoted}`);
      }
      return timeOf(value.includes('T') ? value : `${value.replace(' ', 'T')}Z`, 'GSOBJ_1005', quoted);
    }
    default:
      return checkedText(String(value), dataType, meta.length, options, quoted);
  }
}

function timeOf(iso: string, code: string, quoted: string): number {
  const ms = Date.parse(iso);
  if (Number.isNaN(ms)) throw refuse(400, code, `Invalid dateTime format ${quoted}`);
  return ms;
}

function checkedText(
  text: string,
  dataType: string,
  length: number | null,
  options: readonly string[] | undefined,
  quoted: string,
): string {
  if (length !== null && text.length > length) throw refuse(400, 'GSOBJ_1001', 'Field exceeds maximum allowed length');
  if (options !== undefined && !options.includes(text))
    throw refuse(400, 'GSOBJ_1002', `Invalid field, please re-check data mapping ${quoted}`);
  if (dataType === 'EMAIL' && text !== '' && !text.includes('@'))
    throw refuse(400, 'GSOBJ_1008', `Invalid email value ${quoted}`);
  return text;
}
