/** Gainsight's envelope: {result, errorCode, errorDesc, requestId, data}. `result` counts, not the HTTP status. */

import type { ConnectorContext, HttpRequest } from '../kit/index.ts';
import { ConnectorError } from '../kit/index.ts';
import { type Refusal, toConnectorError } from './errors.ts';

export type Members = Readonly<Record<string, unknown>>;

export const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export type Answer =
  | { readonly ok: true; readonly data: unknown; readonly bytes: number }
  | { readonly ok: false; readonly refusal: Refusal; readonly bytes: number };

/**
 * Sends a call and opens its envelope. Refusals (400, 404, or 200 with `result: false`) come back as values.
 * @throws ConnectorError for everything else, and for an answer that is no envelope
 */
export async function ask(context: ConnectorContext, request: HttpRequest): Promise<Answer> {
  const startedAt = context.now();
  const response = await context.http.send({ ...request, acceptStatus: [400, 404] }).catch((error: unknown) => {
    throw judgedByDay(error, context.now() - startedAt);
  });
  const bytes = response.body.byteLength;
  const envelope = response.json();
  if (!isMembers(envelope) || typeof envelope.result !== 'boolean') {
    throw new ConnectorError(
      'invalid_response',
      'The answer is not one of Gainsight’s API. Check the Tenant domain field.',
      { status: response.status },
    );
  }
  if (envelope.result && response.status < 300) return { ok: true, data: envelope.data, bytes };
  const code = typeof envelope.errorCode === 'string' ? envelope.errorCode : '';
  const description = typeof envelope.errorDesc === 'string' ? envelope.errorDesc : '';
  if (typeof envelope.requestId === 'string')
    context.log(
      `Gainsight refused ${request.method ?? 'GET'} (${code || response.status}), request ${clean(envelope.requestId)}.`,
    );
  return { ok: false, refusal: { status: response.status, code, description }, bytes };
}

const clean = (id: string): string => id.replace(/[^\w-]/g, '').slice(0, 64);

/** Longest that the budget of a minute can refuse calls, with the limiter's waits; behind it, it is the day's. Milliseconds. */
const MINUTE_IS_OVER_MS = 90_000;

/** A 429 that outlasts the minute is the budget of the day (50,000 calls). */
export function judgedByDay(error: unknown, waitedMs: number): unknown {
  if (!(error instanceof ConnectorError) || error.failureClass !== 'rate_limited') return error;
  const { status, vendorCode, retryAfterMs } = error;
  const isOfMinute = retryAfterMs === undefined || retryAfterMs < MINUTE_IS_OVER_MS;
  if (waitedMs < MINUTE_IS_OVER_MS && isOfMinute) return error;
  const message = 'Gainsight’s calls for this day are used up; a tenant has 50,000. They are renewed the next day.';
  return new ConnectorError('quota_exceeded', message, {
    status,
    vendorCode,
    // The wait for the next minute says nothing of the day.
    retryAfterMs: isOfMinute ? undefined : retryAfterMs,
    cause: error,
  });
}

/** The same for calls whose refusal is an error. */
export async function must(context: ConnectorContext, request: HttpRequest, about: string): Promise<unknown> {
  const answer = await ask(context, request);
  if (!answer.ok) throw toConnectorError(answer.refusal, about);
  return answer.data;
}

export interface Query {
  readonly object: string;
  readonly select: readonly string[];
  readonly conditions: readonly {
    readonly name: string;
    readonly operator: string;
    readonly value: readonly (string | number | boolean)[];
  }[];
  readonly orderBy: readonly string[];
  readonly limit: number;
  readonly offset: number;
}

/** https://support.gainsight.com/Gainsight_NXT/API_and_Developer_Docs/Company_and_Relationship_API/Company_API_Documentation : limit is 5000 at most. */
export const QUERY_LIMIT = 5000;

/** Rows of a query; a refusal that only says "nothing found" is no rows. */
export async function query(
  context: ConnectorContext,
  { object, select, conditions, orderBy, limit, offset }: Query,
): Promise<{ rows: Members[]; bytes: number }> {
  const aliased = conditions.map((condition, index) => ({ ...condition, alias: aliasOf(index) }));
  const where =
    aliased.length === 0
      ? {}
      : { where: { conditions: aliased, expression: aliased.map(({ alias }) => alias).join(' AND ') } };
  const answer = await ask(context, {
    method: 'POST',
    url: `/v1/data/objects/query/${encodeURIComponent(object)}`,
    json: { select, ...where, orderBy: Object.fromEntries(orderBy.map((name) => [name, 'asc'])), limit, offset },
    // It only reads, whatever its method.
    isIdempotent: true,
    about: object,
  });
  if (!answer.ok) {
    if (isNothingFound(answer.refusal)) return { rows: [], bytes: answer.bytes };
    throw toConnectorError(answer.refusal, object);
  }
  return { rows: rowsOf(answer.data, object), bytes: answer.bytes };
}

/** Two shapes are in use: `data: [...]` and `data: {records: [...]}`. */
function rowsOf(data: unknown, object: string): Members[] {
  const list = isMembers(data) ? data.records : data;
  if (list === null) return [];
  if (!Array.isArray(list) || !list.every(isMembers))
    throw new ConnectorError('invalid_response', `Gainsight answered a query of ${object} without records.`);
  return list;
}

const isNothingFound = ({ code, description }: Refusal): boolean =>
  code === 'GSOBJ_1011' || /^no data found/i.test(description);

/** A to Z, then A1 ... : the expression joins conditions by these names. */
const aliasOf = (index: number): string =>
  `${String.fromCharCode(65 + (index % 26))}${index < 26 ? '' : Math.floor(index / 26)}`;
