import { safeText } from '../text/safe-text.ts';

/** For an input's `error`: announced when it appears; undefined leaves the input without one. */
export function fieldError(message: string | undefined) {
  return message === undefined ? undefined : <span role="alert">{safeText(message, 600)}</span>;
}
