/** What this folder uses of the connector kit, in one place. */
export { accessHeaders } from '../../../connectors/kit/auth.ts';
export {
  type Access,
  type AccessProvider,
  type Connector,
  ConnectorError,
  type HttpRequest,
  type UrlContext,
} from '../../../connectors/kit/contract.ts';
export { judge } from '../../../connectors/kit/errors.ts';
export { mayConnect } from '../../../connectors/kit/http/address.ts';
export { allowedHostsOf, checkLearned, checkUrl } from '../../../connectors/kit/http/hosts.ts';
export { parseRetryAfter } from '../../../connectors/kit/http/retry.ts';
export type { Transport, WirePolicy, WireResponse } from '../../../connectors/kit/http/transport.ts';
export { parseJson } from '../../../connectors/kit/json.ts';
export type { AuthMethod, KeyMethod, Manifest, OAuthCodeMethod } from '../../../connectors/kit/manifest.ts';
export { Secret } from '../../../connectors/kit/secret.ts';
