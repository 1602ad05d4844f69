/** Locks between processes: the file system's own, on an empty file, which the system lets go when the process ends, however it ends. */
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../shared/app-error.ts';
import { openPlainLock, type WritableDb } from './database.ts';
import { isDamage } from './database-errors.ts';

/** A process that was killed a moment ago may still be dying, milliseconds. */
const DYING_MS = 5_000;

export interface FileLock {
  release(): void;
}

/**
 * @param waitMs how long to wait for another process to let it go
 * @throws AppError busy when another process keeps it
 */
export function lockFile(path: string, waitMs: number): FileLock {
  const db = openLock(path, waitMs);
  return { release: () => db.close() };
}

/** The lock's file is empty; what has anything in it is no lock of ours. It stays the same file: others may be waiting for it. */
function openLock(path: string, waitMs: number): WritableDb {
  try {
    return openPlainLock(path, waitMs);
  } catch (error) {
    if (!isDamage(error)) throw error;
    truncateSync(path);
    return openPlainLock(path, waitMs);
  }
}

/**
 * Takes a profile for this process. Chromium's lock of one instance is not enough: of several starts in the same moment it
 * sometimes lets two go on.
 * @throws AppError profile_in_use when another process has it
 */
export function lockProfile(dataFolder: string, waitMs = DYING_MS): FileLock {
  try {
    return lockFile(join(dataFolder, 'profile.lock'), waitMs);
  } catch (cause) {
    if (!(cause instanceof AppError) || cause.code !== 'busy') throw cause;
    throw new AppError('profile_in_use', 'Patchbay is open already with this profile.', { cause });
  }
}
