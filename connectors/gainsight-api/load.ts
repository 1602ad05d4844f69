/** What updates and inserts share: a batch on its way, and how its records are found in Gainsight. */
import {
  type ConnectorContext,
  ExactNumber,
  type HttpRequest,
  type WriteBatch,
  type WriteResult,
} from '../kit/index.ts';
import { type Answer, isMembers, type Members, QUERY_LIMIT, query } from './call.ts';
import type { GainsightField } from './describe.ts';
import { isAboutRecords, type Refusal, rowReason, toConnectorError } from './errors.ts';
import type { Values } from './values.ts';

/** A record on its way. `gsid` is set once it is known to exist. */
export interface Item {
  readonly key: string;
  readonly values: Values;
  readonly gsid?: string | undefined;
}

export interface Load {
  readonly context: ConnectorContext;
  readonly object: string;
  readonly keys: readonly string[];
  readonly fields: ReadonlyMap<string, GainsightField>;
  /** By key. */
  readonly results: Map<string, WriteResult>;
  /** How long an insert whose answer was lost may still be under way at Gainsight, milliseconds. */
  readonly lookAgainAfterMs: number;
}

/**
 * The key values as one text; numbers and texts are told apart by the field, not by what JSON made of them. A number that no
 * double holds stays what it is: as a double it would be the key of another record.
 */
export function keyOf(values: Members, keys: WriteBatch['keys'], fields: Load['fields']): string {
  return JSON.stringify(
    keys.map((key) => {
      const value = values[key];
      const isNumber = fields.get(key)?.dataType === 'NUMBER' && !(value instanceof ExactNumber);
      return isNumber ? Number(value) : String(value);
    }),
  );
}

/**
 * The Gsids of records that have the keys of these items. Each key field is asked with IN, joined by AND: a superset of the
 * wanted combinations, picked apart here, in an expression that stays short whatever the size of the batch.
 */
export async function findExisting(load: Load, items: readonly Item[]): Promise<ReadonlyMap<string, string[]>> {
  const { context, object, keys, fields } = load;
  const wanted = new Set(items.map(({ key }) => key));
  const conditions = keys.map((name) => ({
    name,
    operator: 'IN',
    value: [...new Set(items.map(({ values }) => values[name]))].filter(
      (value) => value !== null && value !== undefined,
    ),
  }));
  const select = [...new Set(['Gsid', ...keys])];
  const found = new Map<string, string[]>();
  for (let offset = 0; ; offset += QUERY_LIMIT) {
    const page = { object, select, conditions, orderBy: ['Gsid'], limit: QUERY_LIMIT, offset };
    const { rows } = await query(context, page);
    for (const row of rows) {
      const key = keyOf(row, keys, fields);
      if (typeof row.Gsid !== 'string' || !wanted.has(key)) continue;
      found.set(key, [...(found.get(key) ?? []), row.Gsid]);
    }
    if (rows.length < QUERY_LIMIT) return found;
  }
}

export const request = (object: string, method: 'POST' | 'PUT', records: readonly Members[]): HttpRequest => ({
  method,
  url: `/v1/data/objects/${encodeURIComponent(object)}`,
  json: { records },
  about: object,
});

/** The values that the field rights allow to be sent. */
export function permitted({ fields }: Load, values: Values, right: 'isCreateable' | 'isUpdateable'): Members {
  return Object.fromEntries(Object.entries(values).filter(([name]) => fields.get(name)?.[right] === true));
}

/** Whether an answer accounts for every record that was sent. Answers without a count do. */
export function isWhole(answer: Answer, sent: number): boolean {
  if (!answer.ok) return false;
  const { data } = answer;
  if (!isMembers(data)) return true;
  const hasErrors = Array.isArray(data.errors) && data.errors.length > 0;
  return !hasErrors && (typeof data.count !== 'number' || data.count === sent);
}

/** Gsids come back in the order of the records; they are believed only where the answer names as many. */
export function settle(load: Load, items: readonly Item[], answer: Answer): void {
  const rows = answer.ok && isMembers(answer.data) && Array.isArray(answer.data.records) ? answer.data.records : [];
  items.forEach(({ key, gsid }, index) => {
    const row: unknown = rows.length === items.length ? rows[index] : undefined;
    const id = gsid ?? (isMembers(row) && typeof row.Gsid === 'string' ? row.Gsid : undefined);
    load.results.set(key, id === undefined ? { ok: true } : { ok: true, id });
  });
}

export const refuse = (load: Load, item: Item, reason: string): void =>
  void load.results.set(item.key, { ok: false, reason });

/** @throws ConnectorError when the refusal is not about the record */
export function settleRefused(load: Load, item: Item, refusal: Refusal): void {
  if (!isAboutRecords(refusal)) throw toConnectorError(refusal, load.object);
  refuse(load, item, rowReason(refusal, [...load.fields.values()]));
}

/**
 * Sends two halves of what was refused as a whole. When the first is flawless, the flaw is known to be in the second: that
 * one is halved further without being tried whole.
 */
export async function inHalves(
  items: readonly Item[],
  send: (half: readonly Item[], isKnownBad: boolean) => Promise<boolean>,
): Promise<false> {
  const middle = Math.ceil(items.length / 2);
  const isFirstFine = await send(items.slice(0, middle), false);
  await send(items.slice(middle), isFirstFine);
  return false;
}
