/** What the app does with a connector: open a connection, describe it to the page, find its authorization method. */
import type { EndpointOverrides, FieldValue } from '../../src/shared/connection/connection.ts';
import type { AuthMethodDescriptor, ConnectorDescriptor } from '../../src/shared/connector.ts';
import type { Connector } from './connector.ts';
import type { Access, AccessProvider, ConnectorContext, UrlContext } from './contract.ts';
import { createHttpClient } from './http/client.ts';
import { allowedHostsOf } from './http/hosts.ts';
import { createRateLimiter, type RateLimiter } from './http/rate-limit.ts';
import type { Transport, WirePolicy } from './http/transport.ts';
import type { AuthMethod, Manifest, OAuthCodeMethod } from './manifest.ts';

export interface OpenConnection {
  readonly connector: Connector;
  readonly authMethodId: string;
  readonly fields: Readonly<Record<string, FieldValue>>;
  readonly overrides: EndpointOverrides;
  /** Facts stored with the connection; those of the current access stand before them. */
  readonly learned: Readonly<Record<string, string>>;
  readonly access: AccessProvider;
  readonly transport: Transport;
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly log: (line: string) => void;
  /** One per connection, shared by all its runs; absent = one of its own. */
  readonly limiter?: RateLimiter | undefined;
  /** Certificates trusted besides the public ones, and the proxy. */
  readonly network?: { readonly ca?: readonly string[] | undefined; readonly proxy?: string | undefined } | undefined;
}

/** Everything a connector needs for one run or one call. Opens no socket by itself. */
export function openConnection(options: OpenConnection): ConnectorContext {
  const { manifest } = options.connector;
  const { urls, onLearned } = urlContext(options);
  const http = createHttpClient({
    transport: options.transport,
    policy: connectionPolicy(manifest, options.fields, options.overrides, options.network),
    urls,
    apiBase: () => apiBase(manifest, urls),
    onLearned,
    apply: authMethod(manifest, options.authMethodId).apply,
    access: options.access,
    limiter: options.limiter ?? createRateLimiter(manifest.rateLimit),
    waitMs: manifest.rateLimit.waitMs,
    quota: manifest.rateLimit.quota,
    errors: manifest.errors,
    errorBody: manifest.errorBody,
    signal: options.signal,
    now: options.now,
    log: options.log,
  });
  return { http, access: options.access, urls, signal: options.signal, now: options.now, log: options.log };
}

/** What is learnt with a renewed access holds at once, also for a run that is under way. */
function urlContext(options: OpenConnection): { urls: UrlContext; onLearned: (news: Access['learned']) => void } {
  let { learned } = options;
  let last: Access['learned'] = learned;
  const urls = {
    fields: options.fields,
    get learned() {
      return learned;
    },
    apiBaseUrl: withoutSlash(options.overrides.apiBaseUrl),
    loginBaseUrl: withoutSlash(options.overrides.loginBaseUrl),
  };
  const onLearned = (news: Access['learned']): void => {
    if (news === last) return;
    last = news;
    learned = { ...learned, ...news };
  };
  return { urls, onLearned };
}

function withoutSlash(base: string | undefined): string | undefined {
  return base === undefined || base === '' ? undefined : base.replace(/(?<!\/)\/+$/, '');
}

/** Base of the system's API: the override, else what the manifest derives. */
export function apiBase(manifest: Manifest, urls: UrlContext): string {
  return urls.apiBaseUrl ?? manifest.endpoints.api(urls);
}

/** Base of the system's authorization server: the override, else what the manifest derives. */
export function loginBase(manifest: Manifest, urls: UrlContext): string {
  return urls.loginBaseUrl ?? (manifest.endpoints.login ?? manifest.endpoints.api)(urls);
}

/** Whom a connection may reach. */
export function connectionPolicy(
  manifest: Manifest,
  fields: Readonly<Record<string, FieldValue>>,
  overrides: EndpointOverrides,
  network: OpenConnection['network'] = {},
): WirePolicy {
  return {
    allowPrivate: overrides.allowPrivateNetwork,
    allowedHosts: allowedHostsOf(manifest.endpoints, fields, overrides),
    ...(network?.ca === undefined ? {} : { ca: network.ca }),
    ...(network?.proxy === undefined ? {} : { proxy: network.proxy }),
  };
}

/** @throws Error for an id that the manifest does not have */
export function authMethod(manifest: Manifest, id: string): AuthMethod {
  const method = manifest.auth.find((candidate) => candidate.id === id);
  if (method === undefined) throw new Error(`${manifest.id} has no authorization method "${id}".`);
  return method;
}

/** @throws Error when the method is not an interactive one */
export function oauthMethod(manifest: Manifest, id: string): OAuthCodeMethod {
  const method = authMethod(manifest, id);
  if (method.kind !== 'oauth-code') throw new Error(`${manifest.id}: "${id}" has no log-in step.`);
  return method;
}

/** Ports for the browser's way back, where the provider takes any. */
export const DEFAULT_REDIRECT_PORTS: readonly number[] = [42_813, 42_814, 42_815];

/**
 * The addresses an admin registers at the provider. Where any port is taken, the first of the defaults stands as example.
 * Providers compare the whole address, so this is the exact text that is also sent.
 */
export function redirectUris(method: OAuthCodeMethod, connectorId: string): string[] {
  const ports = method.redirect.ports.length > 0 ? method.redirect.ports : DEFAULT_REDIRECT_PORTS.slice(0, 1);
  return ports.map((port) => `http://${method.redirect.host}:${port}/oauth/callback/${connectorId}`);
}

/** What a renderer may know of a connector. */
export function describe(connector: Connector): ConnectorDescriptor {
  const { manifest } = connector;
  return {
    id: manifest.id,
    name: manifest.name,
    category: manifest.category,
    ...(manifest.product === undefined ? {} : { product: manifest.product }),
    summary: manifest.summary,
    monogram: manifest.monogram,
    ...(manifest.logo === undefined ? {} : { logoPath: manifest.logo.path }),
    docsUrl: manifest.docsUrl,
    fields: [...manifest.fields],
    authMethods: manifest.auth.map((method) => describeAuthMethod(method, manifest)),
    canBeDestination: connector.destination !== undefined,
    hasLoginHost: manifest.auth.some((method) => method.kind !== 'key'),
    ...(manifest.maxPerTenant === undefined ? {} : { maxPerTenant: manifest.maxPerTenant }),
  };
}

/** What to do at the system about a revocation it cannot be told of; absent where it can. */
function notRevoked({ kind, revocation }: AuthMethod, name: string): { notRevoked?: string } {
  if (revocation?.kind === 'none') return { notRevoked: revocation.reason };
  if (kind === 'key') return { notRevoked: `The key stays valid in ${name} until it is deleted there.` };
  return kind === 'token' ? { notRevoked: `The credentials stay valid in ${name} until they are deleted there.` } : {};
}

function describeAuthMethod(method: AuthMethod, { id: connectorId, name }: Manifest): AuthMethodDescriptor {
  const base = {
    id: method.id,
    label: method.label,
    fields: [...method.fields],
    ...notRevoked(method, name),
  };
  if (method.kind !== 'oauth-code') return { ...base, interactive: false, scopes: [], redirectUris: [] };
  return {
    ...base,
    interactive: true,
    defaultWay: method.defaultWay,
    wayReason: method.wayReason,
    clientSecret: method.clientSecret,
    appHelp: method.appHelp,
    scopes: [...method.scopes],
    redirectUris: redirectUris(method, connectorId),
  };
}
