import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { failureOf } from '../conformance.ts';
import { type Handler, serve, type TestServer } from '../testing/servers.ts';
import { createThreadTransport, overThread } from './thread-transport.ts';
import type { Transport, WireRequest } from './transport.ts';

const ENTRY = fileURLToPath(new URL('../testing/network-thread.ts', import.meta.url));
const CHUNK = Buffer.alloc(100_000, 'x');

let transport: Transport;
const servers: TestServer[] = [];
beforeAll(() => {
  transport = createThreadTransport(ENTRY);
});
afterAll(() => transport.close());
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(handler: Handler): Promise<(path?: string, changes?: Partial<WireRequest>) => WireRequest> {
  const server = await serve(handler);
  servers.push(server);
  return (path = '/', changes = {}) => ({
    url: server.url + path,
    method: 'GET',
    headers: {},
    timeoutMs: 5_000,
    maxBodyBytes: 50_000_000,
    policy: { allowPrivate: true, allowedHosts: [server.host] },
    ...changes,
  });
}

describe('a transport on another thread', () => {
  it('gives the same answers, and leaves the body it sent usable', async () => {
    const wire = await start((request, response) => {
      response.writeHead(207, { 'x-method': request.method ?? '' });
      request.pipe(response);
    });
    const body = Buffer.from('hello');
    for (let count = 0; count < 3; count += 1) {
      const answer = await transport.send(wire('/', { method: 'POST', body }));
      expect(answer.status).toBe(207);
      expect(answer.headers['x-method']).toBe('POST');
      expect(Buffer.from(answer.body).toString()).toBe('hello');
    }
    expect((await transport.send(wire('/', { method: 'HEAD' }))).body.byteLength).toBe(0);
  });

  it('carries typed failures over', async () => {
    const wire = await start((_request, response) => response.destroy());
    expect((await failureOf(transport.send(wire()))).failureClass).toBe('network');
    expect((await failureOf(transport.stream(wire()))).failureClass).toBe('network');
    expect(
      (await failureOf(transport.send(wire('/', { policy: { allowPrivate: true, allowedHosts: [] } })))).failureClass,
    ).toBe('host_refused');
    expect(
      (
        await failureOf(
          transport.send(
            wire('/', { url: 'http://127.0.0.1:9/', policy: { allowPrivate: true, allowedHosts: ['127.0.0.1:9'] } }),
          ),
        )
      ).message,
    ).toContain('nothing answers there');
  });

  it('has a request on the wire while the caller blocks its own thread', async () => {
    let arrivedAt = 0;
    const wire = await start((_request, response) => response.end('x'));
    await transport.send(wire());
    // The server is on this thread too, so its time cannot be taken here; that of the answer can: it waits in the port.
    const answer = transport.send(wire()).then(() => {
      arrivedAt = performance.now();
    });
    await new Promise((resolve) => setImmediate(resolve));
    const before = performance.now();
    while (performance.now() - before < 50);
    await answer;
    expect(arrivedAt - before).toBeLessThan(150);
  });

  it('stops a request and tells the server', async () => {
    let isClosed = false;
    const wire = await start((_request, response) => {
      response.write('begin');
      response.on('close', () => {
        isClosed = true;
      });
    });
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 100);
    expect((await failureOf(transport.send(wire(), stop.signal))).failureClass).toBe('cancelled');
    await expect.poll(() => isClosed).toBe(true);
    expect((await failureOf(transport.send(wire(), stop.signal))).failureClass).toBe('cancelled');
  });

  it('streams at the pace of the consumer', async () => {
    let sent = 0;
    const wire = await start((_request, response) => {
      const write = (): void => {
        while (sent < 600) {
          sent += 1;
          if (!response.write(CHUNK)) {
            response.once('drain', write);
            return;
          }
        }
        response.end();
      };
      write();
    });
    const { status, body } = await transport.stream(wire('/', { maxBodyBytes: Number.POSITIVE_INFINITY }));
    expect(status).toBe(200);
    let bytes = 0;
    for await (const chunk of body) {
      if (bytes === 0) {
        await new Promise((resolve) => setTimeout(resolve, 500));
        // Sockets, streams and the window hold some; 60 MB would mean that nothing holds it back.
        expect(sent * CHUNK.byteLength).toBeLessThan(30_000_000);
      }
      bytes += chunk.byteLength;
    }
    expect(bytes).toBe(60_000_000);
  });

  it('closes the connection of a stream that is left early or stopped', async () => {
    let closed = 0;
    const wire = await start((_request, response) => {
      const timer = setInterval(() => response.write(CHUNK), 5);
      response.on('close', () => {
        clearInterval(timer);
        closed += 1;
      });
    });
    for await (const chunk of (await transport.stream(wire())).body) {
      expect(chunk.byteLength).toBeGreaterThan(0);
      break;
    }
    await expect.poll(() => closed).toBe(1);
    const stop = new AbortController();
    const { body } = await transport.stream(wire(), stop.signal);
    const reading = (async () => {
      for await (const _chunk of body) stop.abort();
    })();
    expect((await failureOf(reading)).failureClass).toBe('cancelled');
    await expect.poll(() => closed).toBe(2);
  });

  it('says so when the thread dies, and refuses what comes later', async () => {
    const worker = new Worker(ENTRY);
    const dying = overThread(worker);
    const wire = await start((request, response) => {
      if (request.url === '/ok') response.end('x');
    });
    await dying.send(wire('/ok'));
    const waiting = dying.send(wire('/silent'));
    setTimeout(() => void worker.terminate(), 50);
    expect((await failureOf(waiting)).failureClass).toBe('worker_crashed');
    expect((await failureOf(dying.send(wire('/ok')))).failureClass).toBe('worker_crashed');
    await expect(dying.close()).resolves.toBeUndefined();
  });
});
