import { randomBytes } from 'node:crypto';
import { AppError } from '../../shared/errors.ts';
import { isKeyOf, makeKeyCheck, type OpenKey } from './envelope.ts';
import type { KeyringKeys, KeyringState } from './keyring-keys.ts';
import { deriveKey, type Kdf, kdfSchema, newKdf } from './passphrase.ts';
import type { SecretRows, StoredKey, StoredSecret } from './secret-rows.ts';
import { locked, unavailable, unreadable, waiting } from './vault-errors.ts';
import type { VaultFacts } from './vault-status.ts';

export interface VaultKeysOptions {
  readonly rows: SecretRows;
  readonly keyringKeys: KeyringKeys;
  readonly application: string;
  readonly now: () => string;
  /** How long a call waits for a keyring that asks a person, milliseconds. */
  readonly patienceMs: number;
  readonly onChanged: () => void;
}

/** A passphrase key that seals nothing yet. */
export interface NewPassphraseKey {
  readonly open: OpenKey;
  readonly kdf: Kdf;
  readonly check: Buffer;
}

/** Which keys are open now, and which one seals. Knows nothing of single secrets. */
export class VaultKeys {
  readonly #options: VaultKeysOptions;
  #passphrase: OpenKey | null = null;
  #keyring: KeyringState | null = null;
  #looking: Promise<KeyringState> | null = null;
  #isSlow = false;
  #isLockedByUser = false;

  constructor(options: VaultKeysOptions) {
    this.#options = options;
  }

  get hasPassphrase(): boolean {
    return this.#activePassphrase() !== null;
  }

  get isPassphraseOpen(): boolean {
    return this.#passphrase !== null;
  }

  /** @throws AppError wrong_passphrase */
  async openPassphrase(passphrase: string | null): Promise<void> {
    const stored = this.#activePassphrase();
    if (stored === null) return;
    if (passphrase === null) throw new AppError('wrong_passphrase', 'Enter the current vault passphrase.');
    const key = await deriveKey(passphrase, kdfSchema.parse(stored.params));
    if (!isKeyOf(key, stored.keyId, stored.check))
      throw new AppError('wrong_passphrase', 'This is not the vault passphrase.');
    this.#passphrase = this.#toOpenKey(stored.keyId, key);
  }

  async derive(passphrase: string): Promise<NewPassphraseKey> {
    const kdf = newKdf();
    const key = await deriveKey(passphrase, kdf);
    const keyId = randomBytes(12).toString('hex');
    return { open: this.#toOpenKey(keyId, key), kdf, check: makeKeyCheck(key, keyId) };
  }

  /** Inside the transaction that seals the secrets with it. */
  store({ open, kdf, check }: NewPassphraseKey): void {
    this.#options.rows.addKey({ keyId: open.keyId, scheme: 'passphrase', params: kdf, check }, this.#options.now());
  }

  /** After that transaction. */
  use({ open }: NewPassphraseKey): void {
    this.#passphrase = open;
    this.#isLockedByUser = false;
  }

  lock(): void {
    // Not overwritten with zeros: a put that is under way would seal with them.
    this.#passphrase = null;
    this.#isLockedByUser = true;
  }

  unlockKeyring(): void {
    this.#isLockedByUser = false;
  }

  /** The next call asks the keyring anew. */
  forgetKeyring(): void {
    this.#keyring = null;
  }

  /** @throws AppError vault_locked | vault_unavailable */
  async toWrite(): Promise<OpenKey> {
    if (this.hasPassphrase) {
      if (this.#passphrase === null) throw locked();
      return this.#passphrase;
    }
    const { finding, open } = await this.lookPatiently();
    if (this.#isLockedByUser) throw locked();
    if (!finding.isReal) throw this.sealedByKeyring().n > 0 ? locked() : unavailable(finding.explanation);
    const newest = open.at(-1);
    if (newest !== undefined) return newest;
    const added = await this.#options.keyringKeys.add(finding, this.#options.now());
    this.#keyring = { finding, open: [...open, added] };
    return added;
  }

  /** @throws AppError vault_locked | secret_unreadable */
  async toRead({ keyId, name }: StoredSecret): Promise<OpenKey> {
    const stored = this.#options.rows.keys().find((key) => key.keyId === keyId);
    if (stored?.scheme === 'passphrase') {
      if (!stored.isActive) throw unreadable(name);
      if (this.#passphrase === null) throw locked();
      return this.#passphrase;
    }
    const { finding, open } = await this.lookPatiently();
    if (this.#isLockedByUser) throw locked();
    const key = open.find((one) => one.keyId === keyId);
    if (key !== undefined) return key;
    // Under a passphrase, a keyring that is away is no reason to wait for it.
    if (!finding.isReal && !this.hasPassphrase) throw locked();
    throw unreadable(name);
  }

  /** Starts to ask the keyring, or joins who asks already. The answer stays until `forgetKeyring`. */
  look(): Promise<KeyringState> {
    if (this.#keyring !== null) return Promise.resolve(this.#keyring);
    this.#looking ??= this.#options.keyringKeys
      .look()
      .then((state) => {
        this.#keyring = state;
        return state;
      })
      .finally(() => {
        this.#looking = null;
        this.#isSlow = false;
        this.#options.onChanged();
      });
    return this.#looking;
  }

  /** @throws AppError vault_locked when the keyring takes longer than a call may wait; it goes on being asked */
  async lookPatiently(): Promise<KeyringState> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        this.#isSlow = true;
        this.#options.onChanged();
        reject(waiting());
      }, this.#options.patienceMs);
    });
    try {
      return await Promise.race([this.look(), limit]);
    } finally {
      clearTimeout(timer);
    }
  }

  open(): OpenKey[] {
    const ofKeyring = this.#isLockedByUser ? [] : (this.#keyring?.open ?? []);
    return this.#passphrase === null ? [...ofKeyring] : [...ofKeyring, this.#passphrase];
  }

  /** How many secrets wait for a keyring, and for which. */
  sealedByKeyring(): { n: number; backend: string } {
    const counts = this.#options.rows.countByKey();
    const sealed = { n: 0, backend: '' };
    for (const { keyId, scheme, params } of this.#options.rows.keys()) {
      const n = counts.get(keyId) ?? 0;
      if (scheme !== 'keyring' || n === 0) continue;
      sealed.n += n;
      if (typeof params === 'object' && params !== null && 'backend' in params) sealed.backend = String(params.backend);
    }
    return sealed;
  }

  /** What the keys contribute to the status. `damaged`: secrets whose key is open but whose bytes are not what was sealed. */
  facts(damaged: number): VaultFacts {
    const open = new Set(this.open().map(({ keyId }) => keyId));
    let secrets = 0;
    let closed = 0;
    for (const [keyId, n] of this.#options.rows.countEntered()) {
      secrets += n;
      if (!open.has(keyId)) closed += n;
    }
    const sealed = this.sealedByKeyring();
    return {
      hasPassphrase: this.hasPassphrase,
      isPassphraseOpen: this.isPassphraseOpen,
      keyring: this.#keyring,
      isKeyringSlow: this.#isSlow,
      isLockedByUser: this.#isLockedByUser,
      secrets,
      unreadable: closed + damaged,
      sealedByKeyring: sealed.n,
      sealedBackend: sealed.backend,
    };
  }

  #activePassphrase(): StoredKey | null {
    return this.#options.rows.keys().find((key) => key.scheme === 'passphrase' && key.isActive) ?? null;
  }

  #toOpenKey(keyId: string, key: Buffer): OpenKey {
    const { application } = this.#options;
    return { keyId, scheme: 'passphrase', backend: 'passphrase', application, content: { kind: 'key', key } };
  }
}
