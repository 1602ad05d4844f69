import http from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { PracticeRefusal } from './routes.ts';
import { type PracticeServer, type PracticeServerOptions, startPracticeServer } from './server.ts';

let server: PracticeServer | null = null;
afterEach(() => server?.close());

async function start(options: Partial<PracticeServerOptions> = {}): Promise<PracticeServer> {
  server = await startPracticeServer({
    port: 0,
    routes: [
      { method: 'GET', path: '/data', handle: () => ({ json: { ok: true } }) },
      { method: 'GET', path: '/log-in', isData: false, handle: () => ({ html: '<p>page</p>' }) },
      { method: 'GET', path: '/objects/:name/:id', handle: ({ params }) => ({ json: params }) },
      { method: '*', path: '/files/*', handle: ({ params, method }) => ({ json: { rest: params.rest, method } }) },
      { method: 'POST', path: '/echo', handle: (request) => ({ json: request.json() }) },
      {
        method: 'GET',
        path: '/refused',
        handle: () => {
          throw new PracticeRefusal({ status: 409, text: 'no' });
        },
      },
      {
        method: 'GET',
        path: '/broken',
        handle: () => {
          throw new Error('a mistake in the practice server');
        },
      },
    ],
    ...options,
  });
  return server;
}

const get = (path: string, init: RequestInit = {}): Promise<Response> => fetch(new URL(path, server?.baseUrl), init);

describe('a practice server', () => {
  it('finds routes by path, named segments and rest', async () => {
    await start();
    expect(await (await get('/data')).json()).toEqual({ ok: true });
    expect(await (await get('/objects/Acc%20ount/7?x=1')).json()).toEqual({ name: 'Acc ount', id: '7' });
    expect(await (await get('/files/a/b.csv', { method: 'PUT', body: 'x' })).json()).toEqual({
      rest: 'a/b.csv',
      method: 'PUT',
    });
    expect((await get('/nothing')).status).toBe(404);
    expect((await get('/refused')).status).toBe(409);
    expect((await get('/broken')).status).toBe(500);
    expect((await get('/echo', { method: 'POST', body: '{' })).status).toBe(400);
  });

  it('keeps a log without bodies and headers', async () => {
    const { requests } = await start();
    await get('/data?q=1', { headers: { authorization: 'Bearer secret' } });
    expect(requests).toMatchObject([{ method: 'GET', path: '/data', query: 'q=1', status: 200 }]);
    expect(JSON.stringify(requests)).not.toContain('secret');
  });

  it('limits, fails and dawdles on command, for data answers only, until it is restored', async () => {
    const { command } = await start({ tooManyRequests: () => ({ status: 429, json: { error: 'slow down' } }) });
    command({ kind: 'rateLimit', requests: 2, perSeconds: 30 });
    expect([(await get('/data')).status, (await get('/log-in')).status, (await get('/data')).status]).toEqual([
      200, 200, 200,
    ]);
    const refused = await get('/data');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(25);
    expect((await get('/log-in')).status).toBe(200);
    command({ kind: 'restore' });
    command({ kind: 'failNext', status: 200, body: '<html>', headers: { 'content-type': 'text/html' }, times: 2 });
    expect([
      await (await get('/data')).text(),
      await (await get('/data')).text(),
      await (await get('/data')).text(),
    ]).toEqual(['<html>', '<html>', '{"ok":true}']);
    command({ kind: 'latency', ms: 300_000 });
    const stop = new AbortController();
    const late = get('/data', { signal: stop.signal });
    // Answered although data would take five minutes.
    expect((await get('/log-in')).status).toBe(200);
    stop.abort();
    await expect(late).rejects.toThrow('aborted');
    command({ kind: 'latency', ms: 120 });
    const startedAt = performance.now();
    await get('/data');
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(119);
    expect(command({ kind: 'endLicence' })).toBe(false);
  });

  it('answers to its own name only, so that no page elsewhere can read it', async () => {
    const { baseUrl } = await start();
    const status = await new Promise((resolve) => {
      http.get(`${baseUrl}/data`, { headers: { host: 'rebind.evil.test' } }, (response) =>
        resolve(response.resume().statusCode),
      );
    });
    expect(status).toBe(421);
  });

  it('says when its port is taken', async () => {
    const { baseUrl } = await start();
    await expect(startPracticeServer({ port: Number(new URL(baseUrl).port), routes: [] })).rejects.toThrow(
      'EADDRINUSE',
    );
  });
});
