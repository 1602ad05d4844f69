/** What a practice server's routes see and answer. */

export interface PracticeRequest {
  readonly method: string;
  /** Decoded, without the query. */
  readonly path: string;
  /** As it stood in the request line, with the query. */
  readonly target: string;
  readonly query: URLSearchParams;
  /** Parts of the path that the route names: "/sobjects/:object" -> {object}. */
  readonly params: Readonly<Record<string, string>>;
  /** Lower-case names; repeated ones joined. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
  /** This server's own base URL, for links in answers. */
  readonly origin: string;
  text(): string;
  /** @throws BadPracticeRequest when the body is not JSON */
  json(): unknown;
  /** The body as application/x-www-form-urlencoded. */
  form(): URLSearchParams;
}

/** One of json, html, text or body; none = empty. */
export interface PracticeReply {
  /** Default 200. */
  readonly status?: number | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly json?: unknown;
  readonly html?: string | undefined;
  readonly text?: string | undefined;
  /** Sent as it is, in pieces where it is iterable; give a content type. */
  readonly body?: string | Uint8Array | Iterable<Uint8Array> | undefined;
}

export interface PracticeRoute {
  /** "*" = any method. */
  readonly method: string;
  /** Segments; ":name" takes one segment, a last "*" takes the rest. */
  readonly path: string;
  /** False for log-in pages and token endpoints: latency, limits and forced failures are for data answers only. */
  readonly isData?: boolean | undefined;
  handle(request: PracticeRequest): PracticeReply | Promise<PracticeReply>;
}

/** Thrown by a handler to answer with something other than its result. */
export class PracticeRefusal extends Error {
  readonly reply: PracticeReply;

  constructor(reply: PracticeReply) {
    super(`Refused with ${reply.status ?? 200}`);
    this.name = 'PracticeRefusal';
    this.reply = reply;
  }
}

export interface RouteMatch {
  readonly route: PracticeRoute;
  readonly params: Readonly<Record<string, string>>;
}

/** Finds the first route for a path, in the order of the list; plain paths before patterns. */
export function createRouter(routes: readonly PracticeRoute[]): (method: string, path: string) => RouteMatch | null {
  const plain = new Map<string, PracticeRoute>();
  const patterns: { readonly route: PracticeRoute; readonly segments: readonly string[] }[] = [];
  for (const route of routes) {
    const key = `${route.method} ${route.path}`;
    if (/[:*]/.test(key)) patterns.push({ route, segments: route.path.split('/') });
    else if (!plain.has(key)) plain.set(key, route);
  }
  return (method, path) => {
    const exact = plain.get(`${method} ${path}`);
    if (exact !== undefined) return { route: exact, params: {} };
    const parts = path.split('/');
    for (const { route, segments } of patterns) {
      if (route.method !== '*' && route.method !== method) continue;
      const params = matchSegments(segments, parts);
      if (params !== null) return { route, params };
    }
    return null;
  };
}

function matchSegments(segments: readonly string[], parts: readonly string[]): Record<string, string> | null {
  const params: Record<string, string> = {};
  for (let index = 0; index < segments.length; index += 1) {
    const segment = segments[index] ?? '';
    const part = parts[index];
    if (segment === '*' && index === segments.length - 1) {
      params.rest = parts.slice(index).join('/');
      return params;
    }
    if (part === undefined) return null;
    if (segment.startsWith(':')) params[segment.slice(1)] = part;
    else if (segment !== part) return null;
  }
  return parts.length === segments.length ? params : null;
}
