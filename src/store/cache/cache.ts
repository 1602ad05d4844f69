/** The record cache: the one file the worker writes. Main opens it for reading only, see cache-reader.ts. */

import { closeDatabase, type WritableDb } from '../database.ts';
import { migrationsFrom } from '../migrate.ts';
import type { OpenRules } from '../open-rules.ts';
import { openProfile, type ProfilePaths } from '../profile.ts';
import { dataPath, openChecked } from '../startup-check.ts';
import { lockCache } from './lock.ts';

export const CACHE_MIGRATIONS = migrationsFrom(
  import.meta.glob('../migrations/cache/*.sql', { query: '?raw', import: 'default', eager: true }),
);

const CACHE_RULES: OpenRules = {
  file: 'cache',
  migrations: CACHE_MIGRATIONS,
  check: 'cheap',
  probe: (db) => {
    db.prepare('SELECT sum(rows), sum(gone) FROM job_tables').get();
    db.prepare('SELECT sum(pages) FROM passes').get();
  },
  backups: 'none',
  title: 'The record cache',
  afterLoss: 'The next run of each job reads its source again. Connections, jobs and history are unaffected.',
  // Its tables come from mappings, and its rows from their sources.
  salvage: 'never',
};

/**
 * Four times SQLite's own: a page of the key index that many records touch is written back once instead of four times. The WAL
 * stays far below the 64 MB promised.
 */
const BYTES_BETWEEN_CHECKPOINTS = 16 * 1024 * 1024;

export function cachePath(profile: ProfilePaths): string {
  return dataPath(profile, 'cache');
}

export interface OpenedCache {
  readonly db: WritableDb;
  readonly profile: ProfilePaths;
  /** What had to be repaired, for people. */
  readonly notices: readonly string[];
  /** Empties the journal, closes the file and lets others have it. */
  close(): void;
}

/**
 * Opens the cache of a profile for writing; a damaged one is put aside and starts empty.
 * @throws AppError newer_profile | disk_full | busy
 */
export async function openCache(
  profileRoot: string,
  log: (text: string, error?: unknown) => void,
): Promise<OpenedCache> {
  const profile = openProfile(profileRoot);
  const lock = lockCache(profile.data);
  try {
    const { db, notices } = await openChecked(CACHE_RULES, profile, log);
    const pageBytes = Number(db.pragma('page_size', { simple: true }));
    db.pragma(`wal_autocheckpoint = ${Math.round(BYTES_BETWEEN_CHECKPOINTS / pageBytes)}`);
    const close = (): void => {
      try {
        closeDatabase(db);
      } finally {
        lock.release();
      }
    };
    return { db, profile, notices: notices.map(({ text }) => text), close };
  } catch (error) {
    lock.release();
    throw error;
  }
}
