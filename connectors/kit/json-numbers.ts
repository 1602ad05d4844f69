/**
 * Numbers that JSON.parse would change. Nearly no answer has one, so asking whether it has must cost next to nothing: the bytes are
 * looked at four at a time, and only every third four.
 */
import { randomBytes } from 'node:crypto';
import { ExactNumber, readNumber } from '../../src/shared/job/exact-number.ts';

/** Up to 15 digits survive as a double whatever they are; with more, digits and point are a run of at least this length. */
const LONG = 16;
/** Of 16 bytes in a row three aligned words of four lie within, and one of those is among every third word. */
const STEP = 3;

/** Whether a number of 16 digits or more is another one as a double. A number inside a text may be taken for one. */
export function hasLongNumber(body: Buffer): boolean {
  const bytes = body.byteOffset % 4 === 0 ? body : Buffer.from(new Uint8Array(body).buffer);
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2);
  // Never beyond either end: an array that was once asked for what it has not is slow from then on.
  const last = words.length - 1;
  for (let at = 1; at <= last; at += STEP) {
    if (!isFourDigits(words[at] as number)) continue;
    // The one before or the one behind lies within as well.
    if (!isFourDigits(words[at - 1] as number) && (at === last || !isFourDigits(words[at + 1] as number))) continue;
    const end = endOfRun(bytes, at * 4);
    if (end < 0) return true;
    // On behind the run: one of a million digits is not measured again at each of its words.
    at = Math.max(at, (end >> 2) - 1);
  }
  return false;
}

/** Behind the digits around this place; -1 when they are a number that a double would change. */
function endOfRun(bytes: Buffer, at: number): number {
  let first = at;
  while (first > 0 && isDigitOrPoint(bytes[first - 1] as number)) first -= 1;
  let end = at;
  while (end < bytes.length && isDigitOrPoint(bytes[end] as number)) end += 1;
  return end - first >= LONG && isChanged(bytes, first, end) ? -1 : end;
}

/** 0x80808080 as the signed word that keeps the test below in whole machine words. */
const HIGH_BITS = -0x7f7f7f80;

/** Whether each byte of a word is one of "./0123456789": no byte above "9", none below ".". */
function isFourDigits(word: number): boolean {
  return ((word | ((word + 0x46464646) | 0) | ((word - 0x2e2e2e2e) | 0)) & HIGH_BITS) === 0;
}

function isDigitOrPoint(byte: number): boolean {
  return byte <= 0x39 && byte >= 0x2e && byte !== 0x2f;
}

function isChanged(bytes: Buffer, first: number, endOfDigits: number): boolean {
  const start = bytes[first - 1] === 0x2d ? first - 1 : first;
  if (start > 0 && !BEFORE_NUMBER.has(bytes[start - 1] as number)) return false;
  let end = endOfDigits;
  while (IN_NUMBER.has(bytes[end] ?? 0)) end += 1;
  return readNumber(bytes.toString('latin1', start, end)) instanceof ExactNumber;
}

const codesOf = (characters: string): ReadonlySet<number> => new Set(Buffer.from(characters, 'latin1'));
/** The last is the end of a byte order mark. */
const BEFORE_NUMBER = codesOf(':,[ \n\r\t\u00bf');
const IN_NUMBER = codesOf('0123456789.eE+-');

const EXPONENT = /\d[eE][+-]?\d{3}/g;
/** From the last digit of the mantissa to the third of the exponent, at most. */
const EXPONENT_LENGTH = 6;

/** Whether a number has an exponent beyond ±99, which a double may not reach. */
export function hasOddExponent(text: string): boolean {
  EXPONENT.lastIndex = 0;
  while (EXPONENT.test(text)) {
    let at = EXPONENT.lastIndex - EXPONENT_LENGTH;
    // Without a sign the match is one shorter, and begins one later.
    if (!/[eE]/.test(text.charAt(at + 1))) at += 1;
    while (at >= 0 && isDigitOrPoint(text.charCodeAt(at))) at -= 1;
    if (text[at] === '-') at -= 1;
    if (at < 0 || BEFORE_NUMBER.has(text.charCodeAt(at) & 0xff)) return true;
  }
  return false;
}

/** Before the digits of an exact number, in place of the number. Of this process alone: no source can write a text like it. */
const MARK = `number ${randomBytes(16).toString('hex')} `;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/** The same JSON with every number that a double would change as a marked text. What is no JSON stays none. */
export function markNumbers(text: string): string {
  const parts: string[] = [];
  let taken = 0;
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      at = endOfText(text, at + 1);
      continue;
    }
    NUMBER.lastIndex = at;
    const token = code === 0x2d || (code >= 0x30 && code <= 0x39) ? (NUMBER.exec(text)?.[0] ?? '') : '';
    if (token.length >= 5 && readNumber(token) instanceof ExactNumber) {
      parts.push(text.slice(taken, at), `"${MARK}${token}"`);
      taken = at + token.length;
    }
    at += Math.max(1, token.length);
  }
  return parts.join('') + text.slice(taken);
}

/** Behind the quotation mark that ends a text. */
function endOfText(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charCodeAt(at) !== 0x22) at += text.charCodeAt(at) === 0x5c ? 2 : 1;
  return at + 1;
}

/** Puts the numbers in place of the marked texts, in the value itself: nobody else has it yet. */
export function takeMarked(value: unknown): unknown {
  if (typeof value === 'string') return value.startsWith(MARK) ? new ExactNumber(value.slice(MARK.length)) : value;
  if (Array.isArray(value)) {
    for (const [index, member] of value.entries()) value[index] = takeMarked(member);
  } else if (typeof value === 'object' && value !== null) {
    const members = value as Record<string, unknown>;
    for (const key in members) members[key] = takeMarked(members[key]);
  }
  return value;
}
