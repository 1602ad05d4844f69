import type { Paginator } from '../../manifest.ts';
import { recordsAt } from './cursor.ts';
import { follow, resumeAtUrl } from './next-url.ts';

/** The next page's address stands in the `Link` header with rel="next" (RFC 8288). Only the same origin is followed. */
export function linkHeaderPages(options: { readonly records: string }): Paginator {
  return {
    page(answer, response, request) {
      const records = recordsAt(answer, options.records, response.url);
      return { records, ...follow(nextLink(response.headers.link ?? ''), response, request) };
    },
    resume: resumeAtUrl,
  };
}

/** The target of the first link whose rel has the word "next". */
export function nextLink(header: string): string | undefined {
  for (const part of header.slice(0, 16_384).split('<').slice(1)) {
    const end = part.indexOf('>');
    if (end < 0) continue;
    const rel = /;\s{0,10}rel\s{0,10}=\s{0,10}"?([^";,]*)/i.exec(part.slice(end));
    if (rel?.[1]?.toLowerCase().split(/\s/).includes('next') === true) return part.slice(0, end);
  }
  return undefined;
}
