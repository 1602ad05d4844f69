/** The system's proxy for each origin: only main can ask the system, so the worker asks main and remembers. */
import { ConnectorError, type Transport, type WireRequest } from './connectors.ts';
import type { ProxyReply } from './messages.ts';

/** An answer is used this long before it is asked for anew, milliseconds. */
const LIFE_MS = 30_000;
const REPLY_TIMEOUT_MS = 15_000;

interface Known {
  readonly proxy: string | null;
  askedAt: number;
}

interface Waiting {
  readonly resolve: (proxy: string | null) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

export class ProxyBroker {
  readonly #ask: (request: { readonly requestId: number; readonly origin: string }) => void;
  readonly #now: () => number;
  readonly #known = new Map<string, Known>();
  readonly #asking = new Map<string, Promise<string | null>>();
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  constructor(ask: (request: { readonly requestId: number; readonly origin: string }) => void, now: () => number) {
    this.#ask = ask;
    this.#now = now;
  }

  /**
   * The same transport, each request with the proxy of its origin. Once an origin is known a request is passed on within the
   * call, which the reader counts on; an answer that has grown old is renewed meanwhile.
   */
  over(transport: Transport): Transport {
    const routed = <T>(wire: WireRequest, work: (routed: WireRequest) => Promise<T>): Promise<T> => {
      const origin = new URL(wire.url).origin;
      const known = this.#known.get(origin);
      if (known === undefined) return this.#request(origin).then((proxy) => work(withProxy(wire, proxy)));
      this.#renewWhenOld(origin, known);
      return work(withProxy(wire, known.proxy));
    };
    return {
      send: (wire, signal) => routed(wire, (ready) => transport.send(ready, signal)),
      stream: (wire, signal) => routed(wire, (ready) => transport.stream(ready, signal)),
      close: () => transport.close(),
    };
  }

  reply({ requestId, proxy, refusal }: ProxyReply): void {
    const waiting = this.#waiting.get(requestId);
    if (waiting === undefined) return;
    this.#waiting.delete(requestId);
    clearTimeout(waiting.timer);
    if (refusal === null) waiting.resolve(proxy);
    else waiting.reject(new ConnectorError('network', refusal));
  }

  #renewWhenOld(origin: string, known: Known): void {
    if (this.#now() - known.askedAt < LIFE_MS) return;
    known.askedAt = this.#now();
    // Until it is there, and when it fails, the answer before is used.
    this.#request(origin).catch(() => undefined);
  }

  /** One question per origin at a time. */
  #request(origin: string): Promise<string | null> {
    let asking = this.#asking.get(origin);
    if (asking === undefined) {
      asking = this.#send(origin).finally(() => this.#asking.delete(origin));
      this.#asking.set(origin, asking);
    }
    return asking;
  }

  async #send(origin: string): Promise<string | null> {
    this.#lastId += 1;
    const requestId = this.#lastId;
    const proxy = await new Promise<string | null>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(requestId);
        reject(new ConnectorError('timeout', 'The system did not say in time which proxy to use.'));
      }, REPLY_TIMEOUT_MS);
      timer.unref();
      this.#waiting.set(requestId, { resolve, reject, timer });
      this.#ask({ requestId, origin });
    });
    this.#known.set(origin, { proxy, askedAt: this.#now() });
    return proxy;
  }
}

function withProxy(wire: WireRequest, proxy: string | null): WireRequest {
  return proxy === null ? wire : { ...wire, policy: { ...wire.policy, proxy } };
}
