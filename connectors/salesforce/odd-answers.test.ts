/** Answers that no org should give: each ends typed, and nothing is left out in silence. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failureOf, type PracticeBench, readPages, startBench } from '../kit/conformance.ts';
import { connector } from './manifest.ts';
import { practice } from './practice.ts';

let bench: PracticeBench;

beforeEach(async () => {
  bench = await startBench(connector, practice, { records: 10 });
});

afterEach(() => bench.close());

const answer = (body: unknown): void =>
  bench.practice.command({
    kind: 'failNext',
    status: 200,
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
    times: 1,
  });

const attributes = { type: 'Account' };

describe('an odd answer of Salesforce', () => {
  it.each([
    ['no list', { encoding: 'UTF-8' }],
    ['a list of texts', { sobjects: ['Account'] }],
    ['an object without a name', { sobjects: [{ queryable: true }] }],
    ['an object whose name is a number', { sobjects: [{ name: 7, queryable: true }] }],
    ['null', null],
  ])('instead of its objects (%s) is refused', async (_what, body) => {
    answer(body);
    expect((await failureOf(connector.objects(bench.open()))).failureClass).toBe('invalid_response');
  });

  it.each([
    ['no list', {}],
    ['a member that is null', { fields: [{ name: 'Id', type: 'id' }, null] }],
    ['a field without a name', { fields: [{ name: 'Id', type: 'id' }, { type: 'string' }] }],
    ['a list in place of the answer', []],
  ])('instead of its fields (%s) is refused', async (_what, body) => {
    answer(body);
    expect((await failureOf(connector.fields(bench.open(), 'Account'))).failureClass).toBe('invalid_response');
  });

  it('with fields of unknown or missing types takes them for text', async () => {
    answer({ fields: [{ name: 'Id' }, { name: 'New__c', type: 'hologram', label: 5, nillable: 'no' }] });
    expect(await connector.fields(bench.open(), 'Account')).toEqual([
      { name: 'Id', label: 'Id', type: 'text', isKey: true, isCursor: false, required: false },
      { name: 'New__c', label: 'New__c', type: 'text', isKey: false, isCursor: false, required: false },
    ]);
  });

  it.each([
    ['a record without an Id', [{ attributes, Name: 'Acme' }]],
    ['an Id that is a number', [{ attributes, Id: 1, Name: 'Acme' }]],
    ['an Id that is empty', [{ attributes, Id: '', Name: 'Acme' }]],
    ['a record that is a text', ['001']],
    ['records that are an object', { Id: '001' }],
  ])('to a query (%s) ends the read', async (_what, records) => {
    answer({ totalSize: 1, done: true, records });
    const read = readPages(connector, bench.open(), { object: 'Account', fields: ['Name'] });
    expect((await failureOf(read)).failureClass).toBe('invalid_response');
  });

  it('to a query, without attributes and without a total, is as good as one with them', async () => {
    answer({ done: true, totalSize: 'many', records: [{ Id: '001', Name: 'Acme' }] });
    const pages = await readPages(connector, bench.open(), { object: 'Account', fields: ['Name'] });
    expect(pages.flatMap(({ records }) => records)).toEqual([{ Id: '001', Name: 'Acme' }]);
  });

  it('to a query for changes, with a time that is none, is read: the record is judged on its own', async () => {
    const records = [
      { Id: '001', Name: 'Acme', SystemModstamp: '2026-02-03T04:05:06.000Z' },
      { Id: '002', Name: 'Blue', SystemModstamp: '<b>soon</b>' },
    ];
    answer({ done: true, totalSize: 2, records });
    const since = { field: 'SystemModstamp', value: '2026-01-01T00:00:00Z' };
    const pages = await readPages(connector, bench.open(), { object: 'Account', fields: ['Name'], since });
    expect(pages.flatMap((page) => page.records)).toEqual(records);
  });
});
