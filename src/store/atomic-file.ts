import { randomBytes } from 'node:crypto';
import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

const PRIVATE_FILE = 0o600;
const LEFTOVER = /^\..+\.[0-9a-f]{12}\.tmp$/;

function temporaryPath(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
}

/** Makes a rename in this folder survive a power cut. Windows cannot open folders, and orders renames by itself. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Puts a finished file in the place of another in one step: whoever looks sees the old one or the new one. */
export function replaceFile(from: string, to: string): void {
  renameSync(from, to);
  syncFolder(dirname(to));
}

export function syncFile(path: string): void {
  const handle = openSync(path, 'r+');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

export function previousOf(path: string): string {
  return `${path}.previous`;
}

/** What a disk without hard links answers: FAT, exFAT, many network folders. */
const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/** The old content gets a second name, or is copied where a file has one name only; it is never absent from both. */
function keepPrevious(path: string): void {
  if (!existsSync(path)) return;
  const temporary = temporaryPath(path);
  try {
    linkSync(path, temporary);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && NO_LINKS.has(String(error.code)))) throw error;
    copyFileSync(path, temporary);
    syncFile(temporary);
  }
  renameSync(temporary, previousOf(path));
}

/**
 * Writes a whole file so that a kill or a power cut at any instant leaves the old content or the new one, complete. The file is
 * readable by this user only.
 * @param previous `keep`: the content before stays beside it as `<path>.previous`. `drop`: in a person's own folder nothing
 * else than the file is left.
 */
export function writeFileAtomic(path: string, content: string | Uint8Array, previous: 'keep' | 'drop' = 'keep'): void {
  const temporary = temporaryPath(path);
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
  try {
    const handle = openSync(temporary, 'wx', PRIVATE_FILE);
    try {
      for (let written = 0; written < bytes.length; ) written += writeSync(handle, bytes, written);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    if (previous === 'keep') keepPrevious(path);
    replaceFile(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Reads a file with a parser that throws on damage; a damaged or missing one gives way to the content before, or to null. */
export function readFileAtomic<T>(
  path: string,
  parse: (text: string) => T,
  onDamage: (path: string, error: unknown) => void,
): T | null {
  for (const candidate of [path, previousOf(path)]) {
    if (!existsSync(candidate)) continue;
    try {
      return parse(readFileSync(candidate, 'utf8'));
    } catch (error) {
      onDamage(candidate, error);
    }
  }
  return null;
}

/** Temporary files of a process that was killed while it wrote. */
export function removeLeftovers(folder: string): number {
  const leftovers = readdirSync(folder).filter((name) => LEFTOVER.test(name));
  for (const name of leftovers) rmSync(join(folder, name), { force: true });
  return leftovers.length;
}
