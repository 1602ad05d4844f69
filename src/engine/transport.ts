/** The network thread: started at once, so that it is ready when the first request comes, and again when it has died. */
import { ConnectorError, createThreadTransport, type Transport } from './connectors.ts';

/** @param file the built network thread */
export function networkThreadTransport(file: string): Transport {
  let current: Transport | null = createThreadTransport(file);
  const use = async <T>(work: (transport: Transport) => Promise<T>): Promise<T> => {
    current ??= createThreadTransport(file);
    const used = current;
    try {
      return await work(used);
    } catch (error) {
      // What was under way is lost with the thread; the next request gets a new one.
      const isDead = error instanceof ConnectorError && error.failureClass === 'worker_crashed';
      if (isDead && current === used) current = null;
      throw error;
    }
  };
  return {
    send: (wire, signal) => use((transport) => transport.send(wire, signal)),
    stream: (wire, signal) => use((transport) => transport.stream(wire, signal)),
    async close() {
      await current?.close();
    },
  };
}
