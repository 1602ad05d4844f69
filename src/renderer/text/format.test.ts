import { describe, expect, it } from 'vitest';
import { formatAgo, formatAsOf, formatBytes, formatCount, formatDuration, formatThings } from './format.ts';

const now = new Date(2026, 2, 12, 14, 2, 0).getTime();
const at = (minutesAgo: number): string => new Date(now - minutesAgo * 60_000).toISOString();

describe('formatAgo', () => {
  it.each([
    [0, 'just now'],
    [6, '6 min ago'],
    [59, '59 min ago'],
    [125, '2 h ago'],
    [15 * 60, 'yesterday 23:02'],
    [3 * 24 * 60, '3 days ago'],
    [40 * 24 * 60, '31 Jan'],
    [400 * 24 * 60, '5 Feb 2025'],
  ])('%i minutes', (minutes, words) => {
    expect(formatAgo(at(minutes), now)).toBe(words);
  });

  it('shows a time in the future as it is', () => {
    expect(formatAgo(at(-90), now)).toBe('2026-03-12 15:32:00');
  });
});

describe('numbers', () => {
  it('says not yet instead of inventing a zero', () => {
    expect(formatCount(null)).toBe('not yet');
    expect(formatCount(1_234_567)).toBe('1,234,567');
  });

  it.each([
    [0, 'no jobs'],
    [1, '1 job'],
    [31, '31 jobs'],
  ])('counts %i', (count, words) => expect(formatThings(count, 'job')).toBe(words));

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1500, '1.5 KB'],
    [932_000_000, '932 MB'],
  ])('%i bytes', (bytes, words) => expect(formatBytes(bytes)).toBe(words));

  it.each([
    [41, '41 ms'],
    [4200, '4.2 s'],
    [72_000, '1 min 12 s'],
    [7_380_000, '2 h 3 min'],
  ])('%i milliseconds', (durationMs, words) => expect(formatDuration(durationMs)).toBe(words));

  it('says as of when', () => {
    expect(formatAsOf(at(6), now)).toBe('13:56');
    expect(formatAsOf(at(24 * 60), now)).toBe('yesterday 14:02');
  });
});
