/** One process at a time writes a profile's record cache: the app's worker, or the headless program. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../shared/app-error.ts';
import { openPlainLock, type WritableDb } from '../database.ts';
import { isDamage } from '../database-errors.ts';

/** A worker that was killed a moment ago may still be dying. */
const WAIT_MS = 10_000;

export interface CacheLock {
  release(): void;
}

/**
 * Takes the lock of a profile. It lies in the file system's own locks on an empty file, which the system lets go when the
 * process ends, however it ends.
 * @throws AppError busy when another process keeps it
 */
export function lockCache(dataFolder: string): CacheLock {
  let db: WritableDb;
  try {
    db = openLock(join(dataFolder, 'cache.lock'));
  } catch (cause) {
    if (!(cause instanceof AppError) || cause.code !== 'busy') throw cause;
    throw new AppError('busy', 'Another Patchbay process is running jobs in this profile. End it, then try again.', {
      cause,
    });
  }
  return { release: () => db.close() };
}

/** The lock's file is empty; what has anything in it is no lock of ours. */
function openLock(path: string): WritableDb {
  try {
    return openPlainLock(path, WAIT_MS);
  } catch (error) {
    if (!isDamage(error)) throw error;
    rmSync(path, { force: true });
    return openPlainLock(path, WAIT_MS);
  }
}
