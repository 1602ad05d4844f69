/** The API: who am I, exports, lists, fields, tokens. */
import type { PracticeReply, PracticeRequest, PracticeRoute } from '../../kit/practice/index.ts';
import {
  BRANDS,
  type ExportName,
  GROUPS,
  ORGANIZATION_FIELDS,
  type PracticeAccount,
  TICKET_FIELDS,
  USER_FIELDS,
  type ZendeskRecord,
} from './account.ts';
import { INVALID_TOKEN, invalidValue, NOT_AUTHENTICATED, NOT_FOUND, refuse } from './answers.ts';
import { admit, type Caller, type CallerRules, callerOf } from './caller.ts';

/** Exports leave out changes of the last minute: https://support.zendesk.com/hc/en-us/articles/8143500919322 */
const HIDDEN_MS = 60_000;
const MAX_EXPORT = 1000;
const MAX_LIST = 100;

export function createRoutes(account: PracticeAccount, rules: CallerRules): PracticeRoute[] {
  const isAdmin = (email: string): boolean => account.staff(email).role === 'admin';
  const enter = (request: PracticeRequest, resource: string, needsAdmin = false): Caller => {
    const caller = callerOf(request, rules);
    return admit(caller, resource, rules.oauth, needsAdmin, caller !== null && isAdmin(caller.email));
  };
  const visible = (caller: Caller, resource: string, record: ZendeskRecord): ZendeskRecord => {
    const denied = rules.oauth.people.find(caller.email)?.denied ?? new Set<string>();
    if (denied.size === 0) return record;
    return Object.fromEntries(Object.entries(record).filter(([name]) => !denied.has(`${resource}.${name}`)));
  };
  const exported =
    (name: ExportName, handle: (request: PracticeRequest, caller: Caller) => PracticeReply) =>
    (request: PracticeRequest) =>
      handle(request, enter(request, name, true));
  const rows = (name: ExportName, caller: Caller, from: number, to: number): ZendeskRecord[] =>
    Array.from({ length: to - from }, (_, index) => visible(caller, name, account.record(name, from + index)));

  const list = (key: string, resource: string, records: readonly ZendeskRecord[]): PracticeRoute => ({
    method: 'GET',
    path: `/api/v2/${key}.json`,
    handle(request) {
      const caller = enter(request, resource);
      const size = Math.min(wholeNumber(request, 'page[size]') ?? MAX_LIST, MAX_LIST);
      const from = positionOf(request.query.get('page[after]'), 'page[after]') ?? 0;
      const to = Math.min(from + size, records.length);
      return {
        json: {
          [key]: records.slice(from, to).map((record) => visible(caller, resource, record)),
          meta: { has_more: to < records.length, after_cursor: cursorAt(to), before_cursor: cursorAt(from) },
          links: {
            next: to < records.length ? `${request.origin}/api/v2/${key}.json?page[after]=${cursorAt(to)}` : null,
            prev: null,
          },
        },
      };
    },
  });

  return [
    { method: 'GET', path: '/api/v2/users/me.json', handle: (request) => me(account, callerOf(request, rules)) },
    {
      method: 'GET',
      path: '/api/v2/incremental/tickets/cursor.json',
      handle: exported('tickets', (request, caller) =>
        cursorExport(account, request, 'tickets', (from, to) => rows('tickets', caller, from, to)),
      ),
    },
    {
      method: 'GET',
      path: '/api/v2/incremental/users/cursor.json',
      handle: exported('users', (request, caller) =>
        cursorExport(account, request, 'users', (from, to) => rows('users', caller, from, to)),
      ),
    },
    {
      method: 'GET',
      path: '/api/v2/incremental/organizations.json',
      handle: exported('organizations', (request, caller) =>
        timeExport(account, request, (from, to) => rows('organizations', caller, from, to)),
      ),
    },
    list('brands', 'brands', BRANDS),
    list('groups', 'groups', GROUPS),
    list('ticket_fields', 'ticket_fields', TICKET_FIELDS),
    list('user_fields', 'user_fields', USER_FIELDS),
    list('organization_fields', 'organization_fields', ORGANIZATION_FIELDS),
    {
      method: 'GET',
      path: '/api/v2/oauth/tokens/current.json',
      isData: false,
      handle: (request) => currentToken(account, callerOf(request, rules)),
    },
    { method: 'DELETE', path: '/api/v2/oauth/tokens/:id', isData: false, handle: (request) => revoke(request, rules) },
  ];
}

/** https://developer.zendesk.com/api-reference/ticketing/users/users/#show-self : nobody is answered with 200, too. */
function me(account: PracticeAccount, caller: Caller | null): PracticeReply {
  if (caller === null)
    return {
      json: {
        user: { id: null, name: 'Anonymous user', email: 'invalid@example.com', role: 'end-user', active: false },
      },
    };
  return { json: { user: { ...account.staff(caller.email), verified: true } } };
}

const cursorAt = (index: number): string => Buffer.from(`practice:${index}`).toString('base64url');

function positionOf(cursor: string | null, parameter: string): number | null {
  if (cursor === null) return null;
  const index = /^practice:(\d{1,9})$/.exec(Buffer.from(cursor, 'base64url').toString('utf8'))?.[1];
  if (index === undefined) throw refuse(invalidValue(parameter, 'is not valid'));
  return Number(index);
}

function wholeNumber(request: PracticeRequest, name: string): number | null {
  const text = request.query.get(name);
  if (text === null) return null;
  if (!/^\d{1,12}$/.test(text) || Number(text) < (name === 'start_time' ? 0 : 1))
    throw refuse(invalidValue(name, 'must be a positive integer'));
  return Number(text);
}

/** @throws PracticeRefusal without a start_time, or with one of the last minute */
function startOf(request: PracticeRequest): number {
  const seconds = wholeNumber(request, 'start_time');
  if (seconds === null) throw refuse(invalidValue('start_time', 'is required'));
  if (seconds * 1000 > Date.now() - HIDDEN_MS)
    throw refuse(invalidValue('start_time', 'must be more than one minute ago'));
  return seconds * 1000;
}

type Rows = (from: number, to: number) => ZendeskRecord[];

function cursorExport(account: PracticeAccount, request: PracticeRequest, name: ExportName, rows: Rows): PracticeReply {
  const from = positionOf(request.query.get('cursor'), 'cursor') ?? account.firstSince(name, startOf(request));
  const end = account.firstSince(name, Date.now() - HIDDEN_MS);
  const to = Math.max(from, Math.min(from + Math.min(wholeNumber(request, 'per_page') ?? MAX_EXPORT, MAX_EXPORT), end));
  const isEnd = to >= end;
  return {
    json: {
      [name]: rows(from, to),
      after_cursor: cursorAt(to),
      after_url: `${request.origin}/api/v2/incremental/${name}/cursor.json?cursor=${cursorAt(to)}`,
      before_cursor: null,
      before_url: null,
      end_of_stream: isEnd,
    },
  };
}

function timeExport(account: PracticeAccount, request: PracticeRequest, rows: Rows): PracticeReply {
  const startMs = startOf(request);
  const from = account.firstSince('organizations', startMs);
  const end = account.firstSince('organizations', Date.now() - HIDDEN_MS);
  const to = Math.min(from + Math.min(wholeNumber(request, 'per_page') ?? MAX_EXPORT, MAX_EXPORT), end);
  const endTime = to > from ? account.generatedMs('organizations', to - 1) / 1000 : startMs / 1000;
  return {
    json: {
      organizations: rows(from, to),
      count: to - from,
      end_time: endTime,
      next_page: `${request.origin}/api/v2/incremental/organizations.json?start_time=${endTime}`,
      end_of_stream: to >= end,
    },
  };
}

const tokenId = (grantId: string): number => (grantId === 'sample' ? 1 : Number.parseInt(grantId.slice(0, 8), 16));

function currentToken(account: PracticeAccount, caller: Caller | null): PracticeReply {
  if (caller === null || caller.grant === null) throw refuse(NOT_AUTHENTICATED);
  return {
    json: {
      token: {
        id: tokenId(caller.grant.id),
        client_id: 41,
        user_id: account.staff(caller.email).id,
        scopes: caller.grant.scopes,
        refresh_token: null,
        created_at: '2026-01-01T00:00:00Z',
      },
    },
  };
}

/** https://developer.zendesk.com/api-reference/ticketing/oauth/oauth_tokens/#revoke-token */
function revoke(request: PracticeRequest, rules: CallerRules): PracticeReply {
  const caller = callerOf(request, rules);
  if (caller === null || caller.grant === null) throw refuse(INVALID_TOKEN);
  const id = (request.params.id ?? '').replace(/\.json$/, '');
  if (id !== String(tokenId(caller.grant.id))) throw refuse(NOT_FOUND);
  caller.grant.ended = 'revoked';
  // Writes the state file, too.
  rules.oauth.revokeToken((request.headers.authorization ?? '').replace(/^Bearer /i, ''));
  return { status: 204 };
}
