/** A gateway between a connector and its practice server that changes answers on their way, for tests of bad ones. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** An answer on its way; what an edit gives back is sent instead. */
export interface PassingAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

export interface Gateway {
  readonly baseUrl: string;
  /** Requests that came, since it was opened. */
  readonly requests: number;
  close(): Promise<void>;
}

/** @param edit gets every answer with a text body; `forward` asks the server behind, and may be left out */
export async function openGateway(
  behind: string,
  edit: (
    request: { readonly method: string; readonly path: string },
    forward: () => Promise<PassingAnswer>,
  ) => Promise<PassingAnswer>,
): Promise<Gateway> {
  let requests = 0;
  const server = http.createServer((incoming, outgoing) => {
    requests += 1;
    const forward = (): Promise<PassingAnswer> => pass(incoming, behind);
    edit({ method: incoming.method ?? 'GET', path: incoming.url ?? '/' }, forward).then(
      ({ status, headers, body }) => {
        const { 'transfer-encoding': _chunked, ...kept } = headers;
        outgoing.writeHead(status, { ...kept, 'content-length': Buffer.byteLength(body, 'latin1') });
        outgoing.end(incoming.method === 'HEAD' ? undefined : Buffer.from(body, 'latin1'));
      },
      () => outgoing.destroy(),
    );
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get requests() {
      return requests;
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Headers go as they came: signatures cover the host. Bodies are read byte by byte (latin1), so that nothing is changed in passing. */
function pass(incoming: http.IncomingMessage, behind: string): Promise<PassingAnswer> {
  return new Promise((resolve, reject) => {
    const { 'accept-encoding': _packed, ...headers } = incoming.headers;
    const outgoing = http.request(
      new URL(incoming.url ?? '/', behind),
      { method: incoming.method, headers },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            body: Buffer.concat(chunks).toString('latin1'),
          }),
        );
        answer.on('error', reject);
      },
    );
    outgoing.on('error', reject);
    incoming.pipe(outgoing);
  });
}

/** Members that lead to the next page, as systems call them, in JSON and in XML; the null of a last page is none. */
const LEADS: readonly RegExp[] = [
  /"(?:next|next_page|nextRecordsUrl|after_cursor|end_time|nextPageToken|next_cursor)":\s*("(?:[^"\\]|\\.)*"|\d+),?/g,
  /<NextContinuationToken>([^<]+)<\/NextContinuationToken>/g,
];

/** The answer without what leads on. */
export function withoutLead(body: string): string {
  return LEADS.reduce((text, lead) => text.replaceAll(lead, ''), body).replaceAll(/,\s*([}\]])/g, '$1');
}

/** The answer with other leads; texts and numbers stay what they are. */
export function withLead(body: string, change: (lead: string) => string): string {
  return LEADS.reduce(
    (text, lead) =>
      text.replaceAll(lead, (member: string, value: string) => {
        const isText = value.startsWith('"');
        const changed = isText ? JSON.stringify(change(JSON.parse(value) as string)) : change(value);
        return member.replace(value, () => changed);
      }),
    body,
  );
}

export function hasLead(body: string): boolean {
  return LEADS.some((lead) => body.search(lead) >= 0);
}
