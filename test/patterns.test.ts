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
/** Long enough that a quadratic expression takes a hundred times the limit of a linear one. */
const LENGTH = 24_000;
const LIMIT_MS = 60;

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
    // As src/main/connections/form.ts makes them.
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

/** Runs of what the expression repeats, and an end that it refuses. */
function* attacksOn({ source }: RegExp): Generator<string> {
  const { characters, words } = vocabulary(source);
  const units = [...characters, ...words];
  for (const one of characters) for (const other of characters) if (one !== other) units.push(one + other);
  for (const word of words) for (const character of characters) units.push(word + character);
  for (const unit of units) {
    const run = unit.repeat(Math.ceil(LENGTH / unit.length));
    yield `${run}\0`;
    yield `\0${run}\0`;
    // The refused end may have to be one of its own characters; and a beginning may be needed before it repeats.
    if (unit.length === 1) for (const last of characters) if (last !== unit) yield `${run}${last}\0`;
    if (unit.length === 1) for (const word of words) yield `${word}${run}\0`;
  }
}

/** Stops an expression without end; one that merely waits for the processor is asked again. */
const PATIENCE_MS = 1000;
const script = new vm.Script(`for (const attack of attacks) {
  const begin = now();
  state.current = attack;
  attack.replace(expression, '');
  if (now() - begin > limit) break;
  state.current = undefined;
}`);

/** The first of these texts that keeps the expression busy. */
function slowAmong(expression: RegExp, attacks: readonly string[]): string | undefined {
  const state: { current?: string } = {};
  const now = (): number => performance.now();
  try {
    script.runInNewContext(
      { expression, attacks, state, now, limit: LIMIT_MS },
      { timeout: attacks.length === 1 ? 4 * LIMIT_MS : PATIENCE_MS },
    );
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
  }
  return state.current;
}

function slowOn(expression: RegExp): string | undefined {
  const suspects = new Set<string>();
  for (;;) {
    const attack = slowAmong(
      expression,
      [...attacksOn(expression)].filter((one) => !suspects.has(one)),
    );
    if (attack === undefined) return undefined;
    if ([1, 2].every(() => slowAmong(expression, [attack]) !== undefined)) return attack;
    suspects.add(attack);
  }
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
  }, 120_000);

  test.each([/\/+$/, /^(?:a?b)+(?:ab)*$/, /(?<![a-z0-9])\d+(?:[-_]?\d+)*(?![a-z0-9])/])(
    'the attack finds %s',
    (expression) => {
      expect(slowOn(expression)).toBeDefined();
    },
  );
});
