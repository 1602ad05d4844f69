import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { growth, LINEAR } from '../../../../test/support/growth.ts';
import { ConnectorError, type HttpRequest, type HttpResponse, type JsonValue } from '../../contract.ts';
import type { Paginator } from '../../manifest.ts';
import { cursorPages, linkHeaderPages, nextUrlPages, offsetPages, pageNumberPages } from './index.ts';
import { nextLink } from './link-header.ts';
import { createLoopGuard } from './loop-guard.ts';

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
    pages: cursorPages({ records: 'data', cursor: 'meta.after', parameter: 'page[after]', total: 'meta.total' }),
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
    pages: cursorPages({ records: '', cursor: '0.next', parameter: 'paging.after', in: 'json' }),
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
    pages: offsetPages({ records: 'items', offsetParameter: 'offset', limit: size }),
    answer: (request) => ({ body: { items: slice(total, Number(request.query?.offset ?? 0), size) } }),
  }),
  'page number': (total, size) => ({
    first: { url: '/v1/items', query: { page: 1, per_page: size } },
    pages: pageNumberPages({ records: 'items', pageParameter: 'page', size, totalPages: 'pages' }),
    answer: (request) => ({
      body: { items: slice(total, (Number(request.query?.page) - 1) * size, size), pages: Math.ceil(total / size) },
    }),
  }),
  'page number from 0 without a total': (total, size) => ({
    first: { url: '/v1/items' },
    pages: pageNumberPages({ records: 'items', pageParameter: 'p', size, first: 0 }),
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

  it('is found among other links, in any order and quoting, in linear time', () => {
    expect(nextLink('<a>; rel=prev, <b>; rel="last next"')).toBe('b');
    expect(nextLink('<a>; rel="prev"')).toBeUndefined();
    expect(nextLink('')).toBeUndefined();
    expect(growth((size) => nextLink(`<${'; rel'.repeat(size)}`), 5_000)).toBeLessThan(LINEAR);
    expect(growth((size) => nextLink('<'.repeat(size)), 20_000)).toBeLessThan(LINEAR);
  });
});

describe('a source that goes round in circles', () => {
  it('is noticed, whatever the length of the circle and of the way into it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 40 }), (lead, length) => {
        const guard = createLoopGuard();
        const read = (): void => {
          for (let page = 0; page < 10 * (lead + length) + 10; page += 1)
            guard.check(page < lead ? `lead ${page}` : { at: (page - lead) % length });
        };
        expect(read).toThrow('repeats its pages');
      }),
    );
  });

  it('is not suspected of pages that differ', () => {
    const guard = createLoopGuard();
    for (let page = 0; page < 10_000; page += 1) guard.check({ cursor: page });
  });
});
