/** File name patterns. Matched by hand, not as regular expressions: patterns come from people and must stay linear to match. */

/**
 * True when the whole key matches. `*` stands for anything within a folder, `**` for anything, `?` for one character of a
 * name. Case-sensitive, as keys are.
 */
export function matchesPattern(key: string, pattern: string): boolean {
  return wordMatches(key, 0, tokenize(pattern), 0);
}

type Token = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'one' | 'name' | 'any' };

function tokenize(pattern: string): Token[] {
  const tokens: Token[] = [];
  for (const part of pattern.split(/(\*{2,}|\*|\?)/)) {
    if (part === '') continue;
    if (part === '?') tokens.push({ kind: 'one' });
    else if (part.startsWith('*')) tokens.push({ kind: part === '*' ? 'name' : 'any' });
    else tokens.push({ kind: 'text', text: part });
  }
  return tokens;
}

/** Remembers which places failed, so that no pair of place and token is tried twice. */
function wordMatches(
  key: string,
  place: number,
  tokens: readonly Token[],
  index: number,
  failed = new Set<number>(),
): boolean {
  const token = tokens[index];
  if (token === undefined) return place === key.length;
  const state = index * (key.length + 1) + place;
  if (failed.has(state)) return false;
  const isMatch = tokenMatches(key, place, tokens, index, token, failed);
  if (!isMatch) failed.add(state);
  return isMatch;
}

function tokenMatches(
  key: string,
  place: number,
  tokens: readonly Token[],
  index: number,
  token: Token,
  failed: Set<number>,
): boolean {
  if (token.kind === 'text')
    return key.startsWith(token.text, place) && wordMatches(key, place + token.text.length, tokens, index + 1, failed);
  if (token.kind === 'one')
    return place < key.length && key[place] !== '/' && wordMatches(key, place + 1, tokens, index + 1, failed);
  for (let end = place; ; end += 1) {
    if (wordMatches(key, end, tokens, index + 1, failed)) return true;
    if (end >= key.length || (token.kind === 'name' && key[end] === '/')) return false;
  }
}

/** What every matching key begins with: narrows a listing. */
export function literalHead(pattern: string): string {
  const wildcard = pattern.search(/[*?]/);
  return wildcard === -1 ? pattern : pattern.slice(0, wildcard);
}

/** Dates, times and running numbers: a run of digits that stands alone, or is long enough to be a date anyway. */
const STANDALONE = /(?<![A-Za-z0-9])\d+(?:[-_.:T]?\d+)*(?:Z(?![A-Za-z]))?(?![A-Za-z0-9])/g;
const DATE_LIKE = /\d{6,}/g;

/** "usage-2026-07-01.csv" is one of "usage-*.csv"; folders that are only numbers collapse too. */
export function collapseNumbers(key: string): string {
  const cut = key.lastIndexOf('.', key.endsWith('.gz') ? key.length - 4 : key.length);
  const end = cut > key.lastIndexOf('/') ? cut : key.length;
  return key.slice(0, end).replace(STANDALONE, '*').replace(DATE_LIKE, '*') + key.slice(end);
}

/** True when the number in it is long enough to be a date, so that a single file of its kind is taken for the first of many. */
export function hasDate(key: string): boolean {
  return /\d{6,}|\d{4}[-_.]\d{1,2}/.test(key);
}
