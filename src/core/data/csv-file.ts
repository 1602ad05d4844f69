/** Writes CSV to a file of the person's choice: whole or not at all, and with no cell a spreadsheet would take for a formula. */
import { randomBytes } from 'node:crypto';
import { createWriteStream, renameSync, rmSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { type Input, stringify } from 'csv-stringify';
import type { Cell } from '../../store/cache/queries.ts';

/**
 * Beyond what csv-stringify's `escape_formulas` guards (= + - @ tab, carriage return and their full-width forms): a line
 * feed, full-width minus and at signs, and the small forms of all four.
 */
const ALSO_DANGEROUS = /^[\n\uff0d\uff20\u2212\ufe62\ufe63\ufe66\ufe6b]/;

/** A single carriage return or line feed ends a record for many readers, so it is quoted like the pair that ends ours. */
const LINE_END = /[\r\n]/;

function guardText(cell: Cell): Cell {
  return typeof cell === 'string' && ALSO_DANGEROUS.test(cell) ? `'${cell}` : cell;
}

/**
 * @param header column names, guarded like any text
 * @returns how many rows were written
 * @throws the file system's error; nothing is left at `path` then that was not there before
 */
export async function writeCsv(
  path: string,
  header: readonly string[],
  rows: AsyncIterable<readonly Cell[]> | Iterable<readonly Cell[]>,
): Promise<number> {
  const temporary = `${path}.${randomBytes(4).toString('hex')}.part`;
  let count = 0;
  async function* lines(): AsyncGenerator<Input[number]> {
    yield header.map(guardText);
    for await (const row of rows) {
      count += 1;
      yield row.map(guardText);
    }
  }
  try {
    const encode = stringify({ escape_formulas: true, quoted_match: LINE_END, record_delimiter: 'windows', bom: true });
    await pipeline(lines, encode, createWriteStream(temporary, { mode: 0o600 }));
    renameSync(temporary, path);
    return count;
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
