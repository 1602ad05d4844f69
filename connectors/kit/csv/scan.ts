/** Rows with quotes in them, character by character: pure functions over a text and a place in it. */
import type { CsvDialect } from './options.ts';

export const UNCLOSED = 'a quotation mark is never closed, so everything behind it belongs to this row';

export interface RowScan {
  readonly cells: readonly string[];
  /** Place behind the line end. */
  readonly next: number;
  readonly problem: string | null;
}

/**
 * Where a character stands next in a text. Remembers what it found: asked with rising places, it walks the text once, also
 * where the character is rare.
 */
export class Finder {
  readonly #text: string;
  readonly #character: string;
  #at: number;

  /** @param character empty = stands nowhere */
  constructor(text: string, character: string) {
    this.#text = text;
    this.#character = character;
    this.#at = character === '' ? Number.POSITIVE_INFINITY : -1;
  }

  /** Infinity = not in the rest of the text. */
  next(from: number): number {
    if (this.#at >= from) return this.#at;
    const found = this.#text.indexOf(this.#character, from);
    this.#at = found === -1 ? Number.POSITIVE_INFINITY : found;
    return this.#at;
  }
}

export interface TextFinders {
  readonly text: string;
  readonly separator: Finder;
  readonly quote: Finder;
  readonly escape: Finder;
  readonly lineEnd: Finder;
}

export function findersOf(text: string, lineEnd: string, dialect: CsvDialect): TextFinders {
  const { separator, quote, escape: escapeWith } = dialect;
  return {
    text,
    separator: new Finder(text, separator),
    quote: new Finder(text, quote),
    escape: new Finder(text, quote === '' || escapeWith === quote ? '' : escapeWith),
    lineEnd: new Finder(text, lineEnd),
  };
}

/**
 * One row, or null when its end is not in the text. A quote inside an unquoted cell is literal, as spreadsheets read it.
 * @param isLast whether the text is all there is
 */
export function scanRow(find: TextFinders, start: number, dialect: CsvDialect, isLast: boolean): RowScan | null {
  const { text } = find;
  const quoteCode = dialect.quote.charCodeAt(0);
  const cells: string[] = [];
  let problem: string | null = null;
  let at = start;
  for (;;) {
    const quoted = text.charCodeAt(at) === quoteCode ? scanQuoted(find, at + 1, isLast) : null;
    if (quoted === UNCERTAIN) return isLast ? { cells, next: text.length, problem: UNCLOSED } : null;
    const from = quoted === null ? at : quoted.next;
    const separatorAt = find.separator.next(from);
    const lineEndAt = find.lineEnd.next(from);
    const stop = Math.min(separatorAt, lineEndAt, text.length);
    if (stop === text.length && !isLast) return null;
    const isRowEnd = stop !== separatorAt;
    const plain = text.slice(from, isRowEnd && stop > from && text.charCodeAt(stop - 1) === RETURN ? stop - 1 : stop);
    if (quoted === null) cells.push(plain);
    else {
      if (plain !== '') problem ??= `cell ${cells.length + 1} goes on behind its closing quotation mark`;
      cells.push(plain === '' ? quoted.value : quoted.value + plain);
    }
    at = stop + 1;
    if (isRowEnd) return { cells, next: Math.min(at, text.length), problem };
  }
}

const RETURN = 13;

interface Quoted {
  readonly value: string;
  /** Place behind the closing quote. */
  readonly next: number;
}

const UNCERTAIN: Quoted = { value: '', next: 0 };

/** The inside of a quoted cell from behind its opening quote, or UNCERTAIN: not closed in this text, or perhaps not. */
function scanQuoted(find: TextFinders, start: number, isLast: boolean): Quoted {
  const { text } = find;
  let value = '';
  let from = start;
  let at = start;
  for (;;) {
    const quoteAt = find.quote.next(at);
    const escapeAt = find.escape.next(at);
    if (escapeAt < quoteAt) {
      if (escapeAt + 1 >= text.length) return UNCERTAIN;
      if (escapeAt + 1 === quoteAt || text[escapeAt + 1] === text[escapeAt]) {
        value += text.slice(from, escapeAt);
        from = escapeAt + 1;
      }
      at = escapeAt + 2;
      continue;
    }
    if (quoteAt >= text.length) return UNCERTAIN;
    if (text.charCodeAt(quoteAt + 1) !== text.charCodeAt(quoteAt)) {
      if (quoteAt + 1 === text.length && !isLast) return UNCERTAIN;
      const rest = text.slice(from, quoteAt);
      return { value: value === '' ? rest : value + rest, next: quoteAt + 1 };
    }
    value += text.slice(from, quoteAt + 1);
    from = quoteAt + 2;
    at = from;
  }
}

/** Where a row that is only passed over is at, between two chunks. */
export type SkipState = 'start' | 'plain' | 'quoted' | 'escaped' | 'closed';

/** Walks to the end of a row without keeping it, by the same rules as {@link scanRow}. State null = the end was found. */
export function skipRow(
  text: string,
  start: number,
  from: SkipState,
  lineEnd: string,
  dialect: CsvDialect,
): { state: SkipState | null; next: number } {
  const { separator, quote, escape: escapeWith } = dialect;
  let state = from;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (state === 'quoted') {
      if (character === quote) state = 'closed';
      else if (character === escapeWith) state = 'escaped';
    } else if (state === 'escaped') state = 'quoted';
    else if (character === lineEnd) return { state: null, next: at + 1 };
    else if (character === separator) state = 'start';
    else if (character === quote && state !== 'plain') state = 'quoted';
    else state = 'plain';
  }
  return { state, next: text.length };
}

/** How the first row ends; null = its end is not in the text, or only the first half of one. */
export function firstLineEnd(text: string, quote: string): '\n' | '\r' | null {
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === quote) isQuoted = !isQuoted;
    if (isQuoted) continue;
    if (character === '\n') return '\n';
    if (character === '\r') return at + 1 === text.length ? null : text[at + 1] === '\n' ? '\n' : '\r';
  }
  return null;
}
