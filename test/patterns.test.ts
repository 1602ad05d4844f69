// Threat 66: no regular expression of the product takes more than linear time, whatever text it is given. All literals of the
// sources are attacked with texts made of their own characters; the worst are those that almost match.
import fs from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';
import { parseSync } from '@swc/core';
import { describe, expect, test } from 'vitest';

interface Literal {
  readonly file: string;
  readonly expression: RegExp;
}

const root = path.resolve(import.meta.dirname, '..');
const LENGTH = 10_000;
/** An attack that takes longer is suspected; it is judged by how its time grows with its length. */
const SUSPECT_MS = 20;
const FACTOR = 16;

const sourceFiles = ['src', 'connectors'].flatMap((folder) =>
  fs
    .readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !/\.(test|d)\.tsx?$|(^|\/)testing(\/|[-.])/.test(name))
    .map((name) => path.join(folder, name)),
);

const text = (node: unknown, key: string): string | undefined => {
  const value = typeof node === 'object' && node !== null ? (node as Record<string, unknown>)[key] : undefined;
  return typeof value === 'string' ? value : undefined;
};

/** Calls `visit` for every node of a syntax tree. */
function walk(node: unknown, visit: (node: object) => void): void {
  if (typeof node !== 'object' || node === null) return;
  visit(node);
  for (const child of Object.values(node)) walk(child, visit);
}

function literalsIn(file: string): Literal[] {
  const source = fs.readFileSync(path.join(root, file), 'utf8');
  const found: Literal[] = [];
  walk(parseSync(source, { syntax: 'typescript', tsx: file.endsWith('x'), target: 'esnext' }), (node) => {
    const pattern = text(node, 'pattern');
    if (text(node, 'type') === 'RegExpLiteral' && pattern !== undefined)
      found.push({ file, expression: new RegExp(pattern, text(node, 'flags')) });
    const manifestPattern = patternOfField(node);
    // As src/shared/connector/form.ts makes them.
    if (manifestPattern !== undefined) found.push({ file, expression: new RegExp(`^(?:${manifestPattern})$`, 'u') });
  });
  return found;
}

/** `pattern: { source: '...' }` of a manifest's field. */
function patternOfField(node: object): string | undefined {
  const { type, key, value } = node as { type?: string; key?: unknown; value?: { properties?: readonly unknown[] } };
  if (type !== 'KeyValueProperty' || text(key, 'value') !== 'pattern') return undefined;
  const source = value?.properties?.find((one) => text((one as { key?: unknown }).key, 'value') === 'source');
  return text((source as { value?: unknown } | undefined)?.value, 'value');
}

const OF_CLASS: Readonly<Record<string, string>> = {
  d: '0',
  w: 'a',
  s: ' ',
  S: 'a',
  W: '-',
  D: 'a',
  n: '\n',
  r: '\r',
  t: '\t',
};

/** The characters an expression speaks of, one for each class, and the words that stand in it. */
function vocabulary(source: string): { characters: string[]; words: string[] } {
  const characters = new Set<string>();
  const words = new Set<string>();
  let word = '';
  const token =
    /(?:\\u\{?([0-9A-Fa-f]{4,6})\}?|\\x([0-9A-Fa-f]{2})|\\[pP]\{[^}]*\}|\\(.)|(\(\?<?[:=!]|\{[\d,]*\}|[-()[\]|*+?^$.])|(.))(?:\{(\d{1,2}))?/gsu;
  for (const [, unicode, hex, escaped, syntax, plain, times = '1'] of source.matchAll(token)) {
    const code = unicode ?? hex;
    const character =
      code === undefined
        ? (plain ?? OF_CLASS[escaped ?? ''] ?? escaped ?? (syntax === '-' ? '-' : undefined))
        : String.fromCodePoint(Number.parseInt(code, 16));
    if (character !== undefined) characters.add(character);
    if (syntax === '.') characters.add('a');
    if (character === undefined) {
      // A group does not part what stands before it from what it begins with.
      if (syntax === '(' || syntax === ')') continue;
      if (word.length > 1) words.add(word);
      word = '';
    } else word += character.repeat(Number(times));
  }
  if (word.length > 1) words.add(word);
  return { characters: [...characters].slice(0, 14), words: [...words].slice(0, 12) };
}

/** An attack of about this many characters. */
type Attack = (length: number) => string;

/** Runs of what the expression repeats, and an end that it refuses. */
function* attacksOn({ source }: RegExp): Generator<Attack> {
  const { characters, words } = vocabulary(source);
  const units = [...characters, ...words];
  for (const one of characters) for (const other of characters) if (one !== other) units.push(one + other);
  for (const word of words) for (const character of characters) units.push(word + character);
  for (const unit of units) {
    const run = (length: number): string => unit.repeat(Math.ceil(length / unit.length));
    yield (length) => `${run(length)}\0`;
    yield (length) => `\0${run(length)}\0`;
    // The refused end may have to be one of its own characters; and a beginning may be needed before it repeats.
    if (unit.length === 1)
      for (const last of characters) if (last !== unit) yield (length) => `${run(length)}${last}\0`;
    if (unit.length === 1) for (const word of words) yield (length) => `${word}${run(length)}\0`;
  }
}

/** Stops an expression without end. */
const ENDLESS_MS = 1_000;
const script = new vm.Script(`for (state.at = 0; state.at < texts.length; state.at += 1) {
  const begin = now();
  texts[state.at].replace(expression, '');
  state.tookMs = now() - begin;
  if (state.tookMs > suspectMs) break;
}`);

/** Milliseconds that the slowest of these texts took, and which it was: the first that is suspect, or -1. */
function ask(expression: RegExp, texts: readonly string[]): { at: number; tookMs: number } {
  const state = { at: 0, tookMs: 0 };
  const sandbox = { expression, texts, state, now: () => performance.now(), suspectMs: SUSPECT_MS };
  try {
    script.runInNewContext(sandbox, { timeout: ENDLESS_MS });
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    state.tookMs = Number.POSITIVE_INFINITY;
  }
  return { ...state, at: state.at < texts.length ? state.at : -1 };
}

/** Milliseconds of the fastest of a few turns: other work on the machine makes some slower, and none faster. */
function fastest(expression: RegExp, attack: Attack, length: number): number {
  const text = attack(length);
  let least = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < 3; turn += 1) {
    least = Math.min(least, ask(expression, [text]).tookMs);
    // Without an end the next, shorter text tells.
    if (least === Number.POSITIVE_INFINITY) return least;
  }
  return least;
}

/** Sixteen times the text costs about sixteen times the time; with quadratic work 256 times. */
function growsFasterThanItsText(expression: RegExp, attack: Attack, length = LENGTH): boolean {
  const large = fastest(expression, attack, length);
  if (large === Number.POSITIVE_INFINITY) return length < 100 || growsFasterThanItsText(expression, attack, length / 4);
  return large > SUSPECT_MS / 10 && large > (fastest(expression, attack, length / FACTOR) * FACTOR * FACTOR) / 4;
}

function slowOn(expression: RegExp): string | undefined {
  let attacks = [...attacksOn(expression)];
  while (attacks.length > 0) {
    const { at } = ask(
      expression,
      attacks.map((attack) => attack(LENGTH)),
    );
    const suspect = attacks[at];
    if (suspect === undefined) return undefined;
    if (growsFasterThanItsText(expression, suspect)) return suspect(LENGTH);
    attacks = attacks.slice(at + 1);
  }
  return undefined;
}

const literals = sourceFiles.flatMap(literalsIn);
const distinct = [...new Map(literals.map((literal) => [String(literal.expression), literal])).values()];

describe('regular expressions', () => {
  test('all literals of the product stay linear on hostile text', () => {
    expect(distinct.length).toBeGreaterThan(150);
    const slow = distinct.flatMap(({ file, expression }) => {
      const attack = slowOn(expression);
      return attack === undefined ? [] : [`${file}: ${expression} on ${JSON.stringify(attack.slice(0, 12))}...`];
    });
    expect(slow).toEqual([]);
  }, 600_000);

  test.each([/\/+$/, /^(?:a?b)+(?:ab)*$/, /(?<![a-z0-9])\d+(?:[-_]?\d+)*(?![a-z0-9])/])(
    'the attack finds %s',
    (expression) => {
      expect(slowOn(expression)).toBeDefined();
    },
  );
});
