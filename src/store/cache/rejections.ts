/** What of a job stays rejected from run to run, until it is read again well or is gone. */
import type { ActivityId, JobId } from '../../shared/ids.ts';
import type { WritableDb } from '../database.ts';
import { REJECTED_KEPT, type RejectedRecord } from './ledger.ts';

export interface StillRejected {
  readonly records: readonly RejectedRecord[];
  /** All of them, also those behind one line. */
  readonly count: number;
  /** When the first of them was rejected, milliseconds since 1970; null when there are none. */
  readonly since: number | null;
}

interface OpenRow {
  readonly key: string;
  readonly reason: string;
  readonly by: RejectedRecord['by'];
  readonly times: number;
  readonly since: number;
}

/** Every method that writes belongs into a transaction of the caller's; {@link reload} after one that was rolled back. */
export class OpenRejections {
  readonly #db: WritableDb;
  readonly #jobId: JobId;
  readonly #runId: ActivityId;
  readonly #keys = new Set<string>();
  readonly #add;
  readonly #remove;
  #lines = 0;

  constructor(db: WritableDb, jobId: JobId, runId: ActivityId) {
    this.#db = db;
    this.#jobId = jobId;
    this.#runId = runId;
    this.#add = db.prepare(
      `INSERT INTO open_rejections (job_id, record_key, without_key, reason, rejected_by, times, since, pass_at, run_id)
       VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?)
       ON CONFLICT DO UPDATE SET reason = excluded.reason, rejected_by = excluded.rejected_by, run_id = excluded.run_id,
         times = CASE WHEN without_key <> '' AND pass_at = excluded.pass_at THEN times + 1 ELSE 1 END,
         pass_at = excluded.pass_at`,
    );
    this.#remove = db.prepare("DELETE FROM open_rejections WHERE job_id = ? AND record_key = ? AND without_key = ''");
    this.reload();
  }

  /** Whether a record that is read well may end a rejection. */
  get isEmpty(): boolean {
    return this.#keys.size === 0;
  }

  reload(): void {
    const rows = this.#db
      .prepare<[string], string>('SELECT record_key FROM open_rejections WHERE job_id = ?')
      .pluck()
      .all(this.#jobId);
    this.#lines = rows.length;
    this.#keys.clear();
    for (const key of rows) if (key !== '') this.#keys.add(key);
  }

  /** @param passAt when the pass began, milliseconds since 1970 */
  add(records: readonly RejectedRecord[], passAt: number, now: number): void {
    for (const { key, reason, by } of records) {
      const [stored, why] = [key.slice(0, 1_000), reason.slice(0, 1_000)];
      // As with those of a run: more are counted there, not kept.
      if (this.#lines >= REJECTED_KEPT && !this.#keys.has(stored)) continue;
      if (stored !== '' && !this.#keys.has(stored)) this.#keys.add(stored);
      this.#add.run(this.#jobId, stored, stored === '' ? why : '', why, by, now, passAt, this.#runId);
      this.#lines += 1;
    }
  }

  /** A record with this key was stored. */
  readWell(key: string): void {
    if (this.#keys.size === 0 || !this.#keys.delete(key)) return;
    this.#remove.run(this.#jobId, key);
    this.#lines -= 1;
  }

  /** A pass has read everything: what it did not reject again is read well, or gone. */
  endFullPass(passAt: number): void {
    this.#db.prepare('DELETE FROM open_rejections WHERE job_id = ? AND pass_at <> ?').run(this.#jobId, passAt);
  }

  /** What earlier runs have rejected, and this one has not looked at. */
  ofEarlierRuns(): StillRejected {
    const rows = this.#db
      .prepare<[string, string], OpenRow>(
        `SELECT record_key AS key, reason, rejected_by AS "by", times, since FROM open_rejections
         WHERE job_id = ? AND run_id <> ? ORDER BY since, record_key`,
      )
      .all(this.#jobId, this.#runId);
    return {
      records: rows.map(({ key, reason, by, since }) => ({
        key,
        reason: `${reason} (Rejected since ${new Date(since).toISOString().slice(0, 10)}.)`,
        by,
      })),
      count: rows.reduce((sum, { times }) => sum + times, 0),
      since: rows[0]?.since ?? null,
    };
  }
}
