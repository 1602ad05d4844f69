/** Removes known secrets from a text by value: patterns guess, values do not. */
import type { Access } from './contract.ts';

export const REDACTED = '[redacted]';
/** Shorter values would blank out ordinary words. */
const MIN_LENGTH = 4;

/** The characters of a base64 text that do not depend on what stands before or after the value inside it. */
function base64Inside(value: string, shift: number): string {
  const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(value, 'utf8')]);
  const text = bytes.toString('base64').replaceAll('=', '');
  const first = Math.ceil((shift * 8) / 6);
  const last = Math.floor((bytes.length * 8) / 6);
  return text.slice(first, last);
}

function toUrlSafe(base64: string): string {
  return base64.replaceAll('+', '-').replaceAll('/', '_');
}

/** Every way a value is likely to be written: as it is, base64 (at each of three places inside a longer text), URL, hex, JSON, HTML. */
export function formsOf(value: string): string[] {
  const inside = [0, 1, 2].map((shift) => base64Inside(value, shift));
  const url = encodeURIComponent(value.replace(/\p{Surrogate}/gu, '\ufffd'));
  const hex = Buffer.from(value, 'utf8').toString('hex');
  const json = JSON.stringify(value).slice(1, -1);
  const forms = [
    value,
    ...inside,
    ...inside.map(toUrlSafe),
    url,
    url.replaceAll('%20', '+'),
    url.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    encodeURIComponent(url),
    hex,
    hex.toUpperCase(),
    json,
    JSON.stringify(json).slice(1, -1),
    value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
  ];
  return [...new Set(forms)].filter((form) => form.length >= MIN_LENGTH);
}

/** Every spelling in which a credential of this access could come back in a text. */
export function secretSpellings(access: Access | null): string[] {
  const values = Object.values(access?.credentials ?? {}).map((secret) => secret.reveal());
  const spellings = new Set(values.filter((value) => value.length >= MIN_LENGTH).flatMap(formsOf));
  return [...spellings].sort((a, b) => b.length - a.length);
}

export function mask(text: string, spellings: readonly string[]): string {
  let masked = text;
  for (const spelling of spellings) masked = masked.replaceAll(spelling, REDACTED);
  return masked;
}
