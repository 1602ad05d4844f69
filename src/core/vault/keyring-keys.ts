import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { isKeyOf, KEY_BYTES, makeKeyCheck, type OpenKey } from './envelope.ts';
import type { Keyring, KeyringFinding } from './keyring.ts';
import type { SecretRows, StoredKey } from './secret-rows.ts';

const paramsSchema = z.strictObject({
  backend: z.string().max(60),
  application: z.string().max(120),
  /** A random key sealed by the keyring, hex: opened again, it must open the key check. */
  sealedKey: z.string().regex(/^(?:[0-9a-f]{2})+$/),
});

export interface KeyringState {
  readonly finding: KeyringFinding;
  /** Keys in vault.db that this keyring can open now. */
  readonly open: readonly OpenKey[];
}

/**
 * A keyring has no name of its own, so vault.db gives each one it meets a key id and a value sealed by it. When another keyring
 * answers, that value does not open: the secrets of the first are unreadable until it is back, and never overwritten.
 */
export class KeyringKeys {
  readonly #keyring: Keyring;
  readonly #rows: SecretRows;
  readonly #application: string;

  constructor(keyring: Keyring, rows: SecretRows, application: string) {
    this.#keyring = keyring;
    this.#rows = rows;
    this.#application = application;
  }

  /** Asks the keyring; may take as long as a person needs to unlock it. */
  async look(): Promise<KeyringState> {
    const finding = await this.#keyring.probe();
    if (!finding.isReal) return { finding, open: [] };
    const open: OpenKey[] = [];
    for (const stored of this.#rows.keys()) {
      if (stored.scheme === 'keyring' && (await this.#opens(stored)))
        open.push(this.#toOpenKey(stored.keyId, finding.backend));
    }
    return { finding, open };
  }

  /** Gives a keyring that is new to this profile its key id. */
  async add(finding: KeyringFinding, now: string): Promise<OpenKey> {
    const keyId = randomBytes(12).toString('hex');
    const key = randomBytes(KEY_BYTES);
    const sealedKey = await this.#keyring.sealKey(key);
    const params = { backend: finding.backend, application: this.#application, sealedKey: sealedKey.toString('hex') };
    this.#rows.addKey({ keyId, scheme: 'keyring', params, check: makeKeyCheck(key, keyId) }, now);
    return this.#toOpenKey(keyId, finding.backend);
  }

  async #opens({ params, keyId, check }: StoredKey): Promise<boolean> {
    const parsed = paramsSchema.safeParse(params);
    if (!parsed.success) return false;
    try {
      const key = await this.#keyring.openKey(Buffer.from(parsed.data.sealedKey, 'hex'));
      return key.length === KEY_BYTES && isKeyOf(key, keyId, check);
    } catch (error) {
      // Another keyring, or this one locked: the answer is "no", and the row stays.
      if (error instanceof Error) return false;
      throw error;
    }
  }

  #toOpenKey(keyId: string, backend: string): OpenKey {
    return {
      keyId,
      scheme: 'keyring',
      backend,
      application: this.#application,
      content: { kind: 'sealer', sealer: this.#keyring },
    };
  }
}
