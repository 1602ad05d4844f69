import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareDecimals, ExactNumber, exactDouble, isWholeDecimal, readNumber, writeJson } from './exact-number.ts';

/** A decimal as a whole number of 1e-60ths, by arithmetic that has nothing in common with the code. */
function inUnits(text: string): bigint {
  const [, sign, whole = '', fraction = '', exponent = '0'] =
    /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(text) ?? [];
  const places = 60 - fraction.length + Number(exponent);
  return (sign === '-' ? -1n : 1n) * BigInt(whole + fraction) * 10n ** BigInt(places);
}

const digits = (min: number, max: number) =>
  fc.array(fc.constantFrom(...'0123456789'), { minLength: min, maxLength: max }).map((all) => all.join(''));
const whole = digits(1, 24).map((text) => text.replace(/^0+(?=\d)/, ''));
/** Numbers of JSON, half of them near the borders. */
const token = fc.oneof(
  fc
    .tuple(fc.constantFrom('', '-'), whole, fc.option(digits(1, 22)), fc.option(fc.integer({ min: -9, max: 9 })))
    .map(
      ([sign, int, fraction, exponent]) =>
        `${sign}${int}${fraction === null ? '' : `.${fraction}`}${exponent === null ? '' : `e${exponent}`}`,
    ),
  fc.bigInt({ min: 2n ** 53n - 3n, max: 2n ** 53n + 9n }).map(String),
  fc
    .double({ noNaN: true, min: -1e20, max: 1e20, noDefaultInfinity: true })
    .filter((value) => value === 0 || Math.abs(value) > 1e-30)
    .map(String),
);

describe('a number of JSON', () => {
  it('is itself, as a number or by its digits', () => {
    fc.assert(
      fc.property(token, (text) => {
        const value = readNumber(text);
        expect(inUnits(String(value))).toBe(inUnits(text));
        if (value instanceof ExactNumber) expect(value.digits).toBe(text);
      }),
      { numRuns: 3_000 },
    );
  });

  it.each([
    '0',
    '-0',
    '1.0',
    '250.00',
    '1e2',
    '0.1',
    '9007199254740991',
    '9007199254740992',
    '0.30000000000000004',
    '5e-324',
    '1.7976931348623157e308',
    '1e21',
  ])('%s is a plain number', (text) => {
    expect(readNumber(text)).toBe(Number(text));
  });

  it.each([
    '9007199254740993',
    '999999999999999999',
    '0.1234567890123456789',
    '1e400',
    '-1e400',
    '1e-400',
    '4e-324',
    '1000000000000000000000',
    '0.10000000000000001',
  ])('%s is kept by its digits', (text) => {
    expect(readNumber(text)).toStrictEqual(new ExactNumber(text));
  });
});

describe('decimals', () => {
  it('become a double only where nothing is lost', () => {
    fc.assert(
      fc.property(token, (text) => {
        const value = exactDouble(text);
        if (value !== null) expect(inUnits(String(value))).toBe(inUnits(text));
        else expect(inUnits(String(Number(text)))).not.toBe(inUnits(text));
      }),
      { numRuns: 3_000 },
    );
  });

  it('are compared by value', () => {
    fc.assert(
      fc.property(token, token, (a, b) => {
        const difference = inUnits(a) - inUnits(b);
        expect(Math.sign(compareDecimals(a, b))).toBe(difference > 0n ? 1 : difference < 0n ? -1 : 0);
      }),
      { numRuns: 3_000 },
    );
    expect(compareDecimals('999999999999999.001', '999999999999999.002')).toBeLessThan(0);
  });

  it('are whole without a fraction, however they are written', () => {
    expect(['1.0', '12e3', '0', '1e400'].every(isWholeDecimal)).toBe(true);
    expect(['1.5', '12e-3', '1e-400'].some(isWholeDecimal)).toBe(false);
  });

  it('of a million digits cost no more than their length', () => {
    const long = '9'.repeat(1_000_000);
    expect(compareDecimals(long, `${long}0`)).toBeLessThan(0);
    expect(readNumber(`${'0'.repeat(1)}.${'0'.repeat(1_000_000)}1`)).toBeInstanceOf(ExactNumber);
  });
});

it('JSON has the digits of exact numbers, and everything else as ever', () => {
  const exact = new ExactNumber('9007199254740993');
  expect(writeJson({ a: [exact, { b: exact, c: undefined }], d: 'x"', e: null, f: true, g: 1.5 })).toBe(
    '{"a":[9007199254740993,{"b":9007199254740993}],"d":"x\\"","e":null,"f":true,"g":1.5}',
  );
  expect(writeJson(exact)).toBe('9007199254740993');
  expect(writeJson(undefined)).toBeUndefined();
  // Whoever does not know of exact numbers writes a text, never another number.
  expect(JSON.stringify({ exact })).toBe('{"exact":"9007199254740993"}');
});
