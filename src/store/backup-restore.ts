/**
 * Restoring a backup that a person chose. The files of a running app are in use, so the wish is written down, the app starts
 * again, and the copy is put in place before config.db is opened. What was there before is kept: a copy of it is made when the
 * wish is written, and the file itself goes to the quarantine folder.
 */
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../shared/errors.ts';
import { instantSchema } from '../shared/ids.ts';
import { previousOf, replaceFile, writeFileAtomic } from './atomic-file.ts';
import { listBackups, restore, verify } from './backup.ts';
import { inspectSchema } from './migrate.ts';
import { CONFIG_MIGRATIONS } from './migrations.ts';
import type { StoreNotice } from './open-rules.ts';
import type { ProfilePaths } from './profile.ts';
import { quarantine } from './quarantine.ts';
import { dataPath } from './startup-check.ts';

/** A copy of the configuration as Settings lists it. */
export interface BackupEntry {
  /** Name of the copy; nothing else is taken as one. */
  readonly id: string;
  readonly madeAt: string;
  readonly sizeBytes: number;
}

const wishSchema = z.strictObject({ madeAt: instantSchema });

function wishPath(profile: ProfilePaths): string {
  return join(profile.data, 'restore-wish.json');
}

/** A copy of its own: the backup itself may be rotated away before the next start. */
function wishedPath(profile: ProfilePaths): string {
  return join(profile.data, 'restore-wish.db');
}

/** Newest first. */
export function listConfigBackups(profile: ProfilePaths): BackupEntry[] {
  return listBackups(profile.backups, 'config').map(({ path, madeAt }) => ({
    id: basename(path),
    madeAt: madeAt.toISOString(),
    sizeBytes: statSync(path).size,
  }));
}

/** @throws AppError database_damaged | newer_profile */
function assertUsable(path: string): void {
  verify(path);
  if (inspectSchema(path, CONFIG_MIGRATIONS) === null)
    throw new AppError('database_damaged', 'This backup is empty. Choose another one.');
}

/** Writes down that the next start is to restore this copy. @throws AppError not_found | database_damaged | newer_profile */
export function wishRestore(profile: ProfilePaths, id: string): void {
  const backup = listBackups(profile.backups, 'config').find(({ path }) => basename(path) === id);
  if (backup === undefined) throw new AppError('not_found', 'This backup is not there any more.');
  assertUsable(backup.path);
  restore(backup, wishedPath(profile));
  writeFileAtomic(wishPath(profile), JSON.stringify({ madeAt: backup.madeAt.toISOString() }));
}

function forgetWish(profile: ProfilePaths): void {
  const wish = wishPath(profile);
  for (const path of [wish, previousOf(wish), wishedPath(profile)]) rmSync(path, { force: true });
}

export interface RestoreOutcome {
  readonly notice: StoreNotice;
  readonly isRestored: boolean;
}

/**
 * At start, before config.db is opened. Killed in between, it goes on at the next start; a copy that cannot be restored leaves
 * everything as it is.
 * @returns null when nothing was wished
 */
export function fulfilRestore(
  profile: ProfilePaths,
  log: (text: string, error?: unknown) => void,
): RestoreOutcome | null {
  if (!existsSync(wishPath(profile))) return null;
  const now = new Date();
  try {
    const { madeAt } = wishSchema.parse(JSON.parse(readFileSync(wishPath(profile), 'utf8')));
    putInPlace(profile, now);
    forgetWish(profile);
    const when = `${madeAt.slice(0, 16).replace('T', ' ')} UTC`;
    const text = `The configuration of ${when} was restored. Credentials are never part of a backup: connections that lost theirs since then have to be re-authorized.`;
    return { notice: { id: `config-restored-${now.getTime()}`, kind: 'info', text }, isRestored: true };
  } catch (error) {
    log('The chosen backup could not be restored', error);
    forgetWish(profile);
    const why = error instanceof AppError ? error.message : 'The chosen backup could not be put in place.';
    const text = `${why} Nothing was restored; the configuration is as it was.`;
    return { notice: { id: `config-not-restored-${now.getTime()}`, kind: 'warning', text }, isRestored: false };
  }
}

function putInPlace(profile: ProfilePaths, now: Date): void {
  const wished = wishedPath(profile);
  const path = dataPath(profile, 'config');
  // The rename has been done already when an earlier start was killed right after it.
  if (!existsSync(wished) && existsSync(path)) return;
  assertUsable(wished);
  quarantine(path, 'config', profile.quarantine, now, 'all');
  replaceFile(wished, path);
}
