import { formsOf } from '../../../connectors/kit/doors/authorization.ts';

/** Shorter values would mask ordinary words; secrets of systems are longer. */
const SHORTEST = 4;
/** Characters by which a place in a text is compared with all known forms at once. */
const KEY_LENGTH = 4;
/** Characters of all forms together; the oldest values go first, so that years of rotated tokens do not fill the memory. */
const BUDGET = 8_000_000;
const MASK = '[redacted]';
/** A line of a key file is masked by itself: logs break texts into lines. */
const LINE_SHORTEST = 16;

/** Knows every live secret by value and takes it out of any text, in whatever form it is written. The second net under the log. */
export class SecretMask {
  readonly #values = new Map<string, string[]>();
  readonly #byStart = new Map<string, Set<string>>();
  #size = 0;

  register(value: string): void {
    const lines = value.includes('\n') ? value.split(/\r?\n/).filter((line) => line.length >= LINE_SHORTEST) : [];
    for (const part of [value, ...lines]) this.#add(part);
  }

  mask(text: string): string {
    if (this.#byStart.size === 0) return text;
    let masked = '';
    let from = 0;
    for (let place = 0; place + KEY_LENGTH <= text.length; ) {
      const length = this.#lengthAt(text, place);
      if (length === 0) {
        place += 1;
        continue;
      }
      masked += text.slice(from, place) + MASK;
      place += length;
      from = place;
    }
    return from === 0 ? text : masked + text.slice(from);
  }

  /** Length of the longest known form that begins here, 0 for none. */
  #lengthAt(text: string, place: number): number {
    const forms = this.#byStart.get(text.slice(place, place + KEY_LENGTH));
    if (forms === undefined) return 0;
    let longest = 0;
    for (const form of forms) if (form.length > longest && text.startsWith(form, place)) longest = form.length;
    return longest;
  }

  #add(value: string): void {
    if (value.length < SHORTEST || this.#values.has(value)) return;
    const forms = formsOf(value);
    this.#values.set(value, forms);
    for (const form of forms) {
      const start = form.slice(0, KEY_LENGTH);
      const known = this.#byStart.get(start);
      if (known === undefined) this.#byStart.set(start, new Set([form]));
      else known.add(form);
      this.#size += form.length;
    }
    while (this.#size > BUDGET && this.#values.size > 1) this.#forgetOldest();
  }

  #forgetOldest(): void {
    const oldest = this.#values.entries().next();
    if (oldest.done) return;
    const [value, forms] = oldest.value;
    this.#values.delete(value);
    for (const form of forms) {
      this.#size -= form.length;
      this.#byStart.get(form.slice(0, KEY_LENGTH))?.delete(form);
    }
  }
}
