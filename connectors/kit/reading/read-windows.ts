import {
  type ConnectorContext,
  ConnectorError,
  type HttpRequest,
  type JsonValue,
  type Page,
  type SourceRecord,
} from '../contract.ts';
import { pick } from '../http/pages/parts.ts';
import type { Paginator } from '../manifest.ts';
import { readPages } from './read-pages.ts';

/** A search that ends at a number of rows, read in windows that each begin where the one before has ended. */
export interface WindowedSearch {
  /** Rows after which the vendor's search ends (10,000), or a number below it. */
  readonly ceiling: number;
  /** Path of the value that the search is sorted by, ascending, and that a window begins at (inclusive). */
  readonly order: string;
  /** Path of the record's key. */
  readonly key: string;
  /** Where the first window begins; null = at the first record there is. */
  readonly start: string | number | null;
  /** The search for records whose `order` is at least `from`. */
  request(from: string | number | null): HttpRequest;
  readonly pages: Paginator;
  readonly checkpoint: JsonValue;
}

interface Place {
  /** Where the window begins. */
  readonly from: string | number | null;
  /** Checkpoint of the paginator inside the window; null = at its beginning. */
  readonly page: JsonValue;
  /** Rows of the window that were read. */
  readonly count: number;
  /** The last value of `order`, and the keys that had it: they come again at the beginning of the next window. */
  readonly last: string | number | null;
  readonly keys: readonly (string | number)[];
  readonly isDone: boolean;
}

/**
 * Reads a search beyond the vendor's ceiling. Each record comes once: those that share the value at which a window begins are known
 * by their keys.
 * @throws ConnectorError invalid_response when more records share one value than the search can reach, when they are not sorted by it
 *   (numbers and ISO 8601 times are compared), or when a record lacks key or order
 */
export async function* readWindows(
  context: Pick<ConnectorContext, 'http'>,
  search: WindowedSearch,
): AsyncGenerator<Page> {
  let place = placeOf(search.checkpoint, search.start);
  while (!place.isDone) {
    const { from } = place;
    const known = new Set(place.last === from ? place.keys : []);
    let isFull = false;
    const list = { first: search.request(from), pages: search.pages, checkpoint: place.page };
    for await (const page of readPages(context, list)) {
      place = placeAfter(search, place, page);
      // At its ceiling a search may look as if it had ended.
      isFull = place.count >= search.ceiling;
      if (isFull) place = nextWindow(search, place);
      else if (isEnd(page.checkpoint)) place = { ...place, isDone: true };
      const records =
        known.size === 0 ? page.records : page.records.filter((record) => !known.has(keyOf(search, record)));
      yield { ...page, records, checkpoint: place as unknown as JsonValue, total: undefined };
      if (isFull) break;
    }
    if (!isFull) return;
  }
}

function placeOf(checkpoint: JsonValue, start: string | number | null): Place {
  if (checkpoint === null) return { from: start, page: null, count: 0, last: null, keys: [], isDone: false };
  if (typeof pick(checkpoint, 'count') !== 'number')
    throw new ConnectorError(
      'internal',
      'The stored checkpoint has no usable window. Start the job again from the beginning.',
    );
  return checkpoint as unknown as Place;
}

function placeAfter(search: WindowedSearch, place: Place, page: Page): Place {
  let { last } = place;
  let keys = [...place.keys];
  for (const record of page.records) {
    const value = scalarAt(record, search.order);
    const key = keyOf(search, record);
    if (last !== null && isBefore(value, last)) throw unsorted(search);
    if (value === last) {
      if (!keys.includes(key)) keys.push(key);
      continue;
    }
    last = value;
    keys = [key];
  }
  return { ...place, page: page.checkpoint, count: place.count + page.records.length, last, keys };
}

function nextWindow(search: WindowedSearch, place: Place): Place {
  if (place.last === null || place.last === place.from)
    throw new ConnectorError(
      'invalid_response',
      `More than ${search.ceiling} records share one value of "${search.order}", and the system's search ends there. Add a filter to the job.`,
    );
  return { from: place.last, page: null, count: 0, last: place.last, keys: place.keys, isDone: false };
}

/** Where nothing is known of how the vendor sorts a text, its order is taken as it comes. */
function isBefore(value: string | number, last: string | number): boolean {
  if (typeof value === 'number' && typeof last === 'number') return value < last;
  return isTime(value) && isTime(last) && Date.parse(value) < Date.parse(last);
}

const isTime = (value: string | number): value is string =>
  typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(value);

/** A window begins at the last value: rows that come out of order would be skipped without a word. */
function unsorted({ order }: WindowedSearch): ConnectorError {
  return new ConnectorError(
    'invalid_response',
    `The system did not sort its records by "${order}". The read is incomplete.`,
  );
}

const isEnd = (checkpoint: JsonValue): boolean => pick(checkpoint, 'done') === true;
const keyOf = (search: WindowedSearch, record: SourceRecord): string | number => scalarAt(record, search.key);

function scalarAt(record: SourceRecord, path: string): string | number {
  const value = pick(record, path);
  if (typeof value === 'string' || typeof value === 'number') return value;
  throw new ConnectorError('invalid_response', `The system sent a record without "${path}".`);
}
