import { describe, expect, it } from 'vitest';
import { toggled, withRange } from './selection.ts';

const ids = ['a', 'b', 'c', 'd'];

describe('choosing rows', () => {
  it('adds a row and takes it away again, leaving what it was given untouched', () => {
    const none = new Set<string>();
    const one = toggled(none, 'a');
    expect([...one]).toEqual(['a']);
    expect([...toggled(one, 'a')]).toEqual([]);
    expect(none.size).toBe(0);
  });

  it.each([
    [1, 3, ['b', 'c', 'd']],
    [3, 1, ['b', 'c', 'd']],
    [2, 2, ['c']],
  ])('adds a range from %i to %i', (from, to, chosen) => {
    expect([...withRange(new Set(), ids, from, to)]).toEqual(chosen);
  });

  it('keeps what was chosen before, and a row that stands in two groups is one', () => {
    expect([...withRange(new Set(['a']), ['b', 'a', 'b'], 0, 2)]).toEqual(['a', 'b']);
  });
});
