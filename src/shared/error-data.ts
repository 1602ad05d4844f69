import { z } from 'zod';

/**
 * Every code an error can carry across a process boundary. A code is stable and machine-readable; the sentence that
 * goes with it is for people and says what happened and, where known, what to do.
 */
export const ERROR_CODES = [
  'invalid_input',
  'not_found',
  'conflict',
  'limit_reached',
  'not_allowed',
  'refused_sender',
  'cancelled',
  'vault_locked',
  'vault_unavailable',
  'secret_unreadable',
  'wrong_passphrase',
  'authorization_failed',
  'authorization_refused',
  'authorization_timed_out',
  'different_org',
  'host_refused',
  'unreachable',
  'tls_failed',
  'timed_out',
  'rate_limited',
  'quota_exceeded',
  'invalid_response',
  'source_error',
  'disk_full',
  'database_damaged',
  'newer_profile',
  'profile_unusable',
  'profile_in_use',
  'busy',
  'internal',
] as const;
export const errorCodeSchema = z.enum(ERROR_CODES);
export type ErrorCode = z.infer<typeof errorCodeSchema>;

/** What crosses IPC instead of an exception. `field` names the form field the message belongs to, if any. */
export const errorDataSchema = z.strictObject({
  code: errorCodeSchema,
  message: z.string(),
  field: z.string().optional(),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
});
export type ErrorData = z.infer<typeof errorDataSchema>;
