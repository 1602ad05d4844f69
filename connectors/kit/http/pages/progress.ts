/** Ends a read that goes on without coming forward: the same pages in a circle, or page after page without a new record. */
import { ConnectorError, type JsonValue, type SourceRecord } from '../../contract.ts';

/** No honest source needs more pages in one run. */
export const MAX_PAGES = 1_000_000;
/**
 * Pages in a row that may bring no record which this read has not seen. Empty pages and overlaps are in use (a filter behind the
 * paging, rows of the same second sent again), but not a hundred of them on end.
 */
export const MAX_IDLE_PAGES = 100;
/**
 * Records of a page that are looked at, the first and the last among them: looking at each would cost a sync two in a hundred. A page
 * that brings something new shows it in one of them; one that repeats in another order is known after some more turns.
 */
const LOOKED_AT = 33;
/** Bits that remember records, a power of two: 128 KB. */
const BITS = 2 ** 20;

/** The source goes on sending, and nothing new comes: going on behind the same checkpoint would only do the same again. */
export class NoProgressError extends ConnectorError {
  constructor(message: string) {
    super('invalid_response', message);
    this.name = 'NoProgressError';
  }
}

export interface ProgressGuard {
  /**
   * @param records of the page; undefined where their number says nothing (files, which are listed beforehand)
   * @throws NoProgressError
   */
  check(checkpoint: JsonValue, records?: readonly SourceRecord[]): void;
}

/**
 * Watches one read in constant memory.
 * @param identityOf what tells a record from others
 */
export function createProgressGuard(identityOf: (record: SourceRecord) => unknown = JSON.stringify): ProgressGuard {
  const circle = createCircleGuard();
  const seen = createMemory();
  let idle = 0;
  return {
    check(checkpoint, records) {
      circle(checkpoint);
      if (records === undefined) return;
      let isNew = false;
      const { length } = records;
      const step = Math.max(1, (length - 1) / (LOOKED_AT - 1));
      for (let at = 0; at < length; at += step) {
        if (seen(identityOf(records[Math.round(at)] as SourceRecord))) isNew = true;
      }
      idle = isNew ? 0 : idle + 1;
      if (idle > MAX_IDLE_PAGES)
        throw new NoProgressError(
          `The source does not come forward: the last ${idle} pages brought no record that it had not sent before.`,
        );
    },
  };
}

/**
 * Notices the same place coming again. Brent's method: one remembered checkpoint, renewed at powers of two, finds a cycle of
 * any length in constant memory.
 */
function createCircleGuard(): (checkpoint: JsonValue) => void {
  let remembered = '';
  let pages = 0;
  let renewAt = 1;
  return (checkpoint) => {
    const current = JSON.stringify(checkpoint);
    pages += 1;
    if (pages > 1 && current === remembered)
      throw new NoProgressError(`The source repeats its pages: page ${pages} leads to a page that was already read.`);
    if (pages > MAX_PAGES) throw new NoProgressError(`The source does not end: ${MAX_PAGES} pages were read.`);
    if (pages === renewAt) {
      remembered = current;
      renewAt *= 2;
    }
  };
}

/**
 * Remembers values by one bit of their hash. Two values with one bit make a new record look old, which matters only to a page
 * that has no other; half full it forgets everything, so that this stays unlikely however many records come.
 * @returns a function that remembers a value and says whether it is new
 */
function createMemory(): (value: unknown) => boolean {
  const bits = new Uint8Array(BITS / 8);
  let used = 0;
  return (value) => {
    const place = hash(value) & (BITS - 1);
    const byte = place >>> 3;
    const mask = 1 << (place & 7);
    const before = bits[byte] as number;
    if ((before & mask) !== 0) return false;
    if (used >= BITS / 2) {
      bits.fill(0);
      used = 0;
    }
    bits[byte] = (bits[byte] as number) | mask;
    used += 1;
    return true;
  };
}

/** FNV-1a over the text, then mixed, because the low bits alone are used. */
function hash(value: unknown): number {
  const text = typeof value === 'string' ? value : String(value);
  let state = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) state = Math.imul(state ^ text.charCodeAt(at), 0x01000193);
  state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
  return (state ^ (state >>> 13)) >>> 0;
}
