/** Texts that can be stored as they are: SQLite and files hold UTF-8, which has no lone surrogates. */

interface KnowsUnicode {
  isWellFormed?(): boolean;
}

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** Whether a text has no half of a character; at no cost worth naming where the engine knows it (all since 2023). */
export const isUnicode: (text: string) => boolean =
  typeof (String.prototype as KnowsUnicode).isWellFormed === 'function'
    ? (text) => (text as KnowsUnicode).isWellFormed?.() === true
    : (text) => !LONE_SURROGATE.test(text);

/** A byte of an answer that is no UTF-8 stands in its text as this lone surrogate, so that nobody takes it for a character. */
export function surrogateOfByte(byte: number): string {
  return String.fromCharCode(0xdc00 + byte);
}

/** Whether JSON text, where lone surrogates are escaped, has one that {@link surrogateOfByte} may have put there. */
export function namesBytes(json: string): boolean {
  return json.includes('\\udc') && /(?<!\\)(?:\\\\)*\\udc[89a-f]/.test(json);
}
