/** The three things said to a token endpoint: exchange a code, refresh, revoke. No retry here: each sends one request. */
import {
  authorizationCodeGrantRequest,
  nopkce,
  OperationProcessingError,
  processAuthorizationCodeResponse,
  processRefreshTokenResponse,
  processRevocationResponse,
  refreshTokenGrantRequest,
  revocationRequest,
  type TokenEndpointResponse,
  UnsupportedOperationError,
} from 'oauth4webapi';
import { ConnectorError, checkLearned, Secret } from '../../../connectors/kit/doors/authorization.ts';
import { type OAuthClient, scopesOf } from './client.ts';
import {
  authorizationServer,
  clientAuthentication,
  clientMetadata,
  type EndpointOptions,
  requestOptions,
} from './endpoint.ts';
import type { ExchangingFlow } from './flow.ts';
import type { HeardAnswer } from './token-answer.ts';
import { cleanWords } from './words.ts';

/** A token answer, checked. Its texts that open anything are {@link Secret}s. */
export interface TokenAnswer {
  /** Null: none that can be used; `flaw` says why. */
  readonly accessToken: Secret | null;
  /** Null: none was sent. After a refresh that means that the old one stays. */
  readonly refreshToken: Secret | null;
  /** Null: the server does not say. */
  readonly expiresInSeconds: number | null;
  /** What was granted; the asked-for ones where the answer names none (RFC 6749, 5.1). */
  readonly scopes: readonly string[];
  readonly missingScopes: readonly string[];
  /** Facts to keep, every address among them on the connection's host list. */
  readonly learned: Readonly<Record<string, string>>;
  /**
   * Why what the answer brought must not be used: a fact names a host that is not on the list, the token is of a strange kind.
   * After a refresh, `refreshToken` is stored all the same: it may have replaced the one that was sent.
   */
  readonly flaw: ConnectorError | null;
  /** Members that made no sense and were left out, by name. */
  readonly ignored: readonly string[];
}

/** @throws ConnectorError */
export async function exchangeCode(
  client: OAuthClient,
  flow: ExchangingFlow,
  signal?: AbortSignal,
): Promise<TokenAnswer> {
  return judged(client, async (server, metadata, onHeard) => {
    const response = await authorizationCodeGrantRequest(
      server,
      metadata,
      clientAuthentication(client),
      flow.answer,
      flow.plan.redirectUri,
      client.method.pkce === 'refused' ? nopkce : flow.verifier.reveal(),
      tokenOptions(client, { what: 'exchange', onHeard, signal }),
    );
    return processAuthorizationCodeResponse(server, metadata, response);
  });
}

/** @throws ConnectorError; its class tells whether the grant is gone for good */
export async function refreshTokens(
  client: OAuthClient,
  refreshToken: Secret,
  signal?: AbortSignal,
): Promise<TokenAnswer> {
  return judged(client, async (server, metadata, onHeard) => {
    const response = await refreshTokenGrantRequest(
      server,
      metadata,
      clientAuthentication(client),
      refreshToken.reveal(),
      tokenOptions(client, { what: 'refresh', onHeard, signal }),
    );
    return processRefreshTokenResponse(server, metadata, response);
  });
}

/** RFC 7009. A 200 means that the token is dead, whether it was known or not. @throws ConnectorError */
export async function revokeToken(
  client: OAuthClient,
  token: Secret,
  hint: 'refresh_token' | 'access_token',
  signal?: AbortSignal,
): Promise<void> {
  if (client.method.revocation.kind !== 'rfc7009')
    throw new ConnectorError('internal', `${client.manifest.name} has no revocation endpoint.`);
  const url = client.method.revocation.url(client.login);
  await translated(client, async () => {
    const server = authorizationServer(client);
    const options = {
      ...requestOptions(client, url, { what: 'revoke', signal }),
      additionalParameters: { token_type_hint: hint },
    };
    await processRevocationResponse(
      await revocationRequest(server, clientMetadata(client), clientAuthentication(client), token.reveal(), options),
    );
  });
}

function tokenOptions(client: OAuthClient, options: Pick<EndpointOptions, 'what' | 'onHeard' | 'signal'>) {
  const { method, login } = client;
  const params = Object.entries(method.tokenParams ?? {});
  return {
    ...requestOptions(client, method.tokenUrl(login), {
      asJson: method.tokenBody === 'json',
      typedParams: method.tokenParams,
      ...options,
    }),
    additionalParameters: Object.fromEntries(params.map(([name, value]) => [name, String(value)])),
  };
}

type Ask = (
  server: ReturnType<typeof authorizationServer>,
  metadata: ReturnType<typeof clientMetadata>,
  onHeard: (heard: HeardAnswer) => void,
) => Promise<TokenEndpointResponse>;

async function judged(client: OAuthClient, ask: Ask): Promise<TokenAnswer> {
  const note: { heard?: HeardAnswer } = {};
  try {
    const answer = await translated(client, () =>
      ask(authorizationServer(client), clientMetadata(client), (heard) => {
        note.heard = heard;
      }),
    );
    if (note.heard?.flaw != null) throw note.heard.flaw;
    return readAnswer(client, answer, note.heard?.ignored ?? []);
  } catch (error) {
    const refreshToken = note.heard?.members.refresh_token;
    if (!(error instanceof ConnectorError) || note.heard === undefined || typeof refreshToken !== 'string') throw error;
    return onlyRefreshToken(client, new Secret(refreshToken), note.heard, error);
  }
}

/** The answer cannot be used, but the refresh token in it is not to be lost. */
function onlyRefreshToken(
  client: OAuthClient,
  refreshToken: Secret,
  { flaw, ignored }: HeardAnswer,
  error: ConnectorError,
): TokenAnswer {
  const scopes = scopesOf(client);
  return {
    accessToken: null,
    refreshToken,
    expiresInSeconds: null,
    scopes,
    missingScopes: [],
    learned: {},
    flaw: flaw ?? error,
    ignored,
  };
}

/** The library's refusals in the kit's words; they name members of the answer, never their values. */
async function translated<T>(client: OAuthClient, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof OperationProcessingError || error instanceof UnsupportedOperationError) {
      throw new ConnectorError(
        'invalid_response',
        `${client.manifest.name} sent a token answer that does not follow the protocol: ${cleanWords(error.message)}.`,
      );
    }
    throw error;
  }
}

const SECRET_MEMBERS: ReadonlySet<string> = new Set([
  'access_token',
  'refresh_token',
  'id_token',
  'token',
  'client_secret',
]);

function readAnswer(client: OAuthClient, answer: TokenEndpointResponse, ignored: readonly string[]): TokenAnswer {
  const refreshToken = answer.refresh_token === undefined ? null : new Secret(answer.refresh_token);
  const scopes = grantedScopes(client, answer.scope);
  const { learned, flaw } = learn(client, answer);
  return {
    accessToken: new Secret(answer.access_token),
    refreshToken,
    expiresInSeconds: answer.expires_in ?? null,
    scopes,
    missingScopes: missingScopes(scopesOf(client), scopes, refreshToken !== null),
    ignored,
    learned,
    flaw,
  };
}

/** Granted scopes come back with spaces by the standard, with commas from some vendors that are asked with commas. */
function grantedScopes(client: OAuthClient, scope: string | undefined): string[] {
  if (scope === undefined) return [...scopesOf(client)];
  return scope.split(/[\s,]+/).filter((name) => name !== '');
}

/** Scopes that only ask for a refresh token count as granted when there is one: servers rarely name them again. */
function missingScopes(asked: readonly string[], granted: readonly string[], hasRefreshToken: boolean): string[] {
  const have = new Set(granted.map((scope) => scope.toLowerCase()));
  return asked.filter((scope) => {
    if (have.has(scope.toLowerCase())) return false;
    return !(hasRefreshToken && (scope === 'offline_access' || scope === 'refresh_token'));
  });
}

/** Facts to keep; none and a flaw where they cannot be used. Never throws: the tokens beside them must not be lost. */
function learn(client: OAuthClient, answer: TokenEndpointResponse): Pick<TokenAnswer, 'learned' | 'flaw'> {
  const { manifest, method } = client;
  if (method.learn === undefined) return { learned: {}, flaw: null };
  const visible = Object.fromEntries(Object.entries(answer).filter(([name]) => !SECRET_MEMBERS.has(name)));
  const { fields, overrides } = client.connection;
  try {
    return { learned: checkLearned(manifest, method.learn(visible), fields, overrides), flaw: null };
  } catch (cause) {
    return { learned: {}, flaw: unusableFacts(manifest.name, cause) };
  }
}

function unusableFacts(name: string, cause: unknown): ConnectorError {
  if (!(cause instanceof ConnectorError))
    return new ConnectorError('internal', `What ${name} says of its addresses could not be read.`, { cause });
  const message = `${name} named an address for its data that this connection may not use. ${cause.message} The authorization was kept.`;
  return new ConnectorError(cause.failureClass, message, { cause });
}
