/** Calls about the vault. */
import { z } from 'zod';
import { passphraseSchema, vaultStatusSchema } from '../../vault.ts';
import { call } from './entry.ts';
import { nothing } from './parts.ts';

export const VAULT_CALLS = {
  'vault.status': call({ input: nothing, output: vaultStatusSchema, subject: 'none' }),
  'vault.setPassphrase': call({
    input: z.strictObject({ passphrase: passphraseSchema, current: z.string().max(1000).optional() }),
    output: vaultStatusSchema,
    subject: 'none',
  }),
  'vault.unlock': call({
    input: z.strictObject({ passphrase: z.string().max(1000).optional() }),
    output: vaultStatusSchema,
    subject: 'none',
  }),
  'vault.lock': call({ input: nothing, output: vaultStatusSchema, subject: 'none' }),
} as const;
