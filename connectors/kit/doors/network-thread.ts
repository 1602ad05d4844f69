/** What the network thread (src/engine/network-thread.ts) runs. Knows no connector: it only carries bytes. */
export { runNetworkThread } from '../http/network-thread-main.ts';
