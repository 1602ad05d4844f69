/** Questions that the application, the engine, the connectors and the page ask of the table of causes. */
import type { FailureClass } from '../activity/activity.ts';
import type { DisconnectReason } from '../connection/reasons.ts';
import type { ErrorCode } from '../errors.ts';
import { CAUSES, type FailureSubject, type NextAction } from './causes.ts';

const CLASSES = Object.keys(CAUSES) as FailureClass[];

/** The reason that a failure disconnects a connection for; null when it does not: the credential may still be good. */
export function reasonOf(failureClass: FailureClass): DisconnectReason | null {
  return CAUSES[failureClass].disconnects;
}

/**
 * Whether the system's answer to a call may end the authorization. A credential that cannot be read here is no answer of a system:
 * the vault decides about it.
 */
export function isLossBySystem(failureClass: FailureClass): boolean {
  const { disconnects, speaksOf } = CAUSES[failureClass];
  return disconnects !== null && speaksOf !== 'machine';
}

/** The class that runs of a connection lost for this reason end with. */
export function classOf(reason: DisconnectReason): FailureClass {
  return CLASSES.find((failureClass) => CAUSES[failureClass].disconnects === reason) ?? 'reauthorize_expired';
}

/** Whether the failure is about one of these subjects. */
export function speaksOf(failureClass: FailureClass, ...subjects: readonly FailureSubject[]): boolean {
  return subjects.includes(CAUSES[failureClass].speaksOf);
}

/** Whether the same call may succeed when it is repeated shortly. */
export function passesSoon(failureClass: FailureClass): boolean {
  return CAUSES[failureClass].passes === 'soon';
}

/** Whether the failure passes without a change by the user, soon or later. Such a failure says nothing about the keys. */
export function passesByItself(failureClass: FailureClass): boolean {
  return CAUSES[failureClass].passes !== 'no';
}

/** Whether the network connection failed or timed out before the system answered. */
export function isBrokenOff(failureClass: FailureClass): boolean {
  return passesSoon(failureClass) && speaksOf(failureClass, 'route');
}

/** Whether the system may have carried out the request although its answer is lost or unreadable. */
export function leavesInDoubt(failureClass: FailureClass): boolean {
  return isBrokenOff(failureClass) || speaksOf(failureClass, 'system', 'answer');
}

/** What a run waits for before it repeats the call. */
export function waitingForOf(failureClass: FailureClass): string {
  return CAUSES[failureClass].waitingFor ?? 'the next attempt';
}

/** The code of an error that means this and nothing else; undefined where there is none. */
export function codeOf(failureClass: FailureClass): ErrorCode | undefined {
  return CAUSES[failureClass].codes[0];
}

/** The class of an error of Patchbay's own; `internal` where the code means no other. */
export function classOfCode(code: ErrorCode): FailureClass {
  return CLASSES.find((failureClass) => CAUSES[failureClass].codes.includes(code)) ?? 'internal';
}

/** What to do next, in one sentence or two. */
export function adviceOf(failureClass: FailureClass): string {
  return CAUSES[failureClass].advice;
}

export function nextActionOf(failureClass: FailureClass): NextAction {
  return CAUSES[failureClass].next;
}

/** The sentence of a disconnected connection, without a full stop, with the object that a permission is missing for. */
export function reasonSentence({ reason, object }: { reason: DisconnectReason; object?: string | undefined }): string {
  const { what } = CAUSES[classOf(reason)];
  return reason === 'permission_missing' && object !== undefined ? `${what} for ${object}` : what;
}

/** What the Connections page advises for a disconnected connection. */
export function reasonAdvice(reason: DisconnectReason): string {
  const { advice, adviceDisconnected } = CAUSES[classOf(reason)];
  return adviceDisconnected ?? advice;
}
