/**
 * The one form in which texts are searched, in main, in the reader thread and in the page: case, width and accents do not matter.
 * Both what is stored and what is typed are folded, so that a search is a plain "contains".
 * - Case by Unicode in every script: "ägypten" finds "Ägypten", "москва" finds "Москва".
 * - ß is "ss", in either case. Final sigma (ς) is sigma (σ). Dotless ı and dotted İ are "i", whatever the language.
 * - Latin, Greek and Cyrillic accents (the combining marks U+0300 to U+036F) are left out; the marks of other scripts are letters
 *   to their readers and stay (が is not か).
 */
const ASCII = /^[\0-\x7f]*$/;
const ACCENTS = /[\u0300-\u036f]+/g;

export function foldForSearch(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  // Lower case first: capital ẞ has no upper case and would stay as it is. Then upper case, which is what makes ß "SS".
  const folded = text.normalize('NFKD').replace(ACCENTS, '').toLowerCase().toUpperCase().toLowerCase();
  return folded.normalize('NFKD').replace(ACCENTS, '').replaceAll('ς', 'σ');
}

/** True for texts that fold without a look at Unicode: SQLite's own LIKE finds the same in them. */
export function isAscii(text: string): boolean {
  return ASCII.test(text);
}
