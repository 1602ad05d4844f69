import { ConnectorError } from '../../contract.ts';
import type { Paginator } from '../../manifest.ts';
import { recordsAt } from './cursor.ts';
import { END, noWayOn, type Place, pagesError, parameterNumber, pick, saysMore, withParameter } from './parts.ts';

/**
 * The request names how many records to skip. A page shorter than what was asked for is no end: systems cut pages as they
 * like. Where no member tells, the read ends at an empty page.
 * @param options.hasMore path of a boolean that the system always sends: false ends the read
 * @param options.isEnd path of a boolean that the system always sends: true ends the read
 * @param options.total path of the exact number of records: an empty page before it is an error
 */
export function offsetPages(options: {
  readonly records: string;
  readonly offsetParameter: string;
  readonly in?: Place | undefined;
  readonly hasMore?: string | undefined;
  readonly isEnd?: string | undefined;
  readonly total?: string | undefined;
}): Paginator {
  const place = options.in ?? 'query';
  return {
    page(answer, response, request) {
      const records = recordsAt(answer, options.records, response.url);
      const offset = (parameterNumber(request, place, options.offsetParameter) ?? 0) + records.length;
      const total = options.total === undefined ? undefined : pick(answer, options.total);
      const more = saysMore(answer, options, response.url);
      if (more === true && records.length === 0) throw noWayOn(response.url);
      const isOver = more === undefined ? records.length === 0 : !more;
      if (isOver && more === undefined && typeof total === 'number' && offset < total)
        throw endedEarly(response.url, offset, total);
      return {
        records,
        next: isOver ? null : withParameter(request, place, options.offsetParameter, offset),
        checkpoint: isOver ? END : { offset },
        ...(typeof total === 'number' ? { total } : {}),
      };
    },
    resume(checkpoint, first) {
      if (pick(checkpoint, 'done') === true) return null;
      const offset = pick(checkpoint, 'offset');
      if (typeof offset !== 'number') throw pagesError('offset');
      return withParameter(first, place, options.offsetParameter, offset);
    },
  };
}

function endedEarly(url: string, offset: number, total: number): ConnectorError {
  return new ConnectorError(
    'invalid_response',
    `${new URL(url).host} counts ${total} records and sent no more after ${offset}. Nothing is taken for complete.`,
  );
}
