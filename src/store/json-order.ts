/** JSON texts that say the same with their members in another order. Numbers and texts are compared by their very characters. */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** @param a a cell of a json column, written without blanks; anything else is the same only as itself */
export function isSameJson(a: string, b: string): boolean {
  if (a === b) return true;
  // What differs in order alone is equally long, and nearly everything else is not.
  return a.length === b.length && inOrder(a) === inOrder(b);
}

function inOrder(text: string): string {
  const reader = new OrderingReader(text);
  const ordered = reader.value();
  return reader.isWhole ? ordered : text;
}

class OrderingReader {
  readonly #text: string;
  #at = 0;
  #isBroken = false;

  constructor(text: string) {
    this.#text = text;
  }

  /** Whether the text was JSON to its end. */
  get isWhole(): boolean {
    return !this.#isBroken && this.#at === this.#text.length;
  }

  value(): string {
    const first = this.#text[this.#at];
    if (first === '{')
      return `{${this.#list('}', () => this.#member())
        .sort()
        .join(',')}}`;
    if (first === '[') return `[${this.#list(']', () => this.value()).join(',')}]`;
    return first === '"' ? this.#quoted() : this.#word();
  }

  #list(close: string, read: () => string): string[] {
    const items: string[] = [];
    this.#at += 1;
    if (this.#text[this.#at] !== close) {
      do items.push(read());
      while (this.#takes(','));
    }
    this.#isBroken ||= !this.#takes(close);
    return items;
  }

  #takes(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #member(): string {
    const key = this.#quoted();
    this.#isBroken ||= !this.#takes(':');
    return `${key}:${this.value()}`;
  }

  #quoted(): string {
    const from = this.#at;
    this.#at += 1;
    while (this.#at < this.#text.length && this.#text.charCodeAt(this.#at) !== QUOTE)
      this.#at += this.#text.charCodeAt(this.#at) === BACKSLASH ? 2 : 1;
    this.#at += 1;
    return this.#text.slice(from, this.#at);
  }

  #word(): string {
    const from = this.#at;
    while (this.#at < this.#text.length && !',]}'.includes(this.#text[this.#at] as string)) this.#at += 1;
    return this.#text.slice(from, this.#at);
  }
}
