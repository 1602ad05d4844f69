/** Words of strangers, made fit to be shown: one line, no control or direction marks, no secret, a bounded length. */
import type { Secret } from '../../../connectors/kit/doors/authorization.ts';

const MAX_WORDS = 200;
/** Shorter values would blank out ordinary words. */
const MIN_SECRET_LENGTH = 4;

/** @param secrets values that must not come back in the text, in plain, URL-encoded or base64 form */
export function cleanWords(text: string, secrets: readonly (Secret | null)[] = []): string {
  let clean = text.slice(0, 20 * MAX_WORDS);
  for (const secret of secrets) {
    for (const spelling of spellings(secret)) clean = clean.replaceAll(spelling, '[redacted]');
  }
  clean = clean
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replace(/[\p{Co}\p{Cs}]/gu, '')
    .trim();
  return clean.length > MAX_WORDS ? `${clean.slice(0, MAX_WORDS)}…` : clean;
}

function spellings(secret: Secret | null): string[] {
  const value = secret?.reveal() ?? '';
  if (value.length < MIN_SECRET_LENGTH) return [];
  return [
    value,
    encodeURIComponent(value),
    Buffer.from(value).toString('base64'),
    Buffer.from(value).toString('base64url'),
  ];
}
