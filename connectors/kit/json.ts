/** JSON from strangers: one pass over the parsed value finds what could hurt, at about a twentieth of the parser's own time. */
import { ConnectorError } from './contract.ts';
import { hasLongNumber, hasOddExponent, markNumbers, takeMarked } from './json-numbers.ts';
import { decodeUtf8 } from './utf8.ts';

/** Deepest accepted nesting of objects and arrays. */
export const MAX_JSON_DEPTH = 64;

/**
 * Numbers that no double holds come as {@link ExactNumber}, everything else as JSON.parse gives it. Bytes that are no UTF-8 come
 * as lone surrogates, which no cast takes.
 * @param host names the sender in messages
 * @throws ConnectorError invalid_response for a web page, broken JSON, keys that would pollute a prototype, nesting > 64
 */
export function parseJson(body: Uint8Array, host: string): unknown {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const text = decodeUtf8(bytes);
  const isExact = hasLongNumber(bytes) || hasOddExponent(text);
  const value = parseText(isExact ? markNumbers(text) : text, host);
  const danger = typeof value === 'object' && value !== null ? findDanger(value, MAX_JSON_DEPTH) : SAFE;
  if (danger === TOO_DEEP) throw invalid(host, `JSON nested deeper than ${MAX_JSON_DEPTH} levels`);
  if (danger === POLLUTING) throw invalid(host, 'JSON with a forbidden key (__proto__ or constructor.prototype)');
  return isExact ? takeMarked(value) : value;
}

function parseText(text: string, host: string): unknown {
  if (looksLikeHtml(text)) throw invalid(host, 'a web page where data was expected');
  try {
    return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text) as unknown;
  } catch {
    // The parser's own message quotes the text, which may be a record or a secret: it is not passed on, not even as cause.
    throw invalid(
      host,
      text.trim() === '' ? 'an empty answer where data was expected' : 'an answer that is not valid JSON',
    );
  }
}

/** Browsers' rule of thumb: the first character that is not white space opens a tag. */
export function looksLikeHtml(text: string): boolean {
  return /^[\s\ufeff]{0,200}</.test(text.slice(0, 201));
}

function invalid(host: string, what: string): ConnectorError {
  return new ConnectorError('invalid_response', `${host} sent ${what}.`);
}

const SAFE = 0;
const TOO_DEEP = 1;
const POLLUTING = 2;
type Danger = typeof SAFE | typeof TOO_DEEP | typeof POLLUTING;

/**
 * What secure-json-parse refuses, and depth. It searches the text with two expressions first, which costs several times this
 * walk; and a `for in` over records of one shape is the fastest walk there is.
 */
function findDanger(value: object, levels: number): Danger {
  if (levels === 0) return TOO_DEEP;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) {
      const member: unknown = value[index];
      if (typeof member !== 'object' || member === null) continue;
      const danger = findDanger(member, levels - 1);
      if (danger !== SAFE) return danger;
    }
    return SAFE;
  }
  const object = value as Record<string, unknown>;
  for (const key in object) {
    if (key === '__proto__') return POLLUTING;
    const member = object[key];
    if (typeof member !== 'object' || member === null) continue;
    if (key === 'constructor' && Object.hasOwn(member, 'prototype')) return POLLUTING;
    const danger = findDanger(member, levels - 1);
    if (danger !== SAFE) return danger;
  }
  return SAFE;
}
