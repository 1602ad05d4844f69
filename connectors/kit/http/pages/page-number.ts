import type { Paginator } from '../../manifest.ts';
import { recordsAt } from './cursor.ts';
import { END, type Place, pagesError, parameterOf, pick, withParameter } from './parts.ts';

/**
 * The request names a page number. Ends at `totalPages` where the answer says it, at a false `hasMore`, else at a page
 * shorter than `size`.
 * @param options.first number of the first page; default 1
 */
export function pageNumberPages(options: {
  readonly records: string;
  readonly pageParameter: string;
  readonly size: number;
  readonly first?: number | undefined;
  readonly in?: Place | undefined;
  readonly totalPages?: string | undefined;
  readonly hasMore?: string | undefined;
  readonly total?: string | undefined;
}): Paginator {
  const place = options.in ?? 'query';
  const first = options.first ?? 1;
  return {
    page(answer, response, request) {
      const records = recordsAt(answer, options.records, response.url);
      const page = parameterOf(request, place, options.pageParameter) ?? first;
      const isOver = records.length === 0 || !hasMorePages(answer, options, page - first + 1, records.length);
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

function hasMorePages(
  answer: unknown,
  options: { readonly size: number; readonly totalPages?: string | undefined; readonly hasMore?: string | undefined },
  pagesRead: number,
  count: number,
): boolean {
  if (options.hasMore !== undefined) return pick(answer, options.hasMore) === true;
  const totalPages = options.totalPages === undefined ? undefined : pick(answer, options.totalPages);
  return typeof totalPages === 'number' ? pagesRead < totalPages : count >= options.size;
}
