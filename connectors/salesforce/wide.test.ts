import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failureOf, type PracticeBench, readPages, startBench } from '../kit/conformance.ts';
import { MAX_IDLE_PAGES } from '../kit/http/pages/progress.ts';
import type { Page, SourceRecord } from '../kit/index.ts';
import { openGateway, type PassingAnswer } from '../kit/testing/gateway.ts';
import { connector } from './manifest.ts';
import { practice } from './practice.ts';
import { partsOf } from './wide.ts';

const ACCOUNTS = 2_300;
let bench: PracticeBench;

beforeEach(async () => {
  bench = await startBench(connector, practice, { records: ACCOUNTS });
});

afterEach(() => bench.close());

const recordsOf = (pages: readonly Page[]): SourceRecord[] => pages.flatMap(({ records }) => records);
const longNames = (count: number): string[] =>
  Array.from({ length: count }, (_, at) => `A_field_whose_name_is_quite_long_${String(at + 1).padStart(4, '0')}__c`);

describe('an object with more fields than one address holds', () => {
  it.each([443, 703, 1_500])('is read whole with %i long names, every value at its record', async (count) => {
    bench.practice.command({ kind: 'setRecords', count: 300 });
    bench.practice.command({ kind: 'addFields', count });
    const fields = (await connector.fields(bench.open(), 'Account')).map(({ name }) => name);
    const records = recordsOf(await readPages(connector, bench.open(), { object: 'Account', fields }));
    expect(records).toHaveLength(300);
    const own = bench.practice.records('Account');
    for (const [index, record] of records.entries()) {
      expect(record).toMatchObject(own[index] ?? {});
      for (const name of longNames(count)) expect(record[name]).toBe(`Account ${index} ${name.slice(-7, -3)}`);
    }
    expect(bench.practice.requests.every(({ status }) => status === 200)).toBe(true);
  });

  it('is read on from any page, behind a forgotten locator too, and by what changed', async () => {
    bench.practice.command({ kind: 'addFields', count: 443 });
    const fields = ['Name', 'SystemModstamp', 'Owner.Email', ...longNames(443), 'Owner.Name'];
    const since = { field: 'SystemModstamp', value: '2024-01-02T08:00:00Z' };
    const pages = await readPages(connector, bench.open(), { object: 'Account', fields, since });
    expect(recordsOf(pages)).toHaveLength(ACCOUNTS);
    expect(recordsOf(pages).at(-1)?.Owner).toMatchObject({ Email: expect.any(String), Name: expect.any(String) });
    bench.practice.command({ kind: 'forgetCursors' });
    const checkpoint = pages[0]?.checkpoint ?? null;
    const rest = await readPages(connector, bench.open(), { object: 'Account', fields, since, checkpoint });
    expect(recordsOf(rest)).toEqual(recordsOf(pages.slice(1)));
  });

  it('is given up when a part of its fields comes again and again, each time with another next page', async () => {
    bench.practice.command({ kind: 'setRecords', count: 30 });
    bench.practice.command({ kind: 'addFields', count: 443 });
    const fields = ['Name', ...longNames(443)];
    let queries = 0;
    let part: PassingAnswer | null = null;
    const gateway = await openGateway(bench.practice.baseUrl, async ({ path }, forward) => {
      if (path.includes('/query')) queries += 1;
      // The first query is that of the page, the second one of its parts.
      if (queries === 2) part ??= await forward();
      if (part === null) return forward();
      const next = `/services/data/v62.0/query/again-${queries}`;
      return { ...part, body: part.body.replace('"done":true', `"done":false,"nextRecordsUrl":"${next}"`) };
    });
    const context = bench.open({ overrides: { apiBaseUrl: gateway.baseUrl } });
    const error = await failureOf(readPages(connector, context, { object: 'Account', fields }));
    expect(error.message).toContain('does not come forward');
    expect(queries).toBeLessThan(3 * MAX_IDLE_PAGES);
    await gateway.close();
  });

  it('is refused with the reason where the filter leaves no room for a field', async () => {
    const value = 'ü'.repeat(1_000);
    const filter = Array.from({ length: 3 }, () => ({ field: 'Name', operator: 'ne' as const, value }));
    const error = await failureOf(readPages(connector, bench.open(), { object: 'Account', fields: ['Name'], filter }));
    expect(error).toMatchObject({ failureClass: 'bad_request' });
    expect(error.message).toContain('too long');
  });

  it('is one request where it fits, and the practice org refuses an address as Salesforce does', async () => {
    expect(partsOf({ object: 'Account', fields: ['Name'], where: [], cursor: undefined })).toEqual([['Id', 'Name']]);
    const error = await failureOf(
      bench.open().http.send({ url: '/services/data/v62.0/query', query: { q: 'x'.repeat(17_000) } }),
    );
    expect(error.status).toBe(414);
  });
});
