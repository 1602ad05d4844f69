import { ConnectorError, type JsonValue } from '../../contract.ts';

/** No honest source needs more pages in one run. */
export const MAX_PAGES = 1_000_000;

/**
 * Notices a source that sends the same next page again and again. Brent's method: one remembered checkpoint, renewed at
 * powers of two, finds a cycle of any length in constant memory.
 */
export function createLoopGuard(): { check(checkpoint: JsonValue): void } {
  let remembered = '';
  let pages = 0;
  let renewAt = 1;
  return {
    check(checkpoint) {
      const current = JSON.stringify(checkpoint);
      pages += 1;
      if (pages > 1 && current === remembered)
        throw new ConnectorError(
          'invalid_response',
          `The source repeats its pages: page ${pages} leads to a page that was already read.`,
        );
      if (pages > MAX_PAGES)
        throw new ConnectorError('invalid_response', `The source does not end: ${MAX_PAGES} pages were read.`);
      if (pages === renewAt) {
        remembered = current;
        renewAt *= 2;
      }
    },
  };
}
