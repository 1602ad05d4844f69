import type { HttpRequest, HttpResponse, JsonValue } from '../../contract.ts';
import type { Paginator } from '../../manifest.ts';
import { recordsAt } from './cursor.ts';
import { END, pagesError, pick, sameOriginUrl } from './parts.ts';

/**
 * The answer carries the address of the next page in its body ("links.next", "nextRecordsUrl"); absolute or a path. Only
 * the same origin is followed.
 * @param options.isEnd path of a boolean that ends the read when true, though an address may stand there
 */
export function nextUrlPages(options: {
  readonly records: string;
  readonly next: string;
  readonly isEnd?: string | undefined;
  readonly total?: string | undefined;
}): Paginator {
  return {
    page(answer, response, request) {
      const records = recordsAt(answer, options.records, response.url);
      const isEnd = options.isEnd !== undefined && pick(answer, options.isEnd) === true;
      const next = isEnd ? undefined : pick(answer, options.next);
      const total = options.total === undefined ? undefined : pick(answer, options.total);
      return { records, ...follow(next, response, request), ...(typeof total === 'number' ? { total } : {}) };
    },
    resume: resumeAtUrl,
  };
}

/** The request and checkpoint for a next address; anything but a non-empty string ends the read. */
export function follow(
  next: unknown,
  response: HttpResponse,
  request: HttpRequest,
): { next: HttpRequest | null; checkpoint: JsonValue } {
  if (typeof next !== 'string' || next === '') return { next: null, checkpoint: END };
  const url = sameOriginUrl(next, response.url);
  return { next: { ...request, url, query: undefined }, checkpoint: { url } };
}

export function resumeAtUrl(checkpoint: JsonValue, first: HttpRequest): HttpRequest | null {
  if (pick(checkpoint, 'done') === true) return null;
  const url = pick(checkpoint, 'url');
  if (typeof url !== 'string') throw pagesError('address');
  // The client refuses it when the connection's hosts have changed since.
  return { ...first, url, query: undefined };
}
