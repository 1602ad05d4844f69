/** Entry of the thread that holds the sockets. */
import { runNetworkThread } from '../../../connectors/network-thread-kit.ts';

runNetworkThread();
