import type { z } from 'zod';
import type { WritableDb } from '../database.ts';
import { fromJson, statement, toJson } from '../rows.ts';

/** Small facts that belong to the data, by key. Each reader brings its schema; a value it refuses counts as absent. */
export class SettingsRepository {
  readonly #get;
  readonly #set;
  readonly #remove;

  constructor(db: WritableDb) {
    this.#get = statement<[string]>(db, 'SELECT value FROM settings WHERE key = ?');
    this.#set = statement<[string, string]>(
      db,
      'INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    );
    this.#remove = statement<[string]>(db, 'DELETE FROM settings WHERE key = ?');
  }

  get<T>(key: string, schema: z.ZodType<T>): T | null {
    const stored = this.#get.value(key);
    if (stored === undefined) return null;
    const parsed = schema.safeParse(fromJson(stored));
    return parsed.success ? parsed.data : null;
  }

  set(key: string, value: unknown): void {
    this.#set.run(key, toJson(value));
  }

  remove(key: string): void {
    this.#remove.run(key);
  }
}
