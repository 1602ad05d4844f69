/**
 * Splits text into rows of cells. Its own code because csv-parse, on the same file with 20 columns, reads 25,000 to 50,000
 * rows a second, less than the rest of a sync; searching with indexOf and splitting reads ten times that. It also never
 * stops at a broken row, and knows which byte each row begins at.
 */
import type { CsvDialect } from './options.ts';
import { findersOf, firstLineEnd, type SkipState, scanRow, skipRow, type TextFinders, UNCLOSED } from './scan.ts';

export interface CsvRow {
  /** Empty for a blank line. */
  readonly cells: readonly string[];
  /** Why the row cannot be used; null = it can. */
  readonly problem: string | null;
}

const BLANK: CsvRow = { cells: [], problem: null };

export class CsvTokenizer {
  lineEnd: '\n' | '\r' = '\n';
  #dialect: CsvDialect;
  readonly #onConsumed: (text: string) => void;
  #text = '';
  #position = 0;
  #reportedTo = 0;
  #pending: string[] = [];
  #pendingChars = 0;
  /** Characters the row under way must have before another look at it: doubled each time, so that long rows stay linear. */
  #wanted = 0;
  #isEnded = false;
  #find: TextFinders;
  #skipping: SkipState | null = null;

  /** @param onConsumed is given every piece of text that has been dealt with, so that its bytes can be counted */
  constructor(dialect: CsvDialect, onConsumed: (text: string) => void) {
    this.#dialect = dialect;
    this.#onConsumed = onConsumed;
    this.#find = findersOf('', this.lineEnd, dialect);
  }

  push(text: string): void {
    if (text === '') return;
    this.#pending.push(text);
    this.#pendingChars += text.length;
  }

  /** Says that no text follows. */
  end(): void {
    this.#isEnded = true;
  }

  /** How the rows from here on are written. */
  goOnWith(dialect: CsvDialect): void {
    this.#dialect = dialect;
    this.#find = findersOf(this.#text, this.lineEnd, dialect);
  }

  /** Tells `onConsumed` about all rows handed out so far. */
  report(): void {
    if (this.#position > this.#reportedTo) this.#onConsumed(this.#text.slice(this.#reportedTo, this.#position));
    this.#reportedTo = this.#position;
  }

  /** Finds out how rows end; false = more text is needed to know. */
  detectLineEnd(): boolean {
    if (this.#text.length + this.#pendingChars < this.#wanted && !this.#isEnded) return false;
    this.#join();
    const found = firstLineEnd(this.#text, this.#dialect.quote);
    this.#wanted = this.#text.length * 2;
    if (found === null && !this.#isEnded && this.#text.length <= this.#dialect.maxRowChars) return false;
    this.lineEnd = found ?? '\n';
    this.#find = findersOf(this.#text, this.lineEnd, this.#dialect);
    this.#wanted = 0;
    return true;
  }

  /** The next row; null = more text is needed or, after {@link end}, there is none. */
  next(): CsvRow | null {
    if (this.#pendingChars > 0) {
      if (this.#text.length - this.#position + this.#pendingChars < this.#wanted && !this.#isEnded) return null;
      this.#join();
    }
    return this.#skipping === null ? this.#read() : this.#skip(this.#skipping);
  }

  #join(): void {
    if (this.#pendingChars === 0) return;
    this.report();
    this.#text = this.#text.slice(this.#position) + this.#pending.join('');
    this.#position = 0;
    this.#reportedTo = 0;
    this.#pending = [];
    this.#pendingChars = 0;
    this.#find = findersOf(this.#text, this.lineEnd, this.#dialect);
  }

  #read(): CsvRow | null {
    const start = this.#position;
    if (start >= this.#text.length) return null;
    const found = this.#find.lineEnd.next(start);
    if (found === Number.POSITIVE_INFINITY && !this.#isEnded) return this.#wait(start);
    const stop = Math.min(found, this.#text.length);
    if (this.#find.quote.next(start) < stop) return this.#readQuoted(start);
    this.#take(stop + 1);
    const end = stop > start && this.#text.charCodeAt(stop - 1) === 13 ? stop - 1 : stop;
    if (end === start) return BLANK;
    if (end - start > this.#dialect.maxRowChars) return { cells: [], problem: tooLong(this.#dialect) };
    return this.#checked(this.#text.slice(start, end).split(this.#dialect.separator), end - start);
  }

  #readQuoted(start: number): CsvRow | null {
    const scan = scanRow(this.#find, start, this.#dialect, this.#isEnded);
    if (scan === null) return this.#wait(start);
    this.#take(scan.next);
    if (scan.problem !== null) return scan;
    if (scan.next - start > this.#dialect.maxRowChars) return { cells: [], problem: tooLong(this.#dialect) };
    return this.#checked(scan.cells, scan.next - start);
  }

  #checked(cells: readonly string[], rowChars: number): CsvRow {
    const { maxCellChars } = this.#dialect;
    const index = rowChars <= maxCellChars ? -1 : cells.findIndex((cell) => cell.length > maxCellChars);
    if (index === -1) return { cells, problem: null };
    return {
      cells,
      problem: `cell ${index + 1} has ${cells[index]?.length ?? 0} characters; at most ${maxCellChars} are read`,
    };
  }

  #wait(start: number): CsvRow | null {
    const length = this.#text.length - start;
    if (length > this.#dialect.maxRowChars) return this.#skip('start');
    this.#wanted = length * 2;
    // The search for the row's end has run ahead of the place it will begin at again.
    this.#find = findersOf(this.#text, this.lineEnd, this.#dialect);
    return null;
  }

  #take(next: number): void {
    this.#position = Math.min(next, this.#text.length);
    this.#wanted = 0;
  }

  /** Passes over a row too long to hold, to its true end, keeping none of it. */
  #skip(from: SkipState): CsvRow | null {
    const { state, next } = skipRow(this.#text, this.#position, from, this.lineEnd, this.#dialect);
    this.#take(next);
    const isOver = state === null || this.#isEnded;
    this.#skipping = isOver ? null : state;
    if (!isOver) return null;
    return { cells: [], problem: state === 'quoted' || state === 'escaped' ? UNCLOSED : tooLong(this.#dialect) };
  }
}

function tooLong(dialect: CsvDialect): string {
  return `the row has more than ${dialect.maxRowChars} characters; a quotation mark may not be closed`;
}
