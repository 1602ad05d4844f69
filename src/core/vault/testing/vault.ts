/** A keyring for tests in plain Node: real ciphertexts of Chromium's Linux format, and faults as a machine has them. */
import { createCipheriv, createDecipheriv, pbkdf2Sync, randomBytes } from 'node:crypto';
import type { SafeStorageLike } from '../keyring.ts';

const IV = Buffer.alloc(16, ' ');
/** The password of "v10" in Chromium's source: everybody has it. */
export const PUBLIC_PASSWORD = 'peanuts';

function keyOf(password: string): Buffer {
  return pbkdf2Sync(password, 'saltysalt', 1, 16, 'sha1');
}

/** What Chromium on Linux does, with the password that a keyring would hold. */
export function chromiumDecrypt(sealed: Buffer, password: string): string {
  const decipher = createDecipheriv('aes-128-cbc', keyOf(password), IV);
  return Buffer.concat([decipher.update(sealed.subarray(3)), decipher.final()]).toString('utf8');
}

function chromiumEncrypt(text: string, prefix: string, password: string): Buffer {
  const cipher = createCipheriv('aes-128-cbc', keyOf(password), IV);
  return Buffer.concat([Buffer.from(prefix), cipher.update(text, 'utf8'), cipher.final()]);
}

/** `open`: works. `locked` and `absent`: no encryption. `public`: claims to be available, seals with the public key. */
export type KeyringMood = 'open' | 'locked' | 'absent' | 'public';

export class NodeKeyring implements SafeStorageLike {
  mood: KeyringMood = 'open';
  password: string;

  constructor(password = randomBytes(16).toString('base64')) {
    this.password = password;
  }

  isEncryptionAvailable(): boolean {
    return this.mood === 'open' || this.mood === 'public';
  }

  encryptString(text: string): Buffer {
    if (!this.isEncryptionAvailable()) throw new Error('The keyring cannot encrypt.');
    return this.mood === 'public'
      ? chromiumEncrypt(text, 'v10', PUBLIC_PASSWORD)
      : chromiumEncrypt(text, 'v11', this.password);
  }

  decryptString(sealed: Buffer): string {
    const prefix = sealed.toString('latin1', 0, 3);
    if (prefix === 'v10') return chromiumDecrypt(sealed, PUBLIC_PASSWORD);
    if (prefix !== 'v11' || this.mood !== 'open') throw new Error('The keyring cannot decrypt.');
    return chromiumDecrypt(sealed, this.password);
  }

  getSelectedStorageBackend(): string {
    return this.mood === 'open' || this.mood === 'locked' ? 'gnome_libsecret' : 'basic_text';
  }
}

/** A keyring of newer Electron versions that asks a person, who takes their time. */
export class SlowKeyring extends NodeKeyring {
  #answer: () => void = () => undefined;
  readonly #answered = new Promise<void>((resolve) => {
    this.#answer = resolve;
  });

  answer(): void {
    this.#answer();
  }

  async isAsyncEncryptionAvailable(): Promise<boolean> {
    await this.#answered;
    return this.isEncryptionAvailable();
  }

  async encryptStringAsync(text: string): Promise<Buffer> {
    await this.#answered;
    return this.encryptString(text);
  }

  async decryptStringAsync(sealed: Buffer): Promise<{ result: string }> {
    await this.#answered;
    return { result: this.decryptString(sealed) };
  }
}
