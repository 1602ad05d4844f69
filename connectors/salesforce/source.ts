/** What Salesforce's manifest cannot say: discovery by describe, and reading by SOQL with its query locators. */
import {
  areRecords,
  type ConnectorCode,
  type ConnectorContext,
  ConnectorError,
  createProgressGuard,
  type HttpResponse,
  type Identity,
  type JsonValue,
  type Page,
  type ReadRequest,
  type SourceField,
  type SourceObject,
  type SourceRecord,
  sameOriginUrl,
  speaksOf,
  type UrlContext,
} from '../kit/index.ts';
import { COLUMN_TYPES, checkName, condition, soql, textLiteral, timeLiteral } from './soql.ts';
import { type AskedPage, complete, orderOf, partsOf, type WideQuery } from './wide.ts';

/** Largest page of a query; the server may send fewer: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/headers_queryoptions.htm */
const BATCH_SIZE = 2000;
const CURSORS = ['SystemModstamp', 'LastModifiedDate', 'CreatedDate'];
/** Binary and compound fields: the parts of an address or location stand beside it as fields of their own. */
const SKIPPED_TYPES: ReadonlySet<string> = new Set(['base64', 'address', 'location', 'complexvalue']);

type Answer = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Answer =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Path of the REST API in the version the connection names. */
export function apiPath(urls: UrlContext, rest: string): string {
  const version = textOf(urls.fields.apiVersion);
  return `/services/data/v${/^\d{2,3}\.0$/.test(version) ? version : '62.0'}${rest}`;
}

async function ask(context: ConnectorContext, url: string, about?: string): Promise<Answer> {
  const answer = (await context.http.send({ url, about })).json();
  if (!isObject(answer))
    throw new ConnectorError('invalid_response', 'Salesforce sent an answer of an unexpected form.');
  return answer;
}

async function queryOne(context: ConnectorContext, query: string): Promise<Answer> {
  const answer = await context.http.send({ url: apiPath(context.urls, '/query'), query: { q: query } });
  const [record] = recordsOf(answer).records;
  if (record === undefined)
    throw new ConnectorError('invalid_response', 'Salesforce sent no record where one was expected.');
  return record;
}

/** `https://login.salesforce.com/id/{org}/{user}`, from the log-in or from the list of resources; only its ids are used. */
async function ids(context: ConnectorContext): Promise<{ orgId: string; userId: string }> {
  const known = (await context.access.current()).learned.identityUrl ?? context.urls.learned.identityUrl;
  const url = known ?? textOf((await ask(context, apiPath(context.urls, '/'))).identity);
  const found = /\/id\/([A-Za-z0-9]{15,18})\/([A-Za-z0-9]{15,18})$/.exec(url);
  if (found?.[1] === undefined || found[2] === undefined)
    throw new ConnectorError('invalid_response', 'Salesforce did not say whose authorization this is.');
  return { orgId: found[1], userId: found[2] };
}

/** Empty where the user may not see the org's own record. */
async function orgName(context: ConnectorContext): Promise<string> {
  try {
    return textOf((await queryOne(context, 'SELECT Name FROM Organization')).Name);
  } catch (error) {
    if (error instanceof ConnectorError && speaksOf(error.failureClass, 'rights')) return '';
    throw error;
  }
}

async function identify(context: ConnectorContext): Promise<Identity> {
  const { orgId, userId } = await ids(context);
  const user = await queryOne(context, `SELECT Username,IsActive FROM User WHERE Id = ${textLiteral(userId)}`);
  const org = await orgName(context);
  return {
    accountId: userId,
    account: textOf(user.Username),
    orgId,
    org: org || orgId,
    isActive: user.IsActive !== false,
  };
}

async function objects(context: ConnectorContext): Promise<SourceObject[]> {
  const { sobjects } = await ask(context, apiPath(context.urls, '/sobjects'));
  if (!Array.isArray(sobjects)) throw new ConnectorError('invalid_response', 'Salesforce sent no list of objects.');
  return named(sobjects, 'objects')
    .filter((object) => object.queryable === true && object.deprecatedAndHidden !== true)
    .map((object) => ({ name: textOf(object.name), label: textOf(object.label) || textOf(object.name) }));
}

/** @throws ConnectorError invalid_response where one has no name: left out in silence it would be missing for ever */
function named(list: readonly unknown[], what: string): Answer[] {
  return list.map((entry) => {
    if (!isObject(entry) || textOf(entry.name) === '')
      throw new ConnectorError('invalid_response', `Salesforce sent a list of ${what} in which one has no name.`);
    return entry;
  });
}

async function describe(context: ConnectorContext, object: string): Promise<Answer[]> {
  const { fields } = await ask(context, apiPath(context.urls, `/sobjects/${checkName(object)}/describe`), object);
  if (!Array.isArray(fields)) throw new ConnectorError('invalid_response', `Salesforce sent no fields of ${object}.`);
  return named(fields, `fields of ${object}`).filter((field) => !SKIPPED_TYPES.has(textOf(field.type)));
}

function toSourceField(field: Answer): SourceField {
  const name = textOf(field.name);
  return {
    name,
    label: textOf(field.label) || name,
    type: COLUMN_TYPES[textOf(field.type)] ?? 'text',
    isKey: name === 'Id',
    isCursor: CURSORS.includes(name),
    required: field.nillable === false,
  };
}

/** Where a read stands: the next page's path while its locator lives, and the last row for when it does not. */
interface Position {
  readonly next: string | null;
  readonly lastId: string | null;
  readonly lastStamp: string | null;
}

function positionOf(checkpoint: JsonValue): Position | 'start' | 'end' {
  if (!isObject(checkpoint)) return 'start';
  if (checkpoint.done === true) return 'end';
  const [next, lastId, lastStamp] = [textOf(checkpoint.next), textOf(checkpoint.lastId), textOf(checkpoint.lastStamp)];
  // A path, or it was stored before addresses were checked: then the read begins anew behind the last row.
  return { next: next.startsWith('/') ? next : null, lastId: lastId || null, lastStamp: lastStamp || null };
}

interface Query extends WideQuery {
  readonly read: ReadRequest;
  /** Fields of the first request and, where one address does not hold all, of the others. */
  readonly parts: readonly (readonly string[])[];
}

async function prepare(context: ConnectorContext, read: ReadRequest): Promise<Query> {
  const needsTypes = read.filter.length > 0 || read.fields.length === 0;
  const described = needsTypes ? await describe(context, read.object) : [];
  const names = read.fields.length > 0 ? read.fields : described.map(({ name }) => textOf(name));
  const types = new Map(described.map((field) => [textOf(field.name), textOf(field.type)]));
  const since =
    read.since === null ? [] : [`${checkName(read.since.field)} >= ${timeLiteral(read.since.value, read.since.field)}`];
  const wide: WideQuery = {
    object: read.object,
    fields: [...new Set(names)],
    where: [...since, ...read.filter.map((filter) => condition(filter, types))],
    cursor: read.since?.field,
  };
  return { ...wide, read, parts: partsOf(wide) };
}

/** Rows in an order that allows to begin anew behind a row: by id, and when only changes are read by their time first. */
function queryText({ object, parts, where, cursor }: Query, after: Position | null): string {
  return soql({
    object,
    fields: parts[0] ?? [],
    where: after === null ? where : [...where, ...behind(after, cursor)],
    orderBy: orderOf(cursor),
  });
}

/** All pages of one query, for a part of the fields of records that are at hand. */
async function* askAll(context: ConnectorContext, q: string, about: string): AsyncGenerator<AskedPage> {
  const headers = { 'sforce-query-options': `batchSize=${BATCH_SIZE}` };
  let response = await context.http.send({ url: apiPath(context.urls, '/query'), query: { q }, about, headers });
  const progress = createProgressGuard(({ Id }) => Id);
  for (;;) {
    const { records, next } = recordsOf(response);
    assertIds(records, about);
    progress.check(next, records);
    yield { response, records };
    if (next === null) return;
    // Of one page's records: an answer that goes on without any goes round in circles.
    if (records.length === 0)
      throw new ConnectorError('invalid_response', 'Salesforce says that more records follow, and sends none.');
    response = await context.http.send({ url: next, about, headers });
  }
}

function behind({ lastId, lastStamp }: Position, cursor: string | undefined): string[] {
  if (lastId === null) return [];
  const byId = `Id > ${textLiteral(lastId)}`;
  if (cursor === undefined || lastStamp === null) return cursor === undefined ? [byId] : [];
  const stamp = timeLiteral(lastStamp, cursor);
  return [`(${cursor} > ${stamp} OR (${cursor} = ${stamp} AND ${byId}))`];
}

interface QueryAnswer {
  readonly records: readonly SourceRecord[];
  readonly next: string | null;
  readonly total: number | undefined;
}

/**
 * `done` is in every answer, `nextRecordsUrl` in all but the last:
 * https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/dome_query.htm
 * @throws ConnectorError invalid_response, host_refused
 */
function recordsOf(response: HttpResponse): QueryAnswer {
  const answer: unknown = response.json();
  if (!isObject(answer) || !Array.isArray(answer.records) || !areRecords(answer.records))
    throw new ConnectorError('invalid_response', 'Salesforce sent an answer to a query without records.');
  const { done, nextRecordsUrl } = answer;
  const isNamed = nextRecordsUrl !== undefined && nextRecordsUrl !== null && nextRecordsUrl !== '';
  if (typeof done !== 'boolean')
    throw new ConnectorError('invalid_response', 'Salesforce did not say whether more records follow.');
  if (!done && !isNamed)
    throw new ConnectorError('invalid_response', 'Salesforce did not say where the next records are.');
  if (done && isNamed)
    throw new ConnectorError('invalid_response', 'Salesforce says that no more records follow, and where they are.');
  // Each record also has "attributes". It is not a field, nobody maps it, and taking it out would copy every record.
  return {
    records: answer.records,
    next: done ? null : nextPath(nextRecordsUrl, response.url),
    total: typeof answer.totalSize === 'number' ? answer.totalSize : undefined,
  };
}

/** Every query asks for the id: without it a record is nobody's, and the read would not know where it stands. */
function assertIds(records: readonly SourceRecord[], object: string): void {
  for (const { Id } of records)
    if (typeof Id !== 'string' || Id === '')
      throw new ConnectorError('invalid_response', `Salesforce sent a record of ${object} without an Id.`);
}

/** The path of the next records below the org's address. @throws ConnectorError for anything else, see sameOriginUrl */
function nextPath(next: unknown, answeredBy: string): string {
  if (typeof next !== 'string')
    throw new ConnectorError('invalid_response', 'Salesforce named no address for the next records.');
  const { pathname, search } = new URL(sameOriginUrl(next, answeredBy));
  // As it came where it is a path: the base may have one of its own (a proxy), which this does not repeat.
  return next.startsWith('/') ? next : `${pathname}${search}`;
}

async function* read(context: ConnectorContext, request: ReadRequest): AsyncGenerator<Page> {
  const start = positionOf(request.checkpoint);
  if (start === 'end') return;
  const query = await prepare(context, request);
  let position: Position | null = start === 'start' ? null : start;
  let total: number | undefined;
  do {
    const response = await fetchPage(context, query, position);
    const page = recordsOf(response);
    assertIds(page.records, query.object);
    // Only the first page counts all rows; one that began anew behind a row counts the rest.
    if (position === null) total = page.total;
    position = { next: page.next, ...lastRow(page.records, request.since?.field, position) };
    const { records, rejected, bytes } = await complete(context, query, query.parts.slice(1), page.records, askAll);
    yield {
      records,
      ...(rejected.length === 0 ? {} : { rejected }),
      checkpoint:
        page.next === null
          ? { done: true }
          : { next: position.next, lastId: position.lastId, lastStamp: position.lastStamp },
      bytes: response.body.byteLength + bytes,
      ...(total === undefined ? {} : { total }),
    };
  } while (position.next !== null);
}

function lastRow(
  records: readonly SourceRecord[],
  cursor: string | undefined,
  before: Position | null,
): Pick<Position, 'lastId' | 'lastStamp'> {
  const last = records.at(-1);
  if (last === undefined) return { lastId: before?.lastId ?? null, lastStamp: before?.lastStamp ?? null };
  return { lastId: textOf(last.Id) || null, lastStamp: cursor === undefined ? null : textOf(last[cursor]) || null };
}

async function fetchPage(context: ConnectorContext, query: Query, position: Position | null): Promise<HttpResponse> {
  const about = query.read.object;
  const headers = { 'sforce-query-options': `batchSize=${BATCH_SIZE}` };
  if (position?.next != null) {
    try {
      return await context.http.send({ url: position.next, about, headers });
    } catch (error) {
      // Locators live for a limited time, and a user has a limited number of them:
      // https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm
      if (!(error instanceof ConnectorError) || error.vendorCode !== 'INVALID_QUERY_LOCATOR') throw error;
      context.log(`Salesforce no longer knows the query; it is asked again behind the last row of ${about}.`);
    }
  }
  return context.http.send({
    url: apiPath(context.urls, '/query'),
    query: { q: queryText(query, position) },
    about,
    headers,
  });
}

export const source: ConnectorCode = {
  identify,
  objects,
  fields: async (context, object) => (await describe(context, object)).map(toSourceField),
  read,
  recordKey: 'Id',
};
