/** A real profile for tests of Settings: the files of the store, and the vault with a keyring made of Node. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoreNotice } from '../../../store/open-rules.ts';
import { openProfile, type ProfilePaths } from '../../../store/profile.ts';
import { Store } from '../../../store/store.ts';
import { Keyring } from '../../vault/keyring.ts';
import { SecretMask } from '../../vault/masking.ts';
import { NodeKeyring } from '../../vault/testing/vault.ts';
import { VaultService } from '../../vault/vault-service.ts';

export interface TestProfile {
  readonly profile: ProfilePaths;
  readonly store: Store;
  readonly vault: VaultService;
  readonly keyring: NodeKeyring;
  readonly notices: readonly StoreNotice[];
  /** Closes the files and opens them again, as the next start would. */
  reopen(): Promise<TestProfile>;
  close(): Promise<void>;
}

async function openAt(folder: string, keyring: NodeKeyring): Promise<TestProfile> {
  const profile = openProfile(join(folder, 'profile'));
  const notices: StoreNotice[] = [];
  const store = await Store.open({
    profile,
    version: '1',
    onNotice: (notice) => notices.push(notice),
    log: () => undefined,
  });
  const vault = new VaultService({
    db: store.vaultDb,
    keyring: new Keyring(keyring, 'linux'),
    mask: new SecretMask(),
    application: 'Patchbay',
    now: () => new Date().toISOString(),
    log: () => undefined,
  });
  return {
    profile,
    store,
    vault,
    keyring,
    notices,
    reopen: async () => {
      await store.close();
      return openAt(folder, keyring);
    },
    close: async () => {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function openTestProfile(keyring = new NodeKeyring()): Promise<TestProfile> {
  return openAt(mkdtempSync(join(tmpdir(), 'pb-settings-')), keyring);
}
