/** Apart from error-data.ts so that the page's first bundle can throw and tell errors without carrying their schemas. */
import type { ErrorCode, ErrorData } from './error-data.ts';

/** The one exception class of Patchbay's own code; anything else that reaches a boundary is reported as `internal`. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly field: string | undefined;
  readonly details: ErrorData['details'];

  constructor(
    code: ErrorCode,
    message: string,
    options: { field?: string; details?: ErrorData['details']; cause?: unknown } = {},
  ) {
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
