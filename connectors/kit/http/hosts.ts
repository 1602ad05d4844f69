/** Which hosts a connection may talk to, by name. The address behind the name is judged by the transport. */
import type { EndpointOverrides, FieldValue } from '../../../src/shared/connection/connection.ts';
import { ConnectorError } from '../contract.ts';
import type { Endpoints, Manifest } from '../manifest.ts';
import { classifyAddress } from './address.ts';
import type { WirePolicy } from './transport.ts';

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'https:': '443', 'http:': '80' };

/** True when the URL's host and port match an entry of {@link WirePolicy.allowedHosts}. */
export function isAllowedHost(url: URL, allowedHosts: readonly string[]): boolean {
  const hostname = url.hostname.toLowerCase().replace(/\.$/, '');
  const port = url.port === '' ? (DEFAULT_PORTS[url.protocol] ?? '') : url.port;
  // Plain http only where the admin typed it: then the entry has a port.
  const isDefaultPort = url.port === '' && url.protocol === 'https:';
  return allowedHosts.some((entry) => {
    if (entry.startsWith('.')) return isDefaultPort && hostname.length > entry.length && hostname.endsWith(entry);
    return entry === `${hostname}:${port}` || (isDefaultPort && entry === hostname);
  });
}

/**
 * The host rules of one connection: the manifest's list, hosts typed into the fields that the list names ("{domain}"),
 * and the exact host and port of each override.
 */
export function allowedHostsOf(
  endpoints: Endpoints,
  fields: Readonly<Record<string, FieldValue>>,
  overrides: Pick<EndpointOverrides, 'apiBaseUrl' | 'loginBaseUrl'>,
): string[] {
  const hosts: string[] = [];
  for (const entry of endpoints.allowedHosts) {
    const field = /^\{(.+)\}$/.exec(entry)?.[1];
    if (field === undefined) hosts.push(entry.toLowerCase());
    else hosts.push(...hostOf(String(fields[field] ?? '')));
  }
  for (const base of [overrides.apiBaseUrl, overrides.loginBaseUrl]) {
    if (base !== undefined && base !== '') hosts.push(hostWithPort(parseUrl(base)));
  }
  return hosts;
}

function hostOf(typed: string): string[] {
  const text = typed.trim();
  if (text === '') return [];
  return [hostWithPort(parseUrl(text.includes('://') ? text : `https://${text}`))];
}

function hostWithPort(url: URL): string {
  return `${url.hostname.toLowerCase().replace(/\.$/, '')}:${url.port === '' ? (DEFAULT_PORTS[url.protocol] ?? '') : url.port}`;
}

export function parseUrl(text: string): URL {
  try {
    return new URL(text);
  } catch (cause) {
    throw new ConnectorError('host_refused', `"${clip(text)}" is not a web address.`, { cause });
  }
}

/**
 * Refuses a URL before any name is resolved: scheme, user information, host list, address literals.
 * @throws ConnectorError host_refused
 */
export function checkUrl(url: URL, policy: WirePolicy): void {
  const host = url.host === '' ? url.protocol : url.host;
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refused(host, 'only https addresses are used');
  if (url.username !== '' || url.password !== '')
    throw refused(host, 'an address must not carry a user name or password');
  if (!isAllowedHost(url, policy.allowedHosts)) throw refused(host, 'this connection has no business with that host');
  const literal = addressLiteral(url.hostname);
  const kind = literal === null ? null : classifyAddress(literal);
  if (kind === 'never') throw refused(host, 'link-local, metadata and reserved addresses are never used');
  if (kind === 'private' && !policy.allowPrivate)
    throw refused(host, 'it is a private address, which this connection does not allow');
  if (url.protocol === 'http:' && (!policy.allowPrivate || kind === 'public'))
    throw refused(host, 'plain http is only used for private addresses that the connection allows');
}

/** The address, when the host name is one; the URL parser has made dotted decimal of every other IPv4 spelling. */
export function addressLiteral(hostname: string): string | null {
  if (hostname.startsWith('[')) return hostname.slice(1, -1);
  return /^\d{1,3}(?:\.\d{1,3}){3}$/.test(hostname) ? hostname : null;
}

export function refused(host: string, why: string): ConnectorError {
  return new ConnectorError('host_refused', `The address ${clip(host)} was refused: ${why}.`);
}

/**
 * Facts learnt from an answer (instance URLs and the like) before they are stored or used: each one that is an address
 * must be on the connection's host list.
 * @throws ConnectorError host_refused, with nothing to store
 */
export function checkLearned(
  manifest: Manifest,
  learned: Readonly<Record<string, string>>,
  fields: Readonly<Record<string, FieldValue>>,
  overrides: EndpointOverrides,
): Record<string, string> {
  const policy: WirePolicy = {
    allowPrivate: overrides.allowPrivateNetwork,
    allowedHosts: allowedHostsOf(manifest.endpoints, fields, overrides),
  };
  for (const value of Object.values(learned)) {
    if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(value)) checkUrl(parseUrl(value), policy);
  }
  return { ...learned };
}

function clip(text: string): string {
  const visible = text.replace(/[\p{Cc}\p{Cf}]/gu, '?');
  return visible.length > 100 ? `${visible.slice(0, 100)}…` : visible;
}
