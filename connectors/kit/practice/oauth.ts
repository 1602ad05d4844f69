/**
 * The authorization server of a practice system: authorization code with PKCE, a real log-in and consent page, rotation,
 * revocation. Follows RFC 6749, 7009, 7636 and 9700; a system's own words come from its options.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { PracticeCommand } from './contract.ts';
import { createGrantStore, type Grant, type IssuedTokens } from './grants.ts';
import { createLogInPages } from './log-in-pages.ts';
import type { OAuthPracticeOptions, OAuthRefusal, PracticeClient } from './oauth-options.ts';
import { createPeople, type People } from './people.ts';
import type { PracticeReply, PracticeRequest, PracticeRoute } from './routes.ts';

export type Authenticated = { readonly grant: Grant; readonly email: string } | { readonly refusal: OAuthRefusal };

export interface OAuthPractice {
  readonly routes: readonly PracticeRoute[];
  readonly people: People;
  /** Whose token a request carries: "Bearer ..." in the Authorization header, nowhere else. */
  authenticate(request: PracticeRequest): Authenticated;
  revokeToken(token: string): boolean;
  readonly grants: readonly Grant[];
  /** Handles the commands about users, grants and licence. @returns whether it knew the command */
  command(command: PracticeCommand): boolean;
}

interface Code {
  readonly email: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly challenge: string | null;
  readonly expiresAtMs: number;
  /** Set once it is used: a second use takes the grant with it (RFC 6749, section 4.1.2). */
  grant: Grant | null;
}

export function createOAuthPractice(options: OAuthPracticeOptions): OAuthPractice {
  const people = createPeople(options.users);
  const store = createGrantStore(options);
  const codes = new Map<string, Code>();
  const state = { isLicenceEnded: false, isSampleExpired: false };
  const withheldScopes = new Set<string>();
  const sampleGrant: Grant | null =
    options.sampleToken === undefined
      ? null
      : {
          id: 'sample',
          email: options.sampleToken.email,
          clientId: 'sample',
          scopes: options.defaultScopes,
          ended: null,
          refreshHash: null,
          spentHashes: [],
          accessTokens: [],
        };

  const userRefusal = (email: string): OAuthRefusal | null => {
    const person = people.find(email);
    if (state.isLicenceEnded) return 'licence_ended';
    if (person !== undefined && (person.isActive || options.tokensOutliveUsers === true)) return null;
    return 'inactive_user';
  };

  const refuse = (why: OAuthRefusal): PracticeReply => options.refuseToken?.(why) ?? defaultRefusal(why);

  const answerTokens = (tokens: IssuedTokens, request: PracticeRequest): PracticeReply => ({
    headers: { 'cache-control': 'no-store', pragma: 'no-cache' },
    json: {
      access_token: tokens.accessToken,
      token_type: 'Bearer',
      ...(tokens.expiresInSeconds === null ? {} : { expires_in: tokens.expiresInSeconds }),
      ...(tokens.refreshToken === null ? {} : { refresh_token: tokens.refreshToken }),
      scope: tokens.grant.scopes.join(' '),
      ...options.tokenAnswer?.(tokens, request),
    },
  });

  const exchange = (parameters: URLSearchParams, client: PracticeClient, request: PracticeRequest): PracticeReply => {
    const code = codes.get(parameters.get('code') ?? '');
    if (code === undefined || code.clientId !== client.clientId) return refuse('bad_code');
    if (code.grant !== null) {
      store.end(code.grant);
      return refuse('reused');
    }
    if (code.expiresAtMs <= Date.now()) return refuse('bad_code');
    if (parameters.get('redirect_uri') !== code.redirectUri) return refuse('bad_redirect');
    if (!isVerified(code.challenge, parameters.get('code_verifier'))) return refuse('bad_verifier');
    const why = userRefusal(code.email);
    if (why !== null) return refuse(why);
    const scopes = code.scopes.filter((scope) => !withheldScopes.has(scope));
    const tokens = store.create(code.email, client.clientId, scopes);
    code.grant = tokens.grant;
    return answerTokens(tokens, request);
  };

  const refresh = (parameters: URLSearchParams, client: PracticeClient, request: PracticeRequest): PracticeReply => {
    const token = parameters.get('refresh_token') ?? '';
    const owner = store.grants.find(
      (grant) => grant.clientId === client.clientId && grant.refreshHash === sha256(token),
    );
    const why = owner === undefined ? null : (userRefusal(owner.email) ?? owner.ended);
    if (why !== null) return refuse(why);
    const tokens = store.refresh(token);
    if (tokens === 'unknown') return refuse('unknown_token');
    if (tokens === 'reused' || tokens === 'revoked') return refuse(tokens);
    return answerTokens(tokens, request);
  };

  const token = (request: PracticeRequest): PracticeReply => {
    const parameters = parametersOf(request);
    const client = identifyClient(options.clients, parameters, request);
    if (client === null) return refuse('bad_client');
    const grantType = parameters.get('grant_type');
    if (grantType === 'authorization_code') return exchange(parameters, client, request);
    return grantType === 'refresh_token' ? refresh(parameters, client, request) : refuse('bad_request');
  };

  const logIn = createLogInPages({
    options,
    people,
    isLicenceEnded: () => state.isLicenceEnded,
    issueCode(code, issued) {
      codes.set(code, { ...issued, expiresAtMs: Date.now() + (options.codeLifeSeconds ?? 120) * 1000, grant: null });
    },
  });

  return {
    people,
    get grants() {
      return store.grants;
    },
    routes: [
      ...logIn,
      { method: 'POST', path: options.paths.token, isData: false, handle: token },
      ...(options.paths.revoke === undefined
        ? []
        : [
            {
              method: 'POST',
              path: options.paths.revoke,
              isData: false,
              handle: (request: PracticeRequest) => revokeReply(store.revoke, request),
            },
          ]),
    ],
    authenticate(request) {
      const bearer = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
      if (bearer === undefined) return { refusal: 'missing_token' };
      const isSample = options.sampleToken !== undefined && isEqual(bearer, options.sampleToken.token);
      const found =
        isSample && sampleGrant !== null
          ? { grant: sampleGrant, isExpired: state.isSampleExpired }
          : store.findByAccessToken(bearer);
      if (found === null) return { refusal: 'unknown_token' };
      const why = userRefusal(found.grant.email) ?? found.grant.ended;
      if (why !== null) return { refusal: why };
      return found.isExpired ? { refusal: 'expired_token' } : { grant: found.grant, email: found.grant.email };
    },
    revokeToken: store.revoke,
    command(command) {
      switch (command.kind) {
        case 'deactivateUser':
          people.deactivate(command.email);
          return true;
        case 'changePassword':
          people.changePassword(command.email);
          store.endAll('password_changed', command.email);
          if (sampleGrant?.email === command.email) sampleGrant.ended = 'password_changed';
          return true;
        case 'denyObject':
          people.deny(command.object, command.email);
          return true;
        case 'denyField':
          people.deny(`${command.object}.${command.field}`, command.email);
          return true;
        case 'revokeGrants':
          store.endAll('revoked');
          if (sampleGrant !== null) sampleGrant.ended = 'revoked';
          return true;
        case 'expireAccessTokens':
          store.expireAccessTokens();
          state.isSampleExpired = true;
          return true;
        case 'withholdScope':
          withheldScopes.add(command.scope);
          return true;
        case 'endLicence':
          state.isLicenceEnded = true;
          return true;
        case 'restore':
          people.restore();
          withheldScopes.clear();
          state.isLicenceEnded = false;
          state.isSampleExpired = false;
          if (sampleGrant !== null) sampleGrant.ended = null;
          return true;
        default:
          return false;
      }
    },
  };
}

/** A token endpoint takes forms; some systems also JSON. */
function parametersOf(request: PracticeRequest): URLSearchParams {
  if (!(request.headers['content-type'] ?? '').includes('json')) return request.form();
  const members = request.json();
  const parameters = new URLSearchParams();
  if (typeof members === 'object' && members !== null) {
    for (const [name, value] of Object.entries(members)) parameters.set(name, String(value));
  }
  return parameters;
}

function identifyClient(
  clients: readonly PracticeClient[],
  parameters: URLSearchParams,
  request: PracticeRequest,
): PracticeClient | null {
  const basic = /^Basic ([A-Za-z0-9+/=]+)$/.exec(request.headers.authorization ?? '')?.[1];
  let id = parameters.get('client_id');
  let secret = parameters.get('client_secret');
  if (basic !== undefined) {
    const [user = '', password = ''] = Buffer.from(basic, 'base64').toString('utf8').split(':');
    id = decodeURIComponent(user);
    secret = decodeURIComponent(password);
  }
  const client = clients.find((candidate) => candidate.clientId === id);
  if (client === undefined) return null;
  // A public client that sends a secret is as wrong as a confidential one that sends none.
  if (client.clientSecret === undefined) return secret === null || secret === '' ? client : null;
  return secret !== null && isEqual(secret, client.clientSecret) ? client : null;
}

function isVerified(challenge: string | null, verifier: string | null): boolean {
  if (challenge === null) return verifier === null || verifier === '';
  return verifier !== null && /^[A-Za-z0-9\-._~]{43,128}$/.test(verifier) && isEqual(sha256(verifier), challenge);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

function isEqual(one: string, other: string): boolean {
  const [first, second] = [Buffer.from(one), Buffer.from(other)];
  return first.byteLength === second.byteLength && timingSafeEqual(first, second);
}

/** RFC 7009: 200 also for a token nobody knows. */
function revokeReply(revoke: (token: string) => boolean, request: PracticeRequest): PracticeReply {
  revoke(parametersOf(request).get('token') ?? '');
  return { status: 200, text: '' };
}

function defaultRefusal(why: OAuthRefusal): PracticeReply {
  const headers = { 'cache-control': 'no-store' };
  if (why === 'bad_client')
    return {
      status: 401,
      headers,
      json: { error: 'invalid_client', error_description: 'client authentication failed' },
    };
  if (why === 'bad_request')
    return {
      status: 400,
      headers,
      json: { error: 'unsupported_grant_type', error_description: 'grant type not supported' },
    };
  return { status: 400, headers, json: { error: 'invalid_grant', error_description: why.replaceAll('_', ' ') } };
}
