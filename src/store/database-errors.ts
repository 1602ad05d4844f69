import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { AppError } from '../shared/errors.ts';

/** Less than this free on the file's disk, and an input/output error is taken for a full disk. */
const FULL_BELOW_BYTES = 1_000_000;

function hasNoSpace(path: string): boolean {
  try {
    const disk = statfsSync(dirname(path));
    return disk.bavail * disk.bsize < FULL_BELOW_BYTES;
  } catch (error) {
    // A folder that cannot even be asked is not a full disk; the caller reports the input/output error instead.
    if (error instanceof Error) return false;
    throw error;
  }
}

function diskFull(cause: unknown): AppError {
  return new AppError('disk_full', 'The disk is full, so nothing was saved. Free some space, then try again.', {
    cause,
  });
}

function damaged(cause: Error): AppError {
  return new AppError(
    'database_damaged',
    `A data file of this profile cannot be read or written (${cause.message}). Restart Patchbay: it checks and repairs the profile when it starts.`,
    { cause },
  );
}

/**
 * What SQLite reported, as an error that can be shown: `disk_full`, `database_damaged` or `busy`. Anything else, constraint
 * violations above all, is returned as it came, for the caller that knows what it means.
 */
export function toStoreError(error: unknown, path: string): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  const { code } = error;
  if (code === 'SQLITE_FULL') return diskFull(error);
  if (code.startsWith('SQLITE_IOERR') || code.startsWith('SQLITE_CANTOPEN'))
    return hasNoSpace(path) ? diskFull(error) : damaged(error);
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_READONLY'))
    return damaged(error);
  if (code.startsWith('SQLITE_BUSY') || code === 'SQLITE_LOCKED')
    return new AppError('busy', 'The profile is being used by another operation. Try again in a moment.', {
      cause: error,
    });
  return error;
}

export function isUniqueViolation(error: unknown): boolean {
  return (
    error instanceof Database.SqliteError &&
    (error.code === 'SQLITE_CONSTRAINT_UNIQUE' || error.code === 'SQLITE_CONSTRAINT_PRIMARYKEY')
  );
}

/** Damage that repair can cure; a file that may not be opened at all (permissions) is no reason to put it aside. */
export function isDamage(error: unknown): boolean {
  if (!(error instanceof AppError) || error.code !== 'database_damaged') return false;
  const { cause } = error;
  return !(cause instanceof Database.SqliteError && /^SQLITE_(CANTOPEN|READONLY|PERM)/.test(cause.code));
}
