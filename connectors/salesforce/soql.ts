/** SOQL text from filters: every name checked, every literal escaped by the type of its field. */
import { ConnectorError, type FilterCondition, instantMs, type SourceField } from '../kit/index.ts';

/** A field or a path over relationships ("Owner.Email"); custom ones end in __c or __r. */
const NAME = /^[A-Za-z][A-Za-z0-9_]{0,79}(?:\.[A-Za-z][A-Za-z0-9_]{0,79}){0,5}$/;

export interface QueryParts {
  readonly object: string;
  readonly fields: readonly string[];
  readonly where: readonly string[];
  readonly orderBy: readonly string[];
}

export function soql({ object, fields, where, orderBy }: QueryParts): string {
  const conditions = where.length === 0 ? '' : ` WHERE ${where.join(' AND ')}`;
  return `SELECT ${fields.map(checkName).join(',')} FROM ${checkName(object)}${conditions} ORDER BY ${orderBy.map(checkName).join(',')}`;
}

/** @throws ConnectorError bad_request for anything that is not a plain name: it would become part of the query */
export function checkName(name: string): string {
  if (!NAME.test(name))
    throw new ConnectorError('bad_request', `"${name.slice(0, 80)}" is not the name of a Salesforce field or object.`);
  return name;
}

/** https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_quotedstringescapes.htm */
export function textLiteral(value: string): string {
  return `'${value.replace(/[\\'"\n\r\t\b\f]/g, (character) => ESCAPES[character] ?? character)}'`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
};

/** @throws ConnectorError bad_request when the text is not a time */
export function timeLiteral(value: string, field: string): string {
  const ms = instantMs(value);
  if (ms === null) throw wrongValue(field, 'a date and time such as 2026-01-31T08:00:00Z');
  return new Date(ms).toISOString();
}

const OPERATORS = { eq: '=', ne: '!=', lt: '<', lte: '<=', gt: '>', gte: '>=' } as const;

/** @param types vendor types of the object's fields by name; a field that is not there is treated as text */
export function condition(filter: FilterCondition, types: ReadonlyMap<string, string>): string {
  const field = checkName(filter.field);
  if (filter.operator === 'isNull') return `${field} = null`;
  if (filter.operator === 'isNotNull') return `${field} != null`;
  if (filter.operator === 'contains') return `${field} LIKE ${likeLiteral(filter.value)}`;
  return `${field} ${OPERATORS[filter.operator]} ${literal(filter.value, field, types.get(field) ?? 'string')}`;
}

/** % and _ are wildcards in LIKE and are escaped by a backslash, which itself is escaped in the string. */
function likeLiteral(value: string): string {
  return `'%${textLiteral(value)
    .slice(1, -1)
    .replace(/[%_]/g, (wildcard) => `\\${wildcard}`)}%'`;
}

function literal(value: string, field: string, type: string): string {
  const text = value.trim();
  switch (type) {
    case 'int':
    case 'long':
    case 'double':
    case 'currency':
    case 'percent':
      if (!/^-?\d{1,18}(?:\.\d{1,18})?$/.test(text)) throw wrongValue(field, 'a number');
      return text;
    case 'boolean':
      if (!/^(?:true|false)$/i.test(text)) throw wrongValue(field, 'true or false');
      return text.toLowerCase();
    case 'datetime':
      return timeLiteral(text, field);
    case 'date':
      if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || instantMs(text) === null)
        throw wrongValue(field, 'a date such as 2026-01-31');
      return text;
    default:
      return textLiteral(value);
  }
}

function wrongValue(field: string, expected: string): ConnectorError {
  return new ConnectorError('bad_request', `The filter on ${field} needs ${expected}.`);
}

/** Vendor types as cached column types: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/field_types.htm */
export const COLUMN_TYPES: Readonly<Record<string, SourceField['type']>> = {
  boolean: 'boolean',
  int: 'integer',
  long: 'integer',
  double: 'real',
  currency: 'real',
  percent: 'real',
  datetime: 'datetime',
};
