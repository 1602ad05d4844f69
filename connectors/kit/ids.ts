import { ExactNumber } from '../../src/shared/job/exact-number.ts';

/** A numeric id of an answer as text, also one beyond 2^53; null for anything that is not a number. */
export function idText(value: unknown): string | null {
  return typeof value === 'number' || value instanceof ExactNumber ? String(value) : null;
}
