/**
 * Loading records into Gainsight, which has no upsert: the records that exist are found by their keys, then the batch is
 * split into updates (by Gsid) and inserts. A batch that is sent again finds its own inserts and changes nothing.
 */
import { type ConnectorContext, ConnectorError, type WriteBatch, type WriteResult } from '../kit/index.ts';
import { ask } from './call.ts';
import { describe } from './describe.ts';
import { isAboutRecords, toConnectorError } from './errors.ts';
import { insert } from './insert.ts';
import {
  findExisting,
  type Item,
  inHalves,
  isWhole,
  keyOf,
  type Load,
  permitted,
  refuse,
  request,
  settle,
  settleRefused,
} from './load.ts';
import { checkBatch, checkRecord, fieldTimes, lackOf } from './values.ts';

/** https://support.gainsight.com/gainsight_nxt/API_and_Developer_Docs/Company_and_Relationship_API/Company_API_Documentation */
const RECORDS_PER_CALL = 50;
/** Four calls' worth share one query by key: of 100 calls a minute none is to be wasted. */
export const MAX_BATCH = 4 * RECORDS_PER_CALL;
const LOOK_AGAIN_AFTER_MS = 2000;

export async function writeBatch(
  context: ConnectorContext,
  batch: WriteBatch,
  lookAgainAfterMs: number = LOOK_AGAIN_AFTER_MS,
): Promise<WriteResult[]> {
  if (batch.records.length === 0) return [];
  const fields = new Map((await describe(context, batch.object)).map((field) => [field.name, field]));
  checkBatch(batch, fields);
  const timeOf = fieldTimes(batch.dates);
  const checked = batch.records.map((record) => {
    const result = checkRecord(record, batch.keys, fields, timeOf);
    return result.ok ? { ...result, key: keyOf(result.values, batch.keys, fields) } : result;
  });
  // Of records with the same key the last one stands; the others share its result.
  const items = new Map<string, Item>();
  for (const record of checked) if (record.ok) items.set(record.key, { key: record.key, values: record.values });
  const load: Load = { context, object: batch.object, keys: batch.keys, fields, results: new Map(), lookAgainAfterMs };
  if (items.size > 0) await upsert(load, [...items.values()]);
  return checked.map((record) => {
    if (!record.ok) return record;
    const result = load.results.get(record.key);
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
    if (another !== undefined) refuse(load, item, severalMatches(load.object));
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

const severalMatches = (object: string): string =>
  `More than one record of ${object} has this key in Gainsight. Merge them, or choose a key that is unique.`;

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

/**
 * Updates by Gsid, so that exactly the record found is changed. Those that are gone meanwhile go to `vanished`.
 * @param isKnownBad whether an answer has already told that one of the items is wrong
 * @returns whether all were taken
 */
async function update(load: Load, items: readonly Item[], vanished: Item[], isKnownBad = false): Promise<boolean> {
  if (!isKnownBad || items.length === 1) {
    const records = items.map(({ values, gsid }) => ({ ...permitted(load, values, 'isUpdateable'), Gsid: gsid }));
    const answer = await ask(load.context, { ...request(load.object, 'PUT', records), query: { keys: 'Gsid' } });
    if (isWhole(answer, items.length)) {
      settle(load, items, answer);
      return true;
    }
    const [only] = items;
    if (items.length === 1 && only !== undefined) {
      if (answer.ok) await settleUnclear(load, only, vanished);
      else if (answer.refusal.code === 'GSOBJ_1011') vanished.push(only);
      else settleRefused(load, only, answer.refusal);
      return false;
    }
    if (!answer.ok && !isAboutRecords(answer.refusal)) throw toConnectorError(answer.refusal, load.object);
  }
  return inHalves(items, (half, isBad) => update(load, half, vanished, isBad));
}

/** A success that accounts for no record: only one that is truly gone may be inserted again. */
async function settleUnclear(load: Load, item: Item, vanished: Item[]): Promise<void> {
  const isThere = (await findExisting(load, [item])).has(item.key);
  if (isThere) refuse(load, item, 'Gainsight accepted the call but reported that the record was not changed.');
  else vanished.push(item);
}
