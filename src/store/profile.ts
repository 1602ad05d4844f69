import { randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { AppError } from '../shared/errors.ts';
import { assertWritable, claimFile, claimFolder, isTaken, makePrivateFolder } from './places.ts';

/** Where a profile keeps what. Every folder is 0700 and every file in it 0600, whatever the umask says. */
export interface ProfilePaths {
  readonly root: string;
  /** The four databases. */
  readonly data: string;
  /** Verified copies of config.db, and of files about to be upgraded. */
  readonly backups: string;
  /** Damaged files, kept under the time they were found. */
  readonly quarantine: string;
}

/** What is made again when it is missing. The four databases have rules of their own. */
const SMALL_FILES = [
  'preferences.json',
  ...['closed.json', 'restore-wish.json', 'restore-wish.db'].flatMap((name) => [
    `data/${name}`,
    `data/${name}.previous`,
  ]),
  ...['profile.lock', 'cache.lock', 'config.suspect', 'vault.suspect', 'history.suspect', 'cache.suspect'].map(
    (name) => `data/${name}`,
  ),
];

/** @throws AppError profile_unusable when one of its folders cannot be made or used */
export function openProfile(root: string): ProfilePaths {
  const data = join(root, 'data');
  const paths = { root, data, backups: join(data, 'backups'), quarantine: join(data, 'quarantine') };
  try {
    // Where the data is, nothing is moved out of the way: a file of that name may be somebody's.
    for (const folder of [root, data]) makePrivateFolder(folder);
    assertWritable(data);
    for (const folder of [paths.backups, paths.quarantine]) claimFolder(folder);
    if (isTaken(join(root, 'practice'))) claimFolder(join(root, 'practice'));
    for (const file of SMALL_FILES) claimFile(join(root, file));
  } catch (error) {
    throw unusable(root, error);
  }
  return paths;
}

/** What is wrong with a profile's folder, and what a person can do about it. */
function unusable(root: string, cause: unknown): unknown {
  if (!(cause instanceof Error && 'code' in cause)) return cause;
  if (cause.code === 'ENOSPC' || cause.code === 'EDQUOT')
    return new AppError(
      'disk_full',
      'The disk is full, so nothing was saved. Free some space, then start Patchbay again.',
      { cause },
    );
  const path = 'path' in cause && typeof cause.path === 'string' ? cause.path : root;
  const where = basename(path).startsWith('.probe.') ? dirname(path) : path;
  return new AppError('profile_unusable', `${where} ${reasonOf(String(cause.code))} Nothing was changed.`, { cause });
}

function reasonOf(code: string): string {
  if (code === 'EEXIST' || code === 'ENOTDIR')
    return 'is a file, but Patchbay needs a folder there. Move the file away, then start Patchbay again.';
  if (code === 'EROFS') return 'is on a disk that is read-only. Make it writable, or choose another profile folder.';
  if (code === 'EACCES' || code === 'EPERM')
    return 'can’t be written by this user. Give yourself permission to write there, or choose another profile folder.';
  return `can’t be used as a profile folder (${code}). Check the disk, or choose another profile folder.`;
}

/** Crockford's alphabet, lower case: sorts as its value does, and has no letters that look alike. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_LENGTH = 10;

function randomText(length: number): string {
  let text = '';
  for (const byte of randomBytes(length)) text += ALPHABET[byte & 31];
  return text;
}

/** A new id of 20 letters and digits: 100 random bits. The caller brands it with the schema of what it names. */
export function newId(): string {
  return randomText(20);
}

/** A new id of 26 letters and digits that sorts by `atMs` (milliseconds since 1970): 10 of time, 80 random bits. */
export function newActivityId(atMs: number): string {
  let time = '';
  let rest = Math.max(0, Math.floor(atMs));
  for (let place = 0; place < TIME_LENGTH; place += 1) {
    time = ALPHABET[rest % 32] + time;
    rest = Math.floor(rest / 32);
  }
  return time + randomText(16);
}
