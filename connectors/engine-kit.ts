/** What the job engine (src/main/worker) and the headless program use of the connectors: the catalogue and the kit's runtime. */
export { connectorById, connectors, hasConnector } from './catalog.ts';
export { NEW_ACCESS_MS } from './kit/auth.ts';
export {
  type Access,
  type AccessProvider,
  type Connector,
  type ConnectorContext,
  ConnectorError,
  type Destination,
  type JsonValue,
  type Page,
  type ReadRequest,
  type SourceRecord,
  type WriteResult,
} from './kit/contract.ts';
export { explain, toFailure } from './kit/errors.ts';
export { NoProgressError } from './kit/http/pages/index.ts';
export { createRateLimiter, type RateLimiter } from './kit/http/rate-limit.ts';
export { createThreadTransport } from './kit/http/thread-transport.ts';
export type { Transport, WireRequest, WireResponse } from './kit/http/transport.ts';
export { openConnection } from './kit/runtime.ts';
export { Secret } from './kit/secret.ts';
