/** Answers parsed queries from the org's objects without holding the records: a result is a list of record numbers. */
import type { OrgField, OrgObject, Value } from './org.ts';
import { extraFields, ORG_OBJECTS } from './org.ts';
import type { Condition, ParsedQuery } from './soql.ts';

/** What the querying user may see, and how many accounts there are. */
export interface View {
  readonly accounts: number;
  /** Fields that every object has besides its own: see extraField. */
  readonly extraFields: number;
  mayRead(what: string): boolean;
}

/** A refusal in Salesforce's own form: [{message, errorCode}]. */
export class QueryRefusal extends Error {
  readonly errorCode: string;

  constructor(errorCode: string, message: string) {
    super(message);
    this.errorCode = errorCode;
  }
}

export interface Result {
  readonly size: number;
  /** JSON texts of the records from one place to another. */
  render(from: number, to: number): string;
}

type Getter = (index: number) => Value;

/** @throws QueryRefusal INVALID_TYPE or INVALID_FIELD */
export function run(query: ParsedQuery, view: View, version: string): Result {
  const object = findObject(query.object, view);
  const columns = query.fields.map((path) => column(object, path, view));
  const numbers = select(query, object, view);
  const size = query.limit === null ? numbers.size : Math.min(numbers.size, query.limit);
  const url = `/services/data/${version}/sobjects/${object.name}/`;
  const idOf = fieldOf(object, 'Id', view);
  return {
    size,
    render(from, to) {
      const texts: string[] = [];
      for (let place = from; place < Math.min(to, size); place += 1) {
        const index = numbers.at(place);
        const record: Record<string, unknown> = {
          attributes: { type: object.name, url: `${url}${String(idOf.value(index))}` },
        };
        for (const write of columns) write(record, index);
        texts.push(JSON.stringify(record));
      }
      return texts.join(',');
    },
  };
}

export function findObject(name: string, view: View): OrgObject {
  const object = ORG_OBJECTS.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
  if (object === undefined || !view.mayRead(object.name)) {
    throw new QueryRefusal(
      'INVALID_TYPE',
      `sObject type '${name}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name.`,
    );
  }
  return object;
}

function fieldOf(object: OrgObject, name: string, view: View): OrgField {
  const found =
    object.fields.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase()) ??
    extraFields(view.extraFields, object).find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
  if (found === undefined || !view.mayRead(`${object.name}.${found.name}`)) {
    throw new QueryRefusal(
      'INVALID_FIELD',
      `No such column '${name}' on entity '${object.name}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name.`,
    );
  }
  return found;
}

/** The field a path leads to, with the number of the record it stands in. */
function resolve(
  object: OrgObject,
  path: string,
  view: View,
): { get: Getter; relationship: string | null; object: OrgObject; name: string; index(index: number): number } {
  const [first = '', second] = path.split('.');
  if (second === undefined) {
    const own = fieldOf(object, first, view);
    return { get: own.value, relationship: null, object, name: own.name, index: (index) => index };
  }
  const { reference } =
    object.fields.find((candidate) => candidate.reference?.relationship.toLowerCase() === first.toLowerCase()) ?? {};
  if (reference === undefined)
    throw new QueryRefusal('INVALID_FIELD', `Didn't understand relationship '${first}' in field path.`);
  const target = findObject(reference.object, view);
  const other = fieldOf(target, second, view);
  return {
    get: (index) => other.value(reference.index(index)),
    relationship: reference.relationship,
    object: target,
    name: other.name,
    index: reference.index,
  };
}

function column(object: OrgObject, path: string, view: View): (record: Record<string, unknown>, index: number) => void {
  const { get, relationship, object: target, name } = resolve(object, path, view);
  if (relationship === null) {
    return (record, index) => {
      record[name] = get(index);
    };
  }
  return (record, index) => {
    const nested = (record[relationship] ?? { attributes: { type: target.name } }) as Record<string, unknown>;
    nested[name] = get(index);
    record[relationship] = nested;
  };
}

interface Numbers {
  readonly size: number;
  at(place: number): number;
}

function select(query: ParsedQuery, object: OrgObject, view: View): Numbers {
  const total = object.size(view.accounts);
  const matches = query.where === null ? null : predicate(query.where, object, view);
  const isNatural = query.orderBy.every(
    ({ field, isDescending }) =>
      !isDescending && ['id', 'systemmodstamp', 'lastmodifieddate', 'createddate'].includes(field.toLowerCase()),
  );
  for (const { field } of query.orderBy) resolve(object, field, view);
  if (matches === null && isNatural) return { size: total, at: (place) => place };
  const numbers: number[] = [];
  for (let index = 0; index < total; index += 1) {
    if (matches === null || matches(index)) numbers.push(index);
  }
  if (!isNatural) sort(numbers, query, object, view);
  return { size: numbers.length, at: (place) => numbers[place] ?? 0 };
}

function sort(numbers: number[], query: ParsedQuery, object: OrgObject, view: View): void {
  const keys = query.orderBy.map(({ field, isDescending }) => ({
    get: resolve(object, field, view).get,
    sign: isDescending ? -1 : 1,
  }));
  numbers.sort((one, other) => {
    for (const { get, sign } of keys) {
      const order = compare(get(one), get(other));
      if (order !== 0) return order * sign;
    }
    return one - other;
  });
}

/** Nulls first, as Salesforce sorts them. */
function compare(one: Value, other: Value): number {
  if (one === other) return 0;
  if (one === null) return -1;
  if (other === null) return 1;
  return one < other ? -1 : 1;
}

function predicate(condition: Condition, object: OrgObject, view: View): (index: number) => boolean {
  if (condition.kind !== 'compare') {
    const parts = condition.parts.map((part) => predicate(part, object, view));
    return condition.kind === 'and'
      ? (index) => parts.every((part) => part(index))
      : (index) => parts.some((part) => part(index));
  }
  const { comparison, literal, isTime } = condition;
  const { get } = resolve(object, condition.field, view);
  if (comparison === 'LIKE') {
    const like = likeMatcher(String(literal));
    return (index) => like(get(index));
  }
  const isDateTime = isTime && String(literal).includes('T');
  const wanted = isDateTime
    ? Date.parse(String(literal))
    : typeof literal === 'string'
      ? literal.toLowerCase()
      : literal;
  return (index) => holds(comparison, keyOf(get(index), isDateTime), wanted);
}

/** Text compares without regard to case. */
function keyOf(value: Value, isDateTime: boolean): Value {
  if (typeof value !== 'string') return value;
  if (isDateTime) return Date.parse(value.replace('+0000', 'Z'));
  return value.toLowerCase();
}

function holds(comparison: string, value: Value, wanted: Value): boolean {
  if (comparison === '=') return value === wanted;
  if (comparison === '!=') return value !== wanted;
  if (value === null || wanted === null) return false;
  if (comparison === '<') return value < wanted;
  if (comparison === '<=') return value <= wanted;
  return comparison === '>' ? value > wanted : value >= wanted;
}

function likeMatcher(pattern: string): (value: Value) => boolean {
  const source = pattern.replace(/\\([%_\\])|[%_]|[.*+?^${}()|[\]\\]/g, (found, escaped: string | undefined) => {
    if (escaped !== undefined) return `\\${escaped}`;
    if (found === '%') return '[\\s\\S]*';
    return found === '_' ? '[\\s\\S]' : `\\${found}`;
  });
  const expression = new RegExp(`^${source}$`, 'i');
  return (value) => typeof value === 'string' && expression.test(value);
}
