/**
 * Text from systems and people, made safe to look at: nothing invisible stays invisible, so that a name cannot pretend to
 * be another by direction marks, zero-width characters or line ends. Rendering as text nodes inside `<bdi>` does the rest.
 */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/gu;
const PICTOGRAPH_BEFORE = /\p{Extended_Pictographic}[\u{1F3FB}-\u{1F3FF}\uFE0F]*$/u;
const PICTOGRAPH_AFTER = /^\p{Extended_Pictographic}/u;
const ZERO_WIDTH_JOINER = '\u200d';
/** Longest text a label draws; longer ones are cut, because laying out 100,000 characters blocks the page. */
export const LABEL_MAX = 300;

function visible(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '\u2421';
  return `[U+${code.toString(16).toUpperCase().padStart(4, '0')}]`;
}

/**
 * Control, format, direction and private characters as visible signs; joined emoji stay whole.
 * @param max characters kept, the rest becomes an ellipsis
 */
export function safeText(text: string, max = LABEL_MAX): string {
  const cut = text.length > max ? `${text.slice(0, max).replace(/[\uD800-\uDBFF]$/, '')}…` : text;
  return cut.replace(INVISIBLE, (character, offset: number) => {
    const joins =
      character === ZERO_WIDTH_JOINER &&
      PICTOGRAPH_BEFORE.test(cut.slice(Math.max(0, offset - 8), offset)) &&
      PICTOGRAPH_AFTER.test(cut.slice(offset + 1, offset + 3));
    return joins ? character : visible(character);
  });
}

/** Pasted keys come with blanks and line ends around them, and line-wrapped ones with line ends inside. */
export function cleanKey(text: string): string {
  return text
    .replace(/[\r\n\u2028\u2029]+/g, '')
    .replace(/^[\s\uFEFF\u200B]+|(?<![\s\uFEFF\u200B])[\s\uFEFF\u200B]+$/g, '');
}
