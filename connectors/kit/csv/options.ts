import { ConnectorError } from '../contract.ts';
import type { CsvEncoding } from './encoding.ts';

/** How a delimited text file is written, and how much of it may be held in memory. */
export interface CsvOptions {
  /** Name for messages: "accounts.csv". */
  readonly file: string;
  /** One character; default comma. */
  readonly separator?: string | undefined;
  /** Text qualifier, one character; null = cells are never quoted. Default double quote. */
  readonly quote?: string | null | undefined;
  /** What makes a qualifier inside a quoted cell literal; default: the qualifier itself, doubled. */
  readonly escape?: string | undefined;
  /** Default utf-8. A byte order mark of the same encoding is removed. */
  readonly encoding?: CsvEncoding | undefined;
  /** `auto` (the default) looks at the first two bytes, so that a renamed or transparently unpacked file is read too. */
  readonly compression?: 'auto' | 'gzip' | 'none' | undefined;
  /** Data rows of one batch; default 1,000. A batch ends earlier when its text passes {@link MAX_BATCH_CHARS}. */
  readonly batchRows?: number | undefined;
  /** Longest cell, UTF-16 units; default 1,000,000. A longer one has its row rejected. */
  readonly maxCellChars?: number | undefined;
  /** Longest row, UTF-16 units; default 4,000,000. A longer one is rejected and never held whole. */
  readonly maxRowChars?: number | undefined;
  /** Only these columns are put into the records; default all. Names the header lacks are ignored. */
  readonly columns?: readonly string[] | undefined;
  /** Extra members of each record, unless the file has columns of these names itself. */
  readonly provenance?: { readonly fileField: string; readonly rowField: string } | undefined;
  /** Goes on where a batch ended. Compressed files cannot be entered in the middle: use {@link CsvOptions.afterRow}. */
  readonly resume?: CsvPosition | undefined;
  /** Rows up to this number are passed over without being emitted; the bytes begin at the start of the file. */
  readonly afterRow?: number | undefined;
}

/** What the first row of a file says. */
export interface CsvLayout {
  readonly columns: readonly string[];
  readonly lineEnd: '\n' | '\r';
  /** What the file itself names in a first line such as `sep=;`; absent = the separator of the options. */
  readonly separator?: string | undefined;
}

/** A place between two rows. */
export interface CsvPosition {
  readonly layout: CsvLayout;
  /** Number of the last row before it, as a spreadsheet counts: the header is row 1, blank lines count. */
  readonly row: number;
  /** Bytes before it, of the file after decompression, byte order mark included. */
  readonly offset: number;
}

/** The ways a row is written, complete. */
export interface CsvDialect {
  readonly separator: string;
  /** Empty text = none. */
  readonly quote: string;
  readonly escape: string;
  readonly maxCellChars: number;
  readonly maxRowChars: number;
}

export const MAX_BATCH_CHARS = 8_000_000;
export const MAX_COLUMNS = 5_000;

/** @throws ConnectorError bad_request when the characters contradict each other */
export function dialectOf(options: CsvOptions): CsvDialect {
  const separator = options.separator ?? ',';
  const quote = options.quote === undefined ? '"' : (options.quote ?? '');
  const escapeWith = options.escape ?? quote;
  if (
    separator.length !== 1 ||
    quote.length > 1 ||
    escapeWith.length > 1 ||
    /[\r\n]/.test(separator + quote + escapeWith)
  ) {
    throw new ConnectorError(
      'bad_request',
      'Separator, text qualifier and escape character must be one character each.',
    );
  }
  if (separator === quote || separator === escapeWith) {
    throw new ConnectorError(
      'bad_request',
      'The separator must differ from the text qualifier and the escape character.',
    );
  }
  return {
    separator,
    quote,
    escape: escapeWith,
    maxCellChars: options.maxCellChars ?? 1_000_000,
    maxRowChars: options.maxRowChars ?? 4_000_000,
  };
}
