/** JSON from strangers: parsed at full speed when it is plain, with care when it could hurt. */
import { parse as parseSecure } from 'secure-json-parse';
import { ConnectorError } from './contract.ts';

/** Deepest accepted nesting of objects and arrays. */
export const MAX_JSON_DEPTH = 64;

/**
 * @param host names the sender in messages
 * @throws ConnectorError invalid_response for a web page, broken JSON, keys that would pollute a prototype, nesting > 64
 */
export function parseJson(body: Uint8Array, host: string): unknown {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  const value = parseText(text, host);
  if (isDeeperThan(value, MAX_JSON_DEPTH)) throw invalid(host, `JSON nested deeper than ${MAX_JSON_DEPTH} levels`);
  return value;
}

function parseText(text: string, host: string): unknown {
  if (looksLikeHtml(text)) throw invalid(host, 'a web page where data was expected');
  try {
    // Only these spellings can make a forbidden key; the exact check is many times slower than the three searches.
    if (text.includes('__proto__') || text.includes('constructor') || text.includes('\\u00')) {
      return parseSecure(text, { protoAction: 'error', constructorAction: 'error' });
    }
    return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text) as unknown;
  } catch (cause) {
    if (cause instanceof SyntaxError && cause.message.includes('forbidden prototype'))
      throw invalid(host, 'JSON with a forbidden key (__proto__ or constructor.prototype)');
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

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) {
      if (typeof value[index] === 'object' && isDeeperThan(value[index], levels - 1)) return true;
    }
    return false;
  }
  const object = value as Record<string, unknown>;
  for (const key in object) {
    const member = object[key];
    if (typeof member === 'object' && member !== null && isDeeperThan(member, levels - 1)) return true;
  }
  return false;
}
