import type { SourceRecord } from '../../contract.ts';
import type { Paginator } from '../../manifest.ts';
import { END, type Place, pagesError, pick, withParameter } from './parts.ts';

/**
 * The answer names a cursor for the next page, the request repeats it: `{meta:{after_cursor}}` -> `?page[after]=...`.
 * @param options.records path of the record array ("data.items"; "" = the answer itself)
 * @param options.cursor path of the cursor in the answer
 * @param options.parameter name of the parameter in the next request; dots reach into a JSON body
 * @param options.in where the parameter goes; default the query string
 * @param options.hasMore path of a boolean that ends the read; default: ends when no cursor comes
 * @param options.isEnd path of a boolean that ends the read when true ("end_of_stream")
 * @param options.total path of the total number of records
 */
export function cursorPages(options: {
  readonly records: string;
  readonly cursor: string;
  readonly parameter: string;
  readonly in?: Place | undefined;
  readonly hasMore?: string | undefined;
  readonly isEnd?: string | undefined;
  readonly total?: string | undefined;
}): Paginator {
  const place = options.in ?? 'query';
  return {
    page(answer, response, request) {
      const records = recordsAt(answer, options.records, response.url);
      const cursor = pick(answer, options.cursor);
      const isOver =
        (options.hasMore !== undefined && pick(answer, options.hasMore) !== true) ||
        (options.isEnd !== undefined && pick(answer, options.isEnd) === true) ||
        (typeof cursor !== 'string' && typeof cursor !== 'number') ||
        cursor === '';
      const total = options.total === undefined ? undefined : pick(answer, options.total);
      return {
        records,
        next: isOver ? null : withParameter(request, place, options.parameter, cursor),
        checkpoint: isOver ? END : { cursor },
        ...(typeof total === 'number' ? { total } : {}),
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

/** The array of records in an answer. @throws ConnectorError invalid_response when it is not there */
export function recordsAt(answer: unknown, path: string, url: string): readonly SourceRecord[] {
  const records = pick(answer, path);
  if (!Array.isArray(records)) throw pagesError(`records "${path}"`, url);
  return records as SourceRecord[];
}
