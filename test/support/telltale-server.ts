// A server between the app and a practice server, that learns each secret that passes, and that can turn on its callers:
// then every answer is an error that repeats all that was sent.
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface TelltaleServer {
  readonly origin: string;
  /** Tokens, codes, verifiers and keys that have passed. */
  readonly secrets: ReadonlySet<string>;
  /** How many requests were answered with what they had sent. */
  readonly repeated: number;
  /** null: pass on. A number: repeat with this status. */
  mood: number | null;
  close(): Promise<void>;
}

const SECRET_NAMES =
  /(?:access_token|refresh_token|client_secret|code_verifier|code|token)"?\s*[=:]\s*"?([^"&\s,}]{12,})/g;

/** @param target origin of the server that answers; null when there is none */
export async function startTelltale(target: string | null): Promise<TelltaleServer> {
  const secrets = new Set<string>();
  let repeated = 0;
  const learn = (text: string): void => {
    for (const [, value = ''] of text.matchAll(SECRET_NAMES)) secrets.add(decodeURIComponent(value));
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    if (body.length < 10_000) learn(body.toString());
    const { accesskey } = request.headers;
    if (typeof accesskey === 'string') secrets.add(accesskey);
    if (target === null || made.mood !== null) {
      repeated += 1;
      const sent = request.headers.authorization?.split(' ').at(-1) ?? '';
      // What a code may look like, and in a form that only the search by value knows.
      const code = Buffer.from(`x${sent}`).toString('base64url');
      const said = `${request.method} ${request.url} ${JSON.stringify(request.headers)} ${body.toString()}`;
      response.writeHead(made.mood ?? 401, {
        'content-type': 'application/json',
        'x-repeated': encodeURIComponent(said),
      });
      const error = {
        error: 'invalid_client',
        error_description: said,
        message: said,
        errorCode: sent === '' ? said : code,
        errorDesc: said,
      };
      response.end(JSON.stringify({ ...error, result: false }));
      return;
    }
    const answer = await fetch(new URL(request.url ?? '/', target), {
      method: request.method ?? 'GET',
      headers: passedOn(request.headers),
      redirect: 'manual',
      ...(body.length === 0 ? {} : { body }),
    });
    // The system names itself in its answers; here it is us.
    const bytes = Buffer.from((await answer.text()).replaceAll(target, made.origin));
    if (bytes.length < 10_000) learn(bytes.toString());
    const location = answer.headers.get('location')?.replaceAll(target, made.origin) ?? '';
    learn(location);
    const headers = [...answer.headers].filter(([name]) => !HOP_BY_HOP.has(name) && name !== 'location');
    response
      .writeHead(answer.status, [...headers, ...(location === '' ? [] : [['location', location]])].flat())
      .end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const made = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    secrets,
    get repeated() {
      return repeated;
    },
    mood: null as number | null,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return made;
}

const HOP_BY_HOP = new Set(['connection', 'content-encoding', 'content-length', 'keep-alive', 'transfer-encoding']);

function passedOn(headers: IncomingHttpHeaders): [string, string][] {
  return Object.entries(headers)
    .filter(([name, value]) => value !== undefined && name !== 'host' && !HOP_BY_HOP.has(name))
    .map(([name, value]) => [name, String(value)]);
}
