import type { ConnectionId, TenantId } from '../../shared/ids.ts';
import { inTransaction, type WritableDb } from '../database.ts';
import { statement } from '../rows.ts';

/** Rows removed per transaction, so that nothing else waits long for the file. */
const BATCH = 2_000;

/** Forgets what happened: the activities of a deleted connection (when the admin asked for it) or of a removed tenant. */
export class HistoryRemoval {
  readonly #db: WritableDb;
  readonly #executionsOfConnection;
  readonly #executionsOfTenant;
  readonly #rest;
  readonly #restOfTenant;
  readonly #unusedCauses;

  constructor(db: WritableDb) {
    this.#db = db;
    const executions = (where: string) =>
      statement<[string]>(
        db,
        `DELETE FROM executions WHERE seq IN (SELECT seq FROM executions WHERE ${where} LIMIT ${BATCH})`,
      );
    const tenantNo = '(SELECT no FROM tenants WHERE tenant_id = ?)';
    const rest = (table: string, where: string, value = '?') =>
      statement<[string]>(db, `DELETE FROM ${table} WHERE ${where} = ${value}`);
    this.#executionsOfConnection = executions('subject_id IN (SELECT id FROM subjects WHERE connection_id = ?)');
    this.#executionsOfTenant = executions(`tenant_no = ${tenantNo}`);
    this.#rest = [
      rest('latest_runs', 'connection_id'),
      rest('subjects', 'connection_id'),
      rest('updates', 'connection_id'),
    ];
    this.#unusedCauses = statement(
      db,
      'DELETE FROM causes WHERE NOT EXISTS (SELECT 1 FROM cause_runs WHERE cause_id = causes.id)',
    );
    this.#restOfTenant = [
      rest('latest_runs', 'tenant_no', tenantNo),
      rest('subjects', 'tenant_no', tenantNo),
      rest('tenant_tallies', 'tenant_no', tenantNo),
      rest('causes', 'tenant_no', tenantNo),
      rest('updates', 'tenant_id'),
    ];
  }

  /** Executions, their log lines and the updates of a connection. @returns executions removed */
  async ofConnection(id: ConnectionId): Promise<number> {
    const removed = await this.#inBatches(this.#executionsOfConnection, id);
    inTransaction(this.#db, () => {
      for (const one of this.#rest) one.run(id);
      this.#unusedCauses.run();
    });
    return removed;
  }

  async ofTenant(id: TenantId): Promise<number> {
    const removed = await this.#inBatches(this.#executionsOfTenant, id);
    inTransaction(this.#db, () => {
      for (const one of this.#restOfTenant) one.run(id);
    });
    return removed;
  }

  async #inBatches(remove: { run(id: string): number }, id: string): Promise<number> {
    let removed = 0;
    for (;;) {
      const changes = inTransaction(this.#db, () => remove.run(id));
      removed += changes;
      if (changes < BATCH) return removed;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
