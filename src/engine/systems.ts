/** Opens connections for runs: the access comes from main, the rate limit is shared by all runs of a connection. */
import type { ConnectionId } from '../shared/ids.ts';
import type { RunAccess } from './access.ts';
import {
  type Connector,
  type ConnectorContext,
  ConnectorError,
  connectorById,
  createRateLimiter,
  hasConnector,
  openConnection,
  type RateLimiter,
  type Transport,
} from './connectors.ts';
import type { ConnectionFacts, RunSpec } from './messages.ts';

export interface OpenedSystem {
  readonly connector: Connector;
  readonly context: ConnectorContext;
  readonly limiter: RateLimiter;
  /** Whether a call waits for its access to be renewed. */
  readonly waitsForAccess: () => boolean;
}

export interface OpenOptions {
  readonly transport: Transport;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  readonly network: RunSpec['network'];
}

export class Systems {
  readonly #access: (id: ConnectionId) => RunAccess;
  readonly #now: () => number;
  readonly #limiters = new Map<string, RateLimiter>();

  constructor(access: (id: ConnectionId) => RunAccess, now: () => number) {
    this.#access = access;
    this.#now = now;
  }

  /** @throws ConnectorError internal when this version has no such connector */
  open(facts: ConnectionFacts, options: OpenOptions): OpenedSystem {
    if (!hasConnector(facts.connectorId))
      throw new ConnectorError('internal', `This version has no connector "${facts.connectorId}".`);
    const connector = connectorById(facts.connectorId);
    const limiter = this.#limiterOf(facts, connector);
    const { authMethodId, fields, overrides, learned } = facts;
    const access = this.#access(facts.connectionId);
    const context = openConnection({
      ...options,
      connector,
      authMethodId,
      fields,
      overrides,
      learned,
      access,
      now: this.#now,
      limiter,
    });
    return { connector, context, limiter, waitsForAccess: () => access.isWaiting?.() === true };
  }

  #limiterOf({ connectionId, overrides }: ConnectionFacts, connector: Connector): RateLimiter {
    const limit = withOwnLimit(connector.manifest.rateLimit, overrides.requestsPerMinute);
    const key = `${connectionId} ${JSON.stringify(limit.buckets)}`;
    let limiter = this.#limiters.get(key);
    if (limiter === undefined) {
      limiter = createRateLimiter(limit);
      this.#limiters.set(key, limiter);
    }
    return limiter;
  }
}

type RateLimit = Connector['manifest']['rateLimit'];

/** High limits are kept by the second: a window remembers each of its requests. */
function withOwnLimit(limit: RateLimit, perMinute: number | undefined): RateLimit {
  if (perMinute === undefined) return limit;
  const own =
    perMinute < 600 ? { requests: perMinute, perMs: 60_000 } : { requests: Math.floor(perMinute / 60), perMs: 1_000 };
  return { ...limit, buckets: { ...limit.buckets, default: { ...limit.buckets.default, ...own } } };
}
