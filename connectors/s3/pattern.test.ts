import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { growth, LINEAR } from '../../test/support/growth.ts';
import { collapseNumbers, hasDate, literalHead, matchesPattern } from './pattern.ts';

describe('file name patterns', () => {
  it.each([
    ['accounts.csv', 'accounts.csv', true],
    ['accounts.csv', 'Accounts.csv', false],
    ['accounts-1.csv', 'accounts-*.csv', true],
    ['accounts-1.csv.gz', 'accounts-*.csv', false],
    ['in/accounts.csv', '*.csv', false],
    ['in/accounts.csv', '**.csv', true],
    ['in/2026/accounts.csv', 'in/**/acc*', true],
    ['a1.csv', 'a?.csv', true],
    ['a/.csv', 'a?.csv', false],
    ['', '*', true],
    ['a.csv', '', false],
    ['a[1].csv', 'a[1].csv', true],
  ])('%j against %j: %s', (key, pattern, expected) => {
    expect(matchesPattern(key, pattern)).toBe(expected);
  });

  it('stays fast on patterns made to be slow', () => {
    expect(matchesPattern('a'.repeat(1000), `${'*a'.repeat(30)}b`)).toBe(false);
    const match = (size: number) => matchesPattern('a'.repeat(size), `${'*a'.repeat(30)}b`);
    expect(growth(match, 200)).toBeLessThan(LINEAR);
  });

  it('looks for numbers in linear time, also in a name that is nearly one', () => {
    expect(collapseNumbers(`exports/${'0'.repeat(1000)}abc.csv`)).toBe('exports/*abc.csv');
    expect(collapseNumbers(`exports/${'0T0'.repeat(300)}T.csv`)).toContain('exports/');
    expect(growth((size) => collapseNumbers(`exports/${'0'.repeat(size)}abc.csv`), 500)).toBeLessThan(LINEAR);
    expect(growth((size) => collapseNumbers(`exports/${'0T0'.repeat(size)}T.csv`), 500)).toBeLessThan(LINEAR);
  });

  it('agrees with a regular expression on short keys', () => {
    const unit = fc.constantFrom('a', 'b', '/', '.');
    fc.assert(
      fc.property(
        fc.string({ unit, maxLength: 8 }),
        fc.array(fc.constantFrom('a', 'b', '/', '.', '*', '**', '?'), { maxLength: 6 }),
        (key, parts) => {
          const pattern = parts.join('');
          const source = pattern
            .split(/(\*{2,}|\*|\?)/)
            .map((part) =>
              part === '?'
                ? '[^/]'
                : part === '*'
                  ? '[^/]*'
                  : part.startsWith('**')
                    ? '.*'
                    : part.replaceAll('.', '\\.'),
            )
            .join('');
          expect(matchesPattern(key, pattern)).toBe(new RegExp(`^${source}$`).test(key));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('knows what all matching keys begin with', () => {
    expect(literalHead('in/usage-*.csv')).toBe('in/usage-');
    expect(literalHead('accounts.csv')).toBe('accounts.csv');
  });
});

describe('collapsing numbers', () => {
  it.each([
    ['usage-2026-07-01.csv', 'usage-*.csv'],
    ['usage_20260701T101500Z.csv.gz', 'usage_*.csv.gz'],
    ['usage20260701.csv', 'usage*.csv'],
    ['2026/07/01/usage.csv', '*/*/*/usage.csv'],
    ['accounts.csv', 'accounts.csv'],
    ['sp500.csv', 'sp500.csv'],
    ['sp500-2000.csv', 'sp500-*.csv'],
    ['q1/report_3.tsv', 'q1/report_*.tsv'],
    ['part-00001', 'part-*'],
  ])('%s belongs to %s', (key, pattern) => {
    expect(collapseNumbers(key)).toBe(pattern);
    expect(matchesPattern(key, pattern)).toBe(true);
  });

  it('tells a dated name from a numbered one', () => {
    expect(hasDate('usage-2026-07.csv')).toBe(true);
    expect(hasDate('sp500-2000.csv')).toBe(false);
  });
});
