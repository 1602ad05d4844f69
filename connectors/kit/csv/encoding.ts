/**
 * Bytes to text, in chunks, with the exact place of the first byte that does not fit. Written on Buffer instead of
 * TextDecoder because TextDecoder says neither where a bad byte is nor how many bytes a piece of text came from, and
 * reads ISO-8859-1 as Windows-1252.
 */
import { Buffer, isUtf8 } from 'node:buffer';

export const CSV_ENCODINGS = ['utf-8', 'utf-16le', 'utf-16be', 'iso-8859-1', 'windows-1252'] as const;
export type CsvEncoding = (typeof CSV_ENCODINGS)[number];
export const CSV_ENCODING_NAMES: Readonly<Record<CsvEncoding, string>> = {
  'utf-8': 'UTF-8',
  'utf-16le': 'UTF-16LE',
  'utf-16be': 'UTF-16BE',
  'iso-8859-1': 'ISO-8859-1',
  'windows-1252': 'Windows-1252',
};

/** First byte that the encoding does not know, counted from the start of the decoded bytes. */
export interface DecodeProblem {
  readonly offset: number;
  readonly what: string;
  readonly choose: string;
}

export interface Decoder {
  /** The text of these bytes; a character cut in two waits for the next call. After a problem only what stood before it. */
  write(bytes: Buffer): string;
  /** Says that no bytes follow. */
  end(): void;
  byteLength(text: string): number;
  readonly problem: DecodeProblem | null;
}

export function createDecoder(encoding: CsvEncoding): Decoder {
  if (encoding === 'utf-8') return new ChunkDecoder(decodeUtf8, (text) => Buffer.byteLength(text, 'utf8'));
  if (encoding === 'utf-16le') return new ChunkDecoder(decodeUtf16, (text) => text.length * 2);
  if (encoding === 'utf-16be')
    return new ChunkDecoder(
      (bytes) => decodeUtf16(swapped(bytes)),
      (text) => text.length * 2,
    );
  return new ChunkDecoder(encoding === 'iso-8859-1' ? decodeLatin1 : decodeWindows1252, (text) => text.length);
}

interface Decoded {
  readonly text: string;
  /** Bytes turned into text; the rest is the beginning of a character. */
  readonly used: number;
  readonly problem?: DecodeProblem;
}

class ChunkDecoder implements Decoder {
  problem: DecodeProblem | null = null;
  readonly byteLength: (text: string) => number;
  readonly #decode: (bytes: Buffer) => Decoded;
  #held: Buffer = Buffer.alloc(0);
  #offset = 0;

  constructor(decode: (bytes: Buffer) => Decoded, byteLength: (text: string) => number) {
    this.#decode = decode;
    this.byteLength = byteLength;
  }

  write(bytes: Buffer): string {
    if (this.problem !== null) return '';
    const input = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    const { text, used, problem } = this.#decode(input);
    if (problem !== undefined) this.problem = { ...problem, offset: this.#offset + problem.offset };
    // A copy: a view would keep the whole chunk alive.
    this.#held = Buffer.from(input.subarray(used));
    this.#offset += used;
    return text;
  }

  end(): void {
    if (this.problem !== null || this.#held.length === 0) return;
    this.problem = {
      offset: this.#offset,
      what: 'the file ends in the middle of a character',
      choose: 'the encoding the file was saved with',
    };
  }
}

const UTF8_ADVICE = 'ISO-8859-1 or Windows-1252';

function decodeUtf8(bytes: Buffer): Decoded {
  const used = bytes.length - unfinishedUtf8(bytes);
  const whole = bytes.subarray(0, used);
  if (isUtf8(whole)) return { text: whole.toString('utf8'), used };
  const offset = firstInvalidUtf8(whole);
  const what = `byte 0x${hex(whole[offset] ?? 0)} is not valid UTF-8`;
  return { text: whole.toString('utf8', 0, offset), used: offset, problem: { offset, what, choose: UTF8_ADVICE } };
}

/** Bytes at the end that begin a character and lack its rest: 0 to 3. */
export function unfinishedUtf8(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return utf8Length(byte) > back ? back : 0;
  }
  return 0;
}

function utf8Length(lead: number): number {
  if (lead >= 0xf0) return lead <= 0xf4 ? 4 : 1;
  if (lead >= 0xe0) return 3;
  return lead >= 0xc2 ? 2 : 1;
}

/** Binary search over {@link isUtf8}: prefixes are valid up to the first bad byte, except for a cut character at their end. */
function firstInvalidUtf8(bytes: Buffer): number {
  let low = 0;
  let high = bytes.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    const prefix = bytes.subarray(0, middle);
    if (isUtf8(prefix.subarray(0, middle - unfinishedUtf8(prefix)))) low = middle;
    else high = middle - 1;
  }
  return low - unfinishedUtf8(bytes.subarray(0, low));
}

const LONE_SURROGATE = /\p{Surrogate}/u;

function decodeUtf16(bytes: Buffer): Decoded {
  let used = bytes.length - (bytes.length % 2);
  if (used >= 2 && isHighSurrogate(bytes.readUInt16LE(used - 2))) used -= 2;
  const text = bytes.toString('utf16le', 0, used);
  const lone = LONE_SURROGATE.exec(text);
  if (lone === null) return { text, used };
  const offset = lone.index * 2;
  return {
    text: text.slice(0, lone.index),
    used: offset,
    problem: { offset, what: 'half a character pair is not valid UTF-16', choose: 'UTF-8 or the other UTF-16' },
  };
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

/** A copy with the bytes of each pair exchanged; an odd last byte stays. */
function swapped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy.subarray(0, copy.length - (copy.length % 2)).swap16();
  return copy;
}

function decodeLatin1(bytes: Buffer): Decoded {
  return { text: bytes.toString('latin1'), used: bytes.length };
}

/** 0x80 to 0x9f of Windows-1252; U+FFFD marks the five bytes it leaves undefined. */
const WINDOWS_1252 =
  '\u20ac\ufffd\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\ufffd\u017d\ufffd\ufffd\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\ufffd\u017e\u0178';

function decodeWindows1252(bytes: Buffer): Decoded {
  const text = bytes
    .toString('latin1')
    .replace(/[\x80-\x9f]/g, (character) => WINDOWS_1252.charAt(character.charCodeAt(0) - 0x80));
  const undefinedAt = text.indexOf('\ufffd');
  if (undefinedAt === -1) return { text, used: bytes.length };
  const what = `byte 0x${hex(bytes[undefinedAt] ?? 0)} has no meaning in Windows-1252`;
  return {
    text: text.slice(0, undefinedAt),
    used: undefinedAt,
    problem: { offset: undefinedAt, what, choose: 'UTF-8 or ISO-8859-1' },
  };
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
