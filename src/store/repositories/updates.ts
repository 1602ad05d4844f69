import { type Update, updateSchema } from '../../shared/activity/activity.ts';
import type { ConnectionId, TenantId } from '../../shared/ids.ts';
import { foldForSearch } from '../../shared/search-fold.ts';
import { durably, inTransaction, type WritableDb } from '../database.ts';
import {
  fromJson,
  fromMs,
  type ReportUnreadable,
  type Row,
  readRows,
  statement,
  type TextSearch,
  textSearch,
  toJson,
  toMs,
} from '../rows.ts';

function readUpdate(row: Row): Update {
  return updateSchema.parse({
    kind: 'update',
    id: row.id,
    tenantId: row.tenant_id,
    connectionId: row.connection_id,
    jobId: row.job_id,
    subject: row.subject,
    action: row.action,
    at: fromMs(row.at),
    by: row.made_by,
    changes: fromJson(row.changes),
  });
}

/** Holds Update activities in config.db between the change they describe and history.db. */
export class UpdateOutbox {
  readonly #db: WritableDb;
  readonly #report: ReportUnreadable;
  readonly #add;
  readonly #waiting;
  readonly #removeUpTo;

  constructor(db: WritableDb, report: ReportUnreadable) {
    this.#db = db;
    this.#report = report;
    this.#add = statement<[string]>(db, 'INSERT INTO update_outbox (payload) VALUES (?)');
    this.#waiting = statement(db, 'SELECT seq, payload FROM update_outbox ORDER BY seq LIMIT 1000');
    this.#removeUpTo = statement<[number]>(db, 'DELETE FROM update_outbox WHERE seq <= ?');
  }

  /** Call it inside the transaction of the change. */
  add(update: Update): void {
    this.#add.run(toJson(updateSchema.parse(update)));
  }

  /** Moves what waits into the history. A kill between the two files repeats it at the next start, and a repeated update is one. */
  drainInto(updates: UpdateRepository): number {
    let moved = 0;
    for (;;) {
      const rows = this.#waiting.all();
      const last = rows.at(-1);
      if (last === undefined) return moved;
      const waiting = readRows(rows, 'update_outbox', (row) => updateSchema.parse(fromJson(row.payload)), this.#report);
      updates.insertAll(waiting);
      inTransaction(this.#db, () => this.#removeUpTo.run(Number(last.seq)));
      moved += waiting.length;
    }
  }
}

/** Everything that the list shows of a change, as it is searched. */
export function updateText({
  subject,
  action,
  by,
  changes,
}: Pick<Update, 'subject' | 'action' | 'by' | 'changes'>): string {
  const shown = changes.flatMap(({ field, before, after }) => [field, before, after]);
  return foldForSearch([subject, action, by, ...shown].join('\n'));
}

export interface UpdateQuery {
  readonly tenantId: TenantId;
  readonly offset: number;
  readonly limit: number;
  readonly search?: string | undefined;
  readonly connectionId?: ConnectionId | undefined;
}

const BY_TEXT: Readonly<Record<TextSearch['kind'], string>> = {
  match: 'seq IN (SELECT rowid FROM updates_search WHERE updates_search MATCH @text)',
  part: 'instr(search_text, @text) > 0',
};
const SHAPES = ['', 'connection', 'match', 'part', 'connection+match', 'connection+part'] as const;
type Shape = (typeof SHAPES)[number];

/** The WHERE clause of each combination of filters: a fixed list, so that each is prepared once. */
function whereOf(shape: Shape): string {
  const parts = shape.split('+');
  const conditions = ['tenant_id = @tenantId'];
  if (parts.includes('connection')) conditions.push('connection_id = @connectionId');
  if (parts.includes('match')) conditions.push(BY_TEXT.match);
  if (parts.includes('part')) conditions.push(BY_TEXT.part);
  return conditions.join(' AND ');
}

export class UpdateRepository {
  readonly #db: WritableDb;
  readonly #report: ReportUnreadable;
  readonly #insert;
  readonly #pages;
  readonly #removeOfTenant;

  constructor(db: WritableDb, report: ReportUnreadable) {
    this.#db = db;
    this.#report = report;
    this.#insert = statement<unknown[]>(
      db,
      `INSERT INTO updates (id, tenant_id, connection_id, job_id, subject, action, at, made_by, changes, search_text)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
    );
    this.#pages = new Map(
      SHAPES.map((shape) => {
        const where = whereOf(shape);
        const list = statement<[Row]>(
          db,
          `SELECT * FROM updates WHERE ${where} ORDER BY at DESC, seq DESC LIMIT @limit OFFSET @offset`,
        );
        return [shape, { list, count: statement<[Row]>(db, `SELECT count(*) FROM updates WHERE ${where}`) }];
      }),
    );
    this.#removeOfTenant = statement<[string]>(db, 'DELETE FROM updates WHERE tenant_id = ?');
  }

  /** Durable when it returns. An update that is there already stays as it is. */
  insertAll(updates: readonly Update[]): void {
    durably(this.#db, () => {
      for (const update of updates) {
        const { id, tenantId, connectionId, jobId, subject, action, at, by, changes } = update;
        const searchText = updateText(update);
        this.#insert.run(id, tenantId, connectionId, jobId, subject, action, toMs(at), by, toJson(changes), searchText);
      }
    });
  }

  /** Newest first. */
  list(query: UpdateQuery): { updates: Update[]; total: number } {
    const text = textSearch(query.search ?? '');
    const shape = [query.connectionId === undefined ? '' : 'connection', text?.kind ?? '']
      .filter(Boolean)
      .join('+') as Shape;
    const page = this.#pages.get(shape);
    if (!page) throw new Error(`No statement for updates by "${shape}".`);
    const filters = {
      tenantId: query.tenantId,
      ...(query.connectionId === undefined ? {} : { connectionId: query.connectionId }),
      ...(text === null ? {} : { text: text.kind === 'match' ? text.phrase : text.part }),
    };
    const rows = page.list.all({ ...filters, limit: query.limit, offset: query.offset });
    return { updates: readRows(rows, 'updates', readUpdate, this.#report), total: Number(page.count.value(filters)) };
  }

  removeOfTenant(tenantId: TenantId): number {
    return this.#removeOfTenant.run(tenantId);
  }
}
