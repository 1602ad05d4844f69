import type { Paginator } from '../../manifest.ts';
import { recordsAt } from './cursor.ts';
import { END, type Place, pagesError, parameterOf, pick, withParameter } from './parts.ts';

/**
 * The request names how many records to skip; a page shorter than `limit` is the last one.
 * @param options.limit records asked per page; put on the first request by the paginator's owner under `limitParameter`
 * @param options.hasMore path of a boolean in the answer, where the system says whether more follows
 */
export function offsetPages(options: {
  readonly records: string;
  readonly offsetParameter: string;
  readonly limit: number;
  readonly in?: Place | undefined;
  readonly hasMore?: string | undefined;
  readonly total?: string | undefined;
}): Paginator {
  const place = options.in ?? 'query';
  return {
    page(answer, response, request) {
      const records = recordsAt(answer, options.records, response.url);
      const offset = (parameterOf(request, place, options.offsetParameter) ?? 0) + records.length;
      const total = options.total === undefined ? undefined : pick(answer, options.total);
      const hasMore =
        options.hasMore === undefined ? records.length >= options.limit : pick(answer, options.hasMore) === true;
      const isOver = !hasMore || records.length === 0;
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
