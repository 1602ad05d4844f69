import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { failureOf } from '../conformance.ts';
import { type ConnectorContext, ConnectorError, type JsonValue, type Page, type SourceRecord } from '../contract.ts';
import { defineConnector } from '../define.ts';
import { manifest as sample } from '../fixtures/tickets-inc/manifest.ts';
import { cursorPages, offsetPages } from '../http/pages/index.ts';
import { createRateLimiter } from '../http/rate-limit.ts';
import { createUndiciTransport } from '../http/undici-transport.ts';
import { openConnection } from '../runtime.ts';
import { Secret } from '../secret.ts';
import { type Handler, json, serve, type TestServer } from '../testing/servers.ts';
import { readAsyncJob, readChildren, readJsonLines, readPages, readWindows } from './index.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

async function start(handler: Handler): Promise<{ context: ConnectorContext; server: TestServer }> {
  const server = await serve(handler);
  const transport = createUndiciTransport();
  open.push(transport, server);
  const access = {
    credentials: { apiKey: new Secret('key-1234') },
    expiresAtMs: null,
    learned: {},
  };
  const context = openConnection({
    connector: defineConnector(sample),
    authMethodId: 'api-key',
    fields: {},
    overrides: { apiBaseUrl: server.url, allowPrivateNetwork: true },
    learned: {},
    access: { current: async () => access, renew: async () => access },
    transport,
    signal: new AbortController().signal,
    now: () => Date.now(),
    log: () => undefined,
    limiter: createRateLimiter({ buckets: { default: { requests: 10_000, perMs: 1 } }, maxConcurrent: 2 }),
  });
  return { context, server };
}

async function collect(pages: AsyncIterable<Page>): Promise<Page[]> {
  const all: Page[] = [];
  for await (const page of pages) all.push(page);
  return all;
}
const idsOf = (pages: readonly Page[]): unknown[] => pages.flatMap(({ records }) => records.map(({ id }) => id));
const stored = (checkpoint: JsonValue): JsonValue => JSON.parse(JSON.stringify(checkpoint)) as JsonValue;

/** Reads once, then again behind every checkpoint: each read must bring exactly what follows. */
async function resumesEverywhere(read: (checkpoint: JsonValue) => AsyncIterable<Page>): Promise<unknown[]> {
  const pages = await collect(read(null));
  for (const [index, { checkpoint }] of pages.entries())
    expect(idsOf(await collect(read(stored(checkpoint))))).toEqual(idsOf(pages.slice(index + 1)));
  return idsOf(pages);
}

const urlOf = (request: { readonly url?: string | undefined }): URL => new URL(request.url ?? '/', 'http://x');

describe('readPages', () => {
  const pages = cursorPages({ records: 'items', cursor: 'next', parameter: 'after' });
  it.each([204, 304, 404])('takes %i for no rows where the list says so, and only there', async (status) => {
    const { context } = await start((_request, response) => void response.writeHead(status).end());
    const list = { first: { url: '/v1' }, pages, checkpoint: null };
    expect(await collect(readPages(context, { ...list, noRows: [status] }))).toMatchObject([
      { records: [], checkpoint: { done: true } },
    ]);
    await expect(collect(readPages(context, list))).rejects.toBeInstanceOf(ConnectorError);
  });
});

describe('a deleted record', () => {
  it('is told apart by the list and does not count as one that is there', async () => {
    const items = [{ id: 1 }, { id: 2, status: 'deleted' }];
    const { context } = await start((_request, response) => json(response, { items, next: null }));
    const pages = cursorPages({ records: 'items', cursor: 'next', parameter: 'after' });
    const list = { first: { url: '/v1' }, pages, checkpoint: null };
    const [page] = await collect(readPages(context, { ...list, isDeleted: ({ status }) => status === 'deleted' }));
    expect(page).toMatchObject({ records: [{ id: 1 }], deleted: [{ id: 2 }] });
    expect((await collect(readPages(context, list)))[0]).not.toHaveProperty('deleted');
  });
});

describe('readWindows', () => {
  /** Sorted by time; times repeat, and a search ends after ten rows, saying nothing. */
  const all = Array.from({ length: 53 }, (_, id) => ({
    id,
    at: `2026-01-01T00:00:${String(Math.floor(id / 3)).padStart(2, '0')}Z`,
  }));
  const search =
    (records: readonly { id: number; at: string }[]): Handler =>
    (request, response) => {
      const { searchParams } = urlOf(request);
      const offset = Number(searchParams.get('offset') ?? 0);
      const found = records.filter(({ at }) => at >= (searchParams.get('from') ?? '')).slice(0, 10);
      json(response, { items: found.slice(offset, offset + 4), more: offset + 4 < found.length });
    };
  const windows = (context: ConnectorContext, checkpoint: JsonValue): AsyncIterable<Page> =>
    readWindows(context, {
      ceiling: 10,
      order: 'at',
      key: 'id',
      start: null,
      request: (from) => ({ url: '/search', query: { from: from ?? undefined } }),
      pages: offsetPages({ records: 'items', offsetParameter: 'offset', hasMore: 'more' }),
      checkpoint,
    });

  it('reads past the ceiling of a search, each record once, from every checkpoint on', async () => {
    const { context } = await start(search(all));
    expect(await resumesEverywhere((checkpoint) => windows(context, checkpoint))).toEqual(all.map(({ id }) => id));
  });

  it('refuses records that the system did not sort: a window would skip some', async () => {
    const mixed = all.map((one, index) => (index === 6 ? { ...one, at: '2025-12-31T00:00:00Z' } : one));
    const { context } = await start(search(mixed));
    const error = await failureOf(collect(windows(context, null)));
    expect(error).toMatchObject({ failureClass: 'invalid_response' });
    expect(error.message).toContain('did not sort its records by "at"');
  });

  it('refuses to call a read complete when more rows share a time than a search can reach', async () => {
    const { context } = await start(search(all.map((one) => ({ ...one, at: 'same' }))));
    const error = await failureOf(collect(windows(context, null)));
    expect(error.failureClass).toBe('invalid_response');
    expect(error.message).toContain('More than 10 records share one value of "at"');
  });
});

describe('readChildren', () => {
  const CHILDREN: Readonly<Record<string, number>> = { a: 3, b: 0, c: 5, d: 1 };
  const handler: Handler = (request, response) => {
    const { pathname, searchParams } = urlOf(request);
    const from = Number(searchParams.get('offset') ?? 0);
    const parent = pathname.split('/')[2];
    const total = parent === undefined ? 4 : (CHILDREN[parent] ?? 0);
    const row = (at: number): SourceRecord => (parent === undefined ? { id: 'abcd'[at] } : { id: `${parent}${at}` });
    const rows = Array.from({ length: Math.min(2, Math.max(0, total - from)) }, (_, at) => row(from + at));
    json(response, { items: rows, more: from + 2 < total });
  };
  const pages = offsetPages({ records: 'items', offsetParameter: 'offset', hasMore: 'more' });
  const read = (context: ConnectorContext, checkpoint: JsonValue): AsyncIterable<Page> =>
    readChildren(context, {
      parents: (at) => readPages(context, { first: { url: '/parents' }, pages, checkpoint: at }),
      parentKey: 'id',
      children: ({ id }) => ({ first: { url: `/parents/${String(id)}` }, pages }),
      record: (child, parent) => ({ ...child, parent: parent.id }),
      checkpoint,
    });

  it('reads the children of every parent with the key of the parent, from every checkpoint on', async () => {
    const { context } = await start(handler);
    const ids = await resumesEverywhere((checkpoint) => read(context, checkpoint));
    expect(ids).toEqual(['a0', 'a1', 'a2', 'c0', 'c1', 'c2', 'c3', 'c4', 'd0']);
    const [first] = await collect(read(context, null));
    expect(first?.records[0]).toEqual({ id: 'a0', parent: 'a' });
  });
});

describe('readChildren of a list with deletions', () => {
  it('hands a page of deletions alone on', async () => {
    const { context } = await start((request, response) =>
      json(response, {
        items: urlOf(request).pathname === '/parents' ? [{ id: 'a' }] : [{ id: 'a1', deleted: true }],
        more: false,
      }),
    );
    const pages = offsetPages({ records: 'items', offsetParameter: 'offset', hasMore: 'more' });
    const read = readChildren(context, {
      parents: (at) => readPages(context, { first: { url: '/parents' }, pages, checkpoint: at }),
      parentKey: 'id',
      children: () => ({ first: { url: '/children' }, pages, isDeleted: (record) => record.deleted === true }),
      checkpoint: null,
    });
    expect((await collect(read)).flatMap(({ deleted = [] }) => deleted)).toMatchObject([{ id: 'a1' }]);
  });
});

describe('readAsyncJob', () => {
  interface Bench {
    readonly created: number[];
    readonly cancelled: number[];
    polls: number;
    known: boolean;
  }
  const job = async (pollsNeeded: number, limitMs = 60_000) => {
    const state: Bench = { created: [], cancelled: [], polls: 0, known: true };
    const { context } = await start((request, response) => {
      const { pathname } = urlOf(request);
      if (pathname === '/create') {
        state.created.push(state.created.length + 1);
        state.known = true;
        json(response, { id: state.created.length });
      } else if (!state.known) json(response, {}, 404);
      else if (request.method === 'DELETE') {
        state.cancelled.push(Number(pathname.split('/')[2]));
        json(response, {});
      } else if (pathname.startsWith('/jobs')) {
        state.polls += 1;
        json(response, { state: state.polls >= pollsNeeded ? 'done' : 'running' });
      } else json(response, { items: [{ id: `part ${pathname}` }] });
    });
    const get = async (url: string, method: 'GET' | 'POST' | 'DELETE' = 'GET') =>
      (await context.http.send({ url, method })).json() as Readonly<Record<string, JsonValue>>;
    const read = (checkpoint: JsonValue): AsyncIterable<Page> =>
      readAsyncJob(context, {
        create: async () => (await get('/create', 'POST')).id ?? null,
        poll: async (id) =>
          (await get(`/jobs/${String(id)}`)).state === 'done' ? { kind: 'done', result: 3 } : { kind: 'running' },
        async *results(parts, from) {
          for (let part = typeof from === 'number' ? from : 0; part < Number(parts); part += 1)
            yield {
              records: (await get(`/results/${part}`)).items as unknown as SourceRecord[],
              bytes: 1,
              checkpoint: part + 1,
            };
        },
        cancel: async (id) => void (await get(`/jobs/${String(id)}`, 'DELETE')),
        pauseMs: 1,
        longestPauseMs: 2,
        limitMs,
        checkpoint,
      });
    return { state, read };
  };
  const parts = ['part /results/0', 'part /results/1', 'part /results/2'];

  it('creates a job, asks until it is done, and reads its parts; a later run finds it again', async () => {
    const { state, read } = await job(3);
    expect(await resumesEverywhere(read)).toEqual(parts);
    expect(state.polls).toBeGreaterThanOrEqual(3);
    expect(state.created).toEqual([1]);
  });

  it('creates a new job once when the system has forgotten the one of an interrupted run', async () => {
    const { state, read } = await job(1);
    const [first] = await collect(read(null));
    state.known = false;
    expect(idsOf(await collect(read(stored(first?.checkpoint ?? null))))).toEqual(parts);
    expect(state.created).toEqual([1, 2]);
  });

  it('cancels a job that runs past its limit', async () => {
    const { state, read } = await job(Number.POSITIVE_INFINITY, 0);
    const error = await failureOf(collect(read(null)));
    expect(error.failureClass).toBe('timeout');
    expect(state.cancelled).toEqual([1]);
  });
});

describe('readJsonLines', () => {
  const text = Array.from({ length: 7 }, (_, id) => `{"id":${id},"big":9007199254740993,"name":"ü"}`).join('\r\n');
  /** In pieces that cut lines and characters. */
  async function* pieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += 5) yield bytes.subarray(at, at + 5);
  }
  it.each([
    ['plain', Buffer.from(text)],
    ['gzip-compressed', gzipSync(`${text}\n`)],
  ])('reads %s lines in pages with exact numbers, from every checkpoint on', async (_what, bytes) => {
    const read = (checkpoint: JsonValue) => readJsonLines(pieces(bytes), { name: 'x.jsonl', pageSize: 3, checkpoint });
    expect(await resumesEverywhere(read)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    const [first] = await collect(read(null));
    expect(String(first?.records[0]?.big)).toBe('9007199254740993');
    expect(first?.records[0]?.name).toBe('ü');
  });

  it.each(['[1]', '7', '{"id":', '<html>'])('refuses the line %s and names it', async (line) => {
    const error = await failureOf(
      collect(readJsonLines(pieces(Buffer.from(`{"id":1}\n${line}\n`)), { name: 'x.jsonl' })),
    );
    expect(error.failureClass).toBe('invalid_response');
    expect(error.message).toContain('ine 2 of x.jsonl');
  });

  it('refuses a stream that ends before the place where the read goes on', async () => {
    const read = readJsonLines(pieces(Buffer.from('{"id":1}\n')), { name: 'x.jsonl', checkpoint: { line: 5 } });
    expect((await failureOf(collect(read))).failureClass).toBe('invalid_response');
  });
});
