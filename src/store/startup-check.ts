import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { AppError } from '../shared/app-error.ts';
import { backUp, listBackups } from './backup.ts';
import { type DataFile, makePrivateFile, openDatabase, type WritableDb } from './database.ts';
import { isDamage, toStoreError } from './database-errors.ts';
import { rebuildIndexes, searchAnswers } from './derived.ts';
import { assertHeader, assertOwnWal, assertSound, damaged, isEmpty } from './integrity.ts';
import { inspectSchema, migrate } from './migrate.ts';
import type { OpenRules, StoreNotice } from './open-rules.ts';
import type { ProfilePaths } from './profile.ts';
import { clearPlace, journalNotice, repairs, type Step } from './repairs.ts';

export interface OpenedFile {
  readonly db: WritableDb;
  readonly notices: readonly StoreNotice[];
  /** False when the whole check ran out of time: the background check must come soon. */
  readonly isChecked: boolean;
  /** True when content is lost that no copy brought back. */
  readonly isEmptied: boolean;
}

function suspicionOf(profile: ProfilePaths, file: DataFile): string {
  return join(profile.data, `${file}.suspect`);
}

/** Damage was met in a file that is in use: the next opening checks all of it, however long that takes. */
export function markSuspect(profile: ProfilePaths, file: DataFile): void {
  makePrivateFile(suspicionOf(profile, file));
}

/** Something else than a file of ours may have that name. */
function clearSuspicion(profile: ProfilePaths, file: DataFile): void {
  rmSync(suspicionOf(profile, file), { force: true, recursive: true });
}

export function dataPath(profile: ProfilePaths, file: DataFile): string {
  return join(profile.data, `${file}.db`);
}

/** @throws what is wrong with the migration, once the file itself was found to be sound */
async function upgrade(db: WritableDb, rules: OpenRules, profile: ProfilePaths, isUpgrade: boolean): Promise<void> {
  if (isUpgrade && rules.backups !== 'none') {
    const kept = rules.backups === 'rotating' ? undefined : 1;
    await backUp(db, { folder: profile.backups, file: rules.file, now: new Date(), kept });
  }
  try {
    migrate(db, rules.migrations);
  } catch (error) {
    if (isUpgrade) assertSound(db, Number.POSITIVE_INFINITY);
    throw error;
  }
}

interface Checked {
  /** False when the whole check ran out of time: the background check must come soon. */
  readonly isChecked: boolean;
  readonly isRebuilt: boolean;
}

function check(db: WritableDb, rules: OpenRules, profile: ProfilePaths, isShort: boolean): Checked {
  const answers = searchAnswers(db);
  const isSuspect = isShort || !answers || existsSync(suspicionOf(profile, rules.file));
  if (!isSuspect && rules.check === 'cheap') return { isChecked: true, isRebuilt: false };
  let isChecked: boolean;
  try {
    isChecked = assertSound(db, isSuspect ? Number.POSITIVE_INFINITY : undefined);
    if (!answers) throw damaged(db.name, 'its search index does not answer');
  } catch (error) {
    if (!isDamage(error) || !rebuildIndexes(db)) throw error;
    clearSuspicion(profile, rules.file);
    return { isChecked: true, isRebuilt: true };
  }
  if (isSuspect) clearSuspicion(profile, rules.file);
  return { isChecked, isRebuilt: false };
}

/** What SQLite cannot do with a file that is only opened and read is damage of it, whatever it calls it. */
function asDamage(error: unknown, path: string): unknown {
  const known = toStoreError(error, path);
  return known instanceof Database.SqliteError ? damaged(path, known.message) : known;
}

async function tryOpen(
  rules: OpenRules,
  profile: ProfilePaths,
  isExpected: boolean,
): Promise<{ db: WritableDb } & Checked> {
  const path = dataPath(profile, rules.file);
  if (isExpected && isEmpty(path)) throw damaged(path, 'it is empty or missing');
  const { applicationId, isShort } = assertHeader(path, rules.file);
  let db: WritableDb | null = null;
  let isUpgrading = false;
  try {
    const schema = inspectSchema(path, rules.migrations);
    db = openDatabase(path, rules.file);
    assertOwnWal(db, applicationId);
    const isNew = schema === null || schema.version === 0;
    const checked = isNew ? { isChecked: true, isRebuilt: false } : check(db, rules, profile, isShort);
    isUpgrading = true;
    if (isNew || schema.pending.length > 0) await upgrade(db, rules, profile, !isNew);
    isUpgrading = false;
    if (isNew) settle(db);
    rules.probe?.(db);
    return { db, ...checked };
  } catch (error) {
    // Not closeDatabase: a checkpoint would write what may be a foreign journal into the file.
    db?.close();
    throw isUpgrading ? toStoreError(error, path) : asDamage(error, path);
  }
}

/** The schema reaches the file itself at once, so that it can be told from a foreign journal at the next start. */
function settle(db: WritableDb): void {
  db.pragma('wal_checkpoint(PASSIVE)');
}

/**
 * Opens a file of the profile, brings its schema up to date, and gets it usable again when it is damaged: first without its
 * journal, then from what can still be read of it or from the newest good backup, at last empty. What is not a file at all is
 * moved away first. The damaged file is kept in the quarantine folder.
 * @throws AppError newer_profile | disk_full | busy; profile_unusable when the folder itself cannot be used
 */
export async function openChecked(
  rules: OpenRules,
  profile: ProfilePaths,
  log: (text: string, error?: unknown) => void,
): Promise<OpenedFile> {
  const { path, now } = { path: dataPath(profile, rules.file), now: new Date() };
  const odd = clearPlace(rules, path, profile, now);
  if (odd !== null) log(`${rules.title}: ${odd.what} was in the place of its ${odd.part}`);
  let step: Step = { notice: odd?.part === 'journal' ? journalNotice(rules, odd, now) : null, isEmptied: false };
  let isExpected =
    odd?.part === 'file' ||
    (rules.isExpected ?? (rules.backups === 'rotating' && listBackups(profile.backups, rules.file).length > 0));
  const remaining = repairs(rules, path, profile, now, odd, log);
  for (;;) {
    try {
      const { isRebuilt, ...opened } = await tryOpen(rules, profile, isExpected);
      const notice = step.notice ?? (isRebuilt ? rebuiltNotice(rules, now) : null);
      return { ...opened, notices: notice === null ? [] : [notice], isEmptied: step.isEmptied };
    } catch (error) {
      if (!isDamage(error)) throw inWords(error, path);
      log(`${rules.title} is damaged`, error);
      const next = nextStep(remaining);
      if (next === null) throw error;
      step = next;
      if (!step.isEmptied) continue;
      isExpected = false;
      clearSuspicion(profile, rules.file);
    }
  }
}

function rebuiltNotice({ file, title }: OpenRules, now: Date): StoreNotice {
  const text = `The index of a data file was damaged and was built again (${title.toLowerCase()}). Nothing is lost.`;
  return { id: `${file}-rebuilt-${now.getTime()}`, kind: 'info', text };
}

/** A file that may not be moved or written although it is damaged: the folder, or the disk, is read-only. */
function inWords(error: unknown, path: string): unknown {
  if (error instanceof AppError || !(error instanceof Error && 'code' in error)) return error;
  return new AppError(
    'profile_unusable',
    `${path} can’t be used (${error.code}). Check who may write to the profile folder.`,
    { cause: error },
  );
}

function nextStep(remaining: (() => Step | null)[]): Step | null {
  for (let repair = remaining.shift(); repair !== undefined; repair = remaining.shift()) {
    const step = repair();
    if (step !== null) return step;
  }
  return null;
}
