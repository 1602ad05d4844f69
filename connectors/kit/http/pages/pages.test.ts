import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExactNumber } from '../../../../src/shared/job/exact-number.ts';
import { ConnectorError, type HttpRequest, type HttpResponse, type JsonValue } from '../../contract.ts';
import type { Paginator } from '../../manifest.ts';
import { cursorPages, linkHeaderPages, nextUrlPages, offsetPages, pageNumberPages } from './index.ts';
import { nextLink } from './link-header.ts';
import { createProgressGuard, MAX_IDLE_PAGES, NoProgressError } from './progress.ts';

const BASE = 'https://api.example.com/v1/items';

function response(headers: Record<string, string> = {}): HttpResponse {
  return { status: 200, headers, body: new Uint8Array(), url: BASE, text: () => '', json: () => null };
}

interface Source {
  readonly first: HttpRequest;
  readonly pages: Paginator;
  answer(request: HttpRequest): { body: unknown; headers?: Record<string, string> };
}

/** Reads as defineConnector does. */
function readAll(
  source: Source,
  checkpoint: JsonValue = null,
): { ids: number[]; checkpoints: JsonValue[]; totals: (number | undefined)[] } {
  const ids: number[] = [];
  const checkpoints: JsonValue[] = [];
  const totals: (number | undefined)[] = [];
  let request = checkpoint === null ? source.first : source.pages.resume(checkpoint, source.first);
  for (let guard = 0; request !== null; guard += 1) {
    if (guard > 1000) throw new Error('It does not end.');
    const { body, headers } = source.answer(request);
    const page = source.pages.page(body, response(headers), request);
    ids.push(...page.records.map(({ id }) => Number(id)));
    checkpoints.push(JSON.parse(JSON.stringify(page.checkpoint)) as JsonValue);
    totals.push(page.total);
    request = page.next;
  }
  return { ids, checkpoints, totals };
}

const slice = (total: number, from: number, size: number): { id: number }[] =>
  Array.from({ length: Math.max(0, Math.min(size, total - from)) }, (_, index) => ({ id: from + index }));
const queryOf = (request: HttpRequest): URLSearchParams => new URL(request.url, BASE).searchParams;

const styles: Readonly<Record<string, (total: number, size: number) => Source>> = {
  cursor: (total, size) => ({
    first: { url: '/v1/items', query: { limit: size } },
    pages: cursorPages({
      records: 'data',
      cursor: 'meta.after',
      parameter: 'page[after]',
      total: 'meta.total',
      omittedAtEnd: true,
    }),
    answer(request) {
      const from = Number(request.query?.['page[after]'] ?? 0);
      return {
        body: {
          data: slice(total, from, size),
          meta: { total, ...(from + size < total ? { after: String(from + size) } : {}) },
        },
      };
    },
  }),
  'cursor in a JSON body': (total, size) => ({
    first: { url: '/v1/items', method: 'POST', json: { limit: size, paging: { sort: 'id' } } },
    pages: cursorPages({ records: '', cursor: '0.next', parameter: 'paging.after', in: 'json', omittedAtEnd: true }),
    answer(request) {
      const { paging } = request.json as { paging: { after?: number; sort: string } };
      const from = paging.after ?? 0;
      expect(paging.sort).toBe('id');
      const rows = slice(total, from, size).map((row, index) =>
        index === 0 && from + size < total ? { ...row, next: from + size } : row,
      );
      return { body: rows };
    },
  }),
  'cursor with has-more': (total, size) => ({
    first: { url: '/v1/items' },
    pages: cursorPages({ records: 'data', cursor: 'cursor', parameter: 'cursor', hasMore: 'more' }),
    answer(request) {
      const from = Number(request.query?.cursor ?? 0);
      return { body: { data: slice(total, from, size), cursor: from + size, more: from + size < total } };
    },
  }),
  offset: (total, size) => ({
    first: { url: '/v1/items', query: { limit: size } },
    pages: offsetPages({ records: 'items', offsetParameter: 'offset' }),
    answer: (request) => ({ body: { items: slice(total, Number(request.query?.offset ?? 0), size) } }),
  }),
  'page number': (total, size) => ({
    first: { url: '/v1/items', query: { page: 1, per_page: size } },
    pages: pageNumberPages({ records: 'items', pageParameter: 'page', totalPages: 'pages' }),
    answer: (request) => ({
      body: { items: slice(total, (Number(request.query?.page) - 1) * size, size), pages: Math.ceil(total / size) },
    }),
  }),
  'page number from 0 without a total': (total, size) => ({
    first: { url: '/v1/items' },
    pages: pageNumberPages({ records: 'items', pageParameter: 'p', first: 0 }),
    answer: (request) => ({ body: { items: slice(total, Number(request.query?.p ?? 0) * size, size) } }),
  }),
  'next address': (total, size) => ({
    first: { url: BASE, query: { from: 0 } },
    pages: nextUrlPages({ records: 'value', next: 'links.next', total: 'count' }),
    answer(request) {
      const from = Number(request.query?.from ?? queryOf(request).get('from') ?? 0);
      return {
        body: {
          value: slice(total, from, size),
          count: total,
          links: { next: from + size < total ? `/v1/items?from=${from + size}` : null },
        },
      };
    },
  }),
  'link header': (total, size) => ({
    first: { url: BASE },
    pages: linkHeaderPages({ records: '' }),
    answer(request) {
      const from = Number(queryOf(request).get('from') ?? 0);
      const links = [
        `<${BASE}>; rel="first"`,
        ...(from + size < total ? [`<${BASE}?from=${from + size}>; title="a, b"; rel="next"`] : []),
      ];
      return { body: slice(total, from, size), headers: { link: links.join(', ') } };
    },
  }),
};

describe.each(Object.keys(styles))('paging by %s', (name) => {
  const make = styles[name] as (total: number, size: number) => Source;

  it('reads every record once and goes on behind every checkpoint', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 12 }), (total, size) => {
        const { ids, checkpoints } = readAll(make(total, size));
        expect(ids).toEqual(Array.from({ length: total }, (_, index) => index));
        for (const [index, checkpoint] of checkpoints.entries()) {
          const rest = readAll(make(total, size), checkpoint).ids;
          expect(ids.slice(0, Math.min(total, (index + 1) * size)).concat(rest)).toEqual(ids);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('says what is missing in an answer of another form', () => {
    const { pages, first } = make(1, 1);
    for (const body of [null, 'text', 7, {}, { data: {}, items: 'x', value: null }]) {
      expect(() => pages.page(body, response(), first)).toThrow(ConnectorError);
    }
  });

  it('refuses a checkpoint that is not its own', () => {
    const { pages, first } = make(1, 1);
    for (const checkpoint of [{}, 'x', 3, { url: 7 }, { cursor: {} }])
      expect(() => pages.resume(checkpoint as JsonValue, first)).toThrow(ConnectorError);
  });
});

it('a cursor that no double holds goes back by its digits', () => {
  const pages = cursorPages({ records: 'data', cursor: 'next', parameter: 'after' });
  const answer = { data: [], next: new ExactNumber('9007199254740993') };
  const page = pages.page(answer, response(), { url: BASE });
  expect(page.next?.query?.after).toBe('9007199254740993');
  expect(page.checkpoint).toEqual({ cursor: '9007199254740993' });
});

describe('a next address', () => {
  it.each([
    'https://evil.test/v1',
    '//evil.test/v1',
    'http://api.example.com/v1',
    'https://api.example.com:8443/v1',
    'https://api.example.com@evil.test/',
    'javascript:alert(1)',
  ])('on another origin is refused: %s', (next) => {
    const pages = nextUrlPages({ records: 'value', next: 'next' });
    expect(() => pages.page({ value: [], next }, response(), { url: BASE })).toThrow(
      /only pages of the same host|not a web address/,
    );
    expect(() =>
      linkHeaderPages({ records: '' }).page([], response({ link: `<${next}>; rel=next` }), { url: BASE }),
    ).toThrow(ConnectorError);
  });

  it('is found among other links, in any order and quoting', () => {
    expect(nextLink('<a>; rel=prev, <b>; rel="last next"')).toBe('b');
    expect(nextLink('<a>; rel="prev"')).toBeUndefined();
    expect(nextLink('')).toBeUndefined();
    expect(nextLink(`<${'; rel'.repeat(3_000)}`)).toBeUndefined();
    expect(nextLink('<'.repeat(16_000))).toBeUndefined();
    expect(() => nextLink('<'.repeat(1_000_000))).toThrow('cannot be read');
  });
});

describe('an end is an end only when the source says so', () => {
  const at = (pages: Paginator, body: unknown, request: HttpRequest = { url: BASE }) =>
    pages.page(body, response(), request);
  const records = [{ id: 1 }];
  const isNoEnd = /says that more records follow|without the expected/;

  it.each<[string, Paginator, unknown]>([
    [
      'a true has-more without a cursor',
      cursorPages({ records: 'data', cursor: 'next', parameter: 'c', hasMore: 'more' }),
      { data: records, more: true },
    ],
    [
      'a true has-more with a null cursor',
      cursorPages({ records: 'data', cursor: 'next', parameter: 'c', hasMore: 'more' }),
      { data: records, more: true, next: null },
    ],
    [
      'a missing has-more',
      cursorPages({ records: 'data', cursor: 'next', parameter: 'c', hasMore: 'more' }),
      { data: records, next: 'x' },
    ],
    [
      'a has-more that is a text',
      cursorPages({ records: 'data', cursor: 'next', parameter: 'c', hasMore: 'more' }),
      { data: records, more: 'false' },
    ],
    [
      'a false end-of-stream without a cursor',
      cursorPages({ records: 'data', cursor: 'next', parameter: 'c', isEnd: 'end' }),
      { data: records, end: false, next: '' },
    ],
    ['a missing cursor', cursorPages({ records: 'data', cursor: 'next', parameter: 'c' }), { data: records }],
    [
      'a cursor that is an object',
      cursorPages({ records: 'data', cursor: 'next', parameter: 'c' }),
      { data: records, next: {} },
    ],
    [
      'a false end without an address',
      nextUrlPages({ records: 'data', next: 'next', isEnd: 'done' }),
      { data: records, done: false },
    ],
    ['a missing address', nextUrlPages({ records: 'data', next: 'next' }), { data: records }],
    ['an address that is a number', nextUrlPages({ records: 'data', next: 'next' }), { data: records, next: 7 }],
    [
      'an empty page before a has-more',
      offsetPages({ records: 'data', offsetParameter: 'o', hasMore: 'more' }),
      { data: [], more: true },
    ],
    [
      'a missing number of pages',
      pageNumberPages({ records: 'data', pageParameter: 'p', totalPages: 'pages' }),
      { data: records },
    ],
    [
      'an empty page before the last one',
      pageNumberPages({ records: 'data', pageParameter: 'p', totalPages: 'pages' }),
      { data: [], pages: 3 },
    ],
  ])('%s is an error', (_what, pages, body) => {
    expect(() => at(pages, body)).toThrow(isNoEnd);
  });

  it('an empty page before the total that the source counts is an error', () => {
    const pages = offsetPages({ records: 'data', offsetParameter: 'o', total: 'count' });
    expect(() => at(pages, { data: [], count: 8 }, { url: BASE, query: { o: 5 } })).toThrow(
      'counts 8 records and sent no more after 5',
    );
    expect(at(pages, { data: [], count: 5 }, { url: BASE, query: { o: 5 } }).next).toBeNull();
  });

  it('a page shorter than what was asked for is no end', () => {
    const short = { data: records };
    expect(at(offsetPages({ records: 'data', offsetParameter: 'o' }), short).next).toMatchObject({ query: { o: 1 } });
    expect(at(pageNumberPages({ records: 'data', pageParameter: 'p' }), short).next).toMatchObject({ query: { p: 2 } });
  });

  it('two members that contradict each other are an error', () => {
    const pages = cursorPages({ records: 'data', cursor: 'next', parameter: 'c', hasMore: 'more', isEnd: 'end' });
    for (const both of [true, false])
      expect(() => at(pages, { data: records, more: both, end: both, next: 'x' })).toThrow('contradicts itself');
  });

  it('the cursor of the request as the next one is an error', () => {
    const pages = cursorPages({ records: 'data', cursor: 'next', parameter: 'c', isEnd: 'end' });
    expect(() => at(pages, { data: records, end: false, next: 7 }, { url: BASE, query: { c: '7' } })).toThrow(
      'the same page would come again',
    );
  });

  it('a record that is no object is an error', () => {
    const pages = nextUrlPages({ records: 'data', next: 'next' });
    for (const record of [null, 7, 'x']) expect(() => at(pages, { data: [record], next: null })).toThrow(isNoEnd);
  });

  it('a Link header that cannot be read is an error', () => {
    for (const header of ['next', `<${BASE}>; rel="prev", ${' '.repeat(20_000)}<${BASE}?p=2>; rel="next"`])
      expect(() => nextLink(header)).toThrow('cannot be read');
  });
});

describe('a source that goes round in circles', () => {
  it('is noticed, whatever the length of the circle and of the way into it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 40 }), (lead, length) => {
        const guard = createProgressGuard();
        const read = (): void => {
          for (let page = 0; page < 10 * (lead + length) + 10; page += 1)
            guard.check(page < lead ? `lead ${page}` : { at: (page - lead) % length });
        };
        expect(read).toThrow('repeats its pages');
      }),
    );
  });

  it('is not suspected of pages that differ', () => {
    const guard = createProgressGuard();
    for (let page = 0; page < 10_000; page += 1) guard.check({ cursor: page });
  });

  const checkpointsUntilItEnds = (recordsOf: (page: number) => { id: unknown }[], most = 1_000): number => {
    const guard = createProgressGuard(({ id }) => id);
    for (let page = 0; page < most; page += 1) {
      try {
        guard.check({ cursor: page }, recordsOf(page));
      } catch (error) {
        expect(error).toBeInstanceOf(NoProgressError);
        expect(error).toMatchObject({ failureClass: 'invalid_response' });
        return page;
      }
    }
    return most;
  };

  it('is ended when a new place each time brings nothing, or only what came before', () => {
    expect(checkpointsUntilItEnds(() => [])).toBe(MAX_IDLE_PAGES);
    expect(checkpointsUntilItEnds(() => [{ id: 'a' }, { id: 'b' }])).toBe(MAX_IDLE_PAGES + 1);
    // A circle of fifty pages, each with a place of its own.
    expect(checkpointsUntilItEnds((page) => slice(1_000, (page % 50) * 20, 20))).toBe(50 + MAX_IDLE_PAGES);
  });

  it('is left alone while something new comes now and then: overlaps, empty pages, many millions of records', () => {
    expect(checkpointsUntilItEnds((page) => (page % MAX_IDLE_PAGES === 0 ? [{ id: page }] : []))).toBe(1_000);
    expect(checkpointsUntilItEnds((page) => slice(1e9, page * 10, 100))).toBe(1_000);
    expect(checkpointsUntilItEnds((page) => slice(1e9, page * 2_000, 2_000))).toBe(1_000);
  });
});

describe('a member with a dot in its name', () => {
  it.each(['@odata\\.nextLink', '@odata.nextLink'])('leads to the next page when it is written %s', (next) => {
    const pages = nextUrlPages({ records: 'value', next, omittedAtEnd: true });
    const page = pages.page({ value: [{ id: 1 }], '@odata.nextLink': `${BASE}?page=2` }, response(), { url: BASE });
    expect(page.next?.url).toBe(`${BASE}?page=2`);
    expect(pages.page({ value: [] }, response(), { url: BASE }).next).toBeNull();
  });
});

describe('an empty page', () => {
  it('is the end where the vendor says so, though a way on stands in it', () => {
    const cursor = { records: 'items', cursor: 'scrollId', parameter: 'scrollId' };
    const answer = { items: [], scrollId: 'abc', next: `${BASE}?page=2` };
    const paginators: [Paginator, Paginator][] = [
      [cursorPages({ ...cursor, endsOnEmptyPage: true }), cursorPages(cursor)],
      [
        nextUrlPages({ records: 'items', next: 'next', endsOnEmptyPage: true }),
        nextUrlPages({ records: 'items', next: 'next' }),
      ],
    ];
    for (const [ends, goesOn] of paginators) {
      expect(ends.page(answer, response(), { url: BASE }).next).toBeNull();
      expect(goesOn.page(answer, response(), { url: BASE }).next).not.toBeNull();
    }
  });
});
