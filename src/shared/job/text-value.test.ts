import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ColumnType } from '../connector.ts';
import { CASTS, castBy, Misfit, type TextRules } from './cast.ts';
import { decimalsOf } from './text-value.ts';

function cast(type: ColumnType, value: unknown, rules: TextRules = {}): unknown {
  const cell = castBy(type, rules)(value);
  return cell instanceof Misfit ? cell.reason : cell;
}

describe('text to a number', () => {
  it.each<[ColumnType, string, number | null]>([
    ['integer', '42', 42],
    ['integer', '-7', -7],
    ['integer', '0', 0],
    ['integer', '', null],
    ['integer', '9007199254740991', 9_007_199_254_740_991],
    ['real', '0.5', 0.5],
    ['real', '-19.99', -19.99],
    ['real', '250.00', 250],
    ['real', '123456789012345.5', 123_456_789_012_345.5],
    ['real', '0.1234567890123456', 0.123_456_789_012_345_6],
  ])('%s takes %j as %j', (type, text, stored) => {
    expect(cast(type, text)).toBe(stored);
  });

  it.each<[string, RegExp]>([
    ['00501', /leading zeros/],
    ['-007', /leading zeros/],
    ['+49301234', /plus sign/],
    ['12E5', /exponent/],
    ['1e3', /exponent/],
    [' 42', /spaces around/],
    ['42\t', /spaces around/],
    ['   ', /spaces around/],
    ['-0', /negative zero/],
    ['1,234', /separator/],
    ['1.234.567', /separator/],
    ["1'234", /separator/],
    ['1 234', /separator/],
    ['1,5', /separator/],
  ])('refuses %j for integer and real, with the reason', (text, reason) => {
    expect(cast('integer', text)).toMatch(reason);
    expect(cast('real', text)).toMatch(reason);
    expect(cast('real', text)).toMatch(/; map it as text$/);
  });

  it.each<[ColumnType, string, RegExp]>([
    ['integer', '3.0', /not a whole number/],
    ['integer', '9007199254740993', /too large/],
    ['integer', 'x7', /not a whole number/],
    ['real', '.5', /before or after its decimal point/],
    ['real', '5.', /before or after its decimal point/],
    ['real', '-0.00', /negative zero/],
    ['real', '9007199254740993', /more digits/],
    ['real', '0.12345678901234567', /more digits/],
    ['real', '123456789012345678901234567890', /more digits/],
    ['real', 'NaN', /not a number/],
    ['real', '0x10', /not a number/],
    ['real', '1'.repeat(400), /not a number/],
  ])('%s refuses %j', (type, text, reason) => {
    expect(cast(type, text)).toMatch(reason);
  });

  it('keeps to the decimals that the mapping names', () => {
    expect(cast('real', '250.00', { decimals: 2 })).toBe(250);
    expect(cast('real', '250.0', { decimals: 2 })).toMatch(/exactly 2 decimals/);
    expect(cast('real', '250', { decimals: 2 })).toMatch(/exactly 2 decimals/);
    expect(cast('real', '', { decimals: 2 })).toBeNull();
    expect(cast('real', 250, { decimals: 2 })).toBe(250);
    expect(cast('real', '250.5', { decimals: 'shortest' })).toBe(250.5);
    expect(cast('real', '250.50', { decimals: 'shortest' })).toMatch(/ends with zeros/);
  });

  it('finds the decimals of a column, or none where they are written in two ways', () => {
    expect(decimalsOf(['250.00', '19.99'])).toBe(2);
    expect(decimalsOf(['250.00', '250.0'])).toBeNull();
    expect(decimalsOf(['250.00', '250'])).toBeNull();
    expect(decimalsOf(['1', '0.5', '0.25'])).toBe('shortest');
    expect(decimalsOf(['00501'])).toBeNull();
  });

  it('converts what the mapping allows to be changed', () => {
    const rules = { converts: true };
    expect(cast('integer', ' 00501', rules)).toBe(501);
    expect(cast('integer', '+7', rules)).toBe(7);
    expect(cast('integer', '-0', rules)).toBe(0);
    expect(cast('real', '12E5', rules)).toBe(1_200_000);
    expect(cast('real', '.5', rules)).toBe(0.5);
    expect(cast('boolean', ' Yes', rules)).toBe(1);
    expect(cast('integer', '1,234', rules)).toMatch(/not a whole number/);
    expect(cast('integer', '   ', rules)).toBeNull();
    expect(cast('datetime', '2024-05-01T10:00:00.123456Z', rules)).toBe('2024-05-01T10:00:00.123Z');
  });

  it('gives each text that it takes back: the number written out is the text', () => {
    const digits = fc.stringMatching(/^[-+]?[0-9]{1,18}(\.[0-9]{1,18})?([eE][0-9]{1,2})?$/);
    fc.assert(
      fc.property(digits, (text) => {
        const whole = CASTS.integer(text);
        if (typeof whole === 'number') expect(String(whole)).toBe(text);
        const real = castBy('real', { decimals: 'shortest' })(text);
        if (typeof real === 'number' && Math.abs(real) >= 1e-6 && Math.abs(real) < 1e21)
          expect(String(real)).toBe(text);
        const [, fraction = ''] = text.split('.');
        if (fraction === '' || /e/i.test(fraction)) return;
        const fixed = castBy('real', { decimals: fraction.length })(text);
        if (typeof fixed === 'number' && text.replace(/\D/g, '').length <= 15)
          expect(fixed.toFixed(fraction.length)).toBe(text);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('text to a boolean', () => {
  it.each([
    ['true', 1],
    ['FALSE', 0],
    ['True', 1],
    ['', null],
  ])('takes %j', (text, stored) => {
    expect(cast('boolean', text)).toBe(stored);
  });

  it.each([
    ['yes', /other words/],
    ['1', /other words/],
    ['tRUE', /other words/],
    [' true', /other words/],
    ['maybe', /neither true nor false/],
  ])('refuses %j', (text, reason) => {
    expect(cast('boolean', text)).toMatch(reason);
  });
});
