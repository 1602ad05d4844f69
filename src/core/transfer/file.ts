/** The file connections are exported to: readable JSON with a format, a version and strict shapes. See docs/connections-file.md. */
import sjson from 'secure-json-parse';
import { z } from 'zod';
import { connectionNameSchema, endpointOverridesSchema, fieldValueSchema } from '../../shared/connection/connection.ts';
import { TAGS_MAX, tagProblem } from '../../shared/connection/tags.ts';
import { AppError } from '../../shared/errors.ts';
import { connectorIdSchema, instantSchema } from '../../shared/ids.ts';
import { jobDestinationSchema, jobSettingsSchema } from '../../shared/job/job.ts';
import { TRANSFER_MOST } from '../../shared/transfer.ts';
import { kdfSchema } from '../vault/passphrase.ts';

export const TRANSFER_FORMAT = 'patchbay-connections';
export const TRANSFER_VERSION = 1;
/** A thousand connections with all their jobs are about five megabytes. */
export const MAX_FILE_BYTES = 64 * 1024 * 1024;
const MAX_DEPTH = 24;
const MOST_JOBS = 500;
/** Memory that opening the keys may take: 128 * cost * blockSize bytes. A file that asks for more is not ours. */
const MAX_KDF_BYTES = 256 * 1024 * 1024;

/** A connection is named instead of referred to by an id: ids belong to one profile. */
const namedDestinationSchema = z.discriminatedUnion('kind', [
  jobDestinationSchema.options[0],
  jobDestinationSchema.options[1].omit({ connectionId: true }).extend({ connection: z.string().min(1).max(300) }),
]);

export const transferredJobSchema = jobSettingsSchema.omit({ connectionId: true, destination: true }).extend({
  destination: namedDestinationSchema,
  origin: z.enum(['outOfTheBox', 'custom']),
  templateId: z.string().max(300).nullable(),
});
export type TransferredJob = z.infer<typeof transferredJobSchema>;

const tagSchema = z.string().refine((tag) => tag === tag.trim() && tagProblem(tag) === null);

export const transferredConnectionSchema = z.strictObject({
  name: connectionNameSchema,
  connectorId: connectorIdSchema,
  connectorName: z.string().max(200),
  authMethodId: z.string().max(40),
  fields: z.record(z.string().max(60), fieldValueSchema),
  overrides: endpointOverridesSchema,
  /** Absent without any, and in files made before tags were exported. */
  tags: z.array(tagSchema).max(TAGS_MAX).optional(),
  jobs: z.array(transferredJobSchema).max(MOST_JOBS),
});
export type TransferredConnection = z.infer<typeof transferredConnectionSchema>;

export const sealedKeysSchema = z.strictObject({
  kdf: kdfSchema.refine(
    ({ cost, blockSize }) => 128 * cost * blockSize <= MAX_KDF_BYTES,
    'It asks for too much memory.',
  ),
  /** Base64 of iv (12 bytes), tag (16), ciphertext: AES-256-GCM, with the rest of the file as associated data. */
  sealed: z
    .string()
    .regex(/^[A-Za-z0-9+/]+={0,2}$/)
    .max(MAX_FILE_BYTES),
});
export type SealedKeys = z.infer<typeof sealedKeysSchema>;

export const transferFileSchema = z.strictObject({
  format: z.literal(TRANSFER_FORMAT),
  version: z.literal(TRANSFER_VERSION),
  exportedAt: instantSchema,
  exportedWith: z.string().max(60),
  tenant: z.strictObject({ name: z.string().max(120), domain: z.string().max(253) }),
  connections: z.array(transferredConnectionSchema).min(1).max(TRANSFER_MOST),
  keys: sealedKeysSchema.nullable(),
});
export type TransferFile = z.infer<typeof transferFileSchema>;

export function writeTransferFile(file: TransferFile): string {
  return `${JSON.stringify(transferFileSchema.parse(file), null, 2)}\n`;
}

function refuse(message: string, cause?: unknown): AppError {
  return new AppError('invalid_input', `${message} Nothing was changed.`, cause === undefined ? {} : { cause });
}

/** Without recursion: a hostile file may be nested a million deep. */
function isTooDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) return true;
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []));
  }
  return false;
}

function parseText(text: string): unknown {
  try {
    return sjson.parse(text, undefined, { protoAction: 'error', constructorAction: 'error' });
  } catch {
    // The parser's own message quotes the file, which may hold anything: it is not passed on.
    throw refuse('This file is not JSON, or holds keys that no export holds.');
  }
}

function assertOurs(value: unknown): void {
  if (typeof value !== 'object' || value === null || !('format' in value) || value.format !== TRANSFER_FORMAT)
    throw refuse('This is not a file of exported connections.');
  const version = 'version' in value ? value.version : undefined;
  if (typeof version === 'number' && Number.isInteger(version) && version > TRANSFER_VERSION)
    throw refuse(
      `This file was made by a newer version of Patchbay (file version ${version}). Update Patchbay to import it.`,
    );
}

/**
 * Reads a file from anywhere; only what fits the schema exactly comes back.
 * @throws AppError invalid_input that says what is wrong, by the place in the file
 */
export function readTransferFile(text: string): TransferFile {
  if (text.length > MAX_FILE_BYTES) throw refuse('This file is too large to be an export of connections.');
  if (/^[\s\ufeff]{0,200}</.test(text.slice(0, 201)))
    throw refuse('This is a web page, not a file of exported connections.');
  const value = parseText(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  if (isTooDeep(value)) throw refuse('This file is nested too deeply to be an export of connections.');
  assertOurs(value);
  const parsed = transferFileSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue?.path.map(String).join('.').slice(0, 100) ?? '';
  throw refuse(
    `This file is damaged or was changed by hand: ${place === '' ? 'it' : `"${place}"`} is not as it should be.`,
  );
}
