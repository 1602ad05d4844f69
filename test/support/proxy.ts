// A real HTTP proxy for tests: tunnels CONNECT, passes plain requests on, and remembers what went through it.
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';

export interface TestProxy {
  readonly port: number;
  /** "host:port" of every tunnel and plain request. */
  readonly asked: string[];
  /** Answer every tunnel with this status instead of opening it. */
  refuseWith: number | null;
  close(): Promise<void>;
}

/** @param resolve where a name leads, as the proxy's own name server would say; null = as it stands */
export async function startProxy(resolve: (host: string) => string | null = () => null): Promise<TestProxy> {
  const asked: string[] = [];
  const server = http.createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://nowhere.invalid');
    asked.push(url.host);
    const onward = http.request(
      {
        host: resolve(url.hostname) ?? url.hostname,
        port: url.port === '' ? 80 : url.port,
        path: url.pathname + url.search,
        method: request.method,
        headers: request.headers,
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on('error', () => response.writeHead(502).end());
    request.pipe(onward);
  });
  const proxy: TestProxy = {
    port: 0,
    asked,
    refuseWith: null,
    close: () =>
      new Promise((closed) => {
        server.closeAllConnections();
        server.close(() => closed());
      }),
  };
  server.on('connect', (request, client) => {
    asked.push(request.url ?? '');
    client.on('error', () => undefined);
    if (proxy.refuseWith !== null) {
      client.end(`HTTP/1.1 ${proxy.refuseWith} Refused\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const [host = '', port = '443'] = (request.url ?? '').split(':');
    const target = net.connect(Number(port), resolve(host) ?? host, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.pipe(client);
      client.pipe(target);
    });
    target.on('error', () => client.destroy());
    client.on('close', () => target.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return Object.assign(proxy, { port: (server.address() as AddressInfo).port });
}
