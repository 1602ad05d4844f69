/** Rows that a full pass did not meet and that nobody has marked yet, because they are too many to be marked unasked. */
import type { ActivityId, JobId } from '../../shared/ids.ts';
import type { ReadableDb, WritableDb } from '../database.ts';

export interface HeldSweep {
  readonly runId: ActivityId;
  /** Milliseconds since 1970. */
  readonly foundAt: number;
  /** Rows with a greater id were inserted later. */
  readonly lastId: number;
  /** Rows that would be marked as gone. */
  readonly missing: number;
}

export function readHeldSweep(db: ReadableDb, jobId: string): HeldSweep | null {
  const isThere = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'held_sweeps'").get();
  // A cache that the worker has not brought up to date yet has none.
  if (isThere === undefined) return null;
  const held = db
    .prepare<[string], HeldSweep>(
      'SELECT run_id AS runId, found_at AS foundAt, last_id AS lastId, missing FROM held_sweeps WHERE job_id = ?',
    )
    .get(jobId);
  return held ?? null;
}

/** Inside the caller's transaction. Null, or none missing: there is nothing to decide any more. */
export function saveHeldSweep(db: WritableDb, jobId: JobId, held: HeldSweep | null): void {
  if (held === null || held.missing === 0) {
    db.prepare('DELETE FROM held_sweeps WHERE job_id = ?').run(jobId);
    return;
  }
  db.prepare(
    `INSERT INTO held_sweeps (job_id, run_id, found_at, last_id, missing) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET run_id = excluded.run_id, found_at = excluded.found_at, last_id = excluded.last_id, missing = excluded.missing`,
  ).run(jobId, held.runId, held.foundAt, held.lastId, held.missing);
}
