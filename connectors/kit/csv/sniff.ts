/** Looks at the first bytes of a file for signs that it is not what its settings say. */
import type { Buffer } from 'node:buffer';
import { isUtf8 } from 'node:buffer';
import { CSV_ENCODING_NAMES, type CsvEncoding, unfinishedUtf8 } from './encoding.ts';

/** Bytes worth waiting for before judging. */
export const SNIFF_BYTES = 4096;

export interface Sniffed {
  /** Length of the byte order mark to remove. */
  readonly bomBytes: number;
  /** Why these bytes cannot be text of this encoding, and what to choose instead; null = no sign of that. */
  readonly problem: string | null;
}

export function sniffEncoding(first: Buffer, encoding: CsvEncoding): Sniffed {
  const bom = byteOrderMark(first);
  if (bom !== null) {
    if (bom.encoding === encoding) return { bomBytes: bom.length, problem: null };
    return {
      bomBytes: 0,
      problem: `begins with the mark of ${CSV_ENCODING_NAMES[bom.encoding]} (byte 0), but the encoding is set to ${CSV_ENCODING_NAMES[encoding]}. Choose ${CSV_ENCODING_NAMES[bom.encoding]}`,
    };
  }
  const likely = unmarked(first.subarray(0, SNIFF_BYTES), encoding);
  if (likely === null) return { bomBytes: 0, problem: null };
  return {
    bomBytes: 0,
    problem: `does not look like ${CSV_ENCODING_NAMES[encoding]} (bytes 0 to ${Math.min(first.length, SNIFF_BYTES) - 1}). Choose ${likely}`,
  };
}

function byteOrderMark(first: Buffer): { encoding: CsvEncoding; length: number } | null {
  if (first[0] === 0xef && first[1] === 0xbb && first[2] === 0xbf) return { encoding: 'utf-8', length: 3 };
  if (first[0] === 0xff && first[1] === 0xfe) return { encoding: 'utf-16le', length: 2 };
  if (first[0] === 0xfe && first[1] === 0xff) return { encoding: 'utf-16be', length: 2 };
  return null;
}

/** Without a mark, the zero bytes tell UTF-16 from everything else: line ends and separators always have one. */
function unmarked(first: Buffer, encoding: CsvEncoding): string | null {
  let even = 0;
  let odd = 0;
  for (let index = 0; index < first.length; index += 1) {
    if (first[index] !== 0) continue;
    if (index % 2 === 0) even += 1;
    else odd += 1;
  }
  const isWide = encoding === 'utf-16le' || encoding === 'utf-16be';
  if (!isWide) {
    const isLopsided = Math.max(even, odd) > Math.min(even, odd) * 4 && even + odd > first.length / 5;
    return isLopsided ? (odd > even ? 'UTF-16LE' : 'UTF-16BE') : null;
  }
  if (first.length >= 4 && even + odd === 0)
    return isUtf8(first.subarray(0, first.length - unfinishedUtf8(first))) ? 'UTF-8' : 'ISO-8859-1 or Windows-1252';
  if (encoding === 'utf-16le' && even > odd * 4) return 'UTF-16BE';
  if (encoding === 'utf-16be' && odd > even * 4) return 'UTF-16LE';
  return null;
}

/** Names a container that is not read as text; null = none. */
export function archiveName(first: Buffer): string | null {
  if (first[0] === 0x50 && first[1] === 0x4b && (first[2] === 3 || first[2] === 5))
    return 'a zip archive or an Excel workbook';
  if (first[0] === 0x42 && first[1] === 0x5a && first[2] === 0x68) return 'bzip2-compressed';
  if (first[0] === 0x28 && first[1] === 0xb5 && first[2] === 0x2f && first[3] === 0xfd) return 'Zstandard-compressed';
  if (first[0] === 0x50 && first[1] === 0x41 && first[2] === 0x52 && first[3] === 0x31) return 'a Parquet file';
  return null;
}

export function isGzip(first: Buffer): boolean {
  return first[0] === 0x1f && first[1] === 0x8b;
}
