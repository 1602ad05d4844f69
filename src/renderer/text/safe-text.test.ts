import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { growth, LINEAR } from '../../../test/support/growth.ts';
import { cleanKey, safeText } from './safe-text.ts';

describe('safeText', () => {
  it.each([
    ['plain', 'Salesforce Production', 'Salesforce Production'],
    ['a right-to-left override', 'evil\u202Egnp.exe', 'evil[U+202E]gnp.exe'],
    ['an isolate', 'a\u2066b\u2069', 'a[U+2066]b[U+2069]'],
    ['a zero-width space', 'pay\u200Bpal', 'pay[U+200B]pal'],
    ['a line end and a NUL', 'a\nb\0', 'a␊b␀'],
    ['a line separator', 'a\u2028b', 'a[U+2028]b'],
    ['markup', '<img onerror=alert(1)>', '<img onerror=alert(1)>'],
    ['an emoji family', '👩‍👧‍👦 team', '👩‍👧‍👦 team'],
    ['a joiner between letters', 'a\u200Db', 'a[U+200D]b'],
    ['Arabic', 'شركة', 'شركة'],
  ])('shows %s', (_what, text, shown) => {
    expect(safeText(text)).toBe(shown);
  });

  it('cuts a text of any length in linear time and never inside a surrogate pair', () => {
    expect(safeText('😀'.repeat(50_000), 301)).toBe(`${'😀'.repeat(150)}…`);
    expect(growth((size) => safeText('😀'.repeat(size), 301), 2_000)).toBeLessThan(LINEAR);
  });

  it('shows every character that changes direction, hides or breaks a line, in any place of a name', () => {
    const all = Array.from({ length: 0x11_0000 }, (_, code) => String.fromCodePoint(code));
    const invisible = all.filter((character) => /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(character));
    expect(invisible.length).toBeGreaterThan(200);
    const places = (character: string): string[] => [
      character,
      `${character}pay`,
      `pay${character}pal`,
      `pal${character}`,
    ];
    for (const character of invisible)
      for (const text of places(character))
        expect(safeText(text).includes(character), JSON.stringify(text)).toBe(false);
  });

  it('never lets an invisible character through', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const shown = safeText(text).replaceAll('\u200d', '');
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      }),
    );
  });
});

describe('cleanKey', () => {
  it('takes blanks and line ends from a pasted key, not from its middle words', () => {
    expect(cleanKey('  \n AKIA123\r\n456 \uFEFF')).toBe('AKIA123456');
    expect(cleanKey('a b')).toBe('a b');
  });
});
