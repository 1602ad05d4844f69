/** What the network thread (src/main/worker/network-thread.ts) runs. Knows no connector: it only carries bytes. */
export { runNetworkThread } from './kit/http/network-thread-main.ts';
