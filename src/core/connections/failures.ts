/** What a failed call says of a connection's authorization, and to the person who waits for it. */
import { ConnectorError, toFailure } from '../../../connectors/catalog.ts';
import type { Failure } from '../../shared/activity/activity.ts';
import type { DisconnectReason } from '../../shared/connection/reasons.ts';
import { AppError, type ErrorCode } from '../../shared/errors.ts';
import { classOf, reasonOf, reasonSentence } from '../../shared/failure/rules.ts';

const CODE_OF_CLASS: Partial<Record<Failure['class'], ErrorCode>> = {
  network: 'unreachable',
  timeout: 'timed_out',
  tls: 'tls_failed',
  host_refused: 'host_refused',
  rate_limited: 'rate_limited',
  quota_exceeded: 'quota_exceeded',
  invalid_response: 'invalid_response',
  not_found: 'not_found',
  credential_missing: 'secret_unreadable',
  cancelled: 'cancelled',
};
/** Failures that say nothing about the keys: a connection may be saved as a draft and authorized later. */
const SAYS_NOTHING: ReadonlySet<Failure['class']> = new Set([
  'network',
  'timeout',
  'server_error',
  'rate_limited',
  'quota_exceeded',
]);
/** The user who asked may not see it; another one may. */
const DENIED: ReadonlySet<Failure['class']> = new Set([
  'reauthorize_permission',
  'object_denied',
  'not_found',
  'bad_request',
]);

export function saysNothingOfKeys(error: unknown): boolean {
  return error instanceof ConnectorError && SAYS_NOTHING.has(error.failureClass);
}

/** Whether a failed read means that this user may not read the object, rather than that nobody could just now. */
export function isDenial(error: unknown): error is ConnectorError {
  return error instanceof ConnectorError && DENIED.has(error.failureClass);
}

/** What runs of a lost connection end with. */
export function failureOf(reason: DisconnectReason, detail: string): Failure {
  const message = detail.trim() === '' ? `${reasonSentence({ reason })}.` : detail;
  return toFailure(new ConnectorError(classOf(reason), message));
}

/** A failed call as the error a form or dialog shows. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (!(error instanceof ConnectorError)) throw error;
  const failure = toFailure(error);
  const code =
    CODE_OF_CLASS[failure.class] ?? (reasonOf(failure.class) === null ? 'source_error' : 'authorization_failed');
  return new AppError(code, `${failure.message} ${failure.advice}`.trim(), {
    details: { class: failure.class },
    cause: error,
  });
}
