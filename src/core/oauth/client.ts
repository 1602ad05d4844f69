/** Who talks to which authorization server, as plain data made from a connection and its connector's manifest. */

import {
  allowedHostsOf,
  type Manifest,
  type OAuthCodeMethod,
  type Secret,
  type Transport,
  type UrlContext,
  type WirePolicy,
} from '../../../connectors/kit/doors/authorization.ts';
import { AppError } from '../../shared/app-error.ts';
import type { Connection } from '../../shared/connection/connection.ts';

export interface OAuthClient {
  readonly manifest: Manifest;
  readonly method: OAuthCodeMethod;
  readonly connection: Connection;
  readonly urls: UrlContext;
  /** Base of the authorization server, without a trailing slash. */
  readonly login: string;
  readonly clientId: string;
  readonly clientSecret: Secret | null;
  readonly policy: WirePolicy;
  readonly transport: Transport;
}

export interface ClientParts {
  readonly connection: Connection;
  readonly manifest: Manifest;
  readonly method: OAuthCodeMethod;
  readonly clientId: string;
  readonly clientSecret: Secret | null;
  readonly transport: Transport;
}

/** @throws AppError invalid_input when the app's client secret is required and missing */
export function oauthClient({
  connection,
  manifest,
  method,
  clientId,
  clientSecret,
  transport,
}: ClientParts): OAuthClient {
  if (method.clientSecret === 'required' && clientSecret === null) {
    throw new AppError(
      'invalid_input',
      `${manifest.name} needs the client secret of your OAuth app. Enter it in Settings, OAuth apps.`,
      { field: 'clientSecret' },
    );
  }
  const urls = urlContext(connection);
  return {
    manifest,
    method,
    connection,
    urls,
    login: loginBase(manifest, urls),
    clientId,
    clientSecret: method.clientSecret === 'none' ? null : clientSecret,
    policy: policyOf(manifest, connection),
    transport,
  };
}

/** Whom the authorization of a connection may reach. */
export function policyOf(
  { endpoints }: Manifest,
  { fields, overrides }: Pick<Connection, 'fields' | 'overrides'>,
): WirePolicy {
  return { allowPrivate: overrides.allowPrivateNetwork, allowedHosts: allowedHostsOf(endpoints, fields, overrides) };
}

export function urlContext({
  fields,
  learned,
  overrides,
}: Pick<Connection, 'fields' | 'learned' | 'overrides'>): UrlContext {
  return { fields, learned, apiBaseUrl: overrides.apiBaseUrl, loginBaseUrl: overrides.loginBaseUrl };
}

/** An override of the Advanced section wins; a connector without a server of its own for log-ins uses its API's. */
export function loginBase({ endpoints }: Manifest, urls: UrlContext): string {
  const base = urls.loginBaseUrl ?? endpoints.login?.(urls) ?? urls.apiBaseUrl ?? endpoints.api(urls);
  return base.replace(/(?<!\/)\/+$/, '');
}

/** The scopes to ask for. */
export function scopesOf({ method, urls }: Pick<OAuthClient, 'method' | 'urls'>): readonly string[] {
  return method.scopesFor?.(urls) ?? method.scopes;
}

/** Whether an answer to a request of one client may be used for the other: the same app at the same server. */
export function isSameClient(a: OAuthClient, b: OAuthClient): boolean {
  return (
    a.clientId === b.clientId &&
    a.method.id === b.method.id &&
    a.method.tokenUrl(a.login) === b.method.tokenUrl(b.login)
  );
}
