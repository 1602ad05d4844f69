/** Jobs with as many columns as are allowed: stored, compared, searched, and mapped anew. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JobId } from '../../shared/ids.ts';
import { MAX_COLUMNS } from '../../shared/job/job.ts';
import type { CellValue, MappedColumn } from '../../shared/job/mapping.ts';
import { type OpenedCache, openCache } from './cache.ts';
import { CacheQueries } from './queries.ts';
import { ensureTable } from './table.ts';
import { OUTCOMES, RowWriter, WRITTEN } from './writer.ts';

const jobId = 'job000000001' as JobId;
let folder: string;
let cache: OpenedCache;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pb-wide-'));
  cache = await openCache(folder, () => undefined);
});

afterEach(() => {
  cache.close();
  rmSync(folder, { recursive: true, force: true });
});

const columnsOf = (count: number, type: (at: number) => MappedColumn['type'], from = 0): MappedColumn[] =>
  Array.from({ length: count }, (_, at) => ({ name: `Column_${at + from}`, type: at === 0 ? 'text' : type(at) }));
const rowOf = (columns: readonly MappedColumn[], last: CellValue): CellValue[] =>
  columns.map(({ type }, at) => (at === columns.length - 1 ? last : type === 'text' ? `Wört ${at}` : at + 0.5));

describe('a job with as many columns as are allowed', () => {
  it.each<[string, (at: number) => MappedColumn['type']]>([
    ['text', () => 'text'],
    ['numbers', () => 'real'],
    ['both', (at) => (at % 2 === 0 ? 'text' : 'real')],
  ])('of %s is stored, compared and searched', (_what, type) => {
    const columns = columnsOf(MAX_COLUMNS, type);
    ensureTable(cache.db, jobId, columns, 'Column_0');
    const writer = new RowWriter(cache.db, jobId, { columns, keyIndex: 0 }, false);
    const write = (last: CellValue): number => {
      writer.beginPage(1);
      return writer.write(rowOf(columns, last)) % OUTCOMES;
    };
    const value = columns.at(-1)?.type === 'text' ? 'ÄRGER' : 1234.5;
    expect([write(null), write(null), write(value), write(value)]).toEqual([
      WRITTEN.inserted,
      WRITTEN.unchanged,
      WRITTEN.updated,
      WRITTEN.unchanged,
    ]);
    const find = (search: string): number =>
      new CacheQueries(cache.db).page({ jobId, offset: 0, limit: 1, search, sort: null }).total;
    expect([find(typeof value === 'string' ? 'ärger' : '1234.5'), find('nothing like it')]).toEqual([1, 0]);
  });

  it('is made anew where columns that are no longer mapped would fill the table', () => {
    ensureTable(
      cache.db,
      jobId,
      columnsOf(MAX_COLUMNS, () => 'text'),
      'Column_0',
    );
    const others = [{ name: 'Column_0', type: 'text' as const }, ...columnsOf(500, () => 'text', 5_000)];
    expect(ensureTable(cache.db, jobId, others, 'Column_0')).toContain('no longer mapped');
    expect(ensureTable(cache.db, jobId, others, 'Column_0')).toBeNull();
  });
});
