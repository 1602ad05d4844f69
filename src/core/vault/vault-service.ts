import { Secret } from '../../../connectors/kit/doors/authorization.ts';
import { AppError } from '../../shared/errors.ts';
import type { VaultStatus } from '../../shared/vault.ts';
import type { WritableDb } from '../../store/database.ts';
import type { SecretInfo, SecretOwner, Vault } from './contract.ts';
import { type OpenKey, openEnvelope, type Place, seal } from './envelope.ts';
import type { Keyring } from './keyring.ts';
import { KeyringKeys } from './keyring-keys.ts';
import type { SecretMask } from './masking.ts';
import { SecretRows, type StoredSecret } from './secret-rows.ts';
import { unreadable } from './vault-errors.ts';
import { VaultKeys } from './vault-keys.ts';
import { judge } from './vault-status.ts';

export interface VaultOptions {
  /** vault.db, opened and upgraded by the store. */
  readonly db: WritableDb;
  readonly keyring: Keyring;
  readonly mask: SecretMask;
  /** Written beside each secret: keyrings file keys by application. */
  readonly application: string;
  readonly now: () => string;
  readonly log: (text: string, error?: unknown) => void;
  /** A secret was removed: copies of the file that were put aside because of damage must not keep it. */
  readonly onRemoved?: () => void;
  readonly patienceMs?: number;
}

const PATIENCE_MS = 10_000;
/** Secrets sealed before other work gets its turn. */
const CHUNK = 50;

function keyOfPlace({ owner, name }: Place): string {
  return `${owner.kind}\n${owner.id}\n${name}`;
}

function isSame(found: StoredSecret | null, expected: StoredSecret): boolean {
  const { header, sealed } = expected.envelope;
  return found !== null && found.envelope.header === header && found.envelope.sealed.equals(sealed);
}

/** The vault on vault.db: sealed by the operating system's keyring where it is real, else by the user's passphrase, else closed. */
export class VaultService implements Vault {
  readonly #options: VaultOptions;
  readonly #rows: SecretRows;
  readonly #keys: VaultKeys;
  readonly #listeners = new Set<(status: VaultStatus) => void>();
  /** Secrets whose key is open but whose bytes are not what was sealed. */
  readonly #damaged = new Set<string>();
  /** Writers take turns: a put must not fall between reading and re-sealing. */
  #turn: Promise<unknown> = Promise.resolve();
  #lastStatus = '';

  constructor(options: VaultOptions) {
    const { db, keyring, application, now, patienceMs = PATIENCE_MS } = options;
    this.#options = options;
    this.#rows = new SecretRows(db);
    const keyringKeys = new KeyringKeys(keyring, this.#rows, application);
    const onChanged = () => this.#notify();
    this.#keys = new VaultKeys({ rows: this.#rows, keyringKeys, application, now, patienceMs, onChanged });
  }

  /**
   * Asks the keyring for the first time. Call it when the window is shown, not before: older Electron versions block the process
   * until the keyring has answered. Without it the first put or get asks.
   */
  start(): void {
    if (this.#keys.hasPassphrase && this.#keys.sealedByKeyring().n === 0) return;
    void this.#keys.lookPatiently().catch((error: unknown) => {
      if (!(error instanceof AppError)) this.#options.log('The keyring could not be asked', error);
    });
  }

  status(): VaultStatus {
    return judge(this.#keys.facts(this.#damaged.size));
  }

  put(owner: SecretOwner, values: Readonly<Record<string, Secret>>): Promise<void> {
    return this.#inTurn(async () => {
      const key = await this.#keys.toWrite();
      const stored: StoredSecret[] = [];
      for (const [name, secret] of Object.entries(values)) {
        const value = secret.reveal();
        this.#options.mask.register(value);
        stored.push(await this.#seal({ owner, name }, value, key, this.#options.now()));
      }
      this.#putAll(stored);
      this.#notify();
    });
  }

  async get(owner: SecretOwner, name: string): Promise<Secret> {
    const place = { owner, name };
    const stored = this.#rows.get(place);
    if (stored === null) throw new AppError('not_found', `No ${name} is stored.`);
    const key = await this.#keys.toRead(stored);
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
    const open = new Set(this.#keys.open().map(({ keyId }) => keyId));
    return this.#rows.ofOwner(owner).map((stored) => ({
      name: stored.name,
      setAt: stored.setAt,
      isReadable: open.has(stored.keyId) && !this.#damaged.has(keyOfPlace(stored)),
    }));
  }

  remove(owner: SecretOwner, names?: readonly string[]): void {
    const gone = this.#rows.ofOwner(owner).filter(({ name }) => names === undefined || names.includes(name));
    if (gone.length === 0) return;
    this.#rows.atomically(() => {
      for (const one of gone) this.#rows.remove(one);
    });
    for (const one of gone) this.#damaged.delete(keyOfPlace(one));
    this.#forgetOldPages();
    this.#options.onRemoved?.();
    this.#notify();
  }

  setPassphrase(passphrase: Secret, current: Secret | null): Promise<VaultStatus> {
    return this.#inTurn(async () => {
      await this.#keys.openPassphrase(current?.reveal() ?? null);
      return this.#resealUnder(passphrase);
    });
  }

  /**
   * For a passphrase that is forgotten: sets a new one. What the old one sealed stays unreadable until it is stored again.
   * @throws AppError not_allowed while the vault is open, when `setPassphrase` is the way
   */
  replaceForgottenPassphrase(passphrase: Secret): Promise<VaultStatus> {
    return this.#inTurn(async () => {
      if (this.#keys.isPassphraseOpen)
        throw new AppError('not_allowed', 'The vault is unlocked. Change the passphrase instead.');
      return this.#resealUnder(passphrase);
    });
  }

  /** Whose secrets only the passphrase opens: what is lost with it when it is forgotten. */
  ownersUnderPassphrase(): SecretOwner[] {
    const sealedByIt = new Set(
      this.#rows
        .keys()
        .filter(({ scheme }) => scheme === 'passphrase')
        .map(({ keyId }) => keyId),
    );
    const owners = new Map<string, SecretOwner>();
    for (const { owner, keyId } of this.#rows.all())
      if (sealedByIt.has(keyId)) owners.set(`${owner.kind} ${owner.id}`, owner);
    return [...owners.values()];
  }

  async unlock(passphrase: Secret | null): Promise<VaultStatus> {
    if (this.#keys.hasPassphrase) await this.#keys.openPassphrase(passphrase?.reveal() ?? null);
    this.#keys.unlockKeyring();
    this.#keys.forgetKeyring();
    this.#damaged.clear();
    if (this.#keys.hasPassphrase) this.start();
    else await this.#askKeyring();
    this.#notify();
    return this.status();
  }

  lock(): VaultStatus {
    this.#keys.lock();
    this.#notify();
    return this.status();
  }

  onChanged(listener: (status: VaultStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** A keyring that is still waiting is no failure: the status says so, and `onChanged` tells when it has answered. */
  async #askKeyring(): Promise<void> {
    try {
      await this.#keys.lookPatiently();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
    }
  }

  #putAll(stored: readonly StoredSecret[]): void {
    const replaced = stored.some((one) => this.#rows.get(one) !== null);
    this.#rows.atomically(() => {
      for (const one of stored) this.#rows.put(one);
    });
    for (const one of stored) this.#damaged.delete(keyOfPlace(one));
    // What was replaced must not live on in the journal; a put that only adds leaves that to the idle checkpoint.
    if (replaced) this.#forgetOldPages();
  }

  /**
   * Seals everything that can be read with a new passphrase. The new key, the new ciphertexts, read back, and the end of the old
   * ones are one transaction: killed at any instant, all is readable in the old way or all in the new one, and nothing is left
   * half done that a later start would have to go on with.
   */
  async #resealUnder(passphrase: Secret): Promise<VaultStatus> {
    const key = await this.#keys.derive(passphrase.reveal());
    if (this.#keys.sealedByKeyring().n > 0) await this.#askKeyring();
    const sealed: { before: StoredSecret; after: StoredSecret }[] = [];
    for (const { stored, value } of await this.#openAll()) {
      sealed.push({ before: stored, after: await this.#seal(stored, value, key.open, stored.setAt) });
      if (sealed.length % CHUNK === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    this.#rows.atomically(() => {
      this.#keys.store(key);
      for (const { before, after } of sealed) this.#replace(before, after);
      this.#rows.removeUnusedKeys();
    });
    this.#keys.use(key);
    this.#forgetOldPages();
    this.#notify();
    return this.status();
  }

  /** What comes back from the file must be what was sealed; that it opens was seen when it was sealed. */
  #replace(before: StoredSecret, after: StoredSecret): void {
    // Removed while it was being sealed: it stays removed.
    if (!isSame(this.#rows.get(before), before)) return;
    this.#rows.put(after);
    if (!isSame(this.#rows.get(after), after))
      throw new Error('A secret that was sealed again did not come back from the file.');
  }

  async #openAll(): Promise<{ stored: StoredSecret; value: string }[]> {
    const keys = new Map(this.#keys.open().map((key) => [key.keyId, key]));
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
