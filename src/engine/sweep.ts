/** Marks the rows that a full pass has not met as gone; an unusual share of a job's rows only once a person has agreed. */
import type { ActivityId, JobId } from '../shared/ids.ts';
import { type HeldSweep, readHeldSweep, saveHeldSweep } from '../store/cache/findings.ts';
import { RunLedger } from '../store/cache/ledger.ts';
import { CHUNK_ROWS, SeenRows } from '../store/cache/seen.ts';
import { rowsTable, tableInfo } from '../store/cache/table.ts';
import { inTransaction, type WritableDb } from '../store/database.ts';
import { turn } from './peekable.ts';

/** Up to so many rows are marked whatever their share: small tables change by halves. */
const USUAL_ROWS = 20;

/** More than half of the rows that were there, and more than {@link USUAL_ROWS}. */
export function isUnusual(missing: number, before: number): boolean {
  return missing > USUAL_ROWS && missing * 2 > before;
}

/** Rows that are not gone and are older than the pass. */
export function rowsBefore(db: WritableDb, jobId: JobId, lastId: number): number {
  const rows = tableInfo(db, jobId)?.rows ?? 0;
  const last =
    db
      .prepare<[], number | null>(`SELECT max(_id) FROM ${rowsTable(jobId)}`)
      .pluck()
      .get() ?? 0;
  // Those with a greater id are all there: they were inserted a moment ago.
  return rows - Math.max(0, last - lastId);
}

/** How many rows a sweep would mark; lets others work between two chunks. */
export async function countUnmet(seen: SeenRows, lastId: number, breathe: () => Promise<void> = turn): Promise<number> {
  let unmet = 0;
  for (let chunk = 0; chunk <= lastChunk(lastId); chunk += 1) {
    unmet += seen.unmet(chunk, lastId);
    await breathe();
  }
  return unmet;
}

export function lastChunk(lastId: number): number {
  return Math.floor(lastId / CHUNK_ROWS);
}

/**
 * Marks what a finding names, once somebody has agreed to it. Each chunk is one transaction with what is left to mark: killed in
 * between, the rest is still offered.
 * @returns how many rows were marked; null when this finding is not the last one any more
 */
export async function markHeld(
  db: WritableDb,
  jobId: JobId,
  agreed: { readonly finding: ActivityId; readonly rows: number },
): Promise<number | null> {
  const held = readHeldSweep(db, jobId);
  if (held === null || held.runId !== agreed.finding || held.missing !== agreed.rows) return null;
  const seen = new SeenRows(db, jobId);
  const ledger = new RunLedger(db, jobId, held.runId);
  let marked = 0;
  for (let chunk = 0; chunk <= lastChunk(held.lastId); chunk += 1) {
    marked += inTransaction(db, () => markChunk({ db, jobId, seen, ledger, held, chunk, marked }));
    await turn();
  }
  inTransaction(db, () => {
    saveHeldSweep(db, jobId, null);
    ledger.forgetSeen();
  });
  return marked;
}

function markChunk(parts: {
  readonly db: WritableDb;
  readonly jobId: JobId;
  readonly seen: SeenRows;
  readonly ledger: RunLedger;
  readonly held: HeldSweep;
  readonly chunk: number;
  readonly marked: number;
}): number {
  const { db, jobId, seen, ledger, held, chunk, marked } = parts;
  const gone = seen.sweep(chunk, held.lastId);
  ledger.addRows(-gone, gone);
  // Not below one: the line goes with the last chunk.
  if (gone > 0) saveHeldSweep(db, jobId, { ...held, missing: Math.max(1, held.missing - marked - gone) });
  return gone;
}
