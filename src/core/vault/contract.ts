import type { Secret } from '../../../connectors/kit/doors/authorization.ts';
import type { VaultStatus } from '../../shared/vault.ts';

/** The name of what is noted beside a client secret: the log-in hosts that it was entered for. */
export const CLIENT_SECRET_HOSTS = 'clientSecretHosts';

/** Whom secrets belong to: a connection, or the tenant's OAuth app of a connector. Removing the owner removes all its secrets. */
export interface SecretOwner {
  readonly kind: 'connection' | 'oauthApp';
  readonly id: string;
}

export interface SecretInfo {
  readonly name: string;
  readonly setAt: string;
  /** False when the ciphertext is there but cannot be opened now (another keyring, locked, damaged). */
  readonly isReadable: boolean;
}

/**
 * The only place secrets rest. Every method that needs the key throws AppError `vault_locked` while it is locked and
 * `vault_unavailable` while nothing protects it; `secret_unreadable` concerns one secret and never the others. An unreadable
 * ciphertext is kept untouched until its owner stores a new value or is removed.
 */
export interface Vault {
  status(): VaultStatus;
  /** Stores all values of one owner in one durable transaction (fsync before it answers); names not given stay as they are. */
  put(owner: SecretOwner, values: Readonly<Record<string, Secret>>): Promise<void>;
  /** @throws AppError not_found | secret_unreadable | vault_locked | vault_unavailable */
  get(owner: SecretOwner, name: string): Promise<Secret>;
  has(owner: SecretOwner, name: string): boolean;
  list(owner: SecretOwner): SecretInfo[];
  /** Removes named secrets, or all of the owner; nothing is left in free pages or the WAL. */
  remove(owner: SecretOwner, names?: readonly string[]): void;
  /** Sets or changes the passphrase; every readable secret is re-encrypted, resumable after a kill. */
  setPassphrase(passphrase: Secret, current: Secret | null): Promise<VaultStatus>;
  /** Passphrase vault: derives the key. Keyring vault: asks the keyring again. @throws AppError wrong_passphrase */
  unlock(passphrase: Secret | null): Promise<VaultStatus>;
  lock(): VaultStatus;
  /** @returns its own unsubscribe */
  onChanged(listener: (status: VaultStatus) => void): () => void;
}
