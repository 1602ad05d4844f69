/** Servers for the kit's own tests: plain or TLS, with a handler; and certificates made on the spot. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TestRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly atMs: number;
}

export interface TestServer {
  readonly port: number;
  /** "127.0.0.1:port", as it stands in a host list. */
  readonly host: string;
  readonly url: string;
  readonly requests: TestRequest[];
  close(): Promise<void>;
}

export type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => void;

export async function serve(
  handler: Handler,
  tls?: { readonly key: string; readonly cert: string },
): Promise<TestServer> {
  const requests: TestRequest[] = [];
  const listener: Handler = (request, response) => {
    requests.push({
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      atMs: performance.now(),
    });
    response.on('error', () => undefined);
    handler(request, response);
  };
  const server = tls === undefined ? http.createServer(listener) : https.createServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    host: `127.0.0.1:${port}`,
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    requests,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

export function json(
  response: http.ServerResponse,
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** A certificate signed by itself. `days` may be negative: expired yesterday. */
export function selfSigned(subject: string, altName: string, days = 2): { key: string; cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'kit-tls-'));
  try {
    const dates =
      days > 0 ? ['-days', String(days)] : ['-not_before', '20200101000000Z', '-not_after', '20200201000000Z'];
    const arguments_ = [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      'key.pem',
      '-out',
      'cert.pem',
      '-subj',
      `/CN=${subject}`,
      '-addext',
      `subjectAltName=${altName}`,
      ...(days > 0 ? dates : []),
    ];
    execFileSync('openssl', arguments_, { cwd: folder, stdio: 'ignore' });
    if (days <= 0) resign(folder, subject, altName);
    return { key: readFileSync(join(folder, 'key.pem'), 'utf8'), cert: readFileSync(join(folder, 'cert.pem'), 'utf8') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `openssl ca` takes dates in the past where `openssl req` of Debian 12 does not. */
function resign(folder: string, subject: string, altName: string): void {
  const run = (...arguments_: string[]): void =>
    void execFileSync('openssl', arguments_, { cwd: folder, stdio: 'ignore' });
  run(
    'req',
    '-new',
    '-key',
    'key.pem',
    '-out',
    'request.pem',
    '-subj',
    `/CN=${subject}`,
    '-addext',
    `subjectAltName=${altName}`,
  );
  execFileSync(
    'sh',
    [
      '-c',
      `touch index.txt; echo 01 > serial; printf '[ca]\\ndefault_ca=d\\n[d]\\ndatabase=index.txt\\nserial=serial\\nnew_certs_dir=.\\ndefault_md=sha256\\npolicy=p\\ncopy_extensions=copy\\n[p]\\ncommonName=supplied\\n' > ca.cnf`,
    ],
    { cwd: folder },
  );
  run(
    'ca',
    '-batch',
    '-config',
    'ca.cnf',
    '-selfsign',
    '-keyfile',
    'key.pem',
    '-in',
    'request.pem',
    '-out',
    'cert.pem',
    '-startdate',
    '20200101000000Z',
    '-enddate',
    '20200201000000Z',
  );
}
