import { expect, it } from 'vitest';
import type { DataTable } from '../../../shared/ipc/contract.ts';
import { startTable } from './start-table.ts';

const table = (jobId: string, rows: number, asOf: string | null) => ({ jobId, rows, asOf }) as DataTable;

it.each([
  [
    'the newest rows',
    [table('a', 0, null), table('b', 5, '2026-01-01T00:00:00.000Z'), table('c', 1, '2026-02-01T00:00:00.000Z')],
    'c',
  ],
  ['rows, though nothing has ended yet', [table('a', 0, null), table('b', 5, null)], 'b'],
  [
    'rows rather than a newer emptiness',
    [table('a', 0, '2026-02-01T00:00:00.000Z'), table('b', 5, '2026-01-01T00:00:00.000Z')],
    'b',
  ],
  ['the first one where there are no rows at all', [table('a', 0, null), table('b', 0, null)], 'a'],
])('the Data page opens on %s', (_words, tables, jobId) => {
  expect(startTable(tables)?.jobId).toBe(jobId);
});
