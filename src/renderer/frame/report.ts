import { toAppError } from '../bridge.ts';
import { safeText } from '../text/safe-text.ts';

/**
 * Reports what went wrong with something that has no place of its own on the screen any more. Loaded when first needed:
 * most sessions never show a toast.
 */
export function reportElsewhere(error: unknown): void {
  void import('./toast.ts').then(({ toastFailure }) => toastFailure(safeText(toAppError(error).message, 600)));
}
