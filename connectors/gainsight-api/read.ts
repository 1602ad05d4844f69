/** Reading an object of Gainsight: pages by offset, each anchored to the last row of the one before. */

import type { ConnectorContext, FilterCondition, JsonValue, Page, ReadRequest } from '../kit/index.ts';
import { ConnectorError, instantMs } from '../kit/index.ts';
import { isMembers, type Members, QUERY_LIMIT, type Query, query } from './call.ts';
import { describe, type GainsightField } from './describe.ts';

/** https://support.gainsight.com/Gainsight_NXT/API_and_Developer_Docs/Company_and_Relationship_API/Company_API_Documentation */
const OPERATORS: Readonly<Record<FilterCondition['operator'], string>> = {
  eq: 'EQ',
  ne: 'NE',
  lt: 'LT',
  lte: 'LTE',
  gt: 'GT',
  gte: 'GTE',
  contains: 'CONTAINS',
  isNull: 'IS_NULL',
  isNotNull: 'IS_NOT_NULL',
};

/** The time zone of filter values is not documented; a day reaches over every zone there is. Milliseconds. */
const ZONE_MARGIN_MS = 24 * 3_600_000;
/** How far a page begins before its anchor when rows have moved; doubled until the anchor is covered. */
const FIRST_STEP_BACK = 200;

/** The last row read: where it stood, and what tells whether it still stands there. */
interface Anchor {
  readonly index: number;
  readonly modified: string | number;
  readonly gsid: string;
}

const CURSORS = ['ModifiedDate', 'LastModifiedDate'];
export const cursorOf = (fields: readonly GainsightField[]): string | null =>
  CURSORS.find((name) => fields.some((field) => field.name === name)) ?? null;

/**
 * Rows in the order of their last change. Offsets alone would lose rows: a row that changes while the read goes on moves
 * to the end and all behind it move up. So each page begins with the last row of the page before (its anchor); when that
 * is not there any more, the page begins earlier. Filtering by the last time instead would depend on the tenant's zone.
 * No answer says whether more follows, and a page shorter than asked for may be one that the system has cut: the read ends when
 * nothing stands behind the last row.
 */
export async function* readObject(context: ConnectorContext, request: ReadRequest): AsyncGenerator<Page> {
  const fields = await describe(context, request.object);
  const cursor = cursorOf(fields);
  const base = baseQuery(request, fields, cursor);
  const toRecord = recordsWith(fields);
  for (let anchor = anchorOf(request.checkpoint); ; ) {
    const { rows, offset, bytes } = await pageFrom(context, base, cursor, anchor);
    const last = rows.at(-1);
    if (last === undefined) return;
    const fresh = anchor !== null && isAnchor(rows[0], cursor, anchor) ? rows.slice(1) : rows;
    anchor = { index: offset + rows.length - 1, modified: modifiedOf(last, cursor), gsid: String(last.Gsid) };
    if (fresh.length === 0) return;
    yield { records: fresh.map(toRecord), checkpoint: { ...anchor }, bytes };
  }
}

async function pageFrom(
  context: ConnectorContext,
  base: Query,
  cursor: string | null,
  anchor: Anchor | null,
): Promise<{ rows: Members[]; offset: number; bytes: number }> {
  let offset = anchor?.index ?? 0;
  for (let step = FIRST_STEP_BACK; ; step *= 2) {
    const { rows, bytes } = await query(context, { ...base, offset });
    if (anchor === null || offset === 0 || covers(rows[0], cursor, anchor)) return { rows, offset, bytes };
    context.log(`Rows of ${base.object} moved while they were read; going back ${step} rows.`);
    offset = Math.max(0, offset - step);
  }
}

/** Whether nothing between the anchor and this page can have been missed. */
function covers(first: Members | undefined, cursor: string | null, anchor: Anchor): boolean {
  if (first === undefined) return false;
  const modified = modifiedOf(first, cursor);
  return isAnchor(first, cursor, anchor) || (typeof modified === typeof anchor.modified && modified < anchor.modified);
}

const modifiedOf = (row: Members, cursor: string | null): string | number => {
  const value = cursor === null ? row.Gsid : row[cursor];
  return typeof value === 'number' ? value : String(value ?? '');
};

const isAnchor = (row: Members | undefined, cursor: string | null, anchor: Anchor): boolean =>
  row !== undefined && String(row.Gsid) === anchor.gsid && modifiedOf(row, cursor) === anchor.modified;

function anchorOf(checkpoint: JsonValue): Anchor | null {
  if (checkpoint === null) return null;
  const { index, modified, gsid } = isMembers(checkpoint) ? checkpoint : ({} as Members);
  if (
    typeof index === 'number' &&
    typeof gsid === 'string' &&
    (typeof modified === 'string' || typeof modified === 'number')
  )
    return { index, modified, gsid };
  throw new ConnectorError(
    'internal',
    'The stored checkpoint is none of Gainsight’s. Start the job again from the beginning.',
  );
}

function baseQuery(
  { object, fields, filter, since }: ReadRequest,
  known: readonly GainsightField[],
  cursor: string | null,
): Query {
  const names = new Set(known.map(({ name }) => name));
  const missing = fields.find((path) => !path.includes('.') && !names.has(path));
  if (missing !== undefined)
    throw new ConnectorError(
      'schema_changed',
      `${object} has no field “${missing}” any more. Edit the mapping of the job.`,
    );
  const conditions = filter.map(({ field, operator, value }) => ({
    name: field,
    operator: OPERATORS[operator],
    value: operator === 'isNull' || operator === 'isNotNull' ? [] : [value],
  }));
  const sinceMs = since === null ? null : instantMs(since.value);
  if (since !== null && sinceMs !== null)
    conditions.push({ name: since.field, operator: 'GTE', value: [queryTime(sinceMs - ZONE_MARGIN_MS)] });
  const order = cursor === null ? ['Gsid'] : [cursor, 'Gsid'];
  return {
    object,
    select: [...new Set([...fields, ...order])],
    conditions,
    orderBy: order,
    limit: QUERY_LIMIT,
    offset: 0,
  };
}

/** "2024-01-31 10:00:00" */
const queryTime = (ms: number): string => new Date(Math.max(0, ms)).toISOString().slice(0, 19).replace('T', ' ');

/** Dates come as milliseconds since the epoch; everybody else reads ISO 8601. */
function recordsWith(fields: readonly GainsightField[]): (row: Members) => Members {
  const times = fields.filter(({ dataType }) => dataType === 'DATE' || dataType === 'DATETIME').map(({ name }) => name);
  return (row) => {
    const changed: Record<string, unknown> = { ...row };
    for (const name of times) {
      const value = row[name];
      if (typeof value === 'number' && Math.abs(value) <= 8.64e15) changed[name] = new Date(value).toISOString();
    }
    return changed;
  };
}
