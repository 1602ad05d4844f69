import { ConnectorError, type HttpRequest, type JsonValue } from '../../contract.ts';

/** Where a paging parameter goes: the query string or the JSON body. */
export type Place = 'query' | 'json';

/** Checkpoint behind the last page. */
export const END: JsonValue = { done: true };

/**
 * Reaches into an answer with dots; an empty path is the answer itself. Own members only. A dot that belongs to a member's name is
 * written with a backslash ('@odata\\.nextLink'); a top-level member that is named like the whole path is found without one.
 */
export function pick(value: unknown, path: string): unknown {
  if (path === '') return value;
  let current = value;
  for (const key of pathKeys(path)) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key)) return namedLike(value, path);
    current = (current as Record<string, unknown>)[key];
  }
  return current;
}

/** The member names of a path, in order. */
export function pathKeys(path: string): string[] {
  if (!path.includes('\\')) return path.split('.');
  return (path.match(/(?:\\.|[^\\.])+/g) ?? []).map((key) => key.replace(/\\(.)/g, '$1'));
}

function namedLike(value: unknown, path: string): unknown {
  const isMember = typeof value === 'object' && value !== null && path.includes('.') && Object.hasOwn(value, path);
  return isMember ? (value as Record<string, unknown>)[path] : undefined;
}

/** The same request with one parameter set anew. */
export function withParameter(request: HttpRequest, place: Place, name: string, value: string | number): HttpRequest {
  if (place === 'query') return { ...request, query: { ...request.query, [name]: value } };
  return { ...request, json: setIn(request.json, pathKeys(name), value) };
}

function setIn(target: unknown, path: readonly string[], value: string | number): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const members =
    typeof target === 'object' && target !== null && !Array.isArray(target) ? (target as Record<string, unknown>) : {};
  return { ...members, [key]: setIn(Object.hasOwn(members, key) ? members[key] : undefined, rest, value) };
}

/** A parameter of a request as it stands now, as text. */
export function parameterOf(request: HttpRequest, place: Place, name: string): string | undefined {
  const value = place === 'query' ? request.query?.[name] : pick(request.json, name);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

/** A number parameter of a request as it stands now. */
export function parameterNumber(request: HttpRequest, place: Place, name: string): number | undefined {
  const text = parameterOf(request, place, name);
  const number = text === undefined || text === '' ? Number.NaN : Number(text);
  return Number.isFinite(number) ? number : undefined;
}

/** An address (RFC 3986) of the web, or a reference without a host: no other scheme, no "@host", no backslash, no blank. */
const NEXT_REFERENCE = /^(?:https?:\/\/[^\s\\]+|\/(?!\/)[^\s\\]*|\?[^\s\\]+|[\w.~%-]+(?:[/?][^\s\\]*)?)$/i;

/**
 * The next address, resolved against the answer's own and only on the same origin: a next link is not allowed to carry the
 * credential elsewhere (threats.md, credential never follows to another origin).
 * @throws ConnectorError host_refused for another origin, invalid_response for what is no address or the page itself
 */
export function sameOriginUrl(next: string, answeredBy: string): string {
  const base = new URL(answeredBy);
  const notAnAddress = `${base.host} named a next page that is not a web address.`;
  if (next.startsWith('//')) throw otherHost(base, new URL(`${base.protocol}${next}`).host || next);
  if (!NEXT_REFERENCE.test(next)) throw new ConnectorError('invalid_response', notAnAddress);
  let url: URL;
  try {
    url = new URL(next, base);
  } catch (cause) {
    throw new ConnectorError('invalid_response', notAnAddress, { cause });
  }
  if (url.origin !== base.origin) throw otherHost(base, url.host);
  url.hash = '';
  if (url.href === base.href)
    throw new ConnectorError('invalid_response', `${base.host} named a page as its own next page.`);
  return url.href;
}

function otherHost(base: URL, host: string): ConnectorError {
  return new ConnectorError(
    'host_refused',
    `${base.host} named a next page on ${host}; only pages of the same host are followed.`,
  );
}

/** What an answer says about whether more follows. */
export interface EndMembers {
  /** Path of a boolean that is true while more follows ("meta.has_more"). */
  readonly hasMore?: string | undefined;
  /** Path of a boolean that is true on the last page ("end_of_stream", "done"). */
  readonly isEnd?: string | undefined;
}

/**
 * Whether the answer says that more follows; undefined when none of its members tells.
 * @throws ConnectorError invalid_response when a member that tells is missing, or is no boolean, or two contradict each other
 */
export function saysMore(answer: unknown, { hasMore, isEnd }: EndMembers, url: string): boolean | undefined {
  const more = hasMore === undefined ? undefined : booleanAt(answer, hasMore, url);
  const end = isEnd === undefined ? undefined : booleanAt(answer, isEnd, url);
  if (more !== undefined && more === end)
    throw new ConnectorError(
      'invalid_response',
      `${new URL(url).host} contradicts itself: "${hasMore}" and "${isEnd}" are both ${String(more)}.`,
    );
  return more ?? (end === undefined ? undefined : !end);
}

function booleanAt(answer: unknown, path: string, url: string): boolean {
  const value = pick(answer, path);
  if (typeof value !== 'boolean') throw pagesError(`"${path}", which tells whether more follows`, url);
  return value;
}

/**
 * The member that leads to the next page, undefined at the end. An end is an end only when the source says so: by a member of
 * its own, by an explicit null, or, where the system is known to leave the member out on the last page, by its absence.
 * @throws ConnectorError invalid_response when more is to come and nothing leads there
 */
export function leadOf(
  answer: unknown,
  options: EndMembers & { readonly path: string; readonly omittedAtEnd?: boolean | undefined },
  url: string,
): unknown {
  const more = saysMore(answer, options, url);
  if (more === false) return undefined;
  const lead = pick(answer, options.path);
  const isAbsent = lead === undefined || lead === null || lead === '';
  if (!isAbsent) return lead;
  if (more === true) throw noWayOn(url);
  if (lead === undefined && options.omittedAtEnd !== true) throw pagesError(`"${options.path}"`, url);
  return undefined;
}

/** More is to come, and the answer does not say where. */
export function noWayOn(url: string): ConnectorError {
  return new ConnectorError(
    'invalid_response',
    `${new URL(url).host} says that more records follow, but not where. Nothing is taken for complete.`,
  );
}

export function pagesError(what: string, url?: string): ConnectorError {
  if (url === undefined)
    return new ConnectorError(
      'internal',
      `The stored checkpoint has no usable ${what}. Start the job again from the beginning.`,
    );
  return new ConnectorError('invalid_response', `${new URL(url).host} sent an answer without the expected ${what}.`);
}
