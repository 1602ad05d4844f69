import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ColumnType } from '../connector.ts';
import { CASTS, MAX_TEXT_LENGTH, Misfit } from './cast.ts';
import { ExactNumber } from './exact-number.ts';
import type { FieldMapping } from './job.ts';
import { type CellValue, compileMapping, sourcePaths } from './mapping.ts';

const direct = (target: string, path = target, type: ColumnType = 'text', required = false): FieldMapping => ({
  target,
  type,
  from: { kind: 'direct', path },
  required,
});

function mapOne(mapping: FieldMapping[], record: Record<string, unknown>, key = 'id'): CellValue[] | string {
  const mapper = compileMapping(mapping, key);
  const row: CellValue[] = new Array(mapping.length).fill(null);
  return mapper.map(record, row) ?? row;
}

describe('casts', () => {
  const time = '2024-05-01T10:00:00.000Z';
  it.each<[ColumnType, unknown, unknown]>([
    ['text', 'a', 'a'],
    ['text', '', ''],
    ['text', 12.5, '12.5'],
    ['text', -0, '0'],
    ['text', false, 'false'],
    ['text', { a: 1 }, '{"a":1}'],
    ['text', undefined, null],
    ['integer', 7, 7],
    ['integer', -0, 0],
    ['integer', true, 1],
    ['integer', '', null],
    ['integer', 2 ** 53 - 1, 2 ** 53 - 1],
    ['real', '12345678901234567000', 12345678901234567000],
    ['real', new ExactNumber('1000000000000000000000'), 1e21],
    ['text', new ExactNumber('9007199254740993'), '9007199254740993'],
    ['text', new ExactNumber('1e400'), '1e400'],
    ['text', '😀', '😀'],
    [
      'json',
      { id: new ExactNumber('9007199254740993'), n: [new ExactNumber('-1e400'), 1.5] },
      '{"id":9007199254740993,"n":[-1e400,1.5]}',
    ],
    ['json', { half: '\ud83d', quoted: '\\ude00' }, '{"half":"\\ud83d","quoted":"\\\\ude00"}'],
    ['real', -0, 0],
    ['boolean', 'TRUE', 1],
    ['boolean', 0, 0],
    ['boolean', null, null],
    ['datetime', time, time],
    ['datetime', '2024-05-01T10:00:00.000+0000', time],
    ['datetime', '2024-05-01T12:00:00+02:00', time],
    ['datetime', '2024-05-01 10:00', time],
    ['datetime', '2024-05-01', '2024-05-01T00:00:00.000Z'],
    ['datetime', '2024-02-29T00:00:00.000Z', '2024-02-29T00:00:00.000Z'],
    ['datetime', 1_714_557_600, time],
    ['datetime', 1_714_557_600_000, time],
    ['json', ['a'], '["a"]'],
    ['json', 'a', '"a"'],
  ])('%s of %j is %j', (type, value, stored) => {
    expect(CASTS[type](value)).toStrictEqual(stored);
  });

  it.each<[ColumnType, unknown, RegExp]>([
    ['text', 'x'.repeat(MAX_TEXT_LENGTH + 1), /longer than 1,000,000/],
    ['integer', 1.5, /whole number/],
    ['integer', '12 apples', /whole number/],
    ['integer', 2 ** 53, /too large/],
    ['integer', {}, /whole number/],
    ['integer', '9007199254740993', /too large/],
    ['integer', new ExactNumber('9007199254740993'), /too large/],
    ['integer', new ExactNumber('0.1234567890123456789'), /whole number/],
    ['real', '12345678901234567890', /more digits/],
    ['real', '0.1234567890123456789', /more digits/],
    ['real', new ExactNumber('999999999999999999'), /more digits/],
    ['real', new ExactNumber('0.1234567890123456789'), /more digits/],
    ['real', new ExactNumber('1e400'), /more digits/],
    ['boolean', new ExactNumber('1e400'), /true nor false/],
    ['datetime', new ExactNumber('1e400'), /date or time/],
    ['text', 'half \ud83d', /half a character/],
    ['text', '\ude00\ud83d', /half a character/],
    ['json', { bytes: '\udcff' }, /bytes that are no text/],
    ['real', Number.NaN, /not a number/],
    ['real', Number.POSITIVE_INFINITY, /not a number/],
    ['real', '0x10', /not a number/],
    ['real', '1e99999', /not a number/],
    ['boolean', 2, /true nor false/],
    ['datetime', '2023-02-29T00:00:00.000Z', /date or time/],
    ['datetime', '2024-13-01', /date or time/],
    ['datetime', '31/12/2024', /date or time/],
    ['datetime', Number.NaN, /date or time/],
    ['datetime', 1e300, /date or time/],
  ])('%s refuses %j', (type, value, reason) => {
    const cast = CASTS[type](value);
    expect(cast).toBeInstanceOf(Misfit);
    expect((cast as Misfit).reason).toMatch(reason);
  });

  it('takes whole numbers of any size as text only', () => {
    expect(CASTS.text(2n ** 53n + 1n)).toBe('9007199254740993');
    expect(CASTS.integer(2n ** 53n + 1n)).toBeInstanceOf(Misfit);
    expect(CASTS.real(2n ** 53n + 1n)).toBeInstanceOf(Misfit);
  });

  it('refuses JSON that nests without end', () => {
    const loop: Record<string, unknown> = {};
    loop.self = loop;
    expect(CASTS.json(loop)).toBeInstanceOf(Misfit);
  });

  it('never throws and never stores what SQLite cannot hold, whatever comes', () => {
    const types: ColumnType[] = ['text', 'integer', 'real', 'boolean', 'datetime', 'json'];
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.anything({ withDate: true, withBigInt: true }), (type, value) => {
        const cast = CASTS[type](value);
        if (cast === null || cast instanceof Misfit) return;
        if (typeof cast === 'number') {
          expect(Number.isFinite(cast)).toBe(true);
          expect(Object.is(cast, -0)).toBe(false);
        } else expect(typeof cast).toBe('string');
      }),
      { numRuns: 3_000 },
    );
  });

  it('stores times so that their texts sort as the times do', () => {
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true }), fc.date({ noInvalidDate: true }), (a, b) => {
        const [left, right] = [CASTS.datetime(a), CASTS.datetime(b)];
        if (typeof left !== 'string' || typeof right !== 'string') return;
        expect(Math.sign(left < right ? -1 : left > right ? 1 : 0)).toBe(Math.sign(a.getTime() - b.getTime()));
      }),
    );
  });
});

describe('a mapping', () => {
  it('reads nested members, and a member whose own name has dots first', () => {
    const mapping = [direct('id'), direct('mail', 'owner.email')];
    expect(mapOne(mapping, { id: '1', owner: { email: 'a@b' } })).toEqual(['1', 'a@b']);
    expect(mapOne(mapping, { id: '1', 'owner.email': 'flat', owner: { email: 'nested' } })).toEqual(['1', 'flat']);
    expect(mapOne(mapping, { id: '1', owner: null })).toEqual(['1', null]);
    expect(mapOne(mapping, { id: '1', owner: 'text' })).toEqual(['1', null]);
  });

  it('takes nothing from what every object inherits', () => {
    const mapping = ['toString', 'constructor', '__proto__', 'hasOwnProperty'].map((path, at) =>
      direct(`c${at}`, path),
    );
    expect(mapOne([direct('id'), ...mapping], { id: '1' })).toEqual(['1', null, null, null, null]);
    expect(mapOne([direct('id'), direct('c', 'a.constructor.name')], { id: '1', a: {} })).toEqual(['1', null]);
    expect(mapOne([direct('id'), direct('c', 'constructor')], { id: '1', constructor: 'own' })).toEqual(['1', 'own']);
  });

  it.each<[Extract<FieldMapping['from'], { kind: 'derived' }>['operation'], string | null]>([
    ['join', 'Ada, Lovelace'],
    ['firstOf', 'Ada'],
    ['lower', 'ada'],
    ['upper', 'ADA'],
    ['trim', 'Ada'],
  ])('derives by %s', (operation, expected) => {
    const from = { kind: 'derived' as const, operation, paths: ['first', 'middle', 'last'], separator: ', ' };
    const mapping: FieldMapping[] = [direct('id'), { target: 'name', type: 'text', from, required: false }];
    expect(mapOne(mapping, { id: '1', first: 'Ada', middle: '', last: 'Lovelace' })).toEqual(['1', expected]);
  });

  it.each(['join', 'lower', 'upper', 'trim'] as const)(
    'rejects what %s cannot read, instead of leaving it out',
    (operation) => {
      const from = { kind: 'derived' as const, operation, paths: ['first', 'last'], separator: ' ' };
      const mapping: FieldMapping[] = [direct('id'), { target: 'name', type: 'text', from, required: false }];
      expect(mapOne(mapping, { id: '1', first: 'Ada \ud83d', last: 'Lovelace' })).toMatch(
        /"name" holds half a character/,
      );
      expect(mapOne(mapping, { id: '1', first: 'x'.repeat(MAX_TEXT_LENGTH + 1) })).toMatch(/"name" is longer/);
    },
  );

  it('writes constants', () => {
    const mapping: FieldMapping[] = [
      direct('id'),
      { target: 'k', type: 'integer', from: { kind: 'constant', value: 5 }, required: false },
    ];
    expect(mapOne(mapping, { id: '1' })).toEqual(['1', 5]);
  });

  it.each([
    [{ name: 'x' }, '"id" is required but empty.'],
    [{ id: '', name: 'x' }, '"id" is required but empty.'],
    [{ id: null, name: 'x' }, '"id" is required but empty.'],
    [{ id: '1' }, '"name" is required but empty.'],
    [{ id: '1', name: 'x', size: 'large' }, '"size" is not a whole number.'],
    [{ id: 'k'.repeat(1_001), name: 'x' }, 'The key is longer than 1,000 characters.'],
  ])('rejects %j', (record, reason) => {
    const mapping = [direct('id'), direct('name', 'name', 'text', true), direct('size', 'size', 'integer')];
    expect(mapOne(mapping, record)).toBe(reason);
  });

  it('reads each column by its own rules, and hands on how dates are written', () => {
    const mapper = compileMapping(
      [
        direct('id'),
        { ...direct('day', 'day', 'datetime'), formats: ['D.M.YYYY'], timeZone: 'Asia/Kolkata' },
        { ...direct('zip', 'zip', 'integer'), converts: true },
        { ...direct('price', 'price', 'real'), decimals: 2 },
      ],
      'id',
    );
    const row: CellValue[] = [];
    expect(mapper.map({ id: '1', day: '1.5.2024', zip: '00501', price: '250.00' }, row)).toBeNull();
    expect(row).toEqual(['1', '2024-04-30T18:30:00.000Z', 501, 250]);
    expect(mapper.map({ id: '1', day: '5/1/2024' }, row)).toBe(
      '"day" is not a date or time in ISO 8601 or in a format of the mapping.',
    );
    expect(mapper.map({ id: '1', price: '250.0' }, row)).toMatch(/exactly 2 decimals/);
    expect(mapper.dates).toEqual({ day: { formats: ['D.M.YYYY'], timeZone: 'Asia/Kolkata', converts: undefined } });
    expect(compileMapping([direct('id')], 'id').dates).toEqual({});
  });

  it('names the key of a record that is rejected for another reason', () => {
    const mapper = compileMapping([direct('id'), direct('size', 'size', 'integer')], 'id');
    expect(mapper.keyOf({ id: 17, size: 'large' })).toBe('17');
    expect(mapper.keyOf({ size: 'large' })).toBeNull();
  });

  it('lists the fields it reads once each', () => {
    const from = { kind: 'derived' as const, operation: 'join' as const, paths: ['a', 'b.c'], separator: '' };
    const mapping: FieldMapping[] = [direct('id', 'a'), { target: 'n', type: 'text', from, required: false }];
    expect(sourcePaths(mapping)).toEqual(['a', 'b.c']);
  });

  it('never throws, whatever records come', () => {
    const mapper = compileMapping([direct('id'), direct('deep', 'a.b.c', 'json'), direct('n', 'n', 'real')], 'id');
    const row: CellValue[] = [null, null, null];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('id', 'a', 'n', '__proto__'), fc.anything()), (record) => {
        const reason = mapper.map(record, row);
        expect(reason === null || reason.length > 0).toBe(true);
        mapper.keyOf(record);
      }),
      { numRuns: 2_000 },
    );
  });
});
