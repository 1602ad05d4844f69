import { describe, expect, it } from 'vitest';
import { type CellValue, compileMapping } from '../../../src/shared/job/mapping.ts';
import { readAll } from './csv-test-support.ts';
import { inferColumns, likelyKey } from './infer.ts';

function typeOfValues(...values: string[]): string | undefined {
  return inferColumns(
    ['a'],
    values.map((a) => ({ a })),
  )[0]?.type;
}

function decimalsOfValues(...values: string[]): unknown {
  return inferColumns(
    ['a'],
    values.map((a) => ({ a })),
  )[0]?.decimals;
}

describe('column types', () => {
  it.each([
    [['1', '-20', '0'], 'integer'],
    [['1', '2.5', '0.25'], 'real'],
    [['250.00', '19.90'], 'real'],
    [['250.00', '250.0'], 'text'],
    [['250.00', '19'], 'text'],
    [['1', '2.5', '1e9'], 'text'],
    [['12E5'], 'text'],
    [['00501', '10001'], 'text'],
    [['+49301234', '49301235'], 'text'],
    [['-0', '1'], 'text'],
    [['-0.0', '1.0'], 'text'],
    [['1,234', '5'], 'text'],
    [['1.234,50'], 'text'],
    [[' 7', '8'], 'text'],
    [['   ', '8'], 'text'],
    [['.5', '1.5'], 'text'],
    [['1234567890123456'], 'text'],
    [['0.12345678901234567'], 'text'],
    [['true', 'false'], 'boolean'],
    [['TRUE', 'FALSE'], 'boolean'],
    [['true', 'FALSE'], 'text'],
    [['yes', 'no'], 'text'],
    [['1', '0'], 'integer'],
    [['2026-07-01', '2026-07-01T10:00:00Z'], 'datetime'],
    [['2026-07-01 10:00:00.123456'], 'text'],
    [['2026-13-01'], 'text'],
    [['2026-02-30'], 'text'],
    [['03/04/2026'], 'text'],
    [['Test 2'], 'text'],
    [['', '7'], 'integer'],
    [['', ''], 'text'],
    [['1', 'x'], 'text'],
  ])('%j is %s', (values, type) => {
    expect(typeOfValues(...values)).toBe(type);
  });

  it('says how the decimals of a number are written', () => {
    expect(decimalsOfValues('250.00', '19.90')).toBe(2);
    expect(decimalsOfValues('250', '19.9')).toBe('shortest');
    expect(decimalsOfValues(...Array.from({ length: 20 }, (_, index) => `${index}.99`))).toBe(2);
    expect(decimalsOfValues('1', '2')).toBeUndefined();
  });
});

describe('a value that the first rows did not show', () => {
  it('is rejected with its row where it would not come back, and never stored as another', async () => {
    const first = Array.from({ length: 200 }, (_, index) => `K${index},${10_000 + index},${index}.90,${index}.5,true`);
    const late = ['1,00501,7.90,7.5,true', '2,2,250.0,7.5,true', '3,2,7.90,7.50,true', '4,+49301234,7.90,7.5,true'];
    const text = ['id,zip,price,rate,active', 'K,1,1.20,1.25,true', ...first, ...late, '5,2,7.90,7.5,yes'].join('\n');
    const columns = ['id', 'zip', 'price', 'rate', 'active'];
    const { records } = await readAll(text, {}, 4096);
    const inferred = inferColumns(columns, records.slice(0, 200));
    expect(inferred.map(({ type }) => type)).toEqual(['text', 'integer', 'real', 'real', 'boolean']);
    const mapper = compileMapping(
      inferred.map(({ name, type, decimals }) => ({
        target: name,
        type,
        from: { kind: 'direct', path: name },
        required: false,
        decimals,
      })),
      'id',
    );
    const row: CellValue[] = [];
    const outcomes = records.map((record) => mapper.map(record, row) ?? [...row]);
    expect(outcomes[1]).toEqual(['K0', 10_000, 0.9, 0.5, 1]);
    expect(outcomes.filter((outcome) => typeof outcome === 'string')).toEqual([
      '"zip" has leading zeros, which a number loses; map it as text.',
      '"price" does not have exactly 2 decimals, as the column has; map it as text.',
      '"rate" ends with zeros after the decimal point, which a number loses; map it as text.',
      '"zip" begins with a plus sign, which a number loses; map it as text.',
      '"active" says true or false in other words, which a boolean loses; map it as text.',
    ]);
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
