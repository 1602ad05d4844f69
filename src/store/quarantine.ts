import { readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { syncFolder } from './atomic-file.ts';
import { stamp } from './backup.ts';
import type { DataFile } from './database.ts';
import { isTaken } from './places.ts';

/** Damaged files kept per kind; they can be large. */
const KEPT = 3;

/** What was put aside may be a folder. */
function removeAll(folder: string, names: readonly string[]): void {
  for (const name of names) rmSync(join(folder, name), { force: true, recursive: true });
}

function rotate(folder: string, file: DataFile): void {
  const stampOf = (name: string): string => name.slice(file.length + 1).split('.')[0] ?? '';
  const names = readdirSync(folder).filter((name) => name.startsWith(`${file}-`));
  const dropped = new Set([...new Set(names.map(stampOf))].sort().reverse().slice(KEPT));
  removeAll(
    folder,
    names.filter((name) => dropped.has(stampOf(name))),
  );
}

/** Removes what was put aside of one kind, for good. @returns how many files that were */
export function emptyQuarantine(folder: string, file: DataFile): number {
  const names = readdirSync(folder).filter((name) => name.startsWith(`${file}-`));
  removeAll(folder, names);
  return names.length;
}

/**
 * Takes what stands in the place of a damaged file, or only its journal, out of the way without deleting it: a specialist may
 * still read it. Folders and links are moved as they are.
 * @returns the new name of the first that was moved; null when there was nothing to move
 */
export function quarantine(
  path: string,
  file: DataFile,
  folder: string,
  now: Date,
  parts: 'journal' | 'all',
): string | null {
  const suffixes = parts === 'all' ? ['', '-wal', '-shm'] : ['-wal', '-shm'];
  const present = suffixes.filter((suffix) => isTaken(path + suffix));
  const names = present.map((suffix) => `${file}-${stamp(now)}.${basename(path) + suffix}`);
  for (const [place, suffix] of present.entries()) renameSync(path + suffix, join(folder, names[place] ?? ''));
  if (names[0] === undefined) return null;
  syncFolder(folder);
  rotate(folder, file);
  return names[0];
}
