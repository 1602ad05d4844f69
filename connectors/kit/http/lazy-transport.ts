import type { Transport } from './transport.ts';

/**
 * A transport whose code is loaded with the first request: an app that only shows what it has stored never pays for it.
 * @param load called once; when it fails, that request fails, and the next one tries again
 */
export function lazyTransport(load: () => Promise<Transport>): Transport {
  let loading: Promise<Transport> | null = null;
  const loaded = (): Promise<Transport> => {
    loading ??= load().catch((error: unknown) => {
      loading = null;
      throw error;
    });
    return loading;
  };
  return {
    send: async (wire, signal) => (await loaded()).send(wire, signal),
    stream: async (wire, signal) => (await loaded()).stream(wire, signal),
    async close() {
      if (loading !== null) await (await loading).close();
    },
  };
}
