import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

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

const PRIVATE_FOLDER = 0o700;

/** Makes a folder (and its parents) readable by this user only; an existing one is tightened. */
export function makePrivateFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: PRIVATE_FOLDER });
  // Windows has no such bits: there the profile lies under the user's own AppData.
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) chmodSync(path, PRIVATE_FOLDER);
}

export function openProfile(root: string): ProfilePaths {
  const paths = {
    root,
    data: join(root, 'data'),
    backups: join(root, 'data', 'backups'),
    quarantine: join(root, 'data', 'quarantine'),
  };
  for (const folder of Object.values(paths)) makePrivateFolder(folder);
  return paths;
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
