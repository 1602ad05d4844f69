import type { Secret } from '../../../connectors/catalog.ts';
import { AppError } from '../../shared/app-error.ts';
import type { ConnectionId } from '../../shared/ids.ts';
import { emptyQuarantine } from '../../store/quarantine.ts';
import { connectionOwner, GrantStore } from '../oauth/grants.ts';
import type { Platform } from '../platform.ts';
import type { Records } from '../records/open-records.ts';
import { isAsync, Keyring } from './keyring.ts';
import { keyringGate } from './secret-service.ts';
import { VaultService } from './vault-service.ts';

/** The secrets of connections, by name: keys and passwords that a person typed, and what a log-in has brought. */
export interface ConnectionSecrets {
  names(id: ConnectionId): { name: string; setAt: string; isReadable: boolean }[];
  put(id: ConnectionId, values: Readonly<Record<string, Secret>>): Promise<void>;
  get(id: ConnectionId, name: string): Promise<Secret>;
  /** @param names all of the connection's when absent */
  remove(id: ConnectionId, names?: readonly string[]): void;
  /** @throws AppError vault_locked | vault_unavailable when nothing could be stored now */
  assertUsable(): void;
}

export interface Secrets {
  readonly vault: VaultService;
  readonly grants: GrantStore;
  readonly ofConnections: ConnectionSecrets;
}

export function openSecrets(platform: Platform, { profile, store, mask, log, now, events }: Records): Secrets {
  const vault = new VaultService({
    db: store.vaultDb,
    keyring: new Keyring(
      platform.keyring,
      platform.operatingSystem,
      keyringGate(isAsync(platform.keyring), platform.passwordStore, process.env, platform.operatingSystem),
    ),
    mask,
    application: platform.application.name,
    now,
    log: (text) => log.info(text),
    onRemoved: () => void emptyQuarantine(profile.quarantine, 'vault'),
  });
  vault.onChanged((status) => {
    events.emit('vaultChanged', status);
    events.emit('stateChanged', undefined);
  });
  return { vault, grants: new GrantStore(vault), ofConnections: connectionSecrets(vault) };
}

function connectionSecrets(vault: VaultService): ConnectionSecrets {
  return {
    names: (id) => vault.list(connectionOwner(id)),
    put: (id, values) => vault.put(connectionOwner(id), values),
    get: (id, name) => vault.get(connectionOwner(id), name),
    remove: (id, names) => vault.remove(connectionOwner(id), names),
    assertUsable() {
      const { state } = vault.status();
      if (state === 'unset')
        throw new AppError(
          'vault_unavailable',
          'Nothing protects credentials on this machine yet. Set a passphrase first.',
        );
      if (state === 'locked') throw new AppError('vault_locked', 'The vault is locked. Unlock it first.');
    },
  };
}
