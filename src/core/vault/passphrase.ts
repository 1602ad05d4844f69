import { randomBytes, scrypt } from 'node:crypto';
import { z } from 'zod';
import { KEY_BYTES } from './envelope.ts';

/**
 * How a passphrase becomes a key. Read from disk, so bounded: a row that asks for more memory than that is refused, and one that
 * asks for less than the floor too, though it would only yield a wrong key.
 */
export const kdfSchema = z.strictObject({
  kind: z.literal('scrypt'),
  salt: z.string().regex(/^[0-9a-f]{64}$/),
  cost: z
    .number()
    .int()
    .min(2 ** 15)
    .max(2 ** 20)
    .refine((cost) => (cost & (cost - 1)) === 0),
  blockSize: z.number().int().min(8).max(16),
  parallel: z.number().int().min(1).max(4),
});
export type Kdf = z.infer<typeof kdfSchema>;

/** 128 MiB and about half a second on a desktop of today: OWASP's first choice of scrypt parameters. */
const COST = 2 ** 17;
const BLOCK_SIZE = 8;
const SALT_BYTES = 32;

export function newKdf(): Kdf {
  return {
    kind: 'scrypt',
    salt: randomBytes(SALT_BYTES).toString('hex'),
    cost: COST,
    blockSize: BLOCK_SIZE,
    parallel: 1,
  };
}

/** Derives the key off the main thread. The same words typed on another keyboard give the same key (NFKC). */
export function deriveKey(passphrase: string, kdf: Kdf): Promise<Buffer> {
  const { cost, blockSize, parallel, salt } = kdf;
  // Node's default limit is 32 MiB; scrypt needs 128 * cost * blockSize and a little.
  const maxmem = 128 * cost * blockSize + 32 * 1024 * 1024;
  return new Promise((resolve, reject) => {
    const options = { cost, blockSize, parallelization: parallel, maxmem };
    scrypt(passphrase.normalize('NFKC'), Buffer.from(salt, 'hex'), KEY_BYTES, options, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}
