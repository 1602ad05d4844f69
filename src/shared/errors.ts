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

/** The one exception class of Patchbay's own code; anything else that reaches a boundary is reported as `internal`. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly field: string | undefined;
  readonly details: ErrorData['details'];

  constructor(code: ErrorCode, message: string, options: { field?: string; details?: ErrorData['details']; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.field = options.field;
    this.details = options.details;
  }

  toData(): ErrorData {
    return {
      code: this.code,
      message: this.message,
      ...(this.field === undefined ? {} : { field: this.field }),
      ...(this.details === undefined ? {} : { details: this.details }),
    };
  }
}

export type Result<T> = { ok: true; value: T } | { ok: false; error: ErrorData };

/** Makes the compiler list every place to change when a union grows. */
export function assertNever(value: never, what = 'value'): never {
  throw new Error(`Unexpected ${what}: ${JSON.stringify(value)}`);
}
