import { randomInt } from 'node:crypto';
import { chmodSync, closeSync, existsSync, openSync } from 'node:fs';
import Database from 'better-sqlite3';
import { isDamage, toStoreError } from './database-errors.ts';

declare const readable: unique symbol;
declare const writable: unique symbol;
/** A connection that statements may read from. */
export type ReadableDb = Database.Database & { readonly [readable]: true };
/** A connection that may also write. */
export type WritableDb = ReadableDb & { readonly [writable]: true };

/** The four files of a profile. */
export const DATA_FILES = ['config', 'vault', 'history', 'cache'] as const;
export type DataFile = (typeof DATA_FILES)[number];

interface FileRules {
  /** FULL: a commit that has answered survives a power cut. NORMAL: it survives a crash of the process only. */
  readonly synchronous: 'FULL' | 'NORMAL';
  /** Overwrite deleted content with zeros. */
  readonly secureDelete: boolean;
  /** Pages kept in memory, in KiB. */
  readonly cacheKib: number;
  /** Size of a page, bytes, where it is not SQLite's own 4,096; fixed when the file is made. */
  readonly pageBytes?: number;
  /** Which of the four a file is: the second byte of its application id. */
  readonly mark: number;
}

export const FILE_RULES: Readonly<Record<DataFile, FileRules>> = {
  config: { synchronous: 'FULL', secureDelete: false, cacheKib: 8_192, mark: 0x43 },
  vault: { synchronous: 'FULL', secureDelete: true, cacheKib: 2_048, mark: 0x56 },
  // NORMAL, because a run writes its progress several times a second; what must survive is written with `durably`.
  history: { synchronous: 'NORMAL', secureDelete: false, cacheKib: 16_384, mark: 0x48 },
  // NORMAL, because rows and their checkpoint share a transaction: what a power cut takes, the next run fetches again.
  // Large pages, because its rows are: storing them takes a tenth less time, and with keys in no order a quarter less.
  cache: { synchronous: 'NORMAL', secureDelete: false, cacheKib: 32_768, pageBytes: 16_384, mark: 0x52 },
};

/** Earlier versions can lose a commit when two connections reset the WAL at the same time. */
const OLDEST_SQLITE = [3, 51, 3] as const;
const BUSY_TIMEOUT_MS = 5_000;
/** The WAL is cut back to this after a checkpoint. */
const JOURNAL_LIMIT_BYTES = 16 * 1024 * 1024;
const PRIVATE_FILE = 0o600;

/** @throws Error when the SQLite that was built in is older than the oldest one that is safe. */
export function assertSqliteVersion(version: string): void {
  const parts = version.split('.').map(Number);
  for (const [place, oldest] of OLDEST_SQLITE.entries()) {
    const part = parts[place] ?? 0;
    if (part > oldest) return;
    if (part < oldest) throw new Error(`SQLite ${version} is too old; ${OLDEST_SQLITE.join('.')} or later is needed.`);
  }
}

function options(extra: Database.Options): Database.Options {
  const nativeBinding = process.env.PATCHBAY_SQLITE_BINDING;
  return { timeout: BUSY_TIMEOUT_MS, ...extra, ...(nativeBinding ? { nativeBinding } : {}) };
}

/** "P", the mark, and two random bytes: a WAL that belongs to another file brings another id with its first page. */
function newApplicationId(file: DataFile): number {
  return ((0x50 << 24) | (FILE_RULES[file].mark << 16) | randomInt(1, 0x1_0000)) >>> 0;
}

/** Whether an application id is one of a file of this kind. */
export function isOfKind(applicationId: number, file: DataFile): boolean {
  return applicationId >>> 16 === ((0x50 << 8) | FILE_RULES[file].mark);
}

/** SQLite gives its -wal and -shm files the mode of the database, so the database is made first, by us. */
export function makePrivateFile(path: string): void {
  if (!existsSync(path)) closeSync(openSync(path, 'a', PRIVATE_FILE));
  if (process.platform === 'win32') return;
  for (const suffix of ['', '-wal', '-shm']) if (existsSync(path + suffix)) chmodSync(path + suffix, PRIVATE_FILE);
}

function connect(path: string, extra: Database.Options, isDamaged = false): Database.Database {
  const db = new Database(path, options(extra));
  try {
    if (isDamaged) {
      // Both are needed to pass over entries of the schema that cannot be read: https://www.sqlite.org/pragma.html#pragma_writable_schema
      db.unsafeMode(true);
      db.pragma('writable_schema = ON');
    }
    assertSqliteVersion(db.prepare<[], string>('SELECT sqlite_version()').pluck().get() ?? '0');
    db.pragma('temp_store = MEMORY');
    db.pragma('trusted_schema = OFF');
    db.pragma('cell_size_check = ON');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/**
 * Opens a file of the profile for writing, making it when it is not there.
 * @throws AppError disk_full | database_damaged | busy
 */
export function openDatabase(path: string, file: DataFile): WritableDb {
  const rules = FILE_RULES[file];
  try {
    makePrivateFile(path);
    const db = connect(path, {});
    try {
      if (rules.pageBytes !== undefined) db.pragma(`page_size = ${rules.pageBytes}`);
      db.pragma('journal_mode = WAL');
      db.pragma(`synchronous = ${rules.synchronous}`);
      db.pragma(`secure_delete = ${rules.secureDelete ? 'ON' : 'OFF'}`);
      db.pragma(`journal_size_limit = ${JOURNAL_LIMIT_BYTES}`);
      db.pragma(`cache_size = -${rules.cacheKib}`);
      db.pragma('foreign_keys = ON');
      if (db.pragma('application_id', { simple: true }) === 0) db.pragma(`application_id = ${newApplicationId(file)}`);
      return db as WritableDb;
    } catch (error) {
      db.close();
      throw error;
    }
  } catch (error) {
    throw toStoreError(error, path);
  }
}

/** Opens an existing file for reading; never writes to the database or its WAL, also not when it is closed. */
export function openReadOnly(path: string): ReadableDb {
  try {
    return connect(path, { readonly: true, fileMustExist: true }) as ReadableDb;
  } catch (error) {
    throw toStoreError(error, path);
  }
}

/** Like `openReadOnly`, for a damaged file: of its tables those are there whose entry in the schema can be read. */
export function openDamaged(path: string): ReadableDb {
  try {
    return connect(path, { readonly: true, fileMustExist: true }, true) as ReadableDb;
  } catch (error) {
    throw toStoreError(error, path);
  }
}

/** Opens a copy of any kind as it is, to check or convert it: no WAL, nothing of ours is set. */
export function openPlain(path: string): WritableDb {
  try {
    return connect(path, { fileMustExist: true }) as WritableDb;
  } catch (error) {
    throw toStoreError(error, path);
  }
}

/**
 * Opens an empty file only to hold the system's exclusive lock on it, until the connection is closed or the process ends.
 * @throws AppError busy when another process has it for longer than `waitMs`
 */
export function openPlainLock(path: string, waitMs: number): WritableDb {
  try {
    makePrivateFile(path);
    const db = new Database(path, options({ timeout: waitMs }));
    try {
      // No journal file: nothing is ever written.
      db.pragma('journal_mode = MEMORY');
      db.exec('BEGIN EXCLUSIVE');
      return db as WritableDb;
    } catch (error) {
      db.close();
      throw error;
    }
  } catch (error) {
    throw toStoreError(error, path);
  }
}

/**
 * Runs work in one immediate transaction: all of it is committed or none. Inside another transaction it joins that one.
 * @throws AppError disk_full | database_damaged | busy, or what the work throws
 */
export function inTransaction<T>(db: WritableDb, work: () => T): T {
  if (db.inTransaction) return work();
  try {
    return db.transaction(work).immediate();
  } catch (error) {
    throw typed(error, db);
  }
}

/** A transaction that is on the disk when this returns, also in a file whose rule is NORMAL. */
export function durably<T>(db: WritableDb, work: () => T): T {
  if (db.inTransaction || db.pragma('synchronous', { simple: true }) === 2) return inTransaction(db, work);
  db.pragma('synchronous = FULL');
  try {
    return inTransaction(db, work);
  } finally {
    db.pragma('synchronous = NORMAL');
  }
}

const damageListeners = new WeakMap<object, (error: unknown) => void>();

/** Tells, once, when a statement of this connection finds that the file is damaged; after the statement has thrown. */
export function onDamage(db: ReadableDb, listener: (error: unknown) => void): void {
  damageListeners.set(db, listener);
}

function typed(error: unknown, db: ReadableDb): unknown {
  const known = toStoreError(error, db.name);
  const listener = damageListeners.get(db);
  if (listener && isDamage(known)) {
    damageListeners.delete(db);
    setImmediate(listener, known);
  }
  return known;
}

/** Runs statements outside a transaction with the same typed errors. */
export function guarded<T>(db: ReadableDb, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw typed(error, db);
  }
}

/**
 * Moves the WAL into the database. `passive` never waits and suits idle moments; `truncate` also empties the WAL file, for
 * quitting and after secrets were deleted.
 * @returns false when a reader or writer prevented a complete checkpoint
 */
export function checkpoint(db: WritableDb, mode: 'passive' | 'truncate'): boolean {
  return guarded(db, () => {
    const [row] = db.pragma(`wal_checkpoint(${mode})`) as { busy: number; log: number; checkpointed: number }[];
    return row !== undefined && row.busy === 0 && row.log === row.checkpointed;
  });
}

/** Empties the WAL and closes; a file that is closed already is left alone. */
export function closeDatabase(db: WritableDb): void {
  if (!db.open) return;
  try {
    checkpoint(db, 'truncate');
  } finally {
    db.close();
  }
}
