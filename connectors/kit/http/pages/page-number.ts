import type { Paginator } from '../../manifest.ts';
import { recordsAt } from './cursor.ts';
import { END, noWayOn, type Place, pagesError, parameterNumber, pick, saysMore, withParameter } from './parts.ts';

/**
 * The request names a page number. A page shorter than what was asked for is no end: where no member tells, the read ends at
 * an empty page.
 * @param options.first number of the first page; default 1
 * @param options.totalPages path of the number of pages, which the system always sends
 * @param options.hasMore path of a boolean that the system always sends: false ends the read
 * @param options.isEnd path of a boolean that the system always sends: true ends the read
 */
export function pageNumberPages(options: {
  readonly records: string;
  readonly pageParameter: string;
  readonly first?: number | undefined;
  readonly in?: Place | undefined;
  readonly totalPages?: string | undefined;
  readonly hasMore?: string | undefined;
  readonly isEnd?: string | undefined;
  readonly total?: string | undefined;
}): Paginator {
  const place = options.in ?? 'query';
  const first = options.first ?? 1;
  const hasMorePages = (answer: unknown, url: string, pagesRead: number): boolean | undefined => {
    const more = saysMore(answer, options, url);
    if (more !== undefined || options.totalPages === undefined) return more;
    const totalPages = pick(answer, options.totalPages);
    if (typeof totalPages !== 'number') throw pagesError(`"${options.totalPages}"`, url);
    return pagesRead < totalPages;
  };
  return {
    page(answer, response, request) {
      const records = recordsAt(answer, options.records, response.url);
      const page = parameterNumber(request, place, options.pageParameter) ?? first;
      const more = hasMorePages(answer, response.url, page - first + 1);
      if (more === true && records.length === 0) throw noWayOn(response.url);
      const isOver = more === undefined ? records.length === 0 : !more;
      const total = options.total === undefined ? undefined : pick(answer, options.total);
      return {
        records,
        next: isOver ? null : withParameter(request, place, options.pageParameter, page + 1),
        checkpoint: isOver ? END : { page: page + 1 },
        ...(typeof total === 'number' ? { total } : {}),
      };
    },
    resume(checkpoint, request) {
      if (pick(checkpoint, 'done') === true) return null;
      const page = pick(checkpoint, 'page');
      if (typeof page !== 'number') throw pagesError('page');
      return withParameter(request, place, options.pageParameter, page);
    },
  };
}
