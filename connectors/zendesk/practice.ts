/**
 * Practice Zendesk Support: the account of Acme. Paths, paging, log-in and refusals after developer.zendesk.com
 * (api-reference/ticketing: incremental exports, users, oauth; api-reference/introduction: pagination, rate limits).
 */
import {
  createOAuthPractice,
  type OAuthRefusal,
  PRACTICE_USERS,
  type PracticeCommand,
  type PracticeDefinition,
  type PracticeOptions,
  type PracticeReply,
  type PracticeRequest,
  type PracticeRoute,
  type PracticeSamples,
  type RunningPractice,
  startPracticeServer,
} from '../kit/practice/index.ts';
import { BRANDS, GROUPS, PracticeAccount, type ZendeskRecord } from './practice/account.ts';
import {
  ACCOUNT_ENDED,
  INVALID_CLIENT,
  INVALID_GRANT,
  invalidRequest,
  NOT_FOUND,
  TOO_MANY,
} from './practice/answers.ts';
import { API_TOKEN } from './practice/caller.ts';
import { createRoutes } from './practice/routes.ts';

const CLIENT = { clientId: 'patchbay_practice', name: 'Patchbay (practice)' };
const SAMPLE_TOKEN = 'practice-zendesk-token-000000000000000000000001';
const DEFAULT_TICKETS = 400;
const LIFE_SECONDS = 3600;
const TOKEN_PATH = '/oauth/tokens';

export const practice: PracticeDefinition = { connectorId: 'zendesk', start };

async function start(options: PracticeOptions): Promise<RunningPractice> {
  const oauth = createOAuthPractice({
    systemName: 'Zendesk',
    loginLabel: 'Email',
    paths: { authorize: '/oauth/authorizations/new', token: TOKEN_PATH },
    clients: [CLIENT],
    users: Object.values(PRACTICE_USERS),
    scopes: {
      read: 'Read everything that this user may see',
      'tickets:read': 'Read tickets',
      'users:read': 'Read users',
      'organizations:read': 'Read organizations',
    },
    defaultScopes: ['read'],
    requiresPkce: true,
    codeLifeSeconds: 120,
    accessTokenLifeSeconds: options.accessTokenLifeSeconds ?? LIFE_SECONDS,
    refreshTokens: 'rotating',
    // A suspended user's token still answers users/me, which tells of the suspension.
    tokensOutliveUsers: true,
    stateFile: options.stateFile,
    sampleToken: { token: SAMPLE_TOKEN, email: PRACTICE_USERS.dana.email },
    tokenAnswer: (_tokens, request) => ({
      token_type: 'bearer',
      refresh_token_expires_in: asked(request).refresh_token_expires_in ?? 2_592_000,
    }),
    refuseToken,
  });
  const state = { isLicenceEnded: false, isApiTokenAlive: true };
  const account = new PracticeAccount(
    options.records ?? DEFAULT_TICKETS,
    Date.now(),
    (email) => oauth.people.find(email)?.isActive === false,
  );
  const server = await startPracticeServer({
    port: options.port,
    latencyMs: options.latencyMs,
    routes: [
      ...oauth.routes.map(withTokenRules),
      ...createRoutes(account, {
        oauth,
        isLicenceEnded: () => state.isLicenceEnded,
        isApiTokenAlive: () => state.isApiTokenAlive,
      }),
    ],
    notFound: () => NOT_FOUND,
    tooManyRequests: () => TOO_MANY,
  });

  const obey = (command: PracticeCommand): boolean => {
    if (command.kind === 'setRecords') account.setTickets(command.count);
    if (command.kind === 'endLicence') state.isLicenceEnded = true;
    if (command.kind === 'revokeGrants') state.isApiTokenAlive = false;
    if (command.kind === 'restore') Object.assign(state, { isLicenceEnded: false, isApiTokenAlive: true });
    // Both have a part in "restore", so both are asked.
    const knewGrants = oauth.command(command);
    return server.command(command) || knewGrants || command.kind === 'setRecords';
  };

  return {
    connectorId: 'zendesk',
    baseUrl: server.baseUrl,
    samples: samplesAt(server.baseUrl),
    requests: server.requests,
    command(command) {
      if (!obey(command)) throw new Error(`The practice Zendesk does not know the command ${command.kind}.`);
    },
    written: () => [],
    records: (object) => recordsOf(account, object),
    close: () => server.close(),
  };
}

function recordsOf(account: PracticeAccount, object: string): ZendeskRecord[] {
  if (object === 'brands') return BRANDS.map((brand) => ({ ...brand }));
  if (object === 'groups') return GROUPS.map((group) => ({ ...group }));
  if (object !== 'tickets' && object !== 'users' && object !== 'organizations')
    throw new Error(`The practice Zendesk has no object "${object}".`);
  return Array.from({ length: account.count(object) }, (_, index) => account.record(object, index));
}

/** https://developer.zendesk.com/api-reference/ticketing/oauth/grant_type_tokens/ : JSON only, and lives within bounds. */
function withTokenRules(route: PracticeRoute): PracticeRoute {
  if (route.path !== TOKEN_PATH) return route;
  return {
    ...route,
    handle(request) {
      if (!(request.headers['content-type'] ?? '').includes('application/json'))
        return invalidRequest('The request must be JSON.');
      const { expires_in: life, refresh_token_expires_in: refreshLife } = asked(request);
      if (life !== undefined && (life <= 300 || life >= 172_800)) return invalidRequest('expires_in is out of bounds.');
      if (refreshLife !== undefined && (refreshLife <= 604_800 || refreshLife >= 7_776_000))
        return invalidRequest('refresh_token_expires_in is out of bounds.');
      return route.handle(request);
    },
  };
}

function asked(request: PracticeRequest): { readonly expires_in?: number; readonly refresh_token_expires_in?: number } {
  const body = request.json();
  return typeof body === 'object' && body !== null ? body : {};
}

function refuseToken(why: OAuthRefusal): PracticeReply {
  if (why === 'licence_ended') return ACCOUNT_ENDED;
  if (why === 'bad_client') return INVALID_CLIENT;
  return why === 'bad_request' ? invalidRequest('The grant type is not supported.') : INVALID_GRANT;
}

function samplesAt(baseUrl: string): PracticeSamples {
  return {
    fields: { subdomain: 'acme-practice', email: PRACTICE_USERS.dana.email },
    secrets: { apiToken: API_TOKEN },
    authMethodId: 'oauth',
    oauthApp: { clientId: CLIENT.clientId },
    token: SAMPLE_TOKEN,
    users: Object.values(PRACTICE_USERS),
    apiBaseUrl: baseUrl,
    loginBaseUrl: baseUrl,
  };
}
