/** Brings what can still be read of a damaged file into a new one, row by row. */
import { existsSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { replaceFile } from './atomic-file.ts';
import {
  closeDatabase,
  type DataFile,
  isOfKind,
  openDamaged,
  openDatabase,
  openReadOnly,
  type ReadableDb,
  type WritableDb,
} from './database.ts';
import { type Migration, migrate } from './migrate.ts';

interface Column {
  readonly name: string;
  readonly pk: number;
  /** 0: an ordinary column; others are computed. */
  readonly hidden: number;
}

/** Tables with content of their own, in the order in which they were made: rows that others refer to come first. */
function tablesOf(db: ReadableDb): string[] {
  const rows = db.pragma('table_list') as { schema: string; name: string; type: string }[];
  const ordinary = new Set(
    rows.filter(({ schema, type }) => schema === 'main' && type === 'table').map(({ name }) => name),
  );
  const made = db
    .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid")
    .pluck()
    .all();
  return made.filter((name) => ordinary.has(name) && !/^sqlite_|^schema_migrations$/.test(name));
}

function columnsOf(db: ReadableDb, table: string): Column[] {
  return (db.pragma(`table_xinfo("${table}")`) as Column[]).filter(({ hidden }) => hidden === 0);
}

/** Runs through the rows until the end or the first damaged page. @returns whether it came to the end */
function walk(rows: () => Iterable<unknown[]>, take: (row: unknown[]) => void): boolean {
  try {
    for (const row of rows()) take(row);
    return true;
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error;
    return false;
  }
}

interface Copied {
  readonly rows: number;
  /** False when damage hides rows. */
  readonly isWhole: boolean;
}

/** From the front, and from the back to what the damage hides from the front. */
function copyTable(from: ReadableDb, to: WritableDb, table: string): Copied {
  const known = new Set(columnsOf(from, table).map(({ name }) => name));
  const columns = columnsOf(to, table).filter(({ name }) => known.has(name));
  if (columns.length === 0) return { rows: 0, isWhole: false };
  const list = columns.map(({ name }) => `"${name}"`).join(', ');
  const insert = to.prepare<unknown[]>(
    `INSERT OR IGNORE INTO "${table}" (${list}) VALUES (${columns.map(() => '?').join(', ')})`,
  );
  let rows = 0;
  const take = (row: unknown[]): void => {
    try {
      rows += insert.run(...row).changes > 0 ? 1 : 0;
    } catch (error) {
      // Not a row of this table any more: a wrong type, a broken rule, a reference to what is lost.
      if (!(error instanceof Database.SqliteError && error.code.startsWith('SQLITE_CONSTRAINT'))) throw error;
    }
  };
  const select = (order: string) => () =>
    from.prepare<[], unknown[]>(`SELECT ${list} FROM "${table}" ${order}`).raw().safeIntegers().iterate();
  const key = columns.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
  const backwards = key.map(({ name }) => `"${name}" DESC`).join(', ');
  const isWhole = walk(select(''), take);
  if (!isWhole && key.length > 0) walk(select(`ORDER BY ${backwards}`), take);
  return { rows, isWhole };
}

function copyAtOnce(from: ReadableDb, to: WritableDb, table: string): Copied {
  try {
    return to.transaction(() => copyTable(from, to, table)).immediate();
  } catch (error) {
    if (!(error instanceof Database.SqliteError) || error.code === 'SQLITE_FULL') throw error;
    return { rows: 0, isWhole: false };
  }
}

/** Table by table from the damaged file; where that hides rows, the backup adds those that it has. */
function copyAll(from: ReadableDb, to: WritableDb, backup: ReadableDb | null): { read: number; added: number } {
  const sum = { read: 0, added: 0 };
  for (const table of tablesOf(to)) {
    const { rows, isWhole } = copyAtOnce(from, to, table);
    sum.read += rows;
    if (!isWhole && backup !== null) sum.added += copyAtOnce(backup, to, table).rows;
  }
  return sum;
}

function open(path: string, file: DataFile): ReadableDb | null {
  let db: ReadableDb | null = null;
  try {
    db = openDamaged(path);
    if (isOfKind(Number(db.pragma('application_id', { simple: true })), file) && tablesOf(db).length > 0) return db;
  } catch (error) {
    // Not even its list of tables can be read: there is nothing to bring over.
    if (!(error instanceof Error)) throw error;
  }
  db?.close();
  return null;
}

export interface Salvage {
  /** Rows of the damaged file. */
  readonly rows: number;
  /** Rows that only the backup still had. */
  readonly added: number;
  /** Puts the new file in the place of the old one, which has been moved away. */
  readonly putInPlace: () => void;
}

/**
 * Reads a damaged file and writes a new one beside it, in the schema of the old one: an upgrade comes later, as always.
 * @param backup a sound older copy: it adds what the damage hides, and nothing to tables that can be read to their end
 * @returns null when nothing can be read
 * @throws AppError disk_full
 */
export function salvage(
  path: string,
  file: DataFile,
  migrations: readonly Migration[],
  backup: string | null,
): Salvage | null {
  const from = open(path, file);
  if (from === null) return null;
  const target = `${path}.salvaged`;
  for (const suffix of ['', '-wal', '-shm']) rmSync(target + suffix, { force: true, recursive: true });
  try {
    const version = Number(from.pragma('user_version', { simple: true }));
    const applied = migrations.filter(({ id }) => id <= version);
    if (applied.length === 0) return null;
    const { read, added } = writeNew(target, file, applied, from, backup);
    return read === 0 ? null : { rows: read, added, putInPlace: () => replaceFile(target, path) };
  } finally {
    from.close();
    if (existsSync(`${target}-wal`)) rmSync(`${target}-wal`, { force: true });
  }
}

function writeNew(
  target: string,
  file: DataFile,
  migrations: readonly Migration[],
  from: ReadableDb,
  backup: string | null,
): { read: number; added: number } {
  const to = openDatabase(target, file);
  const older = backup === null ? null : openReadOnly(backup);
  try {
    migrate(to, migrations);
    return copyAll(from, to, older);
  } finally {
    older?.close();
    closeDatabase(to);
  }
}
