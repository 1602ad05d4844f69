import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs, MAX_RETRY_AFTER_MS, parseRetryAfter } from './retry.ts';

const NOW = Date.UTC(2026, 0, 31, 8);

describe('Retry-After', () => {
  it.each([
    ['7', 7_000],
    [' 120 ', 120_000],
    ['1.5', 1_500],
    ['Sat, 31 Jan 2026 08:00:30 GMT', 30_000],
    ['Saturday, 31-Jan-26 08:00:30 GMT', 30_000],
    ['315360000', MAX_RETRY_AFTER_MS],
    ['Sat, 31 Jan 2036 08:00:00 GMT', MAX_RETRY_AFTER_MS],
  ])('%j means %d ms', (value, expected) => {
    expect(parseRetryAfter({ 'retry-after': value }, NOW)).toBe(expected);
  });

  it.each([
    undefined,
    '',
    'soon',
    '-5',
    '1e9',
    '0x10',
    'NaN',
    '99999999999999999999',
    'Infinity',
    // Waits that make no sense.
    '0',
    '0.0',
    '0.001',
    '00',
    'Sat, 31 Jan 2026 08:00:00 GMT',
    'Sat, 31 Jan 2026 07:00:00 GMT',
    'Thu, 01 Jan 1970 00:00:00 GMT',
  ])('%j means nothing', (value) => {
    expect(parseRetryAfter(value === undefined ? {} : { 'retry-after': value }, NOW)).toBeUndefined();
  });

  it.each([
    ['an hour ahead', 'Sat, 31 Jan 2026 09:00:00 GMT', 'Sat, 31 Jan 2026 09:00:30 GMT'],
    ['a day behind', 'Fri, 30 Jan 2026 08:00:00 GMT', 'Fri, 30 Jan 2026 08:00:30 GMT'],
  ])('as a date is read by the clock that wrote it: %s', (_name, date, retryAfter) => {
    expect(parseRetryAfter({ 'retry-after': retryAfter, date }, NOW)).toBe(30_000);
  });

  it('as a date beside a Date that is no date is read by the own clock', () => {
    const headers = { 'retry-after': 'Sat, 31 Jan 2026 08:00:30 GMT', date: 'yesterday' };
    expect(parseRetryAfter(headers, NOW)).toBe(30_000);
  });

  it('never goes beyond the cap or below zero, whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), fc.string({ maxLength: 40 }), (value, date) => {
        const wait = parseRetryAfter({ 'retry-after': value, date }, NOW);
        expect(wait === undefined || (wait > 0 && wait <= MAX_RETRY_AFTER_MS)).toBe(true);
      }),
    );
  });
});

describe('backoff', () => {
  it('grows, jitters fully, and stays below its cap', () => {
    expect(backoffMs(1, () => 1)).toBe(500);
    expect(backoffMs(3, () => 1)).toBe(2_000);
    expect(backoffMs(30, () => 1)).toBe(30_000);
    expect(backoffMs(5, () => 0)).toBe(0);
  });
});
