/** What a data file holds twice: indexes and search indexes. Damage there costs nothing but the time to build them again. */
import Database from 'better-sqlite3';
import type { WritableDb } from './database.ts';
import { assertSound } from './integrity.ts';

const SEARCH_INDEXES = "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE%fts5%'";

function searchIndexes(db: WritableDb): string[] {
  return db.prepare<[], string>(SEARCH_INDEXES).pluck().all();
}

/** Whether every search index opens and answers; the rest of it is seen by a whole check only. */
export function searchAnswers(db: WritableDb): boolean {
  try {
    for (const name of searchIndexes(db))
      db.prepare(`SELECT rowid FROM "${name}" WHERE "${name}" MATCH '"patchbay"' LIMIT 1`).get();
    return true;
  } catch (error) {
    if (error instanceof Database.SqliteError) return false;
    throw error;
  }
}

/**
 * Builds all indexes again, and keeps them only when the file is sound then: nothing is written where the damage lies deeper.
 * @returns whether the file is sound now
 */
export function rebuildIndexes(db: WritableDb): boolean {
  try {
    db.transaction(() => {
      for (const name of searchIndexes(db)) db.exec(`INSERT INTO "${name}" ("${name}") VALUES ('rebuild')`);
      db.exec('REINDEX');
      assertSound(db, Number.POSITIVE_INFINITY);
    }).immediate();
    return searchAnswers(db);
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}
