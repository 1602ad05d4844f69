// A real OAuth server that nobody here wrote (oidc-provider), on loopback, with a record of every request and ways to make
// it fail at the wire: what it decides stays its own.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

export interface OAuthServerOptions {
  clientId?: string;
  /** Absent: a public client. */
  clientSecret?: string;
  clientAuthentication?: 'client_secret_post' | 'client_secret_basic';
  redirectUris: string[];
  accessTokenSeconds?: number;
  /** Whether this refresh, counted from 1, brings a new refresh token. Default: always. */
  rotates?: (refresh: number) => boolean;
}

export interface WireEvent {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
}

/** What happens to the next requests of a path instead of, or after, an answer. */
export type Fault =
  | { kind: 'answer'; status: number; body: string; headers?: Record<string, string> }
  /** The server decides and answers, and the answer is lost. */
  | { kind: 'drop' }
  | { kind: 'delay'; ms: number };

export interface OAuthServer {
  readonly issuer: string;
  readonly events: WireEvent[];
  tokenRequests(grantType?: string): WireEvent[];
  /** Applies to the next `times` token requests. */
  fail(fault: Fault, times?: number): void;
  /** Runs when a token request has arrived and has not been answered. */
  onTokenRequest: ((event: WireEvent) => void | Promise<void>) | null;
  /** Changes the members of successful token answers. */
  editTokenAnswer: ((answer: Record<string, unknown>) => Record<string, unknown>) | null;
  isRefreshTokenAlive(token: string): Promise<boolean>;
  isAccessTokenAlive(token: string): Promise<boolean>;
  /** What a person does in a browser: logs in, consents; gives the address that the browser is sent to at the end. */
  logIn(authorizationUrl: string, who?: string): Promise<string>;
  close(): Promise<void>;
}

const HIDDEN_WARNINGS = 'oidc-provider WARNING';

export async function startOAuthServer(options: OAuthServerOptions): Promise<OAuthServer> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let refreshes = 0;
  const provider = quietly(
    () =>
      new Provider(
        issuer,
        configuration(options, () => options.rotates?.(++refreshes) ?? true),
      ),
  );
  const handle = provider.callback();
  const events: WireEvent[] = [];
  const faults: Fault[] = [];
  const self: OAuthServer = {
    issuer,
    events,
    onTokenRequest: null,
    editTokenAnswer: null,
    tokenRequests: (grantType) =>
      events.filter(
        ({ method, path, body }) =>
          method === 'POST' &&
          path === '/token' &&
          (grantType === undefined || new URLSearchParams(body).get('grant_type') === grantType),
      ),
    fail: (fault, times = 1) => void faults.push(...Array.from({ length: times }, () => fault)),
    isRefreshTokenAlive: async (token) => (await provider.RefreshToken.find(token))?.isValid === true,
    isAccessTokenAlive: async (token) => (await provider.AccessToken.find(token))?.isValid === true,
    logIn: (url, who = 'ada') => logIn(url, who),
    close: () => closeServer(server),
  };
  server.on('request', async (request: IncomingMessage, response: ServerResponse) => {
    const body = await readBody(request);
    const [path = '', query = ''] = (request.url ?? '').split('?');
    const event: WireEvent = { method: request.method ?? '', path, query, body, headers: request.headers };
    events.push(event);
    // oidc-provider reads a body that was read already from here.
    Object.assign(request, { body });
    if (path === '/token') {
      await self.onTokenRequest?.(event);
      const fault = faults.shift();
      if (fault?.kind === 'delay') await new Promise((resolve) => setTimeout(resolve, fault.ms));
      if (fault?.kind === 'answer') {
        response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers }).end(fault.body);
        return;
      }
      interceptAnswer(response, (text) => (fault?.kind === 'drop' ? null : edited(text, self.editTokenAnswer)));
    }
    handle(request, response);
  });
  return self;
}

function configuration(options: OAuthServerOptions, rotates: () => boolean): Record<string, unknown> {
  const isPublic = options.clientSecret === undefined;
  return {
    clients: [
      {
        client_id: options.clientId ?? 'patchbay-test',
        ...(isPublic
          ? { token_endpoint_auth_method: 'none' }
          : {
              client_secret: options.clientSecret,
              token_endpoint_auth_method: options.clientAuthentication ?? 'client_secret_post',
            }),
        application_type: 'native',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        redirect_uris: options.redirectUris,
      },
    ],
    scopes: ['openid', 'offline_access', 'accounts'],
    pkce: { required: () => true },
    features: { devInteractions: { enabled: true }, revocation: { enabled: true, allowedPolicy: async () => true } },
    issueRefreshToken: async () => true,
    rotateRefreshToken: rotates,
    findAccount: (_context: unknown, id: string) => ({ accountId: id, claims: async () => ({ sub: id }) }),
    ttl: {
      AccessToken: options.accessTokenSeconds ?? 3600,
      AuthorizationCode: 60,
      Grant: 86_400,
      IdToken: 3600,
      Interaction: 3600,
      RefreshToken: 86_400,
      Session: 86_400,
    },
    cookies: { keys: ['only-for-tests'] },
    renderError: (context: { body: string; type: string }, out: Record<string, string>) => {
      context.type = 'html';
      context.body = `<p>${Object.values(out).join(' ')}</p>`;
    },
  };
}

/** Its warnings about settings for development say nothing to a test. */
function quietly<T>(work: () => T): T {
  const { info, warn } = console;
  const filter =
    (write: typeof console.info) =>
    (...words: unknown[]): void => {
      if (!words.some((word) => String(word).includes(HIDDEN_WARNINGS))) write(...words);
    };
  console.info = filter(info);
  console.warn = filter(warn);
  try {
    return work();
  } finally {
    console.info = info;
    console.warn = warn;
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function edited(text: string, edit: OAuthServer['editTokenAnswer']): string {
  if (edit === null || !text.startsWith('{')) return text;
  const answer = JSON.parse(text) as Record<string, unknown>;
  return 'access_token' in answer ? JSON.stringify(edit(answer)) : text;
}

/** @param edit gives the text to send, or null to break the connection instead */
function interceptAnswer(response: ServerResponse, edit: (text: string) => string | null): void {
  const end = response.end.bind(response);
  response.end = ((chunk?: unknown) => {
    const text = edit(chunk === undefined ? '' : Buffer.from(chunk as string).toString('utf8'));
    if (text === null) return response.destroy();
    response.setHeader('content-length', Buffer.byteLength(text));
    return end(text);
  }) as typeof response.end;
}

async function logIn(authorizationUrl: string, who: string): Promise<string> {
  const jar = new Map<string, string>();
  let url = authorizationUrl;
  let form: URLSearchParams | null = null;
  for (let step = 0; step < 20; step += 1) {
    const response: Response = await fetch(url, {
      method: form === null ? 'GET' : 'POST',
      redirect: 'manual',
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form === null ? {} : { body: form }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';');
      const at = pair.indexOf('=');
      jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
    const location = response.headers.get('location');
    const page = await response.text();
    if (location !== null) {
      const next = new URL(location, url);
      if (next.origin !== new URL(authorizationUrl).origin) return next.href;
      url = next.href;
      form = null;
      continue;
    }
    const action = /<form[^>]*action="([^"]+)"/.exec(page)?.[1];
    const prompt = /name="prompt" value="([^"]+)"/.exec(page)?.[1];
    if (action === undefined || prompt === undefined)
      throw new Error(`The server shows something else (${response.status}): ${page.slice(0, 300)}`);
    form = new URLSearchParams(prompt === 'login' ? { prompt, login: who, password: 'anything' } : { prompt });
    url = new URL(action, url).href;
  }
  throw new Error('The log-in goes round in circles.');
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
