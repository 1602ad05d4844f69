import { describe, expect, it } from 'vitest';
import { connectionIdSchema, tenantIdSchema } from '../../shared/ids.ts';
import { sampleRow } from '../testing/samples.ts';
import { rateOf } from './activity.ts';
import { applyChanges, putConnection, useConnections } from './connections.ts';
import { useSession } from './session.ts';

const id = connectionIdSchema.parse('connection0001');

describe('changes of connections', () => {
  const before = new Map([[id as string, sampleRow({ version: 3 })]]);

  it('takes a newer row and one of the same version, whose counts may have changed', () => {
    const row = { ...sampleRow({ version: 3 }), jobs: 9 };
    expect(applyChanges(before, { rows: [row], removed: [] }).get(id)?.jobs).toBe(9);
  });

  it('drops an answer that a newer one has overtaken', () => {
    const late = sampleRow({ version: 2, name: 'Old' });
    expect(applyChanges(before, { rows: [late], removed: [] }).get(id)?.connection.name).toBe('Salesforce Production');
  });

  it('removes, and leaves what it was given untouched', () => {
    expect(applyChanges(before, { rows: [], removed: [id] }).size).toBe(0);
    expect(before.size).toBe(1);
  });
});

it('the answer of a call does not bring a connection into the list of another tenant', () => {
  const row = sampleRow();
  const tenant = { id: row.connection.tenantId } as NonNullable<ReturnType<typeof useSession.getState>['tenant']>;
  useSession.setState({ tenant: { ...tenant, id: tenantIdSchema.parse('tenant000002') } });
  putConnection(row);
  expect(useConnections.getState().rows.size).toBe(0);
  useSession.setState({ tenant });
  putConnection(row);
  expect(useConnections.getState().rows.size).toBe(1);
});

describe('the rate of a run', () => {
  it.each([
    [[], null],
    [[{ atMs: 0, read: 0 }], null],
    [
      [
        { atMs: 0, read: 0 },
        { atMs: 100, read: 50 },
      ],
      null,
    ],
    [
      [
        { atMs: 0, read: 1000 },
        { atMs: 500, read: 2000 },
        { atMs: 2000, read: 5000 },
      ],
      2000,
    ],
    [
      [
        { atMs: 0, read: 1000 },
        { atMs: 1000, read: 0 },
      ],
      0,
    ],
  ])('%j', (samples, rate) => expect(rateOf(samples)).toBe(rate));
});
