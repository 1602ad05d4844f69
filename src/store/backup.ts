import { randomBytes } from 'node:crypto';
import { copyFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../shared/errors.ts';
import { replaceFile, syncFile } from './atomic-file.ts';
import { type DataFile, makePrivateFile, openPlain, type WritableDb } from './database.ts';
import { toStoreError } from './database-errors.ts';

export interface Backup {
  readonly path: string;
  readonly file: DataFile;
  readonly madeAt: Date;
}

/** Copies kept per file. */
export const KEPT = 7;
const NEWEST_KEPT = 3;
/** Pages copied before other work gets its turn: about a megabyte. */
const PAGES_PER_STEP = 256;
/** Steps after which the rest is copied in one go: writers of other processes make a copy begin again. */
const PATIENCE = 400;
const NAME = /^(config|vault|history|cache)-(\d{8}T\d{9}Z)-[a-z0-9]+\.db$/;

export function stamp(date: Date): string {
  return date.toISOString().replace(/[-:.]/g, '');
}

function fromStamp(text: string): Date {
  return new Date(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z$/, '$1-$2-$3T$4:$5:$6.$7Z'));
}

/** Newest first. Names only: whether a copy is good is checked when it is needed. */
export function listBackups(folder: string, file: DataFile): Backup[] {
  const backups: Backup[] = [];
  for (const name of readdirSync(folder)) {
    const match = NAME.exec(name);
    if (match?.[1] !== file || match[2] === undefined) continue;
    backups.push({ path: join(folder, name), file, madeAt: fromStamp(match[2]) });
  }
  return backups.sort((a, b) => b.madeAt.getTime() - a.madeAt.getTime());
}

/** Which copies stay: the newest three, and then the newest of each earlier day. */
export function keptOf(newestFirst: readonly Backup[], most = KEPT): Backup[] {
  const kept: Backup[] = [];
  const days = new Set<string>();
  for (const backup of newestFirst) {
    const day = backup.madeAt.toISOString().slice(0, 10);
    if (kept.length < Math.min(NEWEST_KEPT, most) || (kept.length < most && !days.has(day))) kept.push(backup);
    days.add(day);
  }
  return kept;
}

function rotate(folder: string, file: DataFile, most: number | undefined): void {
  const all = listBackups(folder, file);
  const kept = new Set(keptOf(all, most));
  for (const backup of all) if (!kept.has(backup)) rmSync(backup.path, { force: true });
}

/** Makes a copy stand alone (no WAL) and checks all of it. @throws AppError database_damaged */
export function verify(path: string): void {
  const copy = openPlain(path);
  try {
    copy.pragma('journal_mode = DELETE');
    const [problem] = (copy.pragma('integrity_check(1)') as { integrity_check: string }[]).map(
      (row) => row.integrity_check,
    );
    if (problem !== 'ok')
      throw new AppError('database_damaged', 'A backup could not be made, because its copy did not pass the check.', {
        details: { what: problem ?? 'no answer' },
      });
  } finally {
    copy.close();
  }
}

async function copyTo(db: WritableDb, path: string): Promise<void> {
  let steps = 0;
  await db.backup(path, {
    progress: () => {
      steps += 1;
      return steps > PATIENCE ? 0x7fff_ffff : PAGES_PER_STEP;
    },
  });
}

export interface BackupOptions {
  readonly folder: string;
  readonly file: DataFile;
  readonly now: Date;
  /** How many copies of the file stay; seven when left out. */
  readonly kept?: number | undefined;
}

/**
 * Copies an open file with SQLite's online backup, without stopping its readers and writers; the copy is checked, synced and
 * only then given its name. Old ones are removed.
 * @throws AppError disk_full | database_damaged
 */
export async function backUp(db: WritableDb, options: BackupOptions): Promise<Backup> {
  const { folder, file, now } = options;
  const temporary = join(folder, `.${file}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    makePrivateFile(temporary);
    await copyTo(db, temporary);
    verify(temporary);
    syncFile(temporary);
    const path = join(folder, `${file}-${stamp(now)}-${randomBytes(2).toString('hex')}.db`);
    replaceFile(temporary, path);
    rotate(folder, file, options.kept);
    return { path, file, madeAt: now };
  } catch (error) {
    throw toStoreError(error, temporary);
  } finally {
    for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(temporary + suffix, { force: true });
  }
}

/** Puts a copy in the place of a file that is not open and has no WAL. The copy itself stays. */
export function restore(backup: Backup, path: string): void {
  const temporary = `${path}.restoring`;
  rmSync(temporary, { force: true });
  makePrivateFile(temporary);
  copyFileSync(backup.path, temporary);
  syncFile(temporary);
  replaceFile(temporary, path);
}

/** The newest copy that passes the whole check; worse ones are left for a person to look at. */
export function newestGood(
  folder: string,
  file: DataFile,
  onBad: (path: string, error: unknown) => void,
): Backup | null {
  for (const backup of listBackups(folder, file)) {
    try {
      if (statSync(backup.path).size > 0) {
        verify(backup.path);
        return backup;
      }
    } catch (error) {
      onBad(backup.path, error);
    }
  }
  return null;
}
