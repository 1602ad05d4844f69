/** Entry of the thread that holds the sockets. */
import { runNetworkThread } from '../../connectors/kit/doors/network-thread.ts';

runNetworkThread();
