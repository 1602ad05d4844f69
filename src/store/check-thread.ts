/** Entry of the thread that checks a whole file, table by table, while the app is used. It only reads. */
import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { openReadOnly, type ReadableDb } from './database.ts';
import { isDamage, toStoreError } from './database-errors.ts';
import { checkTable, tablesOf } from './integrity.ts';

/** What the thread is told: which file, and the last table that an earlier, interrupted check has passed. */
const checkOrderSchema = z.strictObject({ path: z.string(), after: z.string().nullable() });
/** What it says after each table; `problems` are SQLite's words. */
interface CheckReport {
  readonly table: string;
  readonly problems: readonly string[];
}

/** SQLite throws where a page cannot be read at all, and reports where it can: both are problems of the table. */
function problemsOf<T>(path: string, work: () => T): { readonly value: T } | { readonly problem: string } {
  try {
    return { value: work() };
  } catch (error) {
    const known = toStoreError(error, path);
    if (known instanceof Error && isDamage(known)) return { problem: known.message };
    throw known;
  }
}

function report(table: string, problems: string[]): void {
  parentPort?.postMessage({ table, problems } satisfies CheckReport);
}

function checkAll(db: ReadableDb, after: string | null): void {
  for (const table of tablesOf(db)) {
    if (after !== null && table <= after) continue;
    const checked = problemsOf(db.name, () => checkTable(db, table, 'full'));
    report(table, 'problem' in checked ? [checked.problem] : checked.value);
  }
}

function run(): void {
  const { path, after } = checkOrderSchema.parse(workerData);
  const opened = problemsOf(path, () => openReadOnly(path));
  if ('problem' in opened) {
    report('', [opened.problem]);
    return;
  }
  const db = opened.value;
  const listed = problemsOf(path, () => checkAll(db, after));
  if ('problem' in listed) report('', [listed.problem]);
  db.close();
}

run();
