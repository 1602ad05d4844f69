/**
 * What the log-in code of main (src/main/oauth, src/main/connections/access.ts) uses of the kit. Apart from catalog.ts, which
 * loads every connector: none of this needs to know a single one.
 */
import { lazyTransport } from './kit/http/lazy-transport.ts';
import type { Transport } from './kit/http/transport.ts';

export { accessHeaders, NEW_ACCESS_MS } from './kit/auth.ts';
export {
  type Access,
  type AccessProvider,
  type Connector,
  ConnectorError,
  type HttpRequest,
  type UrlContext,
} from './kit/contract.ts';
export { judge } from './kit/errors.ts';
export { mayConnect } from './kit/http/address.ts';
export { allowedHostsOf, checkLearned, checkUrl, isAllowedHost } from './kit/http/hosts.ts';
export { parseRetryAfter } from './kit/http/retry.ts';
export type { Transport, WirePolicy, WireResponse } from './kit/http/transport.ts';
export { parseJson } from './kit/json.ts';
export type { AuthMethod, ErrorRule, KeyMethod, Manifest, OAuthCodeMethod } from './kit/manifest.ts';
export { formsOf } from './kit/mask.ts';
export { Secret } from './kit/secret.ts';

/** The way to the network of whoever has no network thread. Its code is loaded with the first request. */
export function createTransport(): Transport {
  return lazyTransport(async () => (await import('./kit/http/undici-transport.ts')).createUndiciTransport());
}
