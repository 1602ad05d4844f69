import { describe, expect, it } from 'vitest';
import { columnWidth, formatCell } from './cells.ts';

describe('formatCell', () => {
  it.each([
    [null, 'text', ''],
    ['Acme\u202E', 'text', 'Acme[U+202E]'],
    [1234567, 'integer', '1,234,567'],
    [0.1, 'real', '0.1'],
    [0.30000000000000004, 'real', '0.30000000000000004'],
    [-1234.1234567, 'real', '-1,234.1234567'],
    [1e-7, 'real', '0.0000001'],
    [5e-324, 'real', '5e-324'],
    [123456789012345680, 'real', '123,456,789,012,345,680'],
    [9007199254740991, 'integer', '9,007,199,254,740,991'],
    [1, 'boolean', 'true'],
    [0, 'boolean', 'false'],
    ['2026-03-12T14:02:11.123Z', 'datetime', '2026-03-12 14:02:11'],
    ['yesterday', 'datetime', 'yesterday'],
    ['{"a":1}', 'json', '{"a":1}'],
  ] as const)('%j as %s is %j', (value, type, shown) => {
    expect(formatCell(value, type)).toBe(shown);
  });
});

it('gives a column room for its name, within reason', () => {
  expect(columnWidth('Id', 'integer')).toBe(110);
  expect(columnWidth('AnnualRevenueInCorporateCurrency', 'integer')).toBe(296);
  expect(columnWidth('x'.repeat(80), 'text')).toBe(320);
});
