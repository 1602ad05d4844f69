import { toAppError } from '../bridge.ts';
import { safeText } from '../text/safe-text.ts';

/**
 * Reports what went wrong with something that has no place of its own on the screen any more. Loaded when first needed:
 * most sessions never show a toast.
 */
export function reportElsewhere(error: unknown): void {
  void import('./toast.ts').then(({ toast }) =>
    toast({ kind: 'bad', message: safeText(toAppError(error).message, 600) }),
  );
}

/** Tells what has happened elsewhere, with where to look. */
export function tellElsewhere(message: string, kind: 'good' | 'quiet' = 'good'): void {
  void import('./toast.ts').then(({ toast }) => toast({ kind, message: safeText(message, 600) }));
}
