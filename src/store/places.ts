/** What stands where a file or a folder of the profile belongs: another program, a sync tool or a person may have put anything there. */
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { stamp } from './backup.ts';

const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;

/** Whether there is anything of this name, also a link that leads nowhere. */
export function isTaken(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function behind(path: string): Stats | null {
  try {
    return statSync(path);
  } catch (error) {
    // A link that leads nowhere, in a circle, or to where this user may not look.
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}

/** By opening it, not by its mode: lists of rights, read-only disks and roots say more than a mode does. */
function mayUse(path: string): boolean {
  try {
    closeSync(openSync(path, 'r+'));
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}

/** @throws Error of the file system, with its code, when files cannot be made in this folder */
export function assertWritable(folder: string): void {
  const probe = join(folder, `.probe.${randomBytes(6).toString('hex')}.tmp`);
  closeSync(openSync(probe, 'wx', PRIVATE_FILE));
  rmSync(probe);
  readdirSync(folder);
}

/** Gives the user's own file back its mode. */
function isUsable(path: string): boolean {
  if (mayUse(path)) return true;
  try {
    chmodSync(path, PRIVATE_FILE);
  } catch (error) {
    // Somebody else's file, or one that may not be changed: what it is taken for is decided by whoever asks.
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
  return mayUse(path);
}

/**
 * @param links `follow`: a link to a file elsewhere is that file. `refuse`: SQLite makes these files itself, never links.
 * @returns what is wrong with what stands there, for people; null for a usable file, and for nothing at all
 */
export function oddityOf(path: string, links: 'follow' | 'refuse'): string | null {
  const place = lstatSync(path, { throwIfNoEntry: false });
  if (place === undefined) return null;
  if (place.isSymbolicLink() && links === 'refuse') return 'a link';
  const found = place.isSymbolicLink() ? behind(path) : place;
  if (found === null) return 'a link that leads nowhere';
  if (found.isDirectory()) return 'a folder';
  if (!found.isFile()) return 'not a file';
  return isUsable(path) ? null : 'a file that Patchbay may not open';
}

function moveAside(path: string): string {
  const aside = `${path}-put-aside-${stamp(new Date())}`;
  renameSync(path, aside);
  return aside;
}

/**
 * Frees the name of a file that is made again when it is missing: what is no file of this user is renamed, never removed.
 * @returns the new name of what stood there; null when nothing did, or a file that can be used
 */
export function claimFile(path: string): string | null {
  return oddityOf(path, 'refuse') === null ? null : moveAside(path);
}

/**
 * Makes a folder that only this user can read. What else has its name is renamed, never removed.
 * @returns the new name of what stood there; null when nothing did
 */
export function claimFolder(path: string): string | null {
  const isOdd = isTaken(path) && behind(path)?.isDirectory() !== true;
  const aside = isOdd ? moveAside(path) : null;
  makePrivateFolder(path);
  if ((statSync(path).mode & PRIVATE_FOLDER) !== PRIVATE_FOLDER) chmodSync(path, PRIVATE_FOLDER);
  return aside;
}

/**
 * Makes a folder (and its parents) readable by this user only; an existing one is tightened, never opened.
 * @throws Error of the file system, with its code, when it cannot be made or written
 */
export function makePrivateFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: PRIVATE_FOLDER });
  // Windows has no such bits: there the profile lies under the user's own AppData.
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) chmodSync(path, PRIVATE_FOLDER);
}
