import type { ActivityId } from '../../shared/ids.ts';
import { inTransaction, type WritableDb } from '../database.ts';
import { fromMs, statement } from '../rows.ts';

export interface LogLine {
  readonly at: string;
  readonly text: string;
}

/** An execution keeps its first lines and its last ones: how it began and how it ended. */
export const FIRST_LINES = 200;
export const LAST_LINES = 800;
export const LINE_MAX = 2_000;

/** What a run said, line by line. Secrets are masked by the caller, who knows them. */
export class ExecutionLogRepository {
  readonly #db: WritableDb;
  readonly #seqOf;
  readonly #last;
  readonly #insert;
  readonly #cut;
  readonly #list;

  constructor(db: WritableDb) {
    this.#db = db;
    this.#seqOf = statement<[string]>(db, 'SELECT seq FROM executions WHERE id = ?');
    this.#last = statement<[number]>(db, 'SELECT max(n) FROM log_lines WHERE execution_seq = ?');
    this.#insert = statement<[number, number, number, string]>(
      db,
      'INSERT INTO log_lines (execution_seq, n, at, text) VALUES (?, ?, ?, ?)',
    );
    this.#cut = statement<[number, number, number]>(
      db,
      'DELETE FROM log_lines WHERE execution_seq = ? AND n > ? AND n <= ?',
    );
    this.#list = statement<[number]>(db, 'SELECT n, at, text FROM log_lines WHERE execution_seq = ? ORDER BY n');
  }

  /** Lines of an execution that is gone are dropped: it was removed while it ran. */
  append(id: ActivityId, lines: readonly LogLine[]): void {
    inTransaction(this.#db, () => {
      const seq = this.#seqOf.value(id);
      if (typeof seq !== 'number') return;
      let n = Number(this.#last.value(seq) ?? 0);
      for (const line of lines) {
        n += 1;
        this.#insert.run(seq, n, Date.parse(line.at), line.text.slice(0, LINE_MAX));
      }
      if (n > FIRST_LINES + LAST_LINES) this.#cut.run(seq, FIRST_LINES, n - LAST_LINES);
    });
  }

  /** Oldest first; where lines were dropped one line says how many. */
  list(id: ActivityId): LogLine[] {
    const seq = this.#seqOf.value(id);
    if (typeof seq !== 'number') return [];
    const lines: LogLine[] = [];
    let before = 0;
    for (const row of this.#list.all(seq)) {
      const n = Number(row.n);
      const at = fromMs(row.at);
      if (n > before + 1) lines.push({ at, text: `${n - before - 1} lines are not kept.` });
      lines.push({ at, text: String(row.text) });
      before = n;
    }
    return lines;
  }
}
