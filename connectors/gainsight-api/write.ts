/**
 * Loading records into Gainsight, which has no upsert: the records that exist are found by their keys, then the batch is
 * split into updates (by Gsid) and inserts. A batch that is sent again finds its own inserts and changes nothing.
 */

import type { ConnectorContext, HttpRequest, WriteBatch, WriteResult } from '../kit/index.ts';
import { ConnectorError } from '../kit/index.ts';
import { type Answer, ask, isMembers, type Members, QUERY_LIMIT, query } from './call.ts';
import { describe, type GainsightField } from './describe.ts';
import { isAboutRecords, type Refusal, rowReason, toConnectorError } from './errors.ts';
import { checkBatch, checkRecord, lackOf, type Values } from './values.ts';

/** https://support.gainsight.com/gainsight_nxt/API_and_Developer_Docs/Company_and_Relationship_API/Company_API_Documentation */
const RECORDS_PER_CALL = 50;
/** Four calls' worth share one query by key: of 100 calls a minute none is to be wasted. */
export const MAX_BATCH = 4 * RECORDS_PER_CALL;
/** Times an insert is sent again after a 429, each after the wait that the limiter keeps. */
const MAX_RATE_WAITS = 5;

/** A record on its way. `gsid` is set once it is known to exist. */
interface Item {
  readonly key: string;
  readonly values: Values;
  readonly gsid?: string | undefined;
}

interface Load {
  readonly context: ConnectorContext;
  readonly object: string;
  readonly keys: readonly string[];
  readonly fields: ReadonlyMap<string, GainsightField>;
  readonly results: Map<string, WriteResult>;
}

export async function writeBatch(context: ConnectorContext, batch: WriteBatch): Promise<WriteResult[]> {
  if (batch.records.length === 0) return [];
  const fields = new Map((await describe(context, batch.object)).map((field) => [field.name, field]));
  checkBatch(batch, fields);
  const checked = batch.records.map((record) => checkRecord(record, batch.keys, fields));
  const keyed = checked.map((record) => (record.ok ? keyOf(record.values, batch.keys, fields) : null));
  const items = new Map<string, Item>();
  // Of records with the same key the last one stands; the others share its result.
  checked.forEach((record, index) => {
    const key = keyed[index];
    if (record.ok && key !== null && key !== undefined) items.set(key, { key, values: record.values });
  });
  const load: Load = { context, object: batch.object, keys: batch.keys, fields, results: new Map() };
  if (items.size > 0) await upsert(load, [...items.values()]);
  return checked.map((record, index) => {
    if (!record.ok) return record;
    const result = load.results.get(keyed[index] ?? '');
    if (result === undefined) throw new ConnectorError('internal', 'A record of the batch was left without a result.');
    return result;
  });
}

async function upsert(load: Load, items: readonly Item[]): Promise<void> {
  const existing = await findExisting(load, items);
  const updates: Item[] = [];
  const inserts: Item[] = [];
  for (const item of items) {
    const [gsid, another] = existing.get(item.key) ?? [];
    if (another !== undefined)
      refuse(
        load,
        item,
        `More than one record of ${load.object} has this key in Gainsight. Merge them, or choose a key that is unique.`,
      );
    else if (gsid !== undefined) updates.push({ ...item, gsid });
    else if (load.keys.includes('Gsid')) refuse(load, item, `${load.object} has no record with this Gsid.`);
    else inserts.push(item);
  }
  const vanished: Item[] = [];
  await inChunks(updates, (chunk) => update(load, chunk, vanished));
  await inChunks(
    [...inserts, ...vanished].filter((item) => isComplete(load, item)),
    (chunk) => insert(load, chunk),
  );
}

const refuse = (load: Load, item: Item, reason: string): void => void load.results.set(item.key, { ok: false, reason });

function isComplete(load: Load, item: Item): boolean {
  const lack = lackOf(item.values, load.fields);
  if (lack !== null) refuse(load, item, lack);
  return lack === null;
}

/** All chunks at once (the limiter keeps the budget); one that throws does not leave others running behind it. */
async function inChunks(items: readonly Item[], send: (chunk: readonly Item[]) => Promise<unknown>): Promise<void> {
  const chunks: (readonly Item[])[] = [];
  for (let start = 0; start < items.length; start += RECORDS_PER_CALL)
    chunks.push(items.slice(start, start + RECORDS_PER_CALL));
  for (const outcome of await Promise.allSettled(chunks.map(send)))
    if (outcome.status === 'rejected') throw outcome.reason;
}

/** The key values as one text; numbers and texts are told apart by the field, not by what JSON made of them. */
function keyOf(values: Members, keys: readonly string[], fields: ReadonlyMap<string, GainsightField>): string {
  return JSON.stringify(
    keys.map((key) => (fields.get(key)?.dataType === 'NUMBER' ? Number(values[key]) : String(values[key]))),
  );
}

/**
 * The Gsids of records that have the keys of these items. Each key field is asked with IN, joined by AND: a superset of the
 * wanted combinations, picked apart here, in an expression that stays short whatever the size of the batch.
 */
async function findExisting(
  { context, object, keys, fields }: Load,
  items: readonly Item[],
): Promise<Map<string, string[]>> {
  const wanted = new Set(items.map(({ key }) => key));
  const conditions = keys.map((name) => ({
    name,
    operator: 'IN',
    value: [...new Set(items.map(({ values }) => values[name]))].filter(
      (value) => value !== null && value !== undefined,
    ),
  }));
  const found = new Map<string, string[]>();
  for (let offset = 0; ; offset += QUERY_LIMIT) {
    const select = [...new Set(['Gsid', ...keys])];
    const { rows } = await query(context, {
      object,
      select,
      conditions,
      orderBy: ['Gsid'],
      limit: QUERY_LIMIT,
      offset,
    });
    for (const row of rows) {
      const key = keyOf(row, keys, fields);
      if (typeof row.Gsid !== 'string' || !wanted.has(key)) continue;
      found.set(key, [...(found.get(key) ?? []), row.Gsid]);
    }
    if (rows.length < QUERY_LIMIT) return found;
  }
}

/**
 * Updates by Gsid, so that exactly the record found is changed. Those that are gone meanwhile go to `vanished`.
 * @param isKnownBad whether an answer has already told that one of the items is wrong
 * @returns whether all went well
 */
async function update(load: Load, items: readonly Item[], vanished: Item[], isKnownBad = false): Promise<boolean> {
  if (!isKnownBad || items.length === 1) {
    const records = items.map(({ values, gsid }) => ({ ...pickFields(load, values, 'isUpdateable'), Gsid: gsid }));
    const answer = await ask(load.context, { ...request(load.object, 'PUT', records), query: { keys: 'Gsid' } });
    if (answer.ok && countOf(answer.data, items.length) === items.length) return settle(load, items, answer);
    const [only] = items;
    if (items.length === 1 && only !== undefined) {
      if (answer.ok || answer.refusal.code === 'GSOBJ_1011') vanished.push(only);
      else settleRefused(load, only, answer.refusal);
      return false;
    }
    if (!answer.ok && !isAboutRecords(answer.refusal)) throw toConnectorError(answer.refusal, load.object);
  }
  return inHalves(items, (half, isBad) => update(load, half, vanished, isBad));
}

/** Inserts are all or nothing: a refused call has written nothing, and its halves may be tried. */
async function insert(load: Load, items: readonly Item[], isKnownBad = false): Promise<boolean> {
  if (!isKnownBad || items.length === 1) {
    const answer = await sendInsert(load, items);
    if (answer.ok) {
      if (countOf(answer.data, items.length) === items.length) return settle(load, items, answer);
      return insertRest(load, items);
    }
    const [only] = items;
    if (items.length === 1 && only !== undefined) {
      settleRefused(load, only, answer.refusal);
      return false;
    }
    if (!isAboutRecords(answer.refusal)) throw toConnectorError(answer.refusal, load.object);
  }
  return inHalves(items, (half, isBad) => insert(load, half, isBad));
}

/** An insert that claims success for fewer records than it got: what arrived is looked up, the rest is refused. */
async function insertRest(load: Load, items: readonly Item[]): Promise<boolean> {
  const existing = await findExisting(load, items);
  for (const item of items) {
    const [gsid] = existing.get(item.key) ?? [];
    if (gsid === undefined) refuse(load, item, 'Gainsight accepted the call but did not store the record.');
    else load.results.set(item.key, { ok: true, id: gsid });
  }
  return true;
}

/** When the first half is flawless, the flaw is known to be in the second: that one is halved without being tried whole. */
async function inHalves(
  items: readonly Item[],
  send: (half: readonly Item[], isKnownBad: boolean) => Promise<boolean>,
): Promise<false> {
  const middle = Math.ceil(items.length / 2);
  const isFirstFine = await send(items.slice(0, middle), false);
  await send(items.slice(middle), isFirstFine);
  return false;
}

/**
 * An insert must not be repeated by the http client, which cannot know whether it was carried out. After a 429 it was not:
 * only then it is sent again here; the limiter makes it wait.
 */
async function sendInsert(load: Load, items: readonly Item[]): Promise<Answer> {
  const records = items.map(({ values }) => pickFields(load, values, 'isCreateable'));
  for (let waits = 0; ; waits += 1) {
    try {
      return await ask(load.context, request(load.object, 'POST', records));
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.failureClass !== 'rate_limited' || waits >= MAX_RATE_WAITS)
        throw error;
    }
  }
}

const request = (object: string, method: 'POST' | 'PUT', records: readonly Members[]): HttpRequest => ({
  method,
  url: `/v1/data/objects/${encodeURIComponent(object)}`,
  json: { records },
  about: object,
});

function pickFields({ fields }: Load, values: Values, right: 'isCreateable' | 'isUpdateable'): Members {
  return Object.fromEntries(Object.entries(values).filter(([name]) => fields.get(name)?.[right] === true));
}

/** How many records an answer says it wrote; answers without a count wrote all of them. */
function countOf(data: unknown, sent: number): number {
  if (!isMembers(data)) return sent;
  if (Array.isArray(data.errors) && data.errors.length > 0) return Math.max(0, sent - data.errors.length);
  return typeof data.count === 'number' ? data.count : sent;
}

/** Gsids come back in the order of the records; each is believed only where the answer names as many. */
function settle(load: Load, items: readonly Item[], answer: Answer): true {
  const data = answer.ok && isMembers(answer.data) && Array.isArray(answer.data.records) ? answer.data.records : [];
  const isWhole = data.length === items.length;
  items.forEach(({ key, gsid }, index) => {
    const row: unknown = isWhole ? data[index] : undefined;
    const id = gsid ?? (isMembers(row) && typeof row.Gsid === 'string' ? row.Gsid : undefined);
    load.results.set(key, id === undefined ? { ok: true } : { ok: true, id });
  });
  return true;
}

function settleRefused(load: Load, item: Item, refusal: Refusal): void {
  if (!isAboutRecords(refusal)) throw toConnectorError(refusal, load.object);
  refuse(load, item, rowReason(refusal, [...load.fields.values()]));
}
