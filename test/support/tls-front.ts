// A server of a company's own in front of another one, as gateways are: https with a certificate of its own authority, the
// system behind it under its own name, and that name replaced in what comes back.
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { KeyPair } from './certificates.ts';

export interface TlsFront {
  readonly port: number;
  /** Origin of the system behind it; may be set later. */
  target: string;
  close(): Promise<void>;
}

/**
 * @param identity key, and the certificate with those between it and the authority
 * @param host the name it is reached by
 */
export async function startTlsFront(identity: KeyPair, host: string): Promise<TlsFront> {
  const server = https.createServer(identity, (request, response) => {
    const own = `https://${host}:${front.port}`;
    const behind = new URL(front.target);
    const headers: http.OutgoingHttpHeaders = { ...request.headers, host: behind.host, 'accept-encoding': 'identity' };
    for (const name of ['origin', 'referer']) {
      const value = headers[name];
      if (typeof value === 'string') headers[name] = value.replace(own, front.target);
    }
    const onward = http.request(new URL(request.url ?? '/', behind), { method: request.method, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const body = Buffer.concat(chunks).toString('utf8').replaceAll(front.target, own);
        const { 'content-length': _length, 'transfer-encoding': _encoding, ...rest } = answer.headers;
        const location = rest.location?.replace(front.target, own);
        response.writeHead(answer.statusCode ?? 502, { ...rest, ...(location === undefined ? {} : { location }) });
        response.end(body);
      });
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  const front: TlsFront = {
    port: 0,
    target: '',
    close: () =>
      new Promise((closed) => {
        server.closeAllConnections();
        server.close(() => closed());
      }),
  };
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return Object.assign(front, { port: (server.address() as AddressInfo).port });
}
