/** Shared by the CSV tests: sources in chunks, a plain reader to compare with, and a whole read. */
import { Buffer } from 'node:buffer';
import type { SourceRecord, SourceRejection } from '../contract.ts';
import type { CsvOptions } from './options.ts';
import { readCsv } from './read-csv.ts';

export interface WholeRead {
  readonly records: SourceRecord[];
  readonly rejected: SourceRejection[];
  readonly bytes: number;
  readonly row: number;
}

export async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export async function readAll(
  source: string | Uint8Array,
  options: Partial<CsvOptions> = {},
  chunkSize = 7,
): Promise<WholeRead> {
  const bytes = typeof source === 'string' ? Buffer.from(source) : source;
  const whole = { records: [] as SourceRecord[], rejected: [] as SourceRejection[], bytes: 0, row: 0 };
  for await (const batch of readCsv(inChunks(bytes, chunkSize), { file: 'a.csv', ...options })) {
    whole.records.push(...batch.records);
    whole.rejected.push(...batch.rejected);
    whole.bytes += batch.bytes;
    whole.row = batch.row;
  }
  return whole;
}

/** A second reading of the rules, one character at a time over the whole text: rows as cells, null where unclosed or continued, without blank ones. */
export function plainRows(text: string, separator: string, quote: string): (string[] | null)[] {
  const rows: (string[] | null)[] = [];
  let cells: string[] = [];
  let cell = '';
  let mode: 'start' | 'plain' | 'quoted' | 'closed' = 'start';
  let isBroken = false;
  let hasReturn = false;
  const endCell = (): void => {
    cells.push(cell);
    cell = '';
    mode = 'start';
    hasReturn = false;
  };
  const endRow = (): void => {
    const isBlank = cells.length === 0 && (mode === 'start' || (mode === 'plain' && cell === '\r'));
    if (hasReturn) cell = cell.slice(0, -1);
    endCell();
    if (!isBlank) rows.push(isBroken ? null : cells);
    cells = [];
    isBroken = false;
  };
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (mode === 'quoted') {
      if (character !== quote) cell += character;
      else if (text[at + 1] === quote) {
        cell += quote;
        at += 1;
      } else mode = 'closed';
    } else if (character === '\n') endRow();
    else if (character === separator) endCell();
    else if (character === quote && mode === 'start') mode = 'quoted';
    else {
      if (mode === 'closed' && !(character === '\r' && (text[at + 1] === '\n' || at + 1 === text.length)))
        isBroken = true;
      if (mode !== 'closed') mode = 'plain';
      cell += character;
      hasReturn = character === '\r';
    }
  }
  if (mode === 'quoted') rows.push(null);
  else if (text !== '' && (mode !== 'start' || cells.length > 0)) endRow();
  return rows;
}
