import { randomBytes } from 'node:crypto';
import { connectorById } from '../../../connectors/catalog.ts';
import type { Connection } from '../../shared/connection/connection.ts';
import type { RemoteRevocation } from '../../shared/connection/state.ts';
import type { ConnectionId, TenantId } from '../../shared/ids.ts';
import { newId } from '../../store/profile.ts';
import { AccessService } from '../connections/access.ts';
import { BY_ITSELF } from '../connections/connection-records.ts';
import { remoteWords } from '../connections/remote-words.ts';
import type { Network } from '../network/open-network.ts';
import type { Platform } from '../platform.ts';
import type { Records } from '../records/open-records.ts';
import type { Secrets } from '../vault/open-secrets.ts';
import { AuthorizationService } from './authorize.ts';
import { DeferredRevocations } from './deferred-revocations.ts';
import { connectionOwner } from './grants.ts';
import { revokeRemotely } from './revocations.ts';

/** How connections get their access, and how an authorization begins and ends. */
export interface Access {
  /** Of what is stored: the current access, renewed when it has to be. */
  readonly service: AccessService;
  readonly authorization: AuthorizationService;
  readonly deferredRevocations: DeferredRevocations;
  /** Withdraws at the provider what the vault holds for this connection. */
  revokeRemotely(connection: Connection): Promise<RemoteRevocation>;
}

export interface AccessParts {
  readonly platform: Platform;
  readonly records: Records;
  readonly secrets: Secrets;
  readonly network: Network;
}

export function openAccess({ platform, records, secrets, network }: AccessParts): Access {
  const { store, log, mask, events } = records;
  const shared = {
    grants: secrets.grants,
    loadConnection: (id: ConnectionId): Connection | null => store.connections.get(id),
    loadOAuthApp: (tenantId: TenantId, connectorId: string, methodId: string) =>
      store.oauthApps.find(tenantId, connectorId, methodId),
    connectorById,
    transport: network.transport,
    ...platform.clock,
    log: (text: string, error?: unknown): void => (error === undefined ? log.info(text) : log.error(text, error)),
  };
  const service = new AccessService({
    ...shared,
    random: Math.random,
    wait: (ms) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
    onLost: (id, reason, detail) => events.emit('accessLost', { id, reason, detail: mask.mask(detail) }),
    onLearned: (id, learned) => {
      const connection = store.connections.get(id);
      if (connection === null) return;
      const saved = { ...connection, learned: { ...connection.learned, ...learned } };
      store.change(() => store.connections.save(saved), null);
    },
  });
  const authorization = new AuthorizationService({
    ...shared,
    randomBytes: (count) => randomBytes(count),
    openWindow: (options) =>
      platform.logIn.openWindow({ ...options, policy: { ...options.policy, ca: network.settings.ca() } }),
    openBrowser: (url) => platform.logIn.openBrowser(url),
  });
  const revoke = (connection: Connection): Promise<RemoteRevocation> => revokeRemotely(connection, shared);
  events.on('connectionsChanged', ({ removed }) => {
    for (const id of removed) service.forget(id);
  });
  return {
    service,
    authorization,
    deferredRevocations: deferredRevocations(records, secrets, revoke),
    revokeRemotely: revoke,
  };
}

function deferredRevocations(
  { store, newUpdate }: Records,
  { vault, grants }: Secrets,
  revoke: Access['revokeRemotely'],
) {
  return new DeferredRevocations({
    grants,
    settings: store.settings,
    removeSecrets: (id) => vault.remove(connectionOwner(id)),
    revokeRemotely: revoke,
    onEnded: ({ id, tenantId, name }, remote) => {
      const changes = [{ field: 'At the provider', before: remoteWords('pending'), after: remoteWords(remote) }];
      const action = 'Revocation of the authorization before';
      const update = newUpdate({ tenantId, connectionId: id, subject: name, action, changes, by: BY_ITSELF });
      store.change(() => undefined, update);
    },
    newId,
  });
}
