/** One process at a time writes a profile's record cache: the app's worker, or the headless program. */
import { join } from 'node:path';
import { AppError } from '../../shared/app-error.ts';
import { type FileLock, lockFile } from '../file-lock.ts';

/** A worker that was killed a moment ago may still be dying, milliseconds. */
const WAIT_MS = 10_000;

export type CacheLock = FileLock;

/**
 * Takes the lock of a profile.
 * @throws AppError busy when another process keeps it
 */
export function lockCache(dataFolder: string): CacheLock {
  try {
    return lockFile(join(dataFolder, 'cache.lock'), WAIT_MS);
  } catch (cause) {
    if (!(cause instanceof AppError) || cause.code !== 'busy') throw cause;
    throw new AppError('busy', 'Another Patchbay process is running jobs in this profile. End it, then try again.', {
      cause,
    });
  }
}
