/** Files nobody here wrote (vega-datasets), read as a parser nobody here wrote reads them (csv-parse). */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { readAll } from './csv-test-support.ts';

const FOLDER = fileURLToPath(new URL('../../../node_modules/vega-datasets/data/', import.meta.url));

function cellsOf(record: Readonly<Record<string, unknown>>): unknown[] {
  return Object.values(record);
}

describe('real files', () => {
  it.each(readdirSync(FOLDER).filter((name) => name.endsWith('.csv')))(
    '%s: every row and cell as csv-parse reads it',
    async (name) => {
      const bytes = readFileSync(FOLDER + name);
      const [header = [], ...rows] = parse(bytes, {
        bom: true,
        skip_empty_lines: true,
        relax_column_count: true,
      }) as string[][];
      const { records, rejected } = await readAll(bytes, { file: name }, 65_536);
      const isWhole = (row: readonly string[]): boolean => row.length === header.length;
      expect(Object.keys(records[0] ?? {})).toEqual(header.map((cell) => cell.trim()));
      expect(rejected).toHaveLength(rows.filter((row) => !isWhole(row)).length);
      expect(records.map(cellsOf)).toEqual(rows.filter(isWhole));
    },
  );

  it.each([
    ['zipcodes.csv', 42_049, { zip_code: '00501', city: 'Holtsville' }],
    ['birdstrikes.csv', 10_000, { 'Flight Date': '1990-01-08', 'Wildlife Species': 'Turkey vulture' }],
    ['airports.csv', 3376, { iata: '00M', name: 'Thigpen' }],
  ])('%s has %i rows and begins as it does', async (name, count, first) => {
    const { records } = await readAll(readFileSync(FOLDER + name), { file: name }, 65_536);
    expect(records).toHaveLength(count);
    expect(records[0]).toMatchObject(first);
  });
});
