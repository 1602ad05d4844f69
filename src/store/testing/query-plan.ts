/** What SQLite would do for a statement, for the tests of migrations. Not part of any bundle. */
import type { ReadableDb } from '../database.ts';

export function planOf(db: ReadableDb, sql: string): string {
  return db
    .prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
    .all()
    .map(({ detail }) => detail)
    .join('; ');
}
