import { ConnectorError } from '../../contract.ts';
import type { Paginator } from '../../manifest.ts';
import { recordsAt } from './cursor.ts';
import { follow, resumeAtUrl } from './next-url.ts';

/** Longer than any system's; what stands behind is not looked for, so nothing is said about the end either. Characters. */
const MAX_HEADER = 16_384;

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

/**
 * The target of the first link whose rel has the word "next".
 * @throws ConnectorError invalid_response for a header that is too long or is no list of links: its silence is no end
 */
export function nextLink(header: string): string | undefined {
  if (header.length > MAX_HEADER || (header.trim() !== '' && !header.includes('<')))
    throw new ConnectorError('invalid_response', 'The system sent a Link header that cannot be read.');
  for (const part of header.split('<').slice(1)) {
    const end = part.indexOf('>');
    if (end < 0) continue;
    const rel = /;\s{0,10}rel\s{0,10}=\s{0,10}"?([^";,]*)/i.exec(part.slice(end));
    if (rel?.[1]?.toLowerCase().split(/\s/).includes('next') === true) return part.slice(0, end);
  }
  return undefined;
}
