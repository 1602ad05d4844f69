/** Constructs what looks after credentials that come and go; compose.ts hands in what the rest of the app is made of. */
import { Notification, net, powerMonitor } from 'electron';
import type { Update } from '../../shared/activity/activity.ts';
import type { Connection } from '../../shared/connection/connection.ts';
import type { ConnectionStateKind, RemoteRevocation } from '../../shared/connection/state.ts';
import type { ConnectionId } from '../../shared/ids.ts';
import { CredentialWatch } from '../connections/credential-watch.ts';
import { BY_ITSELF } from '../connections/desk.ts';
import { remoteWords } from '../connections/remote-words.ts';
import type { ConnectionService } from '../connections/service.ts';
import { AsideRevocations } from '../oauth/asides.ts';
import { connectionOwner, type GrantStore } from '../oauth/grants.ts';
import { newId } from '../store/profile.ts';
import type { Store } from '../store/store.ts';
import type { VaultService } from '../vault/vault-service.ts';
import { Upkeep } from './upkeep.ts';

export interface LifecycleParts {
  readonly store: Store;
  readonly vault: VaultService;
  readonly grants: GrantStore;
  readonly connections: () => ConnectionService;
  readonly revokeRemotely: (connection: Connection) => Promise<RemoteRevocation>;
  readonly newUpdate: (
    input: Pick<Update, 'tenantId' | 'subject' | 'action' | 'changes'> & {
      connectionId?: ConnectionId;
      by?: string;
    },
  ) => Update;
  /** Somebody has followed a reminder that was shown outside of the window. */
  readonly onReminderChosen: (connection: Connection) => void;
  readonly onNetwork: () => void;
  readonly warn: (text: string, error: unknown) => void;
}

export interface Lifecycle {
  readonly asides: AsideRevocations;
  readonly upkeep: Upkeep;
  /** Call it once, when the window is shown. */
  start(): void;
}

export function composeLifecycle(parts: LifecycleParts): Lifecycle {
  const { store, vault, grants, connections, newUpdate, warn } = parts;
  const inState = (kind: ConnectionStateKind): Connection[] =>
    store.tenants.list().flatMap(({ id }) => store.connections.listInState(id, kind));
  const asides = new AsideRevocations({
    grants,
    settings: store.settings,
    removeSecrets: (id) => vault.remove(connectionOwner(id)),
    revokeRemotely: parts.revokeRemotely,
    onEnded: ({ id, tenantId, name }, remote) => {
      const changes = [{ field: 'At the provider', before: remoteWords('pending'), after: remoteWords(remote) }];
      const action = 'Revocation of the authorization before';
      const update = newUpdate({ tenantId, connectionId: id, subject: name, action, changes, by: BY_ITSELF });
      store.change(() => undefined, update);
    },
    newId,
  });
  const upkeep = new Upkeep({
    completeRevocations: () => connections().completeRevocations(),
    purgeTrash: () => connections().purgeTrash(),
    hasAsides: () => !asides.isEmpty,
    isOnline: () => net.isOnline(),
    onNetwork: parts.onNetwork,
    remind: (connection) => remind(connection, () => parts.onReminderChosen(connection)),
    now: Date.now,
    warn,
  });
  const watch = new CredentialWatch({
    connections: inState,
    secrets: (id) => vault.list(connectionOwner(id)),
    lost: (id, detail) => connections().lost(id, 'credential_missing', detail),
    found: (ids) => connections().credentialsFound(ids),
    warn,
  });
  return {
    asides,
    upkeep,
    start: () => {
      vault.onChanged((status) => void watch.follow(status));
      void watch.follow(vault.status());
      upkeep.start(inState('revoked'));
      powerMonitor.on('resume', () => upkeep.retry());
    },
  };
}

/** The window has a banner too; this is for when nobody looks at it. */
function remind({ name }: Connection, onClick: () => void): void {
  if (!Notification.isSupported()) return;
  const reminder = new Notification({
    title: 'Authorize it again?',
    body: `"${name}" was revoked until now. Re-authorize it when the reason is over.`,
  });
  reminder.on('click', onClick);
  reminder.show();
}
