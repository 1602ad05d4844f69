import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { failureOf } from '../conformance.ts';
import { type Handler, selfSigned, serve, type TestServer } from '../testing/servers.ts';
import type { Transport, WirePolicy, WireRequest } from './transport.ts';
import { createUndiciTransport } from './undici-transport.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

async function start(
  handler: Handler,
  tls?: { key: string; cert: string },
): Promise<{
  server: TestServer;
  transport: Transport;
  wire(path?: string, changes?: Partial<WireRequest>): WireRequest;
}> {
  const server = await serve(handler, tls);
  const transport = createUndiciTransport();
  open.push(transport, server);
  const policy: WirePolicy = { allowPrivate: true, allowedHosts: [server.host, `localhost:${server.port}`] };
  return {
    server,
    transport,
    wire: (path = '/', changes = {}) => ({
      url: server.url + path,
      method: 'GET',
      headers: {},
      timeoutMs: 5_000,
      maxBodyBytes: 50_000_000,
      policy,
      ...changes,
    }),
  };
}

const text = (body: Uint8Array): string => Buffer.from(body).toString('utf8');
async function readAll(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

describe('what comes back', () => {
  it('is status, headers and the whole body in a buffer of its own', async () => {
    const { transport, wire } = await start((_request, response) => {
      response.writeHead(404, { 'X-Twice': ['a', 'b'], 'set-cookie': 'session=1' });
      response.write('one ');
      response.end('two');
    });
    const answer = await transport.send(wire());
    expect(answer.status).toBe(404);
    expect(answer.headers['x-twice']).toBe('a, b');
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(text(answer.body)).toBe('one two');
    expect(answer.body.byteLength).toBe(answer.body.buffer.byteLength);
  });

  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
  ] as const)('is decompressed: %s', async (encoding, compress) => {
    const plain = JSON.stringify({ name: 'Søren', list: Array.from({ length: 2000 }, (_, index) => index) });
    const { transport, wire } = await start((_request, response) => {
      response.writeHead(200, { 'content-encoding': encoding });
      response.end(compress(Buffer.from(plain)));
    });
    const answer = await transport.send(wire());
    expect(text(answer.body)).toBe(plain);
    expect(answer.body.byteLength).toBe(answer.body.buffer.byteLength);
    if (compress !== deflateRawSync) expect(await readAll((await transport.stream(wire())).body)).toBe(plain);
  });

  it('comes over kept-alive connections', async () => {
    const ports = new Set<number | undefined>();
    const { transport, wire } = await start((request, response) => {
      ports.add(request.socket.remotePort);
      response.end('x');
    });
    for (let count = 0; count < 20; count += 1) await transport.send(wire());
    // The second is opened when a request follows within the tick of the answer before it.
    expect(ports.size).toBeLessThanOrEqual(2);
  });

  it('sends a body and its headers', async () => {
    const { transport, wire } = await start((request, response) => {
      request.pipe(response);
    });
    const answer = await transport.send(
      wire('/', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: Buffer.from('hello') }),
    );
    expect(text(answer.body)).toBe('hello');
  });
});

describe('a hostile or broken server', () => {
  it('cannot fill the memory with a declared, an endless or a compressed body', async () => {
    const zeros = gzipSync(Buffer.alloc(60_000_000));
    const { transport, wire } = await start((request, response) => {
      if (request.url === '/declared') response.writeHead(200, { 'content-length': String(10 ** 12) });
      if (request.url === '/bomb') {
        response.writeHead(200, { 'content-encoding': 'gzip' });
        response.end(zeros);
        return;
      }
      const write = (): void => {
        while (response.write(Buffer.alloc(65_536)));
      };
      response.on('drain', write);
      write();
    });
    const before = process.memoryUsage().rss;
    for (const path of ['/declared', '/endless', '/bomb']) {
      const error = await failureOf(transport.send(wire(path)));
      expect(error.failureClass).toBe('invalid_response');
    }
    expect((await failureOf(transport.stream(wire('/bomb')).then(({ body }) => readAll(body)))).message).toContain(
      'grows far too much',
    );
    expect(
      (
        await failureOf(
          transport.stream(wire('/endless', { maxBodyBytes: 5_000_000 })).then(({ body }) => readAll(body)),
        )
      ).message,
    ).toContain('larger than 5 MB');
    expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000);
  });

  it('cannot hold a request for ever: silence, a drip, half an answer', async () => {
    const { transport, wire } = await start((request, response) => {
      if (request.url === '/silent') return;
      response.writeHead(200, { 'content-length': '100' });
      const timer = setInterval(() => response.write('x'), 50);
      response.on('close', () => clearInterval(timer));
      if (request.url === '/cut') setTimeout(() => response.destroy(), 100);
    });
    expect((await failureOf(transport.send(wire('/silent', { timeoutMs: 300 })))).failureClass).toBe('timeout');
    expect((await failureOf(transport.send(wire('/drip', { timeoutMs: 300 })))).failureClass).toBe('timeout');
    expect((await failureOf(transport.send(wire('/cut')))).failureClass).toBe('network');
    expect((await failureOf(transport.stream(wire('/silent', { timeoutMs: 300 })))).failureClass).toBe('timeout');
    expect(
      (await failureOf(transport.stream(wire('/drip', { timeoutMs: 300 })).then(({ body }) => readAll(body))))
        .failureClass,
    ).toBe('timeout');
    expect((await failureOf(transport.stream(wire('/cut')).then(({ body }) => readAll(body)))).failureClass).toBe(
      'network',
    );
  });

  it('is not blamed when the consumer of a stream is slow', async () => {
    const { transport, wire } = await start((_request, response) => {
      response.end(Buffer.alloc(3_000_000, 'x'));
    });
    const { body } = await transport.stream(wire('/', { timeoutMs: 200 }));
    let bytes = 0;
    for await (const chunk of body) {
      if (bytes === 0) await new Promise((resolve) => setTimeout(resolve, 400));
      bytes += chunk.byteLength;
    }
    expect(bytes).toBe(3_000_000);
  });

  it('answers that are no HTTP or broken gzip are told apart from the network', async () => {
    const { transport, wire } = await start((request, response) => {
      if (request.url === '/gzip') {
        response.writeHead(200, { 'content-encoding': 'gzip' });
        response.end('not gzip');
      } else if (request.url === '/odd') {
        response.writeHead(200, { 'content-encoding': 'zstd' });
        response.end('x');
      } else {
        response.socket?.end('220 smtp.example.com ready\r\n');
      }
    });
    for (const path of ['/gzip', '/odd', '/smtp'])
      expect((await failureOf(transport.send(wire(path)))).failureClass).toBe('invalid_response');
    expect((await failureOf(transport.stream(wire('/gzip')).then(({ body }) => readAll(body)))).failureClass).toBe(
      'invalid_response',
    );
  });

  it('stops at once when told, also in the middle of a body, and closes the connection', async () => {
    let isClosed = false;
    const { transport, wire } = await start((_request, response) => {
      response.write('begin');
      response.on('close', () => {
        isClosed = true;
      });
    });
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 50);
    expect((await failureOf(transport.send(wire(), stop.signal))).failureClass).toBe('cancelled');
    expect((await failureOf(transport.send(wire(), stop.signal))).failureClass).toBe('cancelled');
    await expect.poll(() => isClosed).toBe(true);
  });
});

describe('addresses', () => {
  it.each(['http://localhost:PORT/', 'http://127.0.0.1:PORT/'])(
    'reaches %s only when the connection allows private addresses',
    async (template) => {
      const { server, transport, wire } = await start((_request, response) => response.end('x'));
      const url = template.replace('PORT', String(server.port));
      const { policy } = wire();
      expect((await transport.send(wire('/', { url }))).status).toBe(200);
      const before = server.requests.length;
      expect(
        (await failureOf(transport.send(wire('/', { url, policy: { ...policy, allowPrivate: false } })))).failureClass,
      ).toBe('host_refused');
      const https = url.replace('http:', 'https:');
      // A name is only found out when it is resolved, in the socket's own look-up.
      expect(
        (await failureOf(transport.send(wire('/', { url: https, policy: { ...policy, allowPrivate: false } }))))
          .failureClass,
      ).toBe('host_refused');
      expect(
        (await failureOf(transport.stream(wire('/', { url: https, policy: { ...policy, allowPrivate: false } }))))
          .failureClass,
      ).toBe('host_refused');
      expect(server.requests.length).toBe(before);
    },
  );

  it('does not lend the sockets of a connection that may reach private addresses to one that may not', async () => {
    const { server, transport, wire } = await start((_request, response) => response.end('x'));
    await transport.send(wire());
    const strict: WirePolicy = { allowPrivate: false, allowedHosts: [server.host] };
    expect((await failureOf(transport.send(wire('/', { policy: strict })))).failureClass).toBe('host_refused');
  });

  it('names a host that does not exist or does not listen', async () => {
    const { transport, wire } = await start((_request, response) => response.end('x'));
    const unknown = await failureOf(
      transport.send(
        wire('/', {
          url: 'https://no-such-host.invalid/',
          policy: { allowPrivate: false, allowedHosts: ['no-such-host.invalid'] },
        }),
      ),
    );
    expect(unknown.failureClass).toBe('network');
    expect(unknown.message).toContain('no-such-host.invalid could not be used');
    const closed = await failureOf(
      transport.send(
        wire('/', { url: 'http://127.0.0.1:9/', policy: { allowPrivate: true, allowedHosts: ['127.0.0.1:9'] } }),
      ),
    );
    expect(closed.message).toBe('127.0.0.1:9 could not be used: nothing answers there (ECONNREFUSED).');
  });
});

describe('TLS', () => {
  const good = selfSigned('localhost', 'DNS:localhost,IP:127.0.0.1');
  const elsewhere = selfSigned('elsewhere', 'DNS:elsewhere.example');
  const expired = selfSigned('localhost', 'DNS:localhost,IP:127.0.0.1', -1);

  it('trusts a certificate that the connection adds, and that one only', async () => {
    const { transport, wire } = await start((_request, response) => response.end('secure'), good);
    const { policy } = wire();
    expect((await failureOf(transport.send(wire()))).failureClass).toBe('tls');
    expect(text((await transport.send(wire('/', { policy: { ...policy, ca: [good.cert] } }))).body)).toBe('secure');
    expect(
      (await failureOf(transport.send(wire('/', { policy: { ...policy, ca: [elsewhere.cert] } })))).failureClass,
    ).toBe('tls');
  });

  it.each([
    ['for another name', elsewhere],
    ['that has expired', expired],
  ])('refuses a certificate %s though its issuer is trusted', async (_what, certificate) => {
    const { transport, wire } = await start((_request, response) => response.end('secure'), certificate);
    const error = await failureOf(transport.send(wire('/', { policy: { ...wire().policy, ca: [certificate.cert] } })));
    expect(error.failureClass).toBe('tls');
    expect(error.message).toMatch(/for another name|has expired/);
  });

  it('is not weakened by NODE_TLS_REJECT_UNAUTHORIZED=0', async () => {
    const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    try {
      for (const certificate of [good, elsewhere, expired]) {
        const { transport, wire } = await start((_request, response) => response.end('secure'), certificate);
        expect((await failureOf(transport.send(wire()))).failureClass).toBe('tls');
      }
    } finally {
      if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
    }
  });
});

describe('a proxy', () => {
  it('carries the request through a tunnel, and an address literal is still judged here', async () => {
    const { server, transport, wire } = await start((_request, response) => response.end('through'));
    const targets: string[] = [];
    const proxy = http.createServer();
    proxy.on('connect', (request, socket) => {
      targets.push(request.url ?? '');
      const onward = net.connect(server.port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        onward.pipe(socket).pipe(onward);
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    open.push({ close: async () => proxy.close().closeAllConnections() });
    const { port } = proxy.address() as AddressInfo;
    const policy: WirePolicy = {
      allowPrivate: true,
      allowedHosts: ['behind.example:80', '169.254.169.254:80'],
      proxy: `http://127.0.0.1:${port}`,
    };
    expect(text((await transport.send(wire('/', { url: 'http://behind.example/', policy }))).body)).toBe('through');
    expect(targets).toEqual(['behind.example:80']);
    expect((await failureOf(transport.send(wire('/', { url: 'http://169.254.169.254/', policy })))).failureClass).toBe(
      'host_refused',
    );
    expect(targets.length).toBe(1);
  });

  it('that refuses is named as such', async () => {
    const { transport, wire } = await start((_request, response) => response.end('x'));
    const policy: WirePolicy = { allowPrivate: true, allowedHosts: ['behind.example:80'], proxy: 'http://127.0.0.1:9' };
    expect((await failureOf(transport.send(wire('/', { url: 'http://behind.example/', policy })))).failureClass).toBe(
      'network',
    );
  });
});
