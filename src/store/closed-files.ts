import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readFileAtomic, writeFileAtomic } from './atomic-file.ts';
import type { DataFile } from './database.ts';
import type { ProfilePaths } from './profile.ts';

const recordSchema = z.strictObject({ version: z.string(), files: z.record(z.string(), z.string()) });

function pathOf(profile: ProfilePaths): string {
  return join(profile.data, 'closed.json');
}

function seal(path: string): string {
  const { size, mtimeNs } = statSync(path, { bigint: true });
  return `${size} ${mtimeNs}`;
}

/** Writes down how the files were left, after they were closed cleanly by this version of the app. */
export function recordClosed(
  profile: ProfilePaths,
  version: string,
  paths: Readonly<Partial<Record<DataFile, string>>>,
): void {
  const files: Record<string, string> = {};
  for (const [file, path] of Object.entries(paths))
    if (existsSync(path) && !existsSync(`${path}-wal`)) files[file] = seal(path);
  writeFileAtomic(pathOf(profile), JSON.stringify({ version, files }));
}

/**
 * The files that are exactly as this same version closed them. What is in them was written by this version and needs no second
 * look at start; the weekly check reads them all the same. After a crash, an upgrade or a touch by anybody there are none.
 */
export function untouchedFiles(
  profile: ProfilePaths,
  version: string,
  paths: Readonly<Partial<Record<DataFile, string>>>,
): Set<DataFile> {
  const record = readFileAtomic(
    pathOf(profile),
    (text) => recordSchema.parse(JSON.parse(text)),
    () => undefined,
  );
  const untouched = new Set<DataFile>();
  if (record === null || record.version !== version) return untouched;
  for (const [file, path] of Object.entries(paths) as [DataFile, string][]) {
    if (existsSync(path) && !existsSync(`${path}-wal`) && record.files[file] === seal(path)) untouched.add(file);
  }
  return untouched;
}
