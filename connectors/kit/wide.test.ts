import { describe, expect, it } from 'vitest';
import { ConnectorError } from './contract.ts';
import { joinPart, splitFields } from './wide.ts';

const bytes = { sizeOf: (field: string) => field.length + 1, rest: 'The filter of Account' };

describe('fields that do not fit into one request', () => {
  it('are split in their order, at the limit and not before', () => {
    const fields = ['aa', 'bb', 'cc', 'dd'];
    expect(splitFields(fields, { ...bytes, room: 12 })).toEqual([fields]);
    expect(splitFields(fields, { ...bytes, room: 11 })).toEqual([['aa', 'bb', 'cc'], ['dd']]);
    expect(splitFields(fields, { ...bytes, room: 100, maxFields: 2 })).toEqual([
      ['aa', 'bb'],
      ['cc', 'dd'],
    ]);
    expect(splitFields([], { ...bytes, room: 0 })).toEqual([[]]);
  });

  it('are refused where nothing fits', () => {
    expect(() => splitFields(['a'.repeat(90)], { ...bytes, room: 20 })).toThrow(ConnectorError);
  });
});

describe('parts of records', () => {
  const options = { key: 'Id', stamp: 'At', object: 'Account' };
  it('are put together by their key, whatever their order, related records too', () => {
    const first = [
      { Id: '1', At: 1, A: 'a1', Owner: { Email: 'x' } },
      { Id: '2', At: 1, A: 'a2', Owner: null },
    ];
    const second = [
      { Id: '3', At: 1, B: 'b3' },
      { Id: '2', At: 1, B: 'b2', Owner: null },
      { Id: '1', At: 1, B: null, Owner: { Name: 'y' } },
    ];
    expect(joinPart(first, second, options)).toEqual({
      records: [
        { Id: '1', At: 1, A: 'a1', B: null, Owner: { Email: 'x', Name: 'y' } },
        { Id: '2', At: 1, A: 'a2', B: 'b2', Owner: null },
      ],
      rejected: [],
    });
  });

  it('are never stored half: a record that went away or changed meanwhile is rejected with the reason', () => {
    const { records, rejected } = joinPart(
      [
        { Id: '1', At: 1 },
        { Id: '2', At: 1 },
        { Id: '3', At: 1 },
      ],
      [
        { Id: '1', At: 2, B: 'newer' },
        { Id: '3', At: 1, B: 'b3' },
      ],
      options,
    );
    expect(records).toEqual([{ Id: '3', At: 1, B: 'b3' }]);
    expect(rejected.map(({ where }) => where)).toEqual(['Account 1', 'Account 2']);
    expect(rejected[0]?.reason).toContain('changed the record');
    expect(rejected[1]?.reason).toContain('no longer sent the record');
  });
});
