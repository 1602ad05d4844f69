import type { KeySealer } from './envelope.ts';
import type { KeyringReadiness } from './secret-service.ts';

/** What is used of Electron's safeStorage; the asynchronous calls exist on newer versions only. */
export interface SafeStorageLike {
  isEncryptionAvailable(): boolean;
  encryptString(text: string): Buffer;
  decryptString(sealed: Buffer): string;
  getSelectedStorageBackend?(): string;
  isAsyncEncryptionAvailable?(): Promise<boolean>;
  encryptStringAsync?(text: string): Promise<Buffer>;
  decryptStringAsync?(sealed: Buffer): Promise<{ result: string }>;
}

/** The one door to safeStorage: compose hands in Electron itself, tests a keyring of their own. */
export function safeStorageOf(electron: { readonly safeStorage: SafeStorageLike }): SafeStorageLike {
  return electron.safeStorage;
}

/** What the operating system's keyring turned out to be. */
export interface KeyringFinding {
  readonly isReal: boolean;
  readonly backend: string;
  /** One sentence for the Settings page. */
  readonly explanation: string;
}

const PREFIX_BYTES = 3;
/** On Linux: "v10" is a key that stands in Chromium's source code, "v11" the secret service or KWallet, "v12" the portal. */
const PUBLIC_KEY_PREFIX = 'v10';
const REAL_PREFIXES = ['v11', 'v12'];

const NAMES: Readonly<Record<string, string>> = {
  gnome_libsecret: 'the GNOME keyring',
  os_keyring: 'the operating system’s keyring',
  kwallet: 'KWallet',
  kwallet5: 'KWallet',
  kwallet6: 'KWallet',
  keychain: 'the macOS keychain',
  dpapi: 'your Windows account (DPAPI)',
};

/**
 * The operating system's keyring, believed by what it does and not by what it says: on Linux the first bytes of every ciphertext
 * are looked at. Its calls may wait for a person, so none is made before it is needed, the asynchronous ones are preferred, and the others
 * come only when the gate says that they answer at once.
 */
export class Keyring implements KeySealer {
  readonly #storage: SafeStorageLike;
  readonly #platform: NodeJS.Platform;
  readonly #gate: () => Promise<KeyringReadiness>;

  /** @param gate waits until calls of `storage` do not block; see secret-service.ts */
  constructor(
    storage: SafeStorageLike,
    platform: NodeJS.Platform,
    gate: () => Promise<KeyringReadiness> = () => Promise.resolve('ready'),
  ) {
    this.#storage = storage;
    this.#platform = platform;
    this.#gate = gate;
  }

  /** Asks the keyring for its key; takes until somebody has unlocked it, without blocking the process. */
  async probe(): Promise<KeyringFinding> {
    const readiness = await this.#gate();
    if (readiness !== 'ready') {
      const explanation = readiness === 'locked' ? 'The keyring is locked.' : this.#absence();
      return { isReal: false, backend: this.#backend(false), explanation };
    }
    if (!(await this.#isAvailable()))
      return { isReal: false, backend: this.#backend(false), explanation: this.#absence() };
    let backend = this.#backend(false);
    try {
      const sealed = await this.#encrypt('probe');
      if (this.#platform === 'linux' && !REAL_PREFIXES.includes(prefixOf(sealed))) return unprotected(backend);
      backend = this.#backend(true);
      if ((await this.#decrypt(sealed)) !== 'probe') return { isReal: false, backend, explanation: failing(backend) };
    } catch (error) {
      if (error instanceof Error) return { isReal: false, backend, explanation: failing(backend) };
      throw error;
    }
    return { isReal: true, backend, explanation: `Protected by ${NAMES[backend] ?? backend}.` };
  }

  /** @throws Error when the keyring fails or would protect the key with nothing */
  async sealKey(key: Buffer): Promise<Buffer> {
    const sealed = await this.#encrypt(key.toString('base64'));
    // Looked at every time: the asynchronous interface may fall back to the public key while it says that it is available.
    if (this.#platform === 'linux' && !REAL_PREFIXES.includes(prefixOf(sealed)))
      throw new Error('The keyring no longer protects what it seals.');
    return sealed;
  }

  /** @throws Error when another keyring sealed it, or this one is locked */
  async openKey(sealed: Buffer): Promise<Buffer> {
    return Buffer.from(await this.#decrypt(sealed), 'base64');
  }

  #isAvailable(): Promise<boolean> {
    const storage = this.#storage;
    if (storage.isAsyncEncryptionAvailable && storage.encryptStringAsync && storage.decryptStringAsync)
      return storage.isAsyncEncryptionAvailable();
    return Promise.resolve(storage.isEncryptionAvailable());
  }

  async #encrypt(text: string): Promise<Buffer> {
    const storage = this.#storage;
    return Buffer.from(
      storage.encryptStringAsync ? await storage.encryptStringAsync(text) : storage.encryptString(text),
    );
  }

  async #decrypt(sealed: Buffer): Promise<string> {
    const storage = this.#storage;
    return storage.decryptStringAsync
      ? (await storage.decryptStringAsync(sealed)).result
      : storage.decryptString(sealed);
  }

  /** As Electron names it. Versions before 27 do not say: there it is known only by what it seals. */
  #backend(isReal: boolean): string {
    if (this.#platform === 'darwin') return 'keychain';
    if (this.#platform === 'win32') return 'dpapi';
    return this.#storage.getSelectedStorageBackend?.() ?? (isReal ? 'os_keyring' : 'basic_text');
  }

  #absence(): string {
    return this.#platform === 'linux'
      ? 'No keyring answers on this machine (secret service or KWallet).'
      : 'The operating system’s keyring does not answer.';
  }
}

function prefixOf(sealed: Buffer): string {
  return sealed.toString('latin1', 0, PREFIX_BYTES);
}

function unprotected(backend: string): KeyringFinding {
  return {
    isReal: false,
    backend,
    explanation: `There is no real keyring: what "${backend}" seals (${PUBLIC_KEY_PREFIX}) can be opened by anybody.`,
  };
}

function failing(backend: string): string {
  return `The keyring (${NAMES[backend] ?? backend}) answers, but does not seal and open values.`;
}

/** Whether the calls of this Electron wait on a thread of their own. */
export function isAsync(storage: SafeStorageLike): boolean {
  return storage.isAsyncEncryptionAvailable !== undefined && storage.encryptStringAsync !== undefined;
}
