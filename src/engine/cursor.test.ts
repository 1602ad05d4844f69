import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExactNumber } from '../shared/job/exact-number.ts';
import { CursorMax, type CursorValue, isGreater, nextCursor, sinceValue } from './cursor.ts';

describe('the greatest cursor value', () => {
  it.each<[CursorValue, CursorValue]>([
    ['2026-01-02T00:00:00.000Z', '2026-01-01T23:59:59.999Z'],
    ['2026-01-02T00:00:00.000+0000', '2026-01-01T00:00:00.000+0000'],
    ['2026-01-01T12:00:00Z', '2026-01-01T12:00:00+02:00'],
    ['2026-01-01T00:00:00.000-05:00', '2026-01-01T04:00:00.000Z'],
    ['2026-01-01T01:00:00.000+0100', '2026-01-01T01:00:00.000+0200'],
    [10, 9],
    ['10', '9'],
    ['10000000000000000', '9999999999999999'],
    ['9007199254740993', '9007199254740992'],
    ['9007199254740993', 9007199254740992],
    [10, '9'],
    [1_767_225_601, 1_767_225_600],
    ['2026-01-02T00:00:00.000Z', '<b>no time</b>'],
    [4711, 'no number'],
  ])('%s is greater than %s', (greater, smaller) => {
    expect(isGreater(greater, smaller)).toBe(true);
    expect(isGreater(smaller, greater)).toBe(false);
  });

  it('is a strict order on times of any zone', () => {
    const time = fc.tuple(
      fc.date({ min: new Date('2000-01-01'), max: new Date('2030-01-01'), noInvalidDate: true }),
      fc.constantFrom(-5, 0, 2),
    );
    const text = ([date, zone]: [Date, number]): string => {
      const local = new Date(date.getTime() + zone * 3_600_000).toISOString().slice(0, -1);
      return zone === 0 ? `${local}Z` : `${local}${zone < 0 ? '-' : '+'}0${Math.abs(zone)}:00`;
    };
    fc.assert(
      fc.property(time, time, (a, b) => {
        expect(isGreater(text(a), text(b))).toBe(a[0].getTime() > b[0].getTime());
      }),
    );
  });

  it('is found in nested fields, past missing ones, and can be set back', () => {
    const max = new CursorMax('meta.at', null);
    for (const at of [2, null, undefined, '', 5, 3]) max.see({ meta: { at } });
    max.see({});
    max.see({ meta: 'text' });
    expect(max.value).toBe(5);
    max.see({ meta: { at: new ExactNumber('9007199254740993') } });
    expect(max.value).toBe('9007199254740993');
    max.reset(2);
    max.see({ meta: { at: 4 } });
    expect(max.value).toBe(4);
  });
});

it('a value that is no time does not take the place of one, whatever comes first', () => {
  const times = ['zzz', '2026-01-02T00:00:00.000Z', '<i>', '2026-01-01T00:00:00.000Z', '\u00ff'];
  const max = new CursorMax('at', null);
  for (const at of times) max.see({ at });
  expect(max.value).toBe('2026-01-02T00:00:00.000Z');
});

describe('where the next pass begins', () => {
  it('goes back by the time the pass took, in the form of the source', () => {
    expect(nextCursor('2026-01-01T00:00:10.000Z', 2_500)).toBe('2026-01-01T00:00:07.500Z');
    expect(nextCursor(1_767_225_600, 1_500)).toBe(1_767_225_598);
    expect(nextCursor(1_767_225_600_000, 1_500)).toBe(1_767_225_598_500);
    expect(nextCursor(4711, 1_500)).toBe(4711);
    expect(nextCursor(1_767_225_600_000_000, 1_500)).toBe('1767225598500000');
    expect(nextCursor('1767225600000000001', 1_500)).toBe('1767225598500000001');
    expect(nextCursor('123456789012345678901234567890', 1_500)).toBe('123456789012345678901234567890');
    expect(nextCursor(null, 1_500)).toBeNull();
    expect(nextCursor('2026-01-01T00:00:10.000Z', -5)).toBe('2026-01-01T00:00:10.000Z');
  });

  it('looks back by the seconds of the job', () => {
    expect(sinceValue('2026-01-01T00:10:00.000+0000', 600)).toBe('2026-01-01T00:00:00.000Z');
    expect(sinceValue(1_767_225_600, 60)).toBe('1767225540');
    expect(sinceValue('v17-opaque', 60)).toBe('v17-opaque');
  });
});
