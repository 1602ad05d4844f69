/** Reads the part of SOQL that a practice org answers: select list, AND/OR conditions, order, limit. */

export type Literal = string | number | boolean | null;
export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=' | 'LIKE';
export type Condition =
  | {
      readonly kind: 'compare';
      readonly field: string;
      readonly comparison: Comparison;
      readonly literal: Literal;
      readonly isTime: boolean;
    }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] };

export interface ParsedQuery {
  readonly fields: readonly string[];
  readonly object: string;
  readonly where: Condition | null;
  readonly orderBy: readonly { readonly field: string; readonly isDescending: boolean }[];
  readonly limit: number | null;
}

/** A query that is not SOQL, or a part of SOQL this org does not know. */
export class MalformedQuery extends Error {}

type Token = { readonly kind: 'word' | 'symbol' | 'text' | 'number' | 'time'; readonly text: string };

const TOKEN =
  /\s*(?:('(?:\\.|[^'\\])*')|(\d{4}-\d{2}-\d{2}(?:T[\d:.]+(?:Z|[+-]\d{2}:?\d{2}))?)|(-?\d+(?:\.\d+)?)|([A-Za-z_][\w.]*)|(<=|>=|!=|<>|[=<>(),]))/gy;

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const rest = text.trimEnd();
  while (at < rest.length) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(rest);
    if (match === null) throw new MalformedQuery(`unexpected token: '${rest.slice(at).trim().slice(0, 20)}'`);
    const [, string, time, number, word, symbol] = match;
    if (string !== undefined) tokens.push({ kind: 'text', text: plainText(string.slice(1, -1)) });
    else if (time !== undefined) tokens.push({ kind: 'time', text: time });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else tokens.push({ kind: 'symbol', text: symbol === '<>' ? '!=' : (symbol ?? '') });
    at = TOKEN.lastIndex;
  }
  return tokens;
}

/** A backslash before % or _ stays: it belongs to LIKE. */
function plainText(text: string): string {
  const plain: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };
  return text.replace(/\\(.)/gs, (whole, character: string) =>
    character === '%' || character === '_' ? whole : (plain[character] ?? character),
  );
}

/** @throws MalformedQuery */
export function parseSoql(text: string): ParsedQuery {
  const tokens = tokenize(text);
  let at = 0;
  const peek = (): Token | undefined => tokens[at];
  const isWord = (word: string): boolean => peek()?.kind === 'word' && peek()?.text.toUpperCase() === word;
  const next = (): Token => {
    const token = tokens[at];
    if (token === undefined) throw new MalformedQuery('unexpected end of query');
    at += 1;
    return token;
  };
  const need = (word: string): void => {
    const token = next();
    if (token.text.toUpperCase() !== word) throw new MalformedQuery(`expecting ${word}, found '${token.text}'`);
  };
  const name = (): string => {
    const token = next();
    if (token.kind !== 'word') throw new MalformedQuery(`expecting a field name, found '${token.text}'`);
    return token.text;
  };
  const list = (): string[] => {
    const names = [name()];
    while (peek()?.text === ',') {
      at += 1;
      names.push(name());
    }
    return names;
  };

  const comparison = (): Condition => {
    if (peek()?.text === '(') {
      at += 1;
      const inner = either();
      need(')');
      return inner;
    }
    const field = name();
    const operator = next().text.toUpperCase();
    if (!['=', '!=', '<', '<=', '>', '>=', 'LIKE'].includes(operator))
      throw new MalformedQuery(`unknown operator '${operator}'`);
    const token = next();
    return {
      kind: 'compare',
      field,
      comparison: operator as Comparison,
      literal: literalOf(token),
      isTime: token.kind === 'time',
    };
  };
  const joined = (kind: 'and' | 'or', part: () => Condition): Condition => {
    const parts = [part()];
    while (isWord(kind.toUpperCase())) {
      at += 1;
      parts.push(part());
    }
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : { kind, parts };
  };
  const both = (): Condition => joined('and', comparison);
  const either = (): Condition => joined('or', both);

  const orders = (): ParsedQuery['orderBy'][number][] => {
    const found: ParsedQuery['orderBy'][number][] = [];
    do {
      if (found.length > 0) at += 1;
      const field = name();
      const isDescending = isWord('DESC');
      if (isDescending || isWord('ASC')) at += 1;
      found.push({ field, isDescending });
    } while (peek()?.text === ',');
    return found;
  };
  const clause = <T>(words: readonly string[], read: () => T): T | null => {
    if (!isWord(words[0] ?? '')) return null;
    for (const word of words) need(word);
    return read();
  };

  need('SELECT');
  const fields = list();
  need('FROM');
  const object = name();
  const where = clause(['WHERE'], either);
  const orderBy = clause(['ORDER', 'BY'], orders) ?? [];
  const limit = clause(['LIMIT'], () => Number(next().text));
  if (at < tokens.length) throw new MalformedQuery(`unexpected token: '${tokens[at]?.text ?? ''}'`);
  return { fields, object, where, orderBy, limit };
}

function literalOf(token: Token): Literal {
  if (token.kind === 'number') return Number(token.text);
  if (token.kind === 'text' || token.kind === 'time') return token.text;
  const word = token.text.toLowerCase();
  if (word === 'null') return null;
  if (word === 'true' || word === 'false') return word === 'true';
  throw new MalformedQuery(`'${token.text}' is not a value`);
}
