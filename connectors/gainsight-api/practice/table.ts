/** The rows of one object: by Gsid, with an index for each field that is looked up by value. */
import type { Row } from './checks.ts';

export class PracticeTable {
  readonly #rows = new Map<string, Row>();
  readonly #indexes = new Map<string, Map<unknown, Set<string>>>();
  readonly #keyPrefix: string;
  readonly #now: () => number;
  #made = 0;
  /** Rows in the order of their last change; made anew when something has changed. */
  #ordered: readonly Row[] | null = null;

  constructor(keyPrefix: string, now: () => number) {
    this.#keyPrefix = keyPrefix;
    this.#now = now;
  }

  get size(): number {
    return this.#rows.size;
  }

  insert(values: Row, atMs: number = this.#now()): Row {
    this.#made += 1;
    const Gsid = `${this.#keyPrefix}${this.#made.toString(36).toUpperCase().padStart(32, '0')}`;
    const row = { ...values, Gsid, CreatedDate: atMs, ModifiedDate: atMs };
    this.#put(row);
    return row;
  }

  update(gsid: string, values: Row): Row {
    const before = this.#rows.get(gsid);
    if (before === undefined) throw new Error('No such row.');
    this.#take(before);
    const row = { ...before, ...values, Gsid: gsid, ModifiedDate: this.#now() };
    this.#put(row);
    return row;
  }

  remove(gsid: string): boolean {
    const row = this.#rows.get(gsid);
    if (row !== undefined) this.#take(row);
    return row !== undefined;
  }

  clear(): void {
    this.#rows.clear();
    this.#indexes.clear();
    this.#ordered = null;
  }

  /** Rows in the order of ModifiedDate, then Gsid. */
  all(): readonly Row[] {
    this.#ordered ??= [...this.#rows.values()].sort(
      (a, b) => Number(a.ModifiedDate) - Number(b.ModifiedDate) || (String(a.Gsid) < String(b.Gsid) ? -1 : 1),
    );
    return this.#ordered;
  }

  /** Rows whose field has one of these values. */
  having(field: string, values: readonly unknown[]): Row[] {
    const index = this.#indexOf(field);
    const gsids = new Set(values.flatMap((value) => [...(index.get(value) ?? [])]));
    return [...gsids].flatMap((gsid): Row[] => {
      const row = this.#rows.get(gsid);
      return row === undefined ? [] : [row];
    });
  }

  #indexOf(field: string): Map<unknown, Set<string>> {
    const known = this.#indexes.get(field);
    if (known !== undefined) return known;
    const index = new Map<unknown, Set<string>>();
    this.#indexes.set(field, index);
    for (const row of this.#rows.values()) addTo(index, row[field], String(row.Gsid));
    return index;
  }

  #put(row: Row): void {
    this.#rows.set(String(row.Gsid), row);
    for (const [field, index] of this.#indexes) addTo(index, row[field], String(row.Gsid));
    this.#ordered = null;
  }

  #take(row: Row): void {
    this.#rows.delete(String(row.Gsid));
    for (const [field, index] of this.#indexes) index.get(row[field])?.delete(String(row.Gsid));
    this.#ordered = null;
  }
}

function addTo(index: Map<unknown, Set<string>>, value: unknown, gsid: string): void {
  const gsids = index.get(value);
  if (gsids === undefined) index.set(value, new Set([gsid]));
  else gsids.add(gsid);
}
