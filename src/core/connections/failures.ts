/** What a failed call says of a connection's authorization, and to the person who waits for it. */
import { ConnectorError, toFailure } from '../../../connectors/catalog.ts';
import type { Failure } from '../../shared/activity/activity.ts';
import type { DisconnectReason } from '../../shared/connection/reasons.ts';
import { AppError } from '../../shared/errors.ts';
import { classOf, codeOf, passesByItself, reasonOf, reasonSentence, speaksOf } from '../../shared/failure/rules.ts';

/** A failure that says nothing about the keys: a connection may be saved as a draft and authorized later. */
export function saysNothingOfKeys(error: unknown): boolean {
  return error instanceof ConnectorError && passesByItself(error.failureClass);
}

/** Whether a failed read means that this user may not read the object, rather than that nobody could just now. */
export function isDenial(error: unknown): error is ConnectorError {
  return error instanceof ConnectorError && speaksOf(error.failureClass, 'rights', 'request');
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
  const code = codeOf(failure.class) ?? (reasonOf(failure.class) === null ? 'source_error' : 'authorization_failed');
  return new AppError(code, `${failure.message} ${failure.advice}`.trim(), {
    details: { class: failure.class },
    cause: error,
  });
}
