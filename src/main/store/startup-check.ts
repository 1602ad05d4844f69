import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { backUp, listBackups, newestGood, restore } from './backup.ts';
import { type DataFile, makePrivateFile, openDatabase, type WritableDb } from './database.ts';
import { isDamage, toStoreError } from './database-errors.ts';
import { assertHeader, assertOwnWal, assertSound, damaged, isEmpty } from './integrity.ts';
import { inspectSchema, type Migration, migrate } from './migrate.ts';
import type { ProfilePaths } from './profile.ts';
import { quarantine } from './quarantine.ts';

/** Something a person should know about the profile; shown until dismissed. */
export interface StoreNotice {
  readonly id: string;
  readonly kind: 'info' | 'warning';
  readonly text: string;
}

export interface OpenRules {
  readonly file: DataFile;
  readonly migrations: readonly Migration[];
  /** `whole`: integrity and references, bounded in time. `cheap`: header, schema and what `probe` reads. */
  readonly check: 'whole' | 'cheap';
  /** The profile was used before: an empty or missing file is then a loss, not a beginning. */
  readonly isExpected?: boolean;
  /** Reads what a start needs, so that damage there is found now; throws when it finds any. */
  readonly probe?: (db: WritableDb) => void;
  /**
   * Which old copies there are to restore. `rotating`: seven, made while the app is used. `beforeUpgrade`: the last one of those.
   * `none` for the vault: an old refresh token would end the grant, and a deleted secret must not live on in a copy.
   */
  readonly backups: 'rotating' | 'beforeUpgrade' | 'none';
  /** What a person calls the file: "The activity history". */
  readonly title: string;
  /** What its loss means and what to do, when the file starts empty. */
  readonly afterLoss: string;
}

export interface OpenedFile {
  readonly db: WritableDb;
  readonly notices: readonly StoreNotice[];
  /** False when the whole check ran out of time: the background check must come soon. */
  readonly isChecked: boolean;
  /** True when content is lost that no copy brought back. */
  readonly isEmptied: boolean;
}

interface Step {
  readonly notice: StoreNotice | null;
  readonly isEmptied: boolean;
}

function suspicionOf(profile: ProfilePaths, file: DataFile): string {
  return join(profile.data, `${file}.suspect`);
}

/** Damage was met in a file that is in use: the next opening checks all of it, however long that takes. */
export function markSuspect(profile: ProfilePaths, file: DataFile): void {
  makePrivateFile(suspicionOf(profile, file));
}

export function dataPath(profile: ProfilePaths, file: DataFile): string {
  return join(profile.data, `${file}.db`);
}

async function upgrade(db: WritableDb, rules: OpenRules, profile: ProfilePaths, isUpgrade: boolean): Promise<void> {
  if (isUpgrade && rules.backups !== 'none') {
    const kept = rules.backups === 'rotating' ? undefined : 1;
    await backUp(db, { folder: profile.backups, file: rules.file, now: new Date(), kept });
  }
  migrate(db, rules.migrations);
}

function check(db: WritableDb, rules: OpenRules, profile: ProfilePaths): boolean {
  const suspicion = suspicionOf(profile, rules.file);
  if (!existsSync(suspicion)) return rules.check === 'cheap' || assertSound(db);
  assertSound(db, Number.POSITIVE_INFINITY);
  rmSync(suspicion, { force: true });
  return true;
}

async function tryOpen(
  rules: OpenRules,
  profile: ProfilePaths,
  isExpected: boolean,
): Promise<{ db: WritableDb; isChecked: boolean }> {
  const path = dataPath(profile, rules.file);
  if (isExpected && isEmpty(path)) throw damaged(path, 'it is empty or missing');
  const applicationId = assertHeader(path, rules.file);
  const schema = inspectSchema(path, rules.migrations);
  const db = openDatabase(path, rules.file);
  try {
    assertOwnWal(db, applicationId);
    const isNew = schema === null || schema.version === 0;
    const isChecked = isNew || check(db, rules, profile);
    if (isNew || schema.pending.length > 0) await upgrade(db, rules, profile, !isNew);
    if (isNew) settle(db);
    rules.probe?.(db);
    return { db, isChecked };
  } catch (error) {
    // Not closeDatabase: a checkpoint would write what may be a foreign journal into the file.
    db.close();
    throw toStoreError(error, path);
  }
}

/** The schema reaches the file itself at once, so that it can be told from a foreign journal at the next start. */
function settle(db: WritableDb): void {
  db.pragma('wal_checkpoint(PASSIVE)');
}

function when(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** One step of repair after another, each less good than the one before it. */
function repairs(
  rules: OpenRules,
  profile: ProfilePaths,
  log: (text: string, error?: unknown) => void,
): (() => Step | null)[] {
  const { file, title } = rules;
  const path = dataPath(profile, file);
  const now = new Date();
  const notice = (what: string, text: string): StoreNotice => ({
    id: `${file}-${what}-${now.getTime()}`,
    kind: 'warning',
    text,
  });
  const withoutJournal = (): Step | null => {
    if (!existsSync(`${path}-wal`) || !existsSync(path)) return null;
    quarantine(path, file, profile.quarantine, now, 'journal');
    const text = `${title} was left with a damaged journal, which was put aside. What was saved last before Patchbay ended may be lost.`;
    return { notice: notice('journal', text), isEmptied: false };
  };
  const fromBackup = (): Step | null => {
    const backup =
      rules.backups !== 'none'
        ? newestGood(profile.backups, file, (bad, error) => log(`The backup ${bad} is damaged`, error))
        : null;
    if (backup === null) return null;
    quarantine(path, file, profile.quarantine, now, 'all');
    restore(backup, path);
    const text = `${title} was damaged and was put aside. The backup of ${when(backup.madeAt)} was restored; later changes are lost.`;
    return { notice: notice('restored', text), isEmptied: false };
  };
  const empty = (): Step => {
    rmSync(suspicionOf(profile, file), { force: true });
    quarantine(path, file, profile.quarantine, now, 'all');
    return { notice: notice('lost', `${title} was damaged and was put aside. ${rules.afterLoss}`), isEmptied: true };
  };
  return [withoutJournal, fromBackup, empty];
}

/**
 * Opens a file of the profile, brings its schema up to date, and gets it usable again when it is damaged: first without its
 * journal, then from the newest good backup, at last empty. The damaged file is kept in the quarantine folder.
 * @throws AppError newer_profile | disk_full | busy; database_damaged only when the folder itself cannot be used
 */
export async function openChecked(
  rules: OpenRules,
  profile: ProfilePaths,
  log: (text: string, error?: unknown) => void,
): Promise<OpenedFile> {
  let step: Step = { notice: null, isEmptied: false };
  let isExpected =
    rules.isExpected ?? (rules.backups === 'rotating' && listBackups(profile.backups, rules.file).length > 0);
  const remaining = repairs(rules, profile, log);
  for (;;) {
    try {
      const opened = await tryOpen(rules, profile, isExpected);
      return { ...opened, notices: step.notice === null ? [] : [step.notice], isEmptied: step.isEmptied };
    } catch (error) {
      if (!isDamage(error)) throw error;
      log(`${rules.title} is damaged`, error);
      const next = nextStep(remaining);
      if (next === null) throw error;
      step = next;
      if (step.isEmptied) isExpected = false;
    }
  }
}

function nextStep(remaining: (() => Step | null)[]): Step | null {
  for (let repair = remaining.shift(); repair !== undefined; repair = remaining.shift()) {
    const step = repair();
    if (step !== null) return step;
  }
  return null;
}
