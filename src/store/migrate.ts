import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { AppError } from '../shared/errors.ts';
import { inTransaction, openReadOnly, type ReadableDb, type WritableDb } from './database.ts';
import { toStoreError } from './database-errors.ts';

/** One numbered change of a file's schema: `0010-first-tables.sql`. Ids rise in tens; a published one is never edited. */
export interface Migration {
  readonly id: number;
  readonly name: string;
  readonly sql: string;
}

const FILE_NAME = /(?:^|\/)(\d{4})-([a-z0-9-]+)\.sql$/;

/** Orders what `import.meta.glob('./migrations/<file>/*.sql', { query: '?raw', import: 'default', eager: true })` gives. */
export function migrationsFrom(modules: Readonly<Record<string, unknown>>): Migration[] {
  const migrations = Object.entries(modules).map(([path, sql]) => {
    const match = FILE_NAME.exec(path);
    if (!match || typeof sql !== 'string') throw new Error(`Not a migration: ${path}`);
    return { id: Number(match[1]), name: match[2] ?? '', sql };
  });
  migrations.sort((a, b) => a.id - b.id);
  const twice = migrations.find((migration, place) => migrations[place - 1]?.id === migration.id);
  if (twice) throw new Error(`Two migrations have the id ${twice.id}.`);
  return migrations;
}

/** The statements of a migration. They are separated by an empty line, so that triggers need no SQL parser here. */
export function statementsOf(sql: string): string[] {
  return sql
    .split(/\n\s*\n/)
    .map((statement) => statement.trim())
    .filter((statement) => statement.split('\n').some((line) => line.trim() !== '' && !line.trim().startsWith('--')));
}

export function checksumOf(migration: Migration): string {
  return createHash('sha256').update(migration.sql.replaceAll('\r\n', '\n')).digest('hex');
}

interface AppliedRow {
  readonly id: number;
  readonly name: string;
  readonly checksum: string;
}

function appliedRows(db: ReadableDb): AppliedRow[] {
  const exists = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migrations'").get();
  return exists ? db.prepare<[], AppliedRow>('SELECT id, name, checksum FROM schema_migrations ORDER BY id').all() : [];
}

function newerProfile(details: { readonly has: number; readonly knows: number }): AppError {
  return new AppError(
    'newer_profile',
    'This profile was last used by a newer version of Patchbay. Nothing was changed. Install that version or a later one to open it.',
    { details },
  );
}

/** What a flipped bit makes of a number; a newer version's number differs by more, and has its line in the list of migrations. */
function isOneBitOff(a: number, b: number): boolean {
  const bits = a ^ b;
  return bits !== 0 && (bits & (bits - 1)) === 0;
}

function damagedSchema(version: number, last: number): AppError {
  const what = `it says that its schema is ${version}, and that ${last} was the last change of it`;
  return new AppError('database_damaged', `A data file of this profile is damaged: ${what}.`, { details: { what } });
}

function assertKnown(version: number, applied: readonly AppliedRow[], migrations: readonly Migration[]): void {
  const knows = migrations.at(-1)?.id ?? 0;
  const last = applied.at(-1)?.id ?? version;
  // Both are written in one transaction, so they differ only in a file that something else has changed.
  if (version < last || isOneBitOff(version, last)) throw damagedSchema(version, last);
  if (version > knows) throw newerProfile({ has: version, knows });
  for (const row of applied) {
    const migration = migrations.find(({ id }) => id === row.id);
    if (!migration || checksumOf(migration) !== row.checksum) throw newerProfile({ has: row.id, knows });
  }
}

function versionOf(db: ReadableDb): number {
  return db.pragma('user_version', { simple: true }) as number;
}

export interface SchemaState {
  readonly version: number;
  readonly pending: readonly Migration[];
}

/**
 * What an existing file would need, found without writing a byte of it; null when it has no content yet.
 * @throws AppError newer_profile | database_damaged
 */
export function inspectSchema(path: string, migrations: readonly Migration[]): SchemaState | null {
  if (!existsSync(path) || (statSync(path).size === 0 && !existsSync(`${path}-wal`))) return null;
  const db = openReadOnly(path);
  try {
    const version = versionOf(db);
    assertKnown(version, appliedRows(db), migrations);
    return { version, pending: migrations.filter(({ id }) => id > version) };
  } catch (error) {
    throw toStoreError(error, path);
  } finally {
    db.close();
  }
}

function apply(db: WritableDb, migration: Migration, onStatement: (statement: string) => void): void {
  inTransaction(db, () => {
    for (const statement of statementsOf(migration.sql)) {
      db.exec(statement);
      onStatement(statement);
    }
    const broken = db.pragma('foreign_key_check') as unknown[];
    if (broken.length > 0)
      throw new Error(`Migration ${migration.id} leaves ${broken.length} rows that refer to nothing.`);
    db.prepare('INSERT INTO schema_migrations (id, name, checksum, applied_at) VALUES (?, ?, ?, ?)').run(
      migration.id,
      migration.name,
      checksumOf(migration),
      Date.now(),
    );
    onStatement('applied');
    db.pragma(`user_version = ${migration.id}`);
    onStatement('version');
  });
}

const MIGRATIONS_TABLE = `CREATE TABLE IF NOT EXISTS schema_migrations (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  checksum TEXT NOT NULL,
  applied_at INTEGER NOT NULL
) STRICT`;

/**
 * Brings an open file to the newest schema, each migration in one transaction: a kill leaves the version before or after.
 * Take the backup first (see `upgrade` in backup.ts). `onStatement` is told of each statement, for tests that kill there.
 * @returns ids that were applied
 * @throws AppError newer_profile | disk_full | database_damaged
 */
export function migrate(
  db: WritableDb,
  migrations: readonly Migration[],
  onStatement: (statement: string) => void = () => undefined,
): number[] {
  try {
    const version = versionOf(db);
    assertKnown(version, appliedRows(db), migrations);
    const pending = migrations.filter(({ id }) => id > version);
    if (pending.length === 0) return [];
    db.exec(MIGRATIONS_TABLE);
    // Rebuilding a table that others refer to is possible only without enforcement; each migration is checked before its commit.
    db.pragma('foreign_keys = OFF');
    try {
      for (const migration of pending) apply(db, migration, onStatement);
    } finally {
      db.pragma('foreign_keys = ON');
    }
    return pending.map(({ id }) => id);
  } catch (error) {
    throw toStoreError(error, db.name);
  }
}
