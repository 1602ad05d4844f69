/** The query language: conditions by alias, joined by an expression with AND, OR and brackets. */
import type { Row } from './checks.ts';
import type { PracticeObject } from './definitions.ts';
import { refuse } from './refusals.ts';
import type { PracticeTable } from './table.ts';

interface Condition {
  readonly name: string;
  readonly alias: string;
  readonly operator: string;
  readonly value: readonly unknown[];
}

const isMembers = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const bad = (text: string) => refuse(400, 'GSOBJ_1002', text);

/** Rows of one page, with the selected fields only. */
export function runQuery(object: PracticeObject, table: PracticeTable, body: unknown): Row[] {
  if (!isMembers(body) || !Array.isArray(body.select) || body.select.length === 0) throw bad('select is missing');
  const select = body.select.map(String);
  for (const name of select)
    if (!hasField(object, name)) throw bad(`Invalid field, please re-check data mapping (${name})`);
  const limit = Number(body.limit ?? 1000);
  const offset = Number(body.offset ?? 0);
  if (!Number.isInteger(limit) || limit < 1 || limit > 5000) throw bad('limit must be between 1 and 5000');
  if (!Number.isInteger(offset) || offset < 0) throw bad('offset must not be negative');
  const rows = ordered(object, table, matching(object, table, body.where), body.orderBy);
  return rows
    .slice(offset, offset + limit)
    .map((row) => Object.fromEntries(select.map((name) => [name, row[name] ?? null])));
}

const hasField = (object: PracticeObject, name: string): boolean =>
  object.fields.some(({ fieldName }) => fieldName === name);

function matching(object: PracticeObject, table: PracticeTable, where: unknown): readonly Row[] {
  if (where === undefined || where === null) return table.all();
  if (!isMembers(where) || !Array.isArray(where.conditions)) throw bad('where has no conditions');
  const conditions = where.conditions.map((condition) => toCondition(object, condition));
  const byAlias = new Map(conditions.map((condition) => [condition.alias, condition]));
  const expression = parse(String(where.expression ?? conditions.map(({ alias }) => alias).join(' AND ')), byAlias);
  // Without OR every condition must hold, so the rows of one with listed values are enough to look at.
  const isAnd = !/\bOR\b/i.test(String(where.expression ?? ''));
  const listed = isAnd
    ? conditions.find(({ operator, name }) => (operator === 'IN' || operator === 'EQ') && !isTime(object, name))
    : undefined;
  const candidates = listed === undefined ? table.all() : table.having(listed.name, listed.value);
  return candidates.filter((row) => expression(row));
}

function toCondition(object: PracticeObject, condition: unknown): Condition {
  if (!isMembers(condition)) throw bad('a condition is not an object');
  const { name, alias, operator, value } = condition;
  if (typeof name !== 'string' || typeof alias !== 'string' || typeof operator !== 'string')
    throw bad('a condition lacks name, alias or operator');
  if (!hasField(object, name)) throw bad(`Invalid field, please re-check data mapping (${name})`);
  const values = Array.isArray(value) ? value : [];
  return { name, alias, operator, value: isTime(object, name) ? values.map(timeOf) : values };
}

const isTime = (object: PracticeObject, name: string): boolean => {
  const type = object.fields.find(({ fieldName }) => fieldName === name)?.dataType;
  return type === 'DATE' || type === 'DATETIME';
};

/** Filter times are texts; this tenant reads them as UTC. */
function timeOf(value: unknown): number {
  const ms = Date.parse(`${String(value).replace(' ', 'T').replace(/Z$/, '')}Z`);
  if (Number.isNaN(ms)) throw refuse(400, 'GSOBJ_1005', `Invalid dateTime format (value = ${String(value)})`);
  return ms;
}

type Test = (row: Row) => boolean;
type Comparable = string | number;

const OPERATORS: Readonly<Record<string, (actual: unknown, value: readonly unknown[]) => boolean>> = {
  EQ: (actual, [value]) => actual === value,
  NE: (actual, [value]) => actual !== value,
  LT: (actual, [value]) => (actual as Comparable) < (value as Comparable),
  LTE: (actual, [value]) => (actual as Comparable) <= (value as Comparable),
  GT: (actual, [value]) => (actual as Comparable) > (value as Comparable),
  GTE: (actual, [value]) => (actual as Comparable) >= (value as Comparable),
  IN: (actual, values) => values.includes(actual),
  CONTAINS: (actual, [value]) => typeof actual === 'string' && actual.includes(String(value)),
  STARTS_WITH: (actual, [value]) => typeof actual === 'string' && actual.startsWith(String(value)),
  ENDS_WITH: (actual, [value]) => typeof actual === 'string' && actual.endsWith(String(value)),
  IS_NULL: (actual) => actual === null || actual === undefined,
  IS_NOT_NULL: (actual) => actual !== null && actual !== undefined,
};

function parse(expression: string, conditions: ReadonlyMap<string, Condition>): Test {
  const tokens = expression.match(/\(|\)|[A-Za-z0-9_]+/g) ?? [];
  let at = 0;
  const isNext = (word: string): boolean => tokens[at]?.toUpperCase() === word;
  const either = (): Test => {
    const parts = [both()];
    while (isNext('OR')) {
      at += 1;
      parts.push(both());
    }
    return (row) => parts.some((part) => part(row));
  };
  const both = (): Test => {
    const parts = [one()];
    while (isNext('AND')) {
      at += 1;
      parts.push(one());
    }
    return (row) => parts.every((part) => part(row));
  };
  const one = (): Test => {
    const token = tokens[at] ?? '';
    at += 1;
    if (token === '(') {
      const inner = either();
      if (tokens[at] !== ')') throw bad('the expression has an open bracket');
      at += 1;
      return inner;
    }
    const condition = conditions.get(token);
    const holds = OPERATORS[condition?.operator ?? ''];
    if (condition === undefined || holds === undefined)
      throw bad(`the expression or an operator is unknown (${token})`);
    return (row) => holds(row[condition.name], condition.value);
  };
  const test = either();
  if (at !== tokens.length) throw bad('the expression goes on behind its end');
  return test;
}

function ordered(object: PracticeObject, table: PracticeTable, rows: readonly Row[], orderBy: unknown): readonly Row[] {
  if (!isMembers(orderBy)) return rows;
  const order = Object.entries(orderBy).map(([name, direction]) => ({
    name,
    sign: String(direction).toLowerCase() === 'desc' ? -1 : 1,
  }));
  for (const { name } of order)
    if (!hasField(object, name)) throw bad(`Invalid field, please re-check data mapping (${name})`);
  // The table keeps this order, so paging a large one need not sort it each time.
  const isKeptOrder = order.map(({ name, sign }) => name + sign).join() === 'ModifiedDate1,Gsid1';
  if (isKeptOrder && rows === table.all()) return rows;
  return [...rows].sort((a, b) => {
    for (const { name, sign } of order) {
      const [left, right] = [a[name] as Comparable, b[name] as Comparable];
      if (left !== right) return (left < right ? -1 : 1) * sign;
    }
    return 0;
  });
}
