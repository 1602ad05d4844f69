/** What the engine (src/engine) and the program without a window use of the kit: its runtime. */
export { NEW_ACCESS_MS } from '../auth.ts';
export type { Connector } from '../connector.ts';
export {
  type Access,
  type AccessProvider,
  type ConnectorContext,
  ConnectorError,
  type Destination,
  type JsonValue,
  type Page,
  type ReadRequest,
  type SourceRecord,
  type WriteResult,
} from '../contract.ts';
export { toFailure } from '../errors.ts';
export { NoProgressError } from '../http/pages/index.ts';
export { createRateLimiter, type RateLimiter } from '../http/rate-limit.ts';
export { createThreadTransport } from '../http/thread-transport.ts';
export type { Transport, WireRequest, WireResponse } from '../http/transport.ts';
export { openConnection } from '../runtime.ts';
export { Secret } from '../secret.ts';
