/** The three things said to a token endpoint: exchange a code, refresh, revoke. No retry here: each sends one request. */
import {
  authorizationCodeGrantRequest,
  OperationProcessingError,
  processAuthorizationCodeResponse,
  processRefreshTokenResponse,
  processRevocationResponse,
  refreshTokenGrantRequest,
  revocationRequest,
  type TokenEndpointResponse,
  UnsupportedOperationError,
} from 'oauth4webapi';
import { ConnectorError, checkLearned, Secret } from '../../../connectors/authorization-kit.ts';
import type { OAuthClient } from './client.ts';
import { authorizationServer, clientAuthentication, clientMetadata, requestOptions } from './endpoint.ts';
import type { ExchangingFlow } from './flow.ts';
import { cleanWords } from './words.ts';

/** A token answer, checked. Its texts that open anything are {@link Secret}s. */
export interface TokenAnswer {
  readonly accessToken: Secret;
  /** Null: none was sent. After a refresh that means that the old one stays. */
  readonly refreshToken: Secret | null;
  /** Null: the server does not say. */
  readonly expiresInSeconds: number | null;
  /** What was granted; the asked-for ones where the answer names none (RFC 6749, 5.1). */
  readonly scopes: readonly string[];
  readonly missingScopes: readonly string[];
  /** Facts to keep, every address among them on the connection's host list. */
  readonly learned: Readonly<Record<string, string>>;
  /** A fact that was not kept, because its host is not on the list. */
  readonly refusedFact: ConnectorError | null;
}

/** @throws ConnectorError */
export async function exchangeCode(
  client: OAuthClient,
  flow: ExchangingFlow,
  signal?: AbortSignal,
): Promise<TokenAnswer> {
  return judged(client, async (server, metadata) => {
    const response = await authorizationCodeGrantRequest(
      server,
      metadata,
      clientAuthentication(client),
      flow.answer,
      flow.plan.redirectUri,
      flow.verifier.reveal(),
      tokenOptions(client, signal),
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
  return judged(client, async (server, metadata) => {
    const response = await refreshTokenGrantRequest(
      server,
      metadata,
      clientAuthentication(client),
      refreshToken.reveal(),
      tokenOptions(client, signal),
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
    const options = { ...requestOptions(client, url, { signal }), additionalParameters: { token_type_hint: hint } };
    await processRevocationResponse(
      await revocationRequest(server, clientMetadata(client), clientAuthentication(client), token.reveal(), options),
    );
  });
}

function tokenOptions(client: OAuthClient, signal: AbortSignal | undefined) {
  const { method, login } = client;
  const params = Object.entries(method.tokenParams ?? {});
  return {
    ...requestOptions(client, method.tokenUrl(login), {
      asJson: method.tokenBody === 'json',
      typedParams: method.tokenParams,
      signal,
    }),
    additionalParameters: Object.fromEntries(params.map(([name, value]) => [name, String(value)])),
  };
}

type Ask = (
  server: ReturnType<typeof authorizationServer>,
  metadata: ReturnType<typeof clientMetadata>,
) => Promise<TokenEndpointResponse>;

async function judged(client: OAuthClient, ask: Ask): Promise<TokenAnswer> {
  return readAnswer(client, await translated(client, () => ask(authorizationServer(client), clientMetadata(client))));
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

function readAnswer(client: OAuthClient, answer: TokenEndpointResponse): TokenAnswer {
  const refreshToken = answer.refresh_token === undefined ? null : new Secret(answer.refresh_token);
  const scopes = grantedScopes(client, answer.scope);
  return {
    accessToken: new Secret(answer.access_token),
    refreshToken,
    expiresInSeconds: answer.expires_in === undefined || answer.expires_in <= 0 ? null : answer.expires_in,
    scopes,
    missingScopes: missingScopes(client.method.scopes, scopes, refreshToken !== null),
    ...learn(client, answer),
  };
}

/** Granted scopes come back with spaces by the standard, with commas from some vendors that are asked with commas. */
function grantedScopes(client: OAuthClient, scope: string | undefined): string[] {
  if (scope === undefined) return [...client.method.scopes];
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

function learn(client: OAuthClient, answer: TokenEndpointResponse): Pick<TokenAnswer, 'learned' | 'refusedFact'> {
  if (client.method.learn === undefined) return { learned: {}, refusedFact: null };
  const visible = Object.fromEntries(Object.entries(answer).filter(([name]) => !SECRET_MEMBERS.has(name)));
  const { fields, overrides } = client.connection;
  try {
    return {
      learned: checkLearned(client.manifest, client.method.learn(visible), fields, overrides),
      refusedFact: null,
    };
  } catch (error) {
    if (error instanceof ConnectorError && error.failureClass === 'host_refused')
      return { learned: {}, refusedFact: error };
    throw error;
  }
}
