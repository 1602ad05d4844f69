import type { WritableDb } from './database.ts';
import type { Row } from './rows.ts';

interface Known<T> {
  readonly version: unknown;
  readonly updatedAt: unknown;
  readonly value: T;
}

/**
 * Remembers what a schema made of a row, by id and version: reading 10,000 unchanged connections again costs no parsing, and
 * equal rows are the same object. Main is the only writer of these rows, and a version is never used twice.
 */
export class VersionedRows<T> {
  readonly #db: WritableDb;
  readonly #parse: (row: Row) => T;
  readonly #known = new Map<unknown, Known<T>>();

  constructor(db: WritableDb, parse: (row: Row) => T) {
    this.#db = db;
    this.#parse = parse;
  }

  read(row: Row): T {
    const known = this.#known.get(row.id);
    if (known && known.version === row.version && known.updatedAt === row.updated_at) return known.value;
    const value = this.#parse(row);
    // What a transaction has not committed may be rolled back, and its version used for something else.
    if (!this.#db.inTransaction) this.#known.set(row.id, { version: row.version, updatedAt: row.updated_at, value });
    return value;
  }
}
