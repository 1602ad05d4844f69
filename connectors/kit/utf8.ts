/** Bytes as text without the decoder's U+FFFD, which nobody can tell from one that the source has sent. */
import { surrogateOfByte } from '../../src/shared/job/unicode.ts';

/** Every byte that is no part of UTF-8 becomes a lone surrogate of its own (U+DC80 to U+DCFF). */
export function decodeUtf8(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  // Only a text that holds U+FFFD may have been changed; looking for it costs nothing where all is ASCII.
  return text.includes('\ufffd') && !Buffer.from(text, 'utf8').equals(bytes) ? decodeDamaged(bytes) : text;
}

/** Runs of valid sequences (RFC 3629, section 4), or one byte that begins none. */
const SEQUENCES =
  /(?:[\0-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}){1,4096}|[\x80-\xff]/g;

function decodeDamaged(bytes: Buffer): string {
  return bytes.toString('latin1').replace(SEQUENCES, (part) => {
    const isByte = part.length === 1 && part.charCodeAt(0) >= 0x80;
    return isByte ? surrogateOfByte(part.charCodeAt(0)) : Buffer.from(part, 'latin1').toString('utf8');
  });
}
