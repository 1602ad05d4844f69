/** Makes the search texts of rows that an older version has stored: in slices, while the app is used. */
import { failureSchema } from '../../shared/activity/activity.ts';
import { inTransaction, type WritableDb } from '../database.ts';
import { fromJson, type Row, type Statement, statement } from '../rows.ts';
import { CauseRows, subjectText } from './execution-rows.ts';
import { updateText } from './updates.ts';

/** Rows looked at in one slice: some milliseconds of main's time at most. */
const SLICE = 500;
/** Executions are mostly successes, which have no text of their own. */
const EXECUTION_SLICE = 2_000;

type What = 'subjects' | 'executions' | 'updates';
interface Backlog {
  readonly what: What;
  readonly next: number;
  readonly last: number;
}

export class SearchIndexing {
  readonly #db: WritableDb;
  readonly #causes: CauseRows;
  readonly #backlog: Statement<[]>;
  readonly #advance: Statement<[number, string]>;
  readonly #done: Statement<[string]>;
  readonly #rows: Readonly<Record<What, Statement<[number, number]>>>;
  readonly #folded: Readonly<Record<'subjects' | 'updates', Statement<[string, number]>>>;
  readonly #caused: Statement<[number, number]>;
  readonly #tally: Statement<[number, number]>;
  readonly #listCauses: Statement<[number, number]>;

  constructor(db: WritableDb) {
    this.#db = db;
    this.#causes = new CauseRows(db);
    this.#backlog = statement(db, 'SELECT what, next_row, last_row FROM search_backlog LIMIT 1');
    this.#advance = statement<[number, string]>(db, 'UPDATE search_backlog SET next_row = ? WHERE what = ?');
    this.#done = statement<[string]>(db, 'DELETE FROM search_backlog WHERE what = ?');
    const behind = (sql: string) => statement<[number, number]>(db, sql);
    this.#rows = {
      subjects: behind(
        `SELECT id AS row, connection_name, job_name, source_object, destination FROM subjects WHERE id > ? AND id <= ? ORDER BY id LIMIT ${SLICE}`,
      ),
      updates: behind(
        `SELECT seq AS row, subject, action, made_by, changes FROM updates WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ${SLICE}`,
      ),
      executions: behind(
        `SELECT seq AS row, tenant_no, failure FROM executions WHERE seq > ? AND seq <= ? AND failure IS NOT NULL ORDER BY seq LIMIT ${SLICE}`,
      ),
    };
    this.#folded = {
      subjects: statement<[string, number]>(db, 'UPDATE subjects SET search_text = ? WHERE id = ?'),
      updates: statement<[string, number]>(db, 'UPDATE updates SET search_text = ? WHERE seq = ?'),
    };
    this.#caused = statement<[number, number]>(db, 'UPDATE executions SET cause_id = ? WHERE seq = ?');
    this.#tally = behind(
      `INSERT INTO search_tallies (subject_id, started_by, status, cause_id, n)
       SELECT subject_id, started_by, status, coalesce(cause_id, 0), count(*) FROM executions WHERE seq > ? AND seq <= ? GROUP BY 1, 2, 3, 4
       ON CONFLICT (subject_id, started_by, status, cause_id) DO UPDATE SET n = n + excluded.n`,
    );
    this.#listCauses = behind(
      'INSERT INTO cause_runs (cause_id, started_at, seq) SELECT cause_id, started_at, seq FROM executions WHERE seq > ? AND seq <= ? AND cause_id IS NOT NULL',
    );
  }

  /** One slice. @returns false when nothing is left */
  step(): boolean {
    return inTransaction(this.#db, () => {
      const backlog = toBacklog(this.#backlog.get());
      if (backlog === null) return false;
      const end = backlog.what === 'executions' ? Math.min(backlog.last, backlog.next + EXECUTION_SLICE) : backlog.last;
      const rows = this.#rows[backlog.what].all(backlog.next, end);
      for (const row of rows) this.#index(backlog.what, row);
      const reached = rows.length < SLICE ? end : Number(rows.at(-1)?.row);
      if (backlog.what === 'executions') {
        // As long as they are in the backlog, the triggers leave them out.
        this.#tally.run(backlog.next, reached);
        this.#listCauses.run(backlog.next, reached);
      }
      if (reached >= backlog.last) this.#done.run(backlog.what);
      else this.#advance.run(reached, backlog.what);
      return true;
    });
  }

  #index(what: What, row: Row): void {
    const at = Number(row.row);
    if (what === 'subjects') {
      const names = [row.connection_name, row.job_name, row.source_object, row.destination].map(String);
      this.#folded.subjects.run(subjectText(names), at);
    } else if (what === 'updates') {
      const text = textOfUpdate(row);
      if (text !== null) this.#folded.updates.run(text, at);
    } else {
      const failure = failureSchema.safeParse(jsonOf(row.failure));
      // A row that no schema reads is in no list either: there is nothing of it on screen to be found.
      if (failure.success) this.#caused.run(Number(this.#causes.idOf(Number(row.tenant_no), failure.data)), at);
    }
  }
}

function toBacklog(row: Row | undefined): Backlog | null {
  return row === undefined ? null : { what: row.what as What, next: Number(row.next_row), last: Number(row.last_row) };
}

function textOfUpdate(row: Row): string | null {
  const changes = jsonOf(row.changes);
  if (!Array.isArray(changes)) return null;
  const shown = changes.map((change: Row) => ({
    field: String(change.field),
    before: String(change.before),
    after: String(change.after),
  }));
  return updateText({
    subject: String(row.subject),
    action: String(row.action),
    by: String(row.made_by),
    changes: shown,
  });
}

/** Null for JSON that cannot be read. */
function jsonOf(text: unknown): unknown {
  try {
    return fromJson(text);
  } catch {
    return null;
  }
}
