/** For tests of a process that dies: what it would leave is a copy of its database files at that moment, as the operating system has them. */
import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs';

const SUFFIXES = ['', '-wal', '-shm'] as const;

/** Copies an open database with its journal. @param at names the moment */
export function copyAt(path: string, at: number): void {
  for (const suffix of SUFFIXES) if (existsSync(path + suffix)) copyFileSync(path + suffix, `${path}.${at}${suffix}`);
}

/** Puts the copy of a moment in place of the database, which nobody has open. */
export function takeCopy(path: string, at: number): void {
  for (const suffix of SUFFIXES) {
    rmSync(path + suffix, { force: true });
    const copy = `${path}.${at}${suffix}`;
    if (existsSync(copy)) renameSync(copy, path + suffix);
  }
}

/** Puts a closed database in place of another, whose journal goes. */
export function startFrom(closed: string, path: string): void {
  for (const suffix of SUFFIXES) rmSync(path + suffix, { force: true });
  copyFileSync(closed, path);
}
