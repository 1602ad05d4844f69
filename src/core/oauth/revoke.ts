/** Withdraws a grant at the provider, by the way its manifest names. What happens to the local copy is the caller's matter. */

import {
  type Access,
  accessHeaders,
  ConnectorError,
  type HttpRequest,
  parseJson,
  type WireResponse,
} from '../../../connectors/kit/doors/authorization.ts';
import { speaksOf } from '../../shared/failure/rules.ts';
import type { OAuthClient } from './client.ts';
import { TOKEN_TIMEOUT_MS } from './endpoint.ts';
import type { Grant } from './grants.ts';
import { isTransient } from './refusal.ts';
import { refreshTokens, revokeToken } from './tokens.ts';

export type Revocation =
  | { readonly kind: 'done' }
  /** The provider offers no way; `reason` is the manifest's sentence on what to do there. */
  | { readonly kind: 'none'; readonly reason: string }
  /** Not reached or not now: worth another try with the same grant. */
  | { readonly kind: 'pending'; readonly error: ConnectorError }
  /** The provider answered and will not. */
  | { readonly kind: 'failed'; readonly error: ConnectorError };

export async function revokeGrant(client: OAuthClient, grant: Grant, signal?: AbortSignal): Promise<Revocation> {
  const { revocation } = client.method;
  if (revocation.kind === 'none') return { kind: 'none', reason: revocation.reason };
  try {
    if (revocation.kind === 'rfc7009') {
      if (grant.refreshToken === null) await revokeToken(client, grant.accessToken, 'access_token', signal);
      else await revokeToken(client, grant.refreshToken, 'refresh_token', signal);
    } else {
      await revokeByRequest(client, grant, signal);
    }
    return { kind: 'done' };
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    return { kind: isTransient(error) || speaksOf(error.failureClass, 'route') ? 'pending' : 'failed', error };
  }
}

/** The vendor's own way needs a working access token: one that has expired is renewed once, just to be revoked. */
async function revokeByRequest(client: OAuthClient, grant: Grant, signal: AbortSignal | undefined): Promise<void> {
  if (await tryRequest(client, grant, signal)) return;
  if (grant.refreshToken === null) return;
  let renewed: Grant;
  try {
    const answer = await refreshTokens(client, grant.refreshToken, signal);
    if (answer.accessToken === null) throw answer.flaw;
    renewed = { accessToken: answer.accessToken, refreshToken: answer.refreshToken, expiresAtMs: null };
  } catch (error) {
    // Neither token is taken any more, which is what was wanted.
    if (error instanceof ConnectorError && error.failureClass.startsWith('reauthorize_')) return;
    throw error;
  }
  await tryRequest(client, renewed, signal);
}

/** @returns false when the access token itself was refused */
async function tryRequest(client: OAuthClient, grant: Grant, signal: AbortSignal | undefined): Promise<boolean> {
  const { revocation } = client.method;
  if (revocation.kind !== 'request') return true;
  let found: unknown;
  if (revocation.lookup !== undefined) {
    const answer = await send(client, grant, revocation.lookup(client.urls), signal);
    if (answer.status === 401) return false;
    if (isSuccess(answer)) found = parseJson(answer.body, client.manifest.name);
  }
  const answer = await send(client, grant, revocation.request(client.urls, found), signal);
  if (answer.status === 401) return false;
  if (isSuccess(answer) || answer.status === 404 || answer.status === 410) return true;
  const isPassing = answer.status >= 500 || answer.status === 429;
  throw new ConnectorError(
    isPassing ? 'server_error' : 'bad_request',
    `${client.manifest.name} answered HTTP ${answer.status} when the authorization was to be revoked.`,
    { status: answer.status },
  );
}

function isSuccess(answer: WireResponse): boolean {
  return answer.status >= 200 && answer.status < 300;
}

async function send(
  client: OAuthClient,
  grant: Grant,
  request: HttpRequest,
  signal: AbortSignal | undefined,
): Promise<WireResponse> {
  const { manifest, method, urls, policy, transport } = client;
  const access: Access = { credentials: { accessToken: grant.accessToken }, expiresAtMs: null, learned: urls.learned };
  const base = (urls.apiBaseUrl ?? manifest.endpoints.api(urls)).replace(/(?<!\/)\/+$/, '');
  const url = new URL(request.url.startsWith('/') ? `${base}${request.url}` : request.url);
  for (const [name, value] of Object.entries(request.query ?? {}))
    if (value !== undefined) url.searchParams.set(name, String(value));
  const { body, contentType } = bodyOf(request);
  return transport.send(
    {
      url: url.href,
      method: request.method ?? 'GET',
      headers: {
        accept: 'application/json',
        ...request.headers,
        ...contentType,
        ...accessHeaders(method.apply, access, urls),
      },
      body,
      timeoutMs: request.timeoutMs ?? TOKEN_TIMEOUT_MS,
      maxBodyBytes: 1_000_000,
      policy,
    },
    signal,
  );
}

function bodyOf(request: HttpRequest): { body: Uint8Array | undefined; contentType: Record<string, string> } {
  if (request.json !== undefined)
    return { body: Buffer.from(JSON.stringify(request.json)), contentType: { 'content-type': 'application/json' } };
  if (request.form !== undefined)
    return {
      body: Buffer.from(new URLSearchParams(request.form).toString()),
      contentType: { 'content-type': 'application/x-www-form-urlencoded' },
    };
  return { body: request.body, contentType: {} };
}
