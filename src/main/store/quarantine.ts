import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { syncFolder } from './atomic-file.ts';
import { stamp } from './backup.ts';
import type { DataFile } from './database.ts';

/** Damaged files kept per kind; they can be large. */
const KEPT = 3;

function rotate(folder: string, file: DataFile): void {
  const stamps = new Set<string>();
  const names = readdirSync(folder).filter((name) => name.startsWith(`${file}-`));
  for (const name of names) stamps.add(name.slice(file.length + 1).split('.')[0] ?? '');
  const dropped = new Set([...stamps].sort().reverse().slice(KEPT));
  for (const name of names)
    if (dropped.has(name.slice(file.length + 1).split('.')[0] ?? '')) rmSync(join(folder, name), { force: true });
}

/** Removes what was put aside of one kind, for good. @returns how many files that were */
export function emptyQuarantine(folder: string, file: DataFile): number {
  const names = readdirSync(folder).filter((name) => name.startsWith(`${file}-`));
  for (const name of names) rmSync(join(folder, name), { force: true });
  return names.length;
}

/**
 * Takes a damaged file, or only its journal, out of the way without deleting it: a specialist may still read it.
 * @returns false when there was nothing to move
 */
export function quarantine(path: string, file: DataFile, folder: string, now: Date, parts: 'journal' | 'all'): boolean {
  const suffixes = parts === 'all' ? ['', '-wal', '-shm'] : ['-wal', '-shm'];
  const present = suffixes.filter((suffix) => existsSync(path + suffix));
  for (const suffix of present)
    renameSync(path + suffix, join(folder, `${file}-${stamp(now)}.${basename(path) + suffix}`));
  if (present.length === 0) return false;
  syncFolder(folder);
  rotate(folder, file);
  return true;
}
