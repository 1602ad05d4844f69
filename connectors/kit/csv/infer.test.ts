import { describe, expect, it } from 'vitest';
import { inferColumns, likelyKey } from './infer.ts';

function typeOfValues(...values: string[]): string | undefined {
  return inferColumns(
    ['a'],
    values.map((a) => ({ a })),
  )[0]?.type;
}

describe('column types', () => {
  it.each([
    [['1', '-20', '0'], 'integer'],
    [['1', '2.5', '1e9'], 'real'],
    [['00501', '10001'], 'text'],
    [['1234567890123456'], 'text'],
    [['true', 'FALSE'], 'boolean'],
    [['2026-07-01', '2026-07-01T10:00:00Z'], 'datetime'],
    [['2026-13-01'], 'text'],
    [['03/04/2026'], 'text'],
    [['', '7'], 'integer'],
    [['', ''], 'text'],
    [['1', 'x'], 'text'],
  ])('%j is %s', (values, type) => {
    expect(typeOfValues(...values)).toBe(type);
  });
});

describe('likely key', () => {
  const rows = [
    { name: 'Acme', account_id: 'A1', rate: '0.5', group: 'x' },
    { name: 'Beta', account_id: 'A2', rate: '0.7', group: 'x' },
  ];

  it('prefers a unique column that is named like one over the first unique column', () => {
    expect(likelyKey(inferColumns(['name', 'account_id', 'rate', 'group'], rows))).toBe('account_id');
    expect(likelyKey(inferColumns(['name', 'rate', 'group'], rows))).toBe('name');
  });

  it('is none where nothing is unique, or only a fraction is', () => {
    expect(likelyKey(inferColumns(['rate', 'group'], rows))).toBeNull();
    expect(likelyKey(inferColumns(['name'], []))).toBeNull();
  });
});
