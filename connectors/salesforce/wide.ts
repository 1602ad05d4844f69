/**
 * Reads of more fields than fit into one address. The first part is the query with all that orders it; the other parts are the same
 * query, bounded by the first and the last record of the page at hand.
 */
import {
  type ConnectorContext,
  type HttpResponse,
  joinPart,
  type SourceRecord,
  type SourceRejection,
  splitFields,
} from '../kit/index.ts';
import { checkName, soql, textLiteral, timeLiteral } from './soql.ts';

/**
 * Salesforce answers 414 for an address, and 431 for address and headers together, beyond 16,384 bytes; an access token can be
 * 2,000 of them: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm
 * A query itself may have 100,000 characters, which no address holds:
 * https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_limits.htm
 */
const ADDRESS_BYTES = 12_000;
/** Host, path and the bounds of a page, which are not known yet. */
const OTHER_BYTES = 1_000;
const STAMP = 'SystemModstamp';

export interface WideQuery {
  readonly object: string;
  /** Without the fields that every part carries. */
  readonly fields: readonly string[];
  readonly where: readonly string[];
  /** The field that orders the records in front of their id; undefined when all are read by id. */
  readonly cursor: string | undefined;
}

/** Lists of fields, each with what puts them together; one where all fit into one address. */
export function partsOf({ object, fields, where, cursor }: WideQuery): string[][] {
  // A record that changes between two parts is told by its stamp, where the job reads it.
  const always = [
    ...new Set(['Id', ...(cursor === undefined ? [] : [cursor]), ...fields.filter((name) => name === STAMP)]),
  ];
  const rest = soql({ object, fields: always, where, orderBy: orderOf(cursor) });
  const groups = splitFields(
    fields.filter((name) => !always.includes(name)),
    {
      room: ADDRESS_BYTES - OTHER_BYTES - new URLSearchParams({ q: rest }).toString().length,
      sizeOf: (name) => checkName(name).length + '%2C'.length,
      rest: `The filter of ${object}`,
    },
  );
  return groups.map((group) => [...always, ...group]);
}

export function orderOf(cursor: string | undefined): string[] {
  return cursor === undefined ? ['Id'] : [cursor, 'Id'];
}

/** Records between two of them, both included, in the order of the read. */
function within(first: SourceRecord, last: SourceRecord, cursor: string | undefined): string[] {
  const bound = (record: SourceRecord, sign: '<' | '>'): string => {
    const byId = `Id ${sign}= ${textLiteral(String(record.Id))}`;
    if (cursor === undefined) return byId;
    const stamp = timeLiteral(String(record[cursor]), cursor);
    return `(${cursor} ${sign} ${stamp} OR (${cursor} = ${stamp} AND ${byId}))`;
  };
  return [bound(first, '>'), bound(last, '<')];
}

interface Completed {
  readonly records: readonly SourceRecord[];
  readonly rejected: readonly SourceRejection[];
  readonly bytes: number;
}

/** How a query is asked; gives each of its pages. */
export type Ask = (context: ConnectorContext, query: string, object: string) => AsyncIterable<AskedPage>;
export interface AskedPage {
  readonly response: HttpResponse;
  readonly records: readonly SourceRecord[];
}

/** The page's records with the fields of the other parts. */
export async function complete(
  context: ConnectorContext,
  query: WideQuery,
  parts: readonly (readonly string[])[],
  page: readonly SourceRecord[],
  ask: Ask,
): Promise<Completed> {
  const { object, cursor, where } = query;
  const [first, last] = [page[0], page.at(-1)];
  let done: Completed = { records: page, rejected: [], bytes: 0 };
  // Without other parts nothing asks for the bounds, so a record whose time is none is rejected alone and fails no run.
  if (parts.length === 0 || first === undefined || last === undefined) return done;
  const bounds = [...where, ...within(first, last, cursor)];
  for (const fields of parts) {
    const text = soql({ object, fields, where: bounds, orderBy: orderOf(cursor) });
    const { records, bytes } = await allOf(ask(context, text, object));
    const stamp = fields.includes(STAMP) ? STAMP : cursor;
    const joined = joinPart(done.records, records, { key: 'Id', stamp, object });
    done = {
      records: joined.records,
      rejected: [...done.rejected, ...joined.rejected],
      bytes: done.bytes + bytes,
    };
  }
  return done;
}

async function allOf(pages: AsyncIterable<AskedPage>): Promise<{ records: SourceRecord[]; bytes: number }> {
  const records: SourceRecord[] = [];
  let bytes = 0;
  for await (const page of pages) {
    records.push(...page.records);
    bytes += page.response.body.byteLength;
  }
  return { records, bytes };
}
