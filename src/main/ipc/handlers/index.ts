import type { HandlerParts } from '../handler-parts.ts';
import type { Handlers } from '../router.ts';
import { activityHandlers } from './activity.ts';
import { appHandlers } from './app.ts';
import { connectionListHandlers } from './connection-list.ts';
import { connectionsHandlers } from './connections.ts';
import { connectorsHandlers } from './connectors.ts';
import { credentialsHandlers } from './credentials.ts';
import { dataHandlers } from './data.ts';
import { draftsHandlers } from './drafts.ts';
import { jobsHandlers } from './jobs.ts';
import { settingsHandlers } from './settings.ts';
import { tenantsHandlers } from './tenants.ts';
import { vaultHandlers } from './vault.ts';

/** Input -> service call, a file a subject, as the contract has them; nothing is decided here. */
export function handlers(parts: HandlerParts): Handlers {
  return {
    ...appHandlers(parts),
    ...tenantsHandlers(parts),
    ...vaultHandlers(parts),
    ...settingsHandlers(parts),
    ...connectorsHandlers(parts),
    ...connectionListHandlers(parts),
    ...connectionsHandlers(parts),
    ...credentialsHandlers(parts),
    ...draftsHandlers(parts),
    ...jobsHandlers(parts),
    ...activityHandlers(parts),
    ...dataHandlers(parts),
  };
}
