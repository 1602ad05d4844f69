import { randomBytes } from 'node:crypto';
import { Secret } from '../../../connectors/kit/secret.ts';
import { AppError } from '../../shared/errors.ts';
import type { VaultStatus } from '../../shared/vault.ts';
import type { WritableDb } from '../store/database.ts';
import type { SecretInfo, SecretOwner, Vault } from './contract.ts';
import { isKeyOf, makeKeyCheck, type OpenKey, openEnvelope, type Place, seal } from './envelope.ts';
import type { Keyring } from './keyring.ts';
import { KeyringKeys, type KeyringState } from './keyring-keys.ts';
import type { SecretMask } from './masking.ts';
import { deriveKey, kdfSchema, newKdf } from './passphrase.ts';
import { SecretRows, type StoredKey, type StoredSecret } from './secret-rows.ts';
import { judge, type VaultFacts } from './vault-status.ts';

export interface VaultOptions {
  /** vault.db, opened and upgraded by the store. */
  readonly db: WritableDb;
  readonly keyring: Keyring;
  readonly mask: SecretMask;
  /** Written beside each secret: keyrings file keys by application. */
  readonly application: string;
  readonly now: () => string;
  readonly log: (text: string, error?: unknown) => void;
  /** How long a call waits for a keyring that asks a person, milliseconds. */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 10_000;
/** Secrets sealed before other work gets its turn. */
const CHUNK = 50;

const LOCKED = new AppError('vault_locked', 'The credential store is locked. Unlock it, then try again.');

function waiting(): AppError {
  return new AppError(
    'vault_locked',
    'The keyring has not answered yet. Answer its window if there is one, then try again.',
  );
}

function unavailable(explanation: string): AppError {
  return new AppError('vault_unavailable', `Nothing protects credentials on this machine yet. ${explanation}`);
}

function unreadable(name: string, cause?: unknown): AppError {
  return new AppError(
    'secret_unreadable',
    `The stored ${name} cannot be read on this machine. Restore or unlock the keyring this profile was made with, or enter it again.`,
    { details: { name }, cause },
  );
}

function keyOfPlace({ owner, name }: Place): string {
  return `${owner.kind}\n${owner.id}\n${name}`;
}

function pause(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The vault on vault.db: sealed by the operating system's keyring where it is real, else by the user's passphrase, else closed. */
export class VaultService implements Vault {
  readonly #options: VaultOptions;
  readonly #rows: SecretRows;
  readonly #keyringKeys: KeyringKeys;
  readonly #listeners = new Set<(status: VaultStatus) => void>();
  /** Secrets whose key is open but whose bytes are not what was sealed. */
  readonly #damaged = new Set<string>();
  #passphraseKey: OpenKey | null = null;
  #keyring: KeyringState | null = null;
  #looking: Promise<KeyringState> | null = null;
  #isSlow = false;
  #isLockedByUser = false;
  /** Writers take turns: a put must not fall between reading and re-sealing. */
  #turn: Promise<unknown> = Promise.resolve();
  #lastStatus = '';

  constructor(options: VaultOptions) {
    this.#options = options;
    this.#rows = new SecretRows(options.db);
    this.#keyringKeys = new KeyringKeys(options.keyring, this.#rows, options.application);
  }

  /**
   * Asks the keyring for the first time. Call it when the window is shown, not before: older Electron versions block the process
   * until the keyring has answered. Without it the first put or get asks.
   */
  start(): void {
    if (this.#activePassphrase() !== null && this.#sealedByKeyring().n === 0) return;
    void this.#look().catch((error: unknown) => this.#options.log('The keyring could not be asked', error));
  }

  status(): VaultStatus {
    return judge(this.#facts());
  }

  put(owner: SecretOwner, values: Readonly<Record<string, Secret>>): Promise<void> {
    return this.#inTurn(async () => {
      const key = await this.#keyToWrite();
      const stored: StoredSecret[] = [];
      for (const [name, secret] of Object.entries(values)) {
        const value = secret.reveal();
        this.#options.mask.register(value);
        stored.push(await this.#seal({ owner, name }, value, key, this.#options.now()));
      }
      const replaced = stored.some((one) => this.#rows.get(one) !== null);
      this.#rows.atomically(() => {
        for (const one of stored) this.#rows.put(one);
      });
      for (const one of stored) this.#damaged.delete(keyOfPlace(one));
      // What was replaced must not live on in the journal; a put that only adds leaves that to the idle checkpoint.
      if (replaced) this.#forgetOldPages();
      this.#notify();
    });
  }

  async get(owner: SecretOwner, name: string): Promise<Secret> {
    const place = { owner, name };
    const stored = this.#rows.get(place);
    if (stored === null) throw new AppError('not_found', `No ${name} is stored.`);
    const key = await this.#keyToRead(stored);
    try {
      const value = await openEnvelope(place, stored.envelope, key);
      this.#options.mask.register(value);
      return new Secret(value);
    } catch (error) {
      this.#damaged.add(keyOfPlace(place));
      this.#notify();
      throw unreadable(name, error);
    }
  }

  has(owner: SecretOwner, name: string): boolean {
    return this.#rows.get({ owner, name }) !== null;
  }

  list(owner: SecretOwner): SecretInfo[] {
    const open = this.#openKeyIds();
    return this.#rows.ofOwner(owner).map((stored) => ({
      name: stored.name,
      setAt: stored.setAt,
      isReadable: open.has(stored.keyId) && !this.#damaged.has(keyOfPlace(stored)),
    }));
  }

  remove(owner: SecretOwner, names?: readonly string[]): void {
    const removed = this.#rows.atomically(() => {
      if (names === undefined) return this.#rows.removeOwner(owner);
      return names.map((name) => this.#rows.remove({ owner, name })).some(Boolean);
    });
    if (!removed) return;
    this.#forgetOldPages();
    this.#notify();
  }

  async setPassphrase(passphrase: Secret, current: Secret | null): Promise<VaultStatus> {
    return this.#inTurn(async () => {
      if (this.#activePassphrase() !== null) await this.#openPassphrase(current);
      await this.#resealUnder(passphrase);
      return this.status();
    });
  }

  /**
   * For a passphrase that is forgotten: sets a new one. What the old one sealed stays unreadable until it is stored again.
   * @throws AppError not_allowed while the vault is open, when `setPassphrase` is the way
   */
  async replaceForgottenPassphrase(passphrase: Secret): Promise<VaultStatus> {
    return this.#inTurn(async () => {
      if (this.#passphraseKey !== null)
        throw new AppError('not_allowed', 'The vault is unlocked. Change the passphrase instead.');
      await this.#resealUnder(passphrase);
      return this.status();
    });
  }

  async unlock(passphrase: Secret | null): Promise<VaultStatus> {
    this.#isLockedByUser = false;
    if (this.#activePassphrase() !== null) {
      await this.#openPassphrase(passphrase);
      this.start();
    } else {
      this.#keyring = null;
      try {
        await this.#lookPatiently();
      } catch (error) {
        // Still waiting: the status says so, and `onChanged` tells when the keyring has answered.
        if (!(error instanceof AppError)) throw error;
      }
    }
    this.#damaged.clear();
    this.#notify();
    return this.status();
  }

  lock(): VaultStatus {
    const { content } = this.#passphraseKey ?? {};
    if (content?.kind === 'key') content.key.fill(0);
    this.#passphraseKey = null;
    this.#isLockedByUser = true;
    this.#notify();
    return this.status();
  }

  onChanged(listener: (status: VaultStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #activePassphrase(): StoredKey | null {
    return this.#rows.keys().find((key) => key.scheme === 'passphrase' && key.isActive) ?? null;
  }

  /** @throws AppError wrong_passphrase */
  async #openPassphrase(passphrase: Secret | null): Promise<void> {
    const stored = this.#activePassphrase();
    if (stored === null) return;
    if (passphrase === null) throw new AppError('wrong_passphrase', 'Enter the current vault passphrase.');
    const key = await deriveKey(passphrase.reveal(), kdfSchema.parse(stored.params));
    if (!isKeyOf(key, stored.keyId, stored.check))
      throw new AppError('wrong_passphrase', 'This is not the vault passphrase.');
    this.#passphraseKey = this.#passphraseOpenKey(stored.keyId, key);
  }

  #passphraseOpenKey(keyId: string, key: Buffer): OpenKey {
    return {
      keyId,
      scheme: 'passphrase',
      backend: 'passphrase',
      application: this.#options.application,
      content: { kind: 'key', key },
    };
  }

  /**
   * Seals everything that can be read with a new passphrase. The new key, the new ciphertexts, each read back and opened, and the
   * end of the old ones are one transaction: killed at any instant, all is readable with the old way or all with the new one.
   */
  async #resealUnder(passphrase: Secret): Promise<void> {
    const kdf = newKdf();
    const key = await deriveKey(passphrase.reveal(), kdf);
    const open = this.#passphraseOpenKey(randomBytes(12).toString('hex'), key);
    if (this.#sealedByKeyring().n > 0) await this.#lookPatiently();
    const before = await this.#openAll();
    const after: StoredSecret[] = [];
    for (const [count, { stored, value }] of before.entries()) {
      after.push(await this.#seal(stored, value, open, stored.setAt));
      if (count % CHUNK === CHUNK - 1) await pause();
    }
    this.#rows.atomically(() => {
      const check = makeKeyCheck(key, open.keyId);
      this.#rows.addKey({ keyId: open.keyId, scheme: 'passphrase', params: kdf, check }, this.#options.now());
      for (const one of after) this.#rows.put(one);
      for (const one of after) this.#assertStored(one);
      this.#rows.removeUnusedKeys();
    });
    this.#passphraseKey = open;
    this.#forgetOldPages();
    this.#notify();
  }

  /** What was read back must be what was sealed. Opening it again was done before the transaction. */
  #assertStored(one: StoredSecret): void {
    const found = this.#rows.get(one);
    if (
      found === null ||
      !found.envelope.sealed.equals(one.envelope.sealed) ||
      found.envelope.header !== one.envelope.header
    )
      throw new Error('A secret that was sealed again did not come back from the file.');
  }

  async #openAll(): Promise<{ stored: StoredSecret; value: string }[]> {
    const keys = new Map(this.#openKeys().map((key) => [key.keyId, key]));
    const opened: { stored: StoredSecret; value: string }[] = [];
    for (const stored of this.#rows.all()) {
      const key = keys.get(stored.keyId);
      if (key === undefined) continue;
      try {
        opened.push({ stored, value: await openEnvelope(stored, stored.envelope, key) });
      } catch (error) {
        // Kept as it is: it may be readable by another version or after a repair.
        this.#damaged.add(keyOfPlace(stored));
        this.#options.log(`A ${stored.name} cannot be opened and is kept as it is`, error);
      }
    }
    return opened;
  }

  async #seal(place: Place, value: string, key: OpenKey, setAt: string): Promise<StoredSecret> {
    const envelope = await seal(place, value, key);
    if ((await openEnvelope(place, envelope, key)) !== value)
      throw new Error('A secret could not be opened after it was sealed.');
    return { owner: place.owner, name: place.name, keyId: key.keyId, setAt, envelope };
  }

  /** @throws AppError vault_locked | vault_unavailable */
  async #keyToWrite(): Promise<OpenKey> {
    if (this.#activePassphrase() !== null) {
      if (this.#passphraseKey === null) throw LOCKED;
      return this.#passphraseKey;
    }
    const { finding, open } = await this.#lookPatiently();
    if (this.#isLockedByUser) throw LOCKED;
    if (!finding.isReal) throw this.#sealedByKeyring().n > 0 ? LOCKED : unavailable(finding.explanation);
    const newest = open.at(-1);
    if (newest !== undefined) return newest;
    const added = await this.#keyringKeys.add(finding, this.#options.now());
    this.#keyring = { finding, open: [...open, added] };
    return added;
  }

  /** @throws AppError vault_locked | secret_unreadable */
  async #keyToRead({ keyId, name, envelope }: StoredSecret): Promise<OpenKey> {
    const passphrase = this.#activePassphrase();
    if (passphrase?.keyId === keyId) {
      if (this.#passphraseKey === null) throw LOCKED;
      return this.#passphraseKey;
    }
    if (!envelope.header.includes('"scheme":"keyring"')) throw unreadable(name);
    const { finding, open } = await this.#lookPatiently();
    if (this.#isLockedByUser) throw LOCKED;
    const key = open.find((one) => one.keyId === keyId);
    if (key !== undefined) return key;
    // Under a passphrase a keyring that is away is no reason to wait for it.
    if (!finding.isReal && passphrase === null) throw LOCKED;
    throw unreadable(name);
  }

  /** Starts to ask the keyring, or joins who asks already. The answer is kept until `unlock` asks again. */
  #look(): Promise<KeyringState> {
    if (this.#keyring !== null) return Promise.resolve(this.#keyring);
    this.#looking ??= this.#keyringKeys
      .look()
      .then((state) => {
        this.#keyring = state;
        return state;
      })
      .finally(() => {
        this.#looking = null;
        this.#isSlow = false;
        this.#notify();
      });
    return this.#looking;
  }

  /** @throws AppError vault_locked when the keyring takes longer than a call may wait; it goes on being asked */
  async #lookPatiently(): Promise<KeyringState> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        this.#isSlow = true;
        this.#notify();
        reject(waiting());
      }, this.#options.patienceMs ?? PATIENCE_MS);
    });
    try {
      return await Promise.race([this.#look(), limit]);
    } finally {
      clearTimeout(timer);
    }
  }

  #openKeys(): OpenKey[] {
    const ofKeyring = this.#isLockedByUser ? [] : (this.#keyring?.open ?? []);
    return this.#passphraseKey === null ? [...ofKeyring] : [...ofKeyring, this.#passphraseKey];
  }

  #openKeyIds(): Set<string> {
    return new Set(this.#openKeys().map(({ keyId }) => keyId));
  }

  #sealedByKeyring(): { n: number; backend: string } {
    const counts = this.#rows.countByKey();
    let n = 0;
    let backend = '';
    for (const { keyId, scheme, params } of this.#rows.keys()) {
      const count = counts.get(keyId) ?? 0;
      if (scheme !== 'keyring' || count === 0) continue;
      n += count;
      backend = typeof params === 'object' && params !== null && 'backend' in params ? String(params.backend) : '';
    }
    return { n, backend };
  }

  #facts(): VaultFacts {
    const open = this.#openKeyIds();
    let secrets = 0;
    let closed = 0;
    for (const [keyId, n] of this.#rows.countByKey()) {
      secrets += n;
      if (!open.has(keyId)) closed += n;
    }
    const sealed = this.#sealedByKeyring();
    return {
      hasPassphrase: this.#activePassphrase() !== null,
      isPassphraseOpen: this.#passphraseKey !== null,
      keyring: this.#keyring,
      isKeyringSlow: this.#isSlow,
      isLockedByUser: this.#isLockedByUser,
      secrets,
      unreadable: closed + this.#damaged.size,
      sealedByKeyring: sealed.n,
      sealedBackend: sealed.backend,
    };
  }

  #forgetOldPages(): void {
    if (!this.#rows.forgetOldPages())
      this.#options.log('The journal of the credential store could not be emptied; it is tried again when idle');
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#turn.then(work, work);
    this.#turn = next.catch(() => undefined);
    return next;
  }

  #notify(): void {
    const status = this.status();
    const text = JSON.stringify(status);
    if (text === this.#lastStatus) return;
    this.#lastStatus = text;
    for (const listener of this.#listeners) listener(status);
  }
}
