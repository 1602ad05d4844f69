/** The second net under what runs say: systems repeat what was sent to them, in whatever form they like. */

import type { FromWorker } from '../../engine/messages.ts';
import type { Failure, Update } from '../../shared/activity/activity.ts';

type Mask = (text: string) => string;

export function maskFailure(failure: Failure, mask: Mask): Failure {
  const { vendorCode } = failure;
  return {
    ...failure,
    message: mask(failure.message),
    advice: mask(failure.advice),
    ...(vendorCode === undefined ? {} : { vendorCode: mask(vendorCode) }),
  };
}

/** Everything in a message of the worker that people read; ids and counts are left as they are. */
export function maskMessage(message: FromWorker, mask: Mask): FromWorker {
  switch (message.type) {
    case 'log':
      return { ...message, lines: message.lines.map(({ at, text }) => ({ at, text: mask(text) })) };
    case 'progress':
      return message.waitingFor === null ? message : { ...message, waitingFor: mask(message.waitingFor) };
    case 'finished':
      return message.failure === null ? message : { ...message, failure: maskFailure(message.failure, mask) };
    case 'lost':
    case 'broken':
      return { ...message, failure: maskFailure(message.failure, mask) };
    case 'dropped':
    case 'marked':
      return message.message === null ? message : { ...message, message: mask(message.message) };
    case 'note':
      return { ...message, text: mask(message.text) };
    case 'ready':
      return { ...message, notices: message.notices.map(mask) };
    default:
      return message;
  }
}

export function maskChanges(changes: Update['changes'], mask: Mask): Update['changes'] {
  return changes.map(({ field, before, after }) => ({ field, before: mask(before), after: mask(after) }));
}
