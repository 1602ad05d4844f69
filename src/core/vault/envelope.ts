/**
 * How a secret is sealed. The value is encrypted by AES-256-GCM with a content key; the header, the owner and the name are
 * authenticated with it, so that a ciphertext moved to another row does not open. With a passphrase the content key is the one
 * derived from it. With a keyring it is a fresh random key per secret, itself sealed by the keyring and put in front: Chromium's
 * Linux cipher alone is deterministic and would not notice a changed byte.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { SecretOwner } from './contract.ts';

export const ENVELOPE_VERSION = 1;
export const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;

export const headerSchema = z.strictObject({
  version: z.literal(ENVELOPE_VERSION),
  scheme: z.enum(['keyring', 'passphrase']),
  keyId: z.string().min(1).max(64),
  /** Which keyring sealed it, and for which application: what to restore when it cannot be opened. */
  backend: z.string().max(60),
  application: z.string().max(120),
  /** Length of the sealed content key in front; 0 for a passphrase. */
  sealedKeyBytes: z.number().int().min(0).max(65_536),
});
export type EnvelopeHeader = z.infer<typeof headerSchema>;

export interface Envelope {
  /** JSON text; authenticated byte by byte. */
  readonly header: string;
  /** Sealed content key, then iv (12), tag (16), ciphertext. */
  readonly sealed: Buffer;
}

/** Whose secret it is and what it is called. */
export interface Place {
  readonly owner: SecretOwner;
  readonly name: string;
}

function associatedData(header: string, { owner, name }: Place): Buffer {
  return Buffer.from(JSON.stringify(['patchbay-secret', header, owner.kind, owner.id, name]), 'utf8');
}

export function encrypt(key: Buffer, plain: Buffer, associated: Buffer): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(associated);
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), body]);
}

/** @throws Error when the key is another one or a byte was changed */
export function decrypt(key: Buffer, sealed: Buffer, associated: Buffer): Buffer {
  if (sealed.length < IV_BYTES + TAG_BYTES) throw new Error('The sealed value is cut off.');
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(associated);
  decipher.setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
}

/** Seals and opens content keys; what a passphrase does not need. */
export interface KeySealer {
  sealKey(key: Buffer): Promise<Buffer>;
  openKey(sealed: Buffer): Promise<Buffer>;
}

/** A key that is open now: what it is called and what seals with it. */
export interface OpenKey {
  readonly keyId: string;
  readonly scheme: EnvelopeHeader['scheme'];
  readonly backend: string;
  readonly application: string;
  /** The content key of a passphrase; a keyring seals one per secret. */
  readonly content:
    | { readonly kind: 'key'; readonly key: Buffer }
    | { readonly kind: 'sealer'; readonly sealer: KeySealer };
}

export async function seal(place: Place, value: string, open: OpenKey): Promise<Envelope> {
  const { content, keyId, scheme, backend, application } = open;
  const key = content.kind === 'key' ? content.key : randomBytes(KEY_BYTES);
  const sealedKey = content.kind === 'key' ? Buffer.alloc(0) : await content.sealer.sealKey(key);
  const fields: EnvelopeHeader = {
    version: ENVELOPE_VERSION,
    scheme,
    keyId,
    backend,
    application,
    sealedKeyBytes: sealedKey.length,
  };
  const header = JSON.stringify(fields);
  return {
    header,
    sealed: Buffer.concat([sealedKey, encrypt(key, Buffer.from(value, 'utf8'), associatedData(header, place))]),
  };
}

/** @throws Error when it cannot be opened with this key, or does not belong to this place */
export async function openEnvelope(place: Place, envelope: Envelope, open: OpenKey): Promise<string> {
  const header = headerSchema.parse(JSON.parse(envelope.header));
  if (header.keyId !== open.keyId || header.scheme !== open.scheme)
    throw new Error('The secret was sealed with another key.');
  const sealedKey = envelope.sealed.subarray(0, header.sealedKeyBytes);
  const key = open.content.kind === 'key' ? open.content.key : await open.content.sealer.openKey(sealedKey);
  const body = envelope.sealed.subarray(header.sealedKeyBytes);
  return decrypt(key, body, associatedData(envelope.header, place)).toString('utf8');
}

const CHECK_VALUE = Buffer.from('patchbay key check', 'utf8');

function checkData(keyId: string): Buffer {
  return Buffer.from(JSON.stringify(['patchbay-key-check', keyId]), 'utf8');
}

/** A known value sealed with a key, to recognise it by. */
export function makeKeyCheck(key: Buffer, keyId: string): Buffer {
  return encrypt(key, CHECK_VALUE, checkData(keyId));
}

export function isKeyOf(key: Buffer, keyId: string, check: Buffer): boolean {
  try {
    return decrypt(key, check, checkData(keyId)).equals(CHECK_VALUE);
  } catch (error) {
    // A wrong key is the answer "no"; anything else is a fault of ours.
    if (error instanceof Error) return false;
    throw error;
  }
}
