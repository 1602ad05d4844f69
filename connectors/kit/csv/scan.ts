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
 * One row, or null when its end is not in the text. A quote inside an unquoted cell is literal, as spreadsheets read it.
 * @param isLast whether the text is all there is
 */
export function scanRow(
  text: string,
  start: number,
  lineEnd: string,
  dialect: CsvDialect,
  isLast: boolean,
): RowScan | null {
  const cells: string[] = [];
  let problem: string | null = null;
  let at = start;
  for (;;) {
    const quoted = text[at] === dialect.quote ? scanQuoted(text, at + 1, dialect, isLast) : NOT_QUOTED;
    if (quoted === null) return isLast ? { cells, next: text.length, problem: UNCLOSED } : null;
    const from = quoted === NOT_QUOTED ? at : quoted.next;
    const stop = endOfPlain(text, from, lineEnd, dialect.separator);
    if (stop === text.length && !isLast) return null;
    const isRowEnd = stop === text.length || text[stop] === lineEnd;
    const isCrLf = isRowEnd && stop > from && text[stop - 1] === '\r';
    const plain = text.slice(from, isCrLf ? stop - 1 : stop);
    if (plain !== '' && quoted !== NOT_QUOTED)
      problem ??= `cell ${cells.length + 1} goes on behind its closing quotation mark`;
    cells.push(quoted.value + plain);
    at = stop + 1;
    if (isRowEnd) return { cells, next: Math.min(at, text.length), problem };
  }
}

interface Quoted {
  readonly value: string;
  /** Place behind the closing quote. */
  readonly next: number;
}

const NOT_QUOTED: Quoted = { value: '', next: 0 };

/** The inside of a quoted cell from behind its opening quote; null = not closed in this text, or not certain yet. */
function scanQuoted(text: string, start: number, dialect: CsvDialect, isLast: boolean): Quoted | null {
  const { quote, escape: escapeWith } = dialect;
  let value = '';
  let from = start;
  let at = start;
  for (;;) {
    const quoteAt = text.indexOf(quote, at);
    const escapeAt = escapeWith === quote || escapeWith === '' ? -1 : indexOfBefore(text, escapeWith, at, quoteAt);
    if (escapeAt !== -1) {
      const escaped = text[escapeAt + 1];
      if (escaped === undefined) return null;
      if (escaped === quote || escaped === escapeWith) {
        value += text.slice(from, escapeAt);
        from = escapeAt + 1;
      }
      at = escapeAt + 2;
      continue;
    }
    if (quoteAt === -1) return null;
    if (text[quoteAt + 1] !== quote)
      return quoteAt + 1 === text.length && !isLast
        ? null
        : { value: value + text.slice(from, quoteAt), next: quoteAt + 1 };
    value += text.slice(from, quoteAt + 1);
    from = quoteAt + 2;
    at = from;
  }
}

/** Bounded by the next quote, so that a text without escapes is not searched to its end for every cell. */
function indexOfBefore(text: string, what: string, from: number, stop: number): number {
  const end = stop === -1 ? text.length : stop;
  for (let at = from; at < end; at += 1) if (text[at] === what) return at;
  return -1;
}

/** Where an unquoted cell ends: its separator, its line end, or the text's end. Walks, since indexOf may look far beyond the row. */
function endOfPlain(text: string, from: number, lineEnd: string, separator: string): number {
  const separatorCode = separator.charCodeAt(0);
  const lineEndCode = lineEnd.charCodeAt(0);
  let at = from;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === separatorCode || code === lineEndCode) break;
  }
  return at;
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
