import type { HttpRequest, HttpResponse, JsonValue } from '../../contract.ts';
import type { Paginator } from '../../manifest.ts';
import { recordsAt } from './cursor.ts';
import { END, leadOf, pagesError, pick, sameOriginUrl } from './parts.ts';

/**
 * The answer carries the address of the next page in its body ("links.next", "nextRecordsUrl"); absolute or a path. Only
 * the same origin is followed. Without `hasMore` and `isEnd` a null address ends the read; a missing one is an error unless
 * `omittedAtEnd` says that the system leaves it out on its last page.
 * @param options.hasMore path of a boolean that the system always sends: false ends the read
 * @param options.isEnd path of a boolean that the system always sends: true ends the read, though an address may stand there
 * @param options.omittedAtEnd the vendor documents that the address is left out on the last page
 * @param options.endsOnEmptyPage the vendor documents that an empty page is the end, though an address may stand in it
 */
export function nextUrlPages(options: {
  readonly records: string;
  readonly next: string;
  readonly hasMore?: string | undefined;
  readonly isEnd?: string | undefined;
  readonly omittedAtEnd?: boolean | undefined;
  readonly endsOnEmptyPage?: boolean | undefined;
  readonly total?: string | undefined;
}): Paginator {
  const { hasMore, isEnd, omittedAtEnd, next: path } = options;
  return {
    page(answer, response, request) {
      const records = recordsAt(answer, options.records, response.url);
      if (options.endsOnEmptyPage === true && records.length === 0) return { records, next: null, checkpoint: END };
      const next = leadOf(answer, { hasMore, isEnd, omittedAtEnd, path }, response.url);
      const total = options.total === undefined ? undefined : pick(answer, options.total);
      return { records, ...follow(next, response, request), ...(typeof total === 'number' ? { total } : {}) };
    },
    resume: resumeAtUrl,
  };
}

/**
 * The request and checkpoint for a next address; undefined ends the read.
 * @throws ConnectorError host_refused, or invalid_response for anything that is no address
 */
export function follow(
  next: unknown,
  response: HttpResponse,
  request: HttpRequest,
): { next: HttpRequest | null; checkpoint: JsonValue } {
  if (next === undefined) return { next: null, checkpoint: END };
  if (typeof next !== 'string') throw pagesError('address of the next page', response.url);
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
