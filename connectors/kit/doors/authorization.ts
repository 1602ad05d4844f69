/**
 * What OAuth, the vault and the network settings (src/core) use of the kit. Apart from the catalogue, which loads every
 * connector: none of this needs a single one.
 */
import { lazyTransport } from '../http/lazy-transport.ts';
import type { Transport } from '../http/transport.ts';

export { accessHeaders, NEW_ACCESS_MS } from '../auth.ts';
export type { Connector } from '../connector.ts';
export { type Access, type AccessProvider, ConnectorError, type HttpRequest, type UrlContext } from '../contract.ts';
export { judge } from '../errors.ts';
export { mayConnect } from '../http/address.ts';
export { allowedHostsOf, checkLearned, checkUrl, isAllowedHost } from '../http/hosts.ts';
export { parseRetryAfter } from '../http/retry.ts';
export type { Transport, WirePolicy, WireResponse } from '../http/transport.ts';
export { looksLikeHtml, parseJson } from '../json.ts';
export type { AuthMethod, ErrorRule, KeyMethod, Manifest, OAuthCodeMethod, TokenMethod } from '../manifest.ts';
export { formsOf } from '../mask.ts';
export { Secret } from '../secret.ts';

/** The way to the network of whoever has no network thread. Its code is loaded with the first request. */
export function createTransport(): Transport {
  return lazyTransport(async () => (await import('../http/undici-transport.ts')).createUndiciTransport());
}
