import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { AppError } from '../shared/errors.ts';
import { type DataFile, isOfKind, type ReadableDb } from './database.ts';
import { toStoreError } from './database-errors.ts';

const MAGIC = 'SQLite format 3\0';
const HEADER_BYTES = 100;
const APPLICATION_ID_AT = 68;
/** Up to this size a whole check takes less time than a person notices; above it, only the budget is spent at start. */
const WHOLE_CHECK_BYTES = 16 * 1024 * 1024;
const BUDGET_MS = 250;

/** Nothing in the file, and nothing in a journal that could fill it. */
export function isEmpty(path: string): boolean {
  return [path, `${path}-wal`].every((part) => !existsSync(part) || statSync(part).size === 0);
}

export function damaged(path: string, what: string): AppError {
  return new AppError('database_damaged', `A data file of this profile is damaged: ${what}.`, {
    details: { file: path, what },
  });
}

function readHeader(path: string): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  const handle = openSync(path, 'r');
  try {
    readSync(handle, header, 0, HEADER_BYTES, 0);
  } finally {
    closeSync(handle);
  }
  return header;
}

/** Bytes that the file must have at least by its own header; 0 when the header does not say: https://www.sqlite.org/fileformat2.html#in_header_database_size */
function sizeByHeader(header: Buffer): number {
  const isCurrent = header.readUInt32BE(24) === header.readUInt32BE(92);
  const pageBytes = header.readUInt16BE(16);
  return isCurrent ? header.readUInt32BE(28) * (pageBytes === 1 ? 65_536 : pageBytes) : 0;
}

/**
 * Looks at the first bytes of a file that is not open yet. SQLite reads what is cut off as zeros, which are values too.
 * @returns its application id (0 when it was killed in its very first start, before anything reached the file itself), and
 * whether it is shorter than it should be, which its journal may make up for
 * @throws AppError database_damaged when it is not a whole database of this kind
 */
export function assertHeader(
  path: string,
  file: DataFile,
): { readonly applicationId: number; readonly isShort: boolean } {
  if (!existsSync(path) || statSync(path).size === 0) return { applicationId: 0, isShort: false };
  const header = readHeader(path);
  const { size } = statSync(path);
  if (size < HEADER_BYTES || header.toString('latin1', 0, MAGIC.length) !== MAGIC)
    throw damaged(path, 'it is not a database');
  const applicationId = header.readUInt32BE(APPLICATION_ID_AT);
  if (applicationId !== 0 && !isOfKind(applicationId, file)) throw damaged(path, 'it is another kind of file');
  const isShort = size < sizeByHeader(header);
  if (isShort && isEmpty(`${path}-wal`)) throw damaged(path, 'its end is missing');
  return { applicationId, isShort };
}

/**
 * SQLite replays a WAL it finds beside a file, also one that was left there by another. What is seen through the WAL must carry
 * the id that stands in the file alone.
 * @throws AppError database_damaged
 */
export function assertOwnWal(db: ReadableDb, inFile: number): void {
  if (inFile !== 0 && db.pragma('application_id', { simple: true }) !== inFile)
    throw damaged(db.name, 'its journal belongs to another file');
}

export function tablesOf(db: ReadableDb): string[] {
  return db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").pluck().all();
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** What SQLite finds wrong in one table and its indexes; empty when nothing is. */
export function checkTable(db: ReadableDb, table: string, depth: 'quick' | 'full'): string[] {
  const pragma = depth === 'quick' ? 'quick_check' : 'integrity_check';
  const rows = db.pragma(`${pragma}(${quoted(table)})`) as Record<string, unknown>[];
  return rows.map((row) => String(Object.values(row)[0])).filter((text) => text !== 'ok');
}

/**
 * The check at start: everything in a small file, else table by table until the time is spent. Without a budget nothing is left
 * out, indexes included.
 * @returns false when tables were left for the background check
 * @throws AppError database_damaged
 */
export function assertSound(db: ReadableDb, budgetMs = BUDGET_MS): boolean {
  const path = db.name;
  try {
    const pages = db.pragma('page_count', { simple: true }) as number;
    const size = pages * (db.pragma('page_size', { simple: true }) as number);
    const end = performance.now() + budgetMs;
    if (size <= WHOLE_CHECK_BYTES || budgetMs === Number.POSITIVE_INFINITY) {
      const [problem] = (db.pragma('integrity_check(1)') as { integrity_check: string }[]).map(
        (row) => row.integrity_check,
      );
      if (problem !== 'ok') throw damaged(path, problem ?? 'the check gave no answer');
    } else {
      for (const table of tablesOf(db)) {
        if (performance.now() > end) return false;
        const [problem] = checkTable(db, table, 'quick');
        if (problem !== undefined) throw damaged(path, problem);
      }
    }
    if ((db.pragma('foreign_key_check') as unknown[]).length > 0)
      throw damaged(path, 'rows refer to rows that are gone');
    return true;
  } catch (error) {
    throw toStoreError(error, path);
  }
}
