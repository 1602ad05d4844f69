/**
 * A practice Salesforce: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/ for paths and bodies,
 * https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_flow_errors.htm for the token endpoint's words.
 */
import { randomBytes } from 'node:crypto';
import {
  createOAuthPractice,
  type OAuthPractice,
  type OAuthRefusal,
  PRACTICE_USERS,
  type PracticeCommand,
  type PracticeDefinition,
  PracticeRefusal,
  type PracticeReply,
  type PracticeRequest,
  type PracticeRoute,
  type PracticeSamples,
  startPracticeServer,
} from '../kit/practice/index.ts';
import { extraFields, ORG_ID, ORG_OBJECTS, type OrgField, type OrgObject, userIdOf } from './practice/org.ts';
import { findObject, QueryRefusal, type Result, run, type View } from './practice/query.ts';
import { MalformedQuery, parseSoql } from './practice/soql.ts';

const DEFAULT_RECORDS = 320;
const DAILY_REQUESTS = 115_000;
/** Of an address, and of an address with its headers. */
const ADDRESS_BYTES = 16_384;
const USERS = Object.values(PRACTICE_USERS);
const OAUTH_APP = { clientId: 'practice-salesforce-app', clientSecret: 'practice-salesforce-app-secret' };
const SAMPLE_TOKEN = '00DPB0000000001!practice-token-of-dana';

interface Org {
  accounts: number;
  extraFields: number;
  requestsToday: number;
  /** Queries with pages left, by locator. */
  readonly locators: Map<string, Result>;
}

function refuse(status: number, errorCode: string, message: string): PracticeRefusal {
  return new PracticeRefusal({ status, json: [{ message, errorCode }] });
}

/** https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_flow_errors.htm */
const TOKEN_REFUSALS: Readonly<Record<OAuthRefusal, readonly [error: string, description: string]>> = {
  missing_token: ['invalid_request', 'missing token'],
  unknown_token: ['invalid_grant', 'expired access/refresh token'],
  expired_token: ['invalid_grant', 'expired access/refresh token'],
  revoked: ['invalid_grant', 'expired access/refresh token'],
  reused: ['invalid_grant', 'expired access/refresh token'],
  inactive_user: ['invalid_grant', 'inactive user'],
  password_changed: ['invalid_grant', 'authentication failure'],
  licence_ended: ['inactive_org', 'organization is inactive'],
  bad_code: ['invalid_grant', 'expired authorization code'],
  bad_verifier: ['invalid_grant', 'invalid code verifier'],
  bad_redirect: ['redirect_uri_mismatch', 'redirect_uri must match configuration'],
  bad_client: ['invalid_client', 'invalid client credentials'],
  bad_request: ['unsupported_grant_type', 'grant type not supported'],
};

/** @throws PracticeRefusal as Salesforce answers a call without a valid session */
function authorize(oauth: OAuthPractice, org: Org, request: PracticeRequest): View & { readonly email: string } {
  const found = oauth.authenticate(request);
  if ('refusal' in found) {
    if (found.refusal === 'licence_ended')
      throw refuse(403, 'API_DISABLED_FOR_ORG', 'The REST API is not enabled for this Organization.');
    throw refuse(401, 'INVALID_SESSION_ID', 'Session expired or invalid');
  }
  if (!oauth.people.mayRead(found.email, '*'))
    throw refuse(403, 'API_CURRENTLY_DISABLED', 'API is disabled for this User');
  org.requestsToday += 1;
  return {
    email: found.email,
    accounts: org.accounts,
    extraFields: org.extraFields,
    mayRead: (what) => oauth.people.mayRead(found.email, what),
  };
}

function describeField(field: OrgField): Record<string, unknown> {
  return {
    name: field.name,
    label: field.label,
    type: field.type,
    nillable: field.nillable,
    filterable: field.type !== 'textarea',
    sortable: field.type !== 'textarea',
    calculated: false,
    custom: field.name.endsWith('__c'),
    length: field.type === 'id' || field.type === 'reference' ? 18 : 255,
    picklistValues: [],
    referenceTo: field.reference === undefined ? [] : [field.reference.object],
    relationshipName: field.reference?.relationship ?? null,
  };
}

function describeObject(object: OrgObject, version: string): Record<string, unknown> {
  const url = `/services/data/${version}/sobjects/${object.name}`;
  return {
    name: object.name,
    label: object.label,
    labelPlural: `${object.label}s`,
    keyPrefix: object.keyPrefix,
    queryable: true,
    replicateable: object.name !== 'Organization',
    deprecatedAndHidden: false,
    custom: false,
    urls: { sobject: url, describe: `${url}/describe`, rowTemplate: `${url}/{ID}` },
  };
}

function limitInfo(org: Org): Record<string, string> {
  return { 'sforce-limit-info': `api-usage=${org.requestsToday}/${DAILY_REQUESTS}` };
}

/** One page of a result, with a locator when there is more. */
function answerPage(
  org: Org,
  result: Result,
  from: number,
  size: number,
  locator: string | null,
  version: string,
): PracticeReply {
  const to = Math.min(from + size, result.size);
  const isLast = to >= result.size;
  let next = '';
  if (!isLast) {
    const id = locator ?? `01gPB${randomBytes(7).toString('hex')}`;
    org.locators.set(id, result);
    next = `"nextRecordsUrl":"/services/data/${version}/query/${id}-${to}",`;
  }
  return {
    headers: { ...limitInfo(org), 'content-type': 'application/json;charset=UTF-8' },
    body: `{"totalSize":${result.size},"done":${isLast},${next}"records":[${result.render(from, to)}]}`,
  };
}

/** 200 to 2000, else the default. */
function batchSize(request: PracticeRequest): number {
  const asked = Number(/batchSize=(\d{1,6})/i.exec(request.headers['sforce-query-options'] ?? '')?.[1] ?? 2000);
  return Math.min(2000, Math.max(200, asked));
}

function query(org: Org, view: View, request: PracticeRequest): PracticeReply {
  const version = request.params.version ?? '';
  try {
    return answerPage(
      org,
      run(parseSoql(request.query.get('q') ?? ''), view, version),
      0,
      batchSize(request),
      null,
      version,
    );
  } catch (error) {
    if (error instanceof QueryRefusal) throw refuse(400, error.errorCode, error.message);
    if (error instanceof MalformedQuery) throw refuse(400, 'MALFORMED_QUERY', error.message);
    throw error;
  }
}

function queryMore(org: Org, request: PracticeRequest): PracticeReply {
  const [, id = '', from = ''] = /^(\w+)-(\d+)$/.exec(request.params.locator ?? '') ?? [];
  const result = org.locators.get(id);
  if (result === undefined) throw refuse(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator');
  return answerPage(org, result, Number(from), batchSize(request), id, request.params.version ?? '');
}

function identityOf(email: string, origin: string): Record<string, unknown> {
  const userId = userIdOf(email);
  const name = USERS.find((user) => user.email === email)?.name ?? email;
  return {
    id: `${origin}/id/${ORG_ID}/${userId}`,
    sub: `${origin}/id/${ORG_ID}/${userId}`,
    user_id: userId,
    organization_id: ORG_ID,
    username: email,
    preferred_username: email,
    display_name: name,
    name,
    email,
    active: true,
  };
}

function dataRoutes(oauth: OAuthPractice, org: Org): PracticeRoute[] {
  /** https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm */
  const fitting = (request: PracticeRequest): void => {
    const address = request.path.length + 1 + request.query.toString().length;
    const headers = Object.entries(request.headers).reduce(
      (sum, [name, value]) => sum + name.length + String(value).length + 4,
      0,
    );
    if (address > ADDRESS_BYTES)
      throw new PracticeRefusal({ status: 414, body: '<h1>Bad Message 414</h1><pre>reason: URI Too Long</pre>' });
    if (address + headers > ADDRESS_BYTES)
      throw new PracticeRefusal({
        status: 431,
        body: '<h1>Bad Message 431</h1><pre>reason: Request Header Fields Too Large</pre>',
      });
  };
  const get = (
    path: string,
    answer: (view: View & { readonly email: string }, request: PracticeRequest) => PracticeReply,
  ): PracticeRoute => ({
    method: 'GET',
    path,
    handle: (request) => {
      fitting(request);
      return answer(authorize(oauth, org, request), request);
    },
  });
  const json = (body: unknown): PracticeReply => ({ headers: limitInfo(org), json: body });
  const readable = (view: View): OrgObject[] => ORG_OBJECTS.filter((object) => view.mayRead(object.name));
  const resources = (view: { readonly email: string }, request: PracticeRequest): PracticeReply => {
    const base = `/services/data/${request.params.version ?? ''}`;
    return json({
      sobjects: `${base}/sobjects`,
      query: `${base}/query`,
      limits: `${base}/limits`,
      identity: identityOf(view.email, request.origin).id,
    });
  };
  return [
    {
      method: 'GET',
      path: '/services/data',
      handle: () => ({
        json: ['60.0', '62.0', '66.0'].map((version) => ({
          label: `API ${version}`,
          url: `/services/data/v${version}`,
          version,
        })),
      }),
    },
    get('/services/data/:version', resources),
    get('/services/data/:version/', resources),
    get('/services/data/:version/limits', () =>
      json({ DailyApiRequests: { Max: DAILY_REQUESTS, Remaining: DAILY_REQUESTS - org.requestsToday } }),
    ),
    get('/services/data/:version/sobjects', (view, { params }) =>
      json({
        encoding: 'UTF-8',
        maxBatchSize: 200,
        sobjects: readable(view).map((object) => describeObject(object, params.version ?? '')),
      }),
    ),
    get('/services/data/:version/sobjects/:object/describe', (view, { params }) => {
      const object = readable(view).find(({ name }) => name === params.object);
      if (object === undefined) throw refuse(404, 'NOT_FOUND', 'The requested resource does not exist');
      return json({
        ...describeObject(object, params.version ?? ''),
        fields: [...object.fields, ...extraFields(view.extraFields, object)]
          .filter(({ name }) => view.mayRead(`${object.name}.${name}`))
          .map(describeField),
      });
    }),
    get('/services/data/:version/query', (view, request) => query(org, view, request)),
    get('/services/data/:version/query/:locator', (_view, request) => queryMore(org, request)),
    get('/services/oauth2/userinfo', (view, request) => json(identityOf(view.email, request.origin))),
    get('/id/:org/:user', (view, request) => json(identityOf(view.email, request.origin))),
  ];
}

function createOAuth(options: {
  accessTokenLifeSeconds?: number | undefined;
  stateFile?: string | undefined;
}): OAuthPractice {
  return createOAuthPractice({
    systemName: 'Salesforce',
    loginLabel: 'Username',
    paths: {
      authorize: '/services/oauth2/authorize',
      token: '/services/oauth2/token',
      revoke: '/services/oauth2/revoke',
    },
    clients: [
      { ...OAUTH_APP, name: 'Patchbay' },
      { clientId: 'practice-salesforce-public-app', name: 'Patchbay (public client)' },
    ],
    users: USERS,
    scopes: {
      api: 'Manage user data via APIs',
      refresh_token: 'Perform requests at any time',
      id: 'Access the identity URL service',
      openid: 'Access unique user identifiers',
      full: 'Full access',
      web: 'Manage user data via web browsers',
    },
    defaultScopes: ['api', 'refresh_token'],
    requiresPkce: true,
    accessTokenLifeSeconds: options.accessTokenLifeSeconds ?? null,
    refreshTokens: 'rotating',
    stateFile: options.stateFile,
    newToken: (kind) =>
      kind === 'access'
        ? `00DPB0000000001!${randomBytes(24).toString('base64url')}`
        : `5Aep861${randomBytes(24).toString('base64url')}`,
    sampleToken: { token: SAMPLE_TOKEN, email: PRACTICE_USERS.dana.email },
    // There is no expires_in: how long a session lives is a setting of the org.
    tokenAnswer: ({ grant }, request) => ({
      expires_in: undefined,
      instance_url: request.origin,
      id: `${request.origin}/id/${ORG_ID}/${userIdOf(grant.email)}`,
      issued_at: String(Date.now()),
      signature: 'practice',
    }),
    refuseToken: (why) => {
      const [error, error_description] = TOKEN_REFUSALS[why];
      return {
        status: why === 'bad_client' ? 401 : 400,
        headers: { 'cache-control': 'no-store' },
        json: { error, error_description },
      };
    },
  });
}

function samplesOf(baseUrl: string): PracticeSamples {
  return {
    fields: { orgType: 'production', apiVersion: '62.0' },
    secrets: {},
    authMethodId: 'oauth',
    oauthApp: OAUTH_APP,
    token: SAMPLE_TOKEN,
    users: USERS,
    apiBaseUrl: baseUrl,
    loginBaseUrl: baseUrl,
  };
}

/** Every record of an object with every field, as a query for all of them would give it. */
function allRecords(name: string, accounts: number): Record<string, unknown>[] {
  const view: View = { accounts, extraFields: 0, mayRead: () => true };
  if (!ORG_OBJECTS.some((object) => object.name === name)) return [];
  const object = findObject(name, view);
  const result = run(
    { fields: object.fields.map((field) => field.name), object: name, where: null, orderBy: [], limit: null },
    view,
    'v62.0',
  );
  const records = JSON.parse(`[${result.render(0, result.size)}]`) as Record<string, unknown>[];
  return records.map(({ attributes: _attributes, ...fields }) => fields);
}

export const practice: PracticeDefinition = {
  connectorId: 'salesforce',
  async start(options) {
    const org: Org = {
      accounts: options.records ?? DEFAULT_RECORDS,
      extraFields: 0,
      requestsToday: 0,
      locators: new Map(),
    };
    const oauth = createOAuth(options);
    const server = await startPracticeServer({
      port: options.port,
      latencyMs: options.latencyMs,
      routes: [...oauth.routes, ...dataRoutes(oauth, org)],
      notFound: () => ({
        status: 404,
        json: [{ message: 'The requested resource does not exist', errorCode: 'NOT_FOUND' }],
      }),
      tooManyRequests: () => ({
        status: 429,
        json: [{ message: 'Too many requests', errorCode: 'TOO_MANY_REQUESTS' }],
      }),
    });
    const obey = (command: PracticeCommand): void => {
      const isKnown = [server.command(command), oauth.command(command)].some(Boolean);
      if (command.kind === 'setRecords') org.accounts = command.count;
      else if (command.kind === 'addFields') org.extraFields = command.count;
      else if (command.kind === 'forgetCursors') org.locators.clear();
      else if (!isKnown) throw new Error(`The practice Salesforce does not know "${command.kind}".`);
    };
    return {
      connectorId: 'salesforce',
      baseUrl: server.baseUrl,
      samples: samplesOf(server.baseUrl),
      requests: server.requests,
      command: obey,
      written: () => [],
      records: (object) => allRecords(object, org.accounts),
      close: () => server.close(),
    };
  },
};
