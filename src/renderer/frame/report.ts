import { toAppError } from '../bridge.ts';
import { safeText } from '../text/safe-text.ts';

/**
 * Reports what went wrong with something that has no place of its own on the screen any more. Loaded when first needed:
 * most sessions never show a toast.
 */
export function reportElsewhere(error: unknown): void {
  void import('./toast.ts').then(({ toastFailure }) => toastFailure(safeText(toAppError(error).message, 600)));
}

/** Says what is left to know, or to do, about something that is no longer on the screen. */
export function tellElsewhere(message: string): void {
  void import('./toast.ts').then(({ toastNote }) => toastNote(safeText(message, 600)));
}
