/** The network thread as the app starts it, for tests. */
import { runNetworkThread } from '../http/network-thread-main.ts';

runNetworkThread();
