import { z } from 'zod';

/**
 * What can be said of the credential store without opening it.
 * - `keyring`: the operating system's keyring protects it (its ciphertexts were looked at, not just its word taken)
 * - `passphrase`: a passphrase set by the user protects it
 * - `none`: no keyring is real here and no passphrase is set yet; secrets cannot be stored
 */
export const vaultStatusSchema = z.strictObject({
  protection: z.enum(['keyring', 'passphrase', 'none']),
  state: z.enum(['unlocked', 'locked', 'unset', 'waiting']),
  /** The backend as Electron names it, e.g. "gnome_libsecret", "basic_text", "keychain". */
  backend: z.string(),
  /** One sentence on what protects the secrets, or why nothing can. */
  explanation: z.string(),
  secrets: z.number().int(),
  /** Secrets whose ciphertext is there but cannot be opened now. */
  unreadable: z.number().int(),
});
export type VaultStatus = z.infer<typeof vaultStatusSchema>;

export const PASSPHRASE_MIN = 10;
export const passphraseSchema = z
  .string()
  .min(PASSPHRASE_MIN, `Use at least ${PASSPHRASE_MIN} characters.`)
  .max(1000, 'Use at most 1,000 characters.');

/** What is typed to give a forgotten passphrase up. */
export const FORGET_WORD = 'forget';
