/** Brings what can still be read of a damaged file into a new one, row by row. */
import { existsSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { replaceFile } from './atomic-file.ts';
import {
  closeDatabase,
  type DataFile,
  isOfKind,
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

/** Runs through the rows until the end or the first damaged page. */
function walk(rows: Iterable<unknown[]>, take: (row: unknown[]) => void): void {
  try {
    for (const row of rows) take(row);
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error;
  }
}

/** From the front, and from the back to what the damage hides from the front. @returns how many rows were taken over */
function copyTable(from: ReadableDb, to: WritableDb, table: string): number {
  const known = new Set(columnsOf(from, table).map(({ name }) => name));
  const columns = columnsOf(to, table).filter(({ name }) => known.has(name));
  const list = columns.map(({ name }) => `"${name}"`).join(', ');
  const insert = to.prepare<unknown[]>(
    `INSERT OR IGNORE INTO "${table}" (${list}) VALUES (${columns.map(() => '?').join(', ')})`,
  );
  let copied = 0;
  const take = (row: unknown[]): void => {
    try {
      copied += insert.run(...row).changes > 0 ? 1 : 0;
    } catch (error) {
      // Not a row of this table any more: a wrong type, a broken rule, a reference to what is lost.
      if (!(error instanceof Database.SqliteError && error.code.startsWith('SQLITE_CONSTRAINT'))) throw error;
    }
  };
  const key = columns.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
  const backwards = key.map(({ name }) => `"${name}" DESC`).join(', ');
  for (const order of ['', ...(key.length === 0 ? [] : [`ORDER BY ${backwards}`])])
    walk(from.prepare<[], unknown[]>(`SELECT ${list} FROM "${table}" ${order}`).raw().safeIntegers().iterate(), take);
  return copied;
}

function copyAll(from: ReadableDb, to: WritableDb): number {
  let copied = 0;
  const there = new Set(tablesOf(from));
  for (const table of tablesOf(to)) {
    if (!there.has(table)) continue;
    try {
      copied += to.transaction(() => copyTable(from, to, table)).immediate();
    } catch (error) {
      if (!(error instanceof Database.SqliteError) || error.code === 'SQLITE_FULL') throw error;
    }
  }
  return copied;
}

function open(path: string, file: DataFile): ReadableDb | null {
  let db: ReadableDb | null = null;
  try {
    db = openReadOnly(path);
    if (isOfKind(Number(db.pragma('application_id', { simple: true })), file) && tablesOf(db).length > 0) return db;
  } catch (error) {
    // Not even its list of tables can be read: there is nothing to bring over.
    if (!(error instanceof Error)) throw error;
  }
  db?.close();
  return null;
}

export interface Salvage {
  readonly rows: number;
  /** Puts the new file in the place of the old one, which has been moved away. */
  readonly putInPlace: () => void;
}

/**
 * Reads a damaged file and writes a new one beside it, in the schema of the old one: an upgrade comes later, as always.
 * @returns null when nothing can be read
 * @throws AppError disk_full
 */
export function salvage(path: string, file: DataFile, migrations: readonly Migration[]): Salvage | null {
  const from = open(path, file);
  if (from === null) return null;
  const target = `${path}.salvaged`;
  for (const suffix of ['', '-wal', '-shm']) rmSync(target + suffix, { force: true, recursive: true });
  try {
    const version = Number(from.pragma('user_version', { simple: true }));
    const applied = migrations.filter(({ id }) => id <= version);
    if (applied.length === 0) return null;
    const to = openDatabase(target, file);
    try {
      migrate(to, applied);
      const rows = copyAll(from, to);
      return rows === 0 ? null : { rows, putInPlace: () => replaceFile(target, path) };
    } finally {
      closeDatabase(to);
    }
  } finally {
    from.close();
    if (existsSync(`${target}-wal`)) rmSync(`${target}-wal`, { force: true });
  }
}
