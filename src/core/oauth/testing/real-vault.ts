/** The real vault on a real vault.db, sealed by a keyring whose password is always the same: for a program that is killed. */
import fs from 'node:fs';
import path from 'node:path';
import { closeDatabase, openDatabase } from '../../../store/database.ts';
import { Keyring } from '../../vault/keyring.ts';
import { SecretMask } from '../../vault/masking.ts';
import { NodeKeyring } from '../../vault/testing/vault.ts';
import { VaultService } from '../../vault/vault-service.ts';

export interface RealVault {
  readonly vault: VaultService;
  integrity(): string;
  close(): void;
}

export const vaultFile = (folder: string): string => path.join(folder, 'vault.db');

/** Opens vault.db in `folder`, which is upgraded already. */
export function openRealVault(folder: string): RealVault {
  const db = openDatabase(vaultFile(folder), 'vault');
  const vault = new VaultService({
    db,
    keyring: new Keyring(new NodeKeyring('password in the keyring'), 'linux'),
    mask: new SecretMask(),
    application: 'Patchbay',
    now: () => new Date().toISOString(),
    log: (text, error) => fs.writeSync(2, `${text} ${String(error)}\n`),
  });
  return {
    vault,
    integrity: () => String(db.pragma('integrity_check', { simple: true })),
    close: () => closeDatabase(db),
  };
}
