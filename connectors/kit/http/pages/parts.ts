import { ConnectorError, type HttpRequest, type JsonValue } from '../../contract.ts';

/** Where a paging parameter goes: the query string or the JSON body. */
export type Place = 'query' | 'json';

/** Checkpoint behind the last page. */
export const END: JsonValue = { done: true };

/** Reaches into an answer with dots; an empty path is the answer itself. Own members only. */
export function pick(value: unknown, path: string): unknown {
  if (path === '') return value;
  let current = value;
  for (const key of path.split('.')) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key)) return undefined;
    current = (current as Record<string, unknown>)[key];
  }
  return current;
}

/** The same request with one parameter set anew. */
export function withParameter(request: HttpRequest, place: Place, name: string, value: string | number): HttpRequest {
  if (place === 'query') return { ...request, query: { ...request.query, [name]: value } };
  return { ...request, json: setIn(request.json, name.split('.'), value) };
}

function setIn(target: unknown, path: readonly string[], value: string | number): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const members =
    typeof target === 'object' && target !== null && !Array.isArray(target) ? (target as Record<string, unknown>) : {};
  return { ...members, [key]: setIn(Object.hasOwn(members, key) ? members[key] : undefined, rest, value) };
}

/** A number parameter of a request as it stands now. */
export function parameterOf(request: HttpRequest, place: Place, name: string): number | undefined {
  const value = place === 'query' ? request.query?.[name] : pick(request.json, name);
  const number = typeof value === 'string' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/**
 * The next address, resolved against the answer's own and only on the same origin: a next link is not allowed to carry the
 * credential elsewhere (threats.md, credential never follows to another origin).
 * @throws ConnectorError host_refused
 */
export function sameOriginUrl(next: string, answeredBy: string): string {
  const base = new URL(answeredBy);
  let url: URL;
  try {
    url = new URL(next, base);
  } catch (cause) {
    throw new ConnectorError('invalid_response', `${base.host} named a next page that is not a web address.`, {
      cause,
    });
  }
  if (url.origin !== base.origin)
    throw new ConnectorError(
      'host_refused',
      `${base.host} named a next page on ${url.host}; only pages of the same host are followed.`,
    );
  return url.href;
}

export function pagesError(what: string, url?: string): ConnectorError {
  if (url === undefined)
    return new ConnectorError(
      'internal',
      `The stored checkpoint has no usable ${what}. Start the job again from the beginning.`,
    );
  return new ConnectorError('invalid_response', `${new URL(url).host} sent an answer without the expected ${what}.`);
}
