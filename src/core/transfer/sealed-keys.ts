/**
 * The keys of exported connections, sealed by a passphrase of the file's own. Everything else in the file is authenticated with
 * them: a file whose hosts were changed does not open, so that no key goes where its connection never pointed.
 */
import { createHash } from 'node:crypto';
import sjson from 'secure-json-parse';
import { z } from 'zod';
import { AppError } from '../../shared/errors.ts';
import { decrypt, encrypt } from '../vault/envelope.ts';
import { deriveKey, newKdf } from '../vault/passphrase.ts';
import type { SealedKeys, TransferFile } from './file.ts';

/** Keys by place of the connection in the file, then by name. */
const keysSchema = z.record(z.string().regex(/^\d{1,5}$/), z.record(z.string().max(60), z.string().max(100_000)));
export type KeysByIndex = z.infer<typeof keysSchema>;

type Rest = Omit<TransferFile, 'keys'>;

/** The rest of the file in one fixed form: how it is indented or its members ordered makes no difference. */
function associated(rest: Rest): Buffer {
  const digest = createHash('sha256')
    .update(JSON.stringify(ordered(rest)))
    .digest('hex');
  return Buffer.from(JSON.stringify(['patchbay-connections-keys', rest.version, digest]), 'utf8');
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, ordered(member)]),
  );
}

export async function sealKeys(keys: KeysByIndex, rest: Rest, passphrase: string): Promise<SealedKeys> {
  const kdf = newKdf();
  const key = await deriveKey(passphrase, kdf);
  const sealed = encrypt(key, Buffer.from(JSON.stringify(keys), 'utf8'), associated(rest));
  return { kdf, sealed: sealed.toString('base64') };
}

/** @throws AppError wrong_passphrase also when the file was changed: the two cannot be told apart */
export async function openKeys({ keys, ...rest }: TransferFile, passphrase: string): Promise<KeysByIndex> {
  if (keys === null) return {};
  const key = await deriveKey(passphrase, keys.kdf);
  let text: string;
  try {
    text = decrypt(key, Buffer.from(keys.sealed, 'base64'), associated(rest)).toString('utf8');
  } catch (cause) {
    throw new AppError(
      'wrong_passphrase',
      'This passphrase does not open the keys of this file, or the file was changed after it was made. Nothing was changed.',
      { field: 'passphrase', cause },
    );
  }
  return keysSchema.parse(sjson.parse(text, undefined, { protoAction: 'error', constructorAction: 'error' }));
}
