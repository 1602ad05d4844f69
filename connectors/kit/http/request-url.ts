import { ConnectorError, type HttpRequest } from '../contract.ts';
import { parseUrl } from './hosts.ts';

/**
 * The whole address of a request: a path below `base` (its own path is kept), or an absolute URL.
 * @param base without a trailing slash
 */
export function requestUrl(request: HttpRequest, base: () => string): URL {
  const isAbsolute = /^https?:\/\//i.test(request.url);
  if (!isAbsolute && !request.url.startsWith('/'))
    throw new ConnectorError('internal', 'A request needs a path or a whole address.');
  // "//host/path" would be another host to the URL parser; below a base it is only a path.
  const url = parseUrl(isAbsolute ? request.url : `${base().replace(/(?<!\/)\/+$/, '')}${request.url}`);
  for (const name in request.query) {
    const value = request.query[name];
    if (value !== undefined) url.searchParams.append(name, String(value));
  }
  url.hash = '';
  return url;
}

/** The body on the wire and its content type. */
export function requestBody(request: HttpRequest): { body?: Uint8Array; type?: string } {
  if (request.json !== undefined)
    return { body: Buffer.from(JSON.stringify(request.json), 'utf8'), type: 'application/json' };
  if (request.form !== undefined)
    return {
      body: Buffer.from(new URLSearchParams({ ...request.form }).toString(), 'utf8'),
      type: 'application/x-www-form-urlencoded',
    };
  return request.body === undefined ? {} : { body: request.body };
}

export function isIdempotent(request: HttpRequest): boolean {
  return request.isIdempotent ?? !['POST', 'PATCH'].includes(request.method ?? 'GET');
}
