import { ExactNumber } from '../../../../src/shared/job/exact-number.ts';
import { ConnectorError, type SourceRecord } from '../../contract.ts';
import type { Paginator } from '../../manifest.ts';
import { END, leadOf, type Place, pagesError, parameterOf, pick, withParameter } from './parts.ts';

/**
 * The answer names a cursor for the next page, the request repeats it: `{meta:{after_cursor}}` -> `?page[after]=...`.
 * Without `hasMore` and `isEnd` a null cursor ends the read; a missing one is an error unless `omittedAtEnd` says that the
 * system leaves it out on its last page.
 * @param options.records path of the record array ("data.items"; "" = the answer itself)
 * @param options.cursor path of the cursor in the answer
 * @param options.parameter name of the parameter in the next request; dots reach into a JSON body
 * @param options.in where the parameter goes; default the query string
 * @param options.hasMore path of a boolean that the system always sends: false ends the read
 * @param options.isEnd path of a boolean that the system always sends: true ends the read ("end_of_stream")
 * @param options.omittedAtEnd the vendor documents that the cursor is left out on the last page
 * @param options.endsOnEmptyPage the vendor documents that an empty page is the end, though a cursor may stand in it
 * @param options.total path of the total number of records
 */
export function cursorPages(options: {
  readonly records: string;
  readonly cursor: string;
  readonly parameter: string;
  readonly in?: Place | undefined;
  readonly hasMore?: string | undefined;
  readonly isEnd?: string | undefined;
  readonly omittedAtEnd?: boolean | undefined;
  readonly endsOnEmptyPage?: boolean | undefined;
  readonly total?: string | undefined;
}): Paginator {
  const place = options.in ?? 'query';
  const { hasMore, isEnd, omittedAtEnd, cursor: path } = options;
  return {
    page(answer, response, request) {
      const records = recordsAt(answer, options.records, response.url);
      if (options.endsOnEmptyPage === true && records.length === 0) return { records, next: null, checkpoint: END };
      const cursor = exactCursor(leadOf(answer, { hasMore, isEnd, omittedAtEnd, path }, response.url));
      const total = options.total === undefined ? undefined : pick(answer, options.total);
      const counted = { records, ...(typeof total === 'number' ? { total } : {}) };
      if (cursor === undefined) return { ...counted, next: null, checkpoint: END };
      if (typeof cursor !== 'string' && typeof cursor !== 'number') throw pagesError(`"${path}"`, response.url);
      if (String(cursor) === parameterOf(request, place, options.parameter)) throw sameCursor(response.url);
      return {
        ...counted,
        next: withParameter(request, place, options.parameter, cursor),
        checkpoint: { cursor },
      };
    },
    resume(checkpoint, first) {
      const cursor = pick(checkpoint, 'cursor');
      if (pick(checkpoint, 'done') === true) return null;
      if (typeof cursor !== 'string' && typeof cursor !== 'number') throw pagesError('cursor');
      return withParameter(first, place, options.parameter, cursor);
    },
  };
}

function sameCursor(url: string): ConnectorError {
  return new ConnectorError(
    'invalid_response',
    `${new URL(url).host} answered with the cursor it was asked with: the same page would come again.`,
  );
}

/** A number that no double holds goes back by its own digits. */
function exactCursor(cursor: unknown): unknown {
  return cursor instanceof ExactNumber ? cursor.digits : cursor;
}

/** The array of records in an answer. @throws ConnectorError invalid_response when it is not there, or holds something else */
export function recordsAt(answer: unknown, path: string, url: string): readonly SourceRecord[] {
  const records = pick(answer, path);
  if (!Array.isArray(records) || !areRecords(records)) throw pagesError(`records "${path}"`, url);
  return records;
}

/** Whether every member is an object: a null or a number among them would be a record that nobody counts. */
export function areRecords(list: readonly unknown[]): list is readonly SourceRecord[] {
  for (let at = 0; at < list.length; at += 1) {
    const record = list[at];
    if (typeof record !== 'object' || record === null || record instanceof ExactNumber) return false;
  }
  return true;
}
