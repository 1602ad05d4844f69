/** Removes known secrets from a text by value: patterns guess, values do not. */
import type { Access } from './contract.ts';

export const REDACTED = '[redacted]';
/** Shorter values would blank out ordinary words. */
const MIN_LENGTH = 4;

/** Every spelling in which a credential of this access could come back in a text. */
export function secretSpellings(access: Access | null): string[] {
  const spellings = new Set<string>();
  for (const secret of Object.values(access?.credentials ?? {})) {
    const value = secret.reveal();
    if (value.length < MIN_LENGTH) continue;
    for (const spelling of [
      value,
      encodeURIComponent(value),
      Buffer.from(value).toString('base64'),
      JSON.stringify(value).slice(1, -1),
    ])
      spellings.add(spelling);
  }
  return [...spellings].sort((a, b) => b.length - a.length);
}

export function mask(text: string, spellings: readonly string[]): string {
  let masked = text;
  for (const spelling of spellings) masked = masked.replaceAll(spelling, REDACTED);
  return masked;
}
