/** Entry of the thread that searches, sorts and exports cached rows, so that main never waits for a scan. */
import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { AppError } from '../../shared/app-error.ts';
import { REJECTED_KEPT, readRejected } from '../../store/cache/ledger.ts';
import { CacheQueries, type Cell } from '../../store/cache/queries.ts';
import type { Answered, Asked, ReaderAnswer, ReaderQuestion } from '../../store/cache/reader-messages.ts';
import { openReadOnly } from '../../store/database.ts';
import { toStoreError } from '../../store/database-errors.ts';
import { writeCsv } from './csv-file.ts';

/** Rows read at a time while exporting: a longer read would keep the journal from being emptied. */
const EXPORT_ROWS = 1_000;

const { file } = z.strictObject({ file: z.string() }).parse(workerData);
const db = openReadOnly(file);
const queries = new CacheQueries(db);

async function answer(question: ReaderQuestion): Promise<ReaderAnswer> {
  switch (question.kind) {
    case 'rows':
      return { kind: 'rows', page: queries.page(question.query) };
    case 'exportRows':
      return { kind: 'exported', rows: await exportRows(question) };
    case 'exportRejected':
      return { kind: 'exported', rows: await exportRejected(question.runId, question.path) };
  }
}

async function exportRows({
  jobId,
  search,
  sort,
  path,
}: Extract<ReaderQuestion, { kind: 'exportRows' }>): Promise<number> {
  const info = queries.info(jobId);
  if (info === null) throw new AppError('not_found', 'There are no rows to export yet.');
  const ids = queries.ids(jobId, search, sort);
  const booleans = new Set(info.columns.flatMap(({ type }, place) => (type === 'boolean' ? [place] : [])));
  function* rows(): Generator<Cell[]> {
    if (info === null) return;
    for (let at = 0; at < ids.length; at += EXPORT_ROWS)
      for (const row of queries.rows(info, ids.subarray(at, at + EXPORT_ROWS)))
        yield row.map((cell, place) => (booleans.has(place) && cell !== null ? String(cell === 1) : cell));
  }
  const header = info.columns.map(({ name }) => name);
  return writeCsv(path, header, rows());
}

function exportRejected(runId: string, path: string): Promise<number> {
  const { records } = readRejected(db, runId, { offset: 0, limit: REJECTED_KEPT });
  return writeCsv(
    path,
    // In the order of the page, columns and records alike.
    ['Record', 'Reason', 'Refused by'],
    records.map(({ key, by, reason }) => [key, reason, by]),
  );
}

const WHY_NOT_WRITTEN: Readonly<Record<string, string>> = {
  EACCES: 'you have no write permission for this folder',
  EPERM: 'you have no write permission for this folder',
  EROFS: 'the disk is read-only',
  ENOENT: 'the folder no longer exists',
  ENOTDIR: 'the folder no longer exists',
  EISDIR: 'a folder with this name exists',
};

function toFailed(error: unknown): ReaderAnswer {
  const known = toStoreError(error, file);
  if (known instanceof AppError && (known.code === 'disk_full' || known.code === 'database_damaged'))
    return { kind: 'failed', code: known.code, message: known.message };
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return { kind: 'failed', code: 'disk_full', message: 'The disk is full, so the file was not written.' };
  // Not the system's own words: they name the path, which a page must not see.
  if (/^E[A-Z0-9]+$/.test(code)) {
    const message = `The file was not written: ${WHY_NOT_WRITTEN[code] ?? `the system refused it (${code})`}. Choose another place.`;
    return { kind: 'failed', code: 'not_allowed', message };
  }
  return { kind: 'failed', code: 'internal', message: 'The data could not be read. Try again.' };
}

// One question after the other: each uses the same connection.
let queue = Promise.resolve();
parentPort?.on('message', ({ id, question }: Asked) => {
  queue = queue.then(async () => {
    const reply: Answered = { id, answer: await answer(question).catch(toFailed) };
    parentPort?.postMessage(reply);
  });
});
