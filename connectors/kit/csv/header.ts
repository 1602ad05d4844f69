import { CsvFileError } from './csv-file-error.ts';
import { type CsvDialect, MAX_COLUMNS } from './options.ts';
import type { CsvRow } from './tokenizer.ts';

const SEPARATOR_NAMES: Readonly<Record<string, string>> = {
  ',': 'comma',
  '\t': 'tab',
  ';': 'semicolon',
  '|': 'pipe',
  ' ': 'space',
};

/** Column names of a header row, trimmed. @throws CsvFileError header or separator, with a sentence that says what to change */
export function columnsOf(row: CsvRow, file: string, rowNumber: number, dialect: CsvDialect): readonly string[] {
  const where = `${file}, row ${rowNumber}`;
  if (row.problem !== null)
    throw new CsvFileError('header', `${where}: the header row cannot be read: ${row.problem}.`);
  if (row.cells.length > MAX_COLUMNS)
    throw new CsvFileError(
      'header',
      `${where}: the header has ${row.cells.length} columns; at most ${MAX_COLUMNS} are read.`,
    );
  const columns = row.cells.map((cell) => cell.trim());
  refuseWrongSeparator(columns, where, dialect);
  const seen = new Map<string, number>();
  columns.forEach((name, index) => {
    if (name === '')
      throw new CsvFileError(
        'header',
        `${where}: column ${index + 1} has no name. Give every column a name in the header row.`,
      );
    const before = seen.get(name);
    if (before !== undefined)
      throw new CsvFileError(
        'header',
        `${where}: the column name "${shortened(name)}" stands twice, in columns ${before} and ${index + 1}. Give every column its own name.`,
      );
    seen.set(name, index + 1);
  });
  return columns;
}

/**
 * The separator of a line `sep=;`, which Excel reads and writes before the header; null = the row is none. It is split by the
 * separator of the options, so one that names the same separator ends with an empty cell.
 */
export function separatorNamedBy(row: CsvRow, dialect: CsvDialect): string | null {
  if (row.problem !== null || row.cells.length > 2 || (row.cells[1] ?? '') !== '') return null;
  const line = row.cells.join(dialect.separator);
  return line.length === 5 && /^sep=/i.test(line) ? line.charAt(4) : null;
}

/** A single column whose name holds another separator is a file read with the wrong one. */
function refuseWrongSeparator(columns: readonly string[], where: string, dialect: CsvDialect): void {
  const only = columns[0];
  if (columns.length !== 1 || only === undefined) return;
  const found = [',', ';', '\t', '|'].find((candidate) => candidate !== dialect.separator && only.includes(candidate));
  if (found === undefined) return;
  const set = SEPARATOR_NAMES[dialect.separator] ?? dialect.separator;
  throw new CsvFileError(
    'separator',
    `${where}: the header is one column holding the character ${SEPARATOR_NAMES[found]}, but the separator is set to ${set}. Choose ${SEPARATOR_NAMES[found]}.`,
  );
}

function shortened(name: string): string {
  return name.length <= 80 ? name : `${name.slice(0, 79)}…`;
}
