import { type Connection, connectionSchema } from '../../shared/connection/connection.ts';
import type { ConnectionStateKind } from '../../shared/connection/state.ts';
import { AppError } from '../../shared/errors.ts';
import type { ConnectionId, TenantId } from '../../shared/ids.ts';
import type { WritableDb } from '../database.ts';
import { isUniqueViolation } from '../database-errors.ts';
import {
  foldText,
  fromJson,
  type ReportUnreadable,
  type Row,
  type RowTrust,
  readRows,
  statement,
  toJson,
} from '../rows.ts';
import { VersionedRows } from '../versioned-rows.ts';

function readConnection(row: Row, trust: RowTrust): Connection {
  const value = {
    id: row.id,
    tenantId: row.tenant_id,
    connectorId: row.connector_id,
    name: row.name,
    authMethodId: row.auth_method_id,
    fields: fromJson(row.fields),
    overrides: fromJson(row.overrides),
    state: fromJson(row.state),
    authorization: fromJson(row.authorization),
    learned: fromJson(row.learned),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    version: row.version,
  };
  return trust === 'untouched' ? (value as unknown as Connection) : connectionSchema.parse(value);
}

/** What a save may change, in the order of the statement. */
function changeable(one: Connection): unknown[] {
  const authorization = one.authorization === null ? null : toJson(one.authorization);
  return [
    one.name,
    foldText(one.name),
    one.authMethodId,
    toJson(one.fields),
    toJson(one.overrides),
    toJson(one.state),
    authorization,
    toJson(one.learned),
    one.updatedAt,
  ];
}

function nameTaken(name: string, cause: unknown): AppError {
  return new AppError('conflict', `There is a connection named "${name}" already. Choose another name.`, {
    field: 'name',
    cause,
  });
}

/** A deleted connection that can still be restored. */
export interface TrashedConnection {
  readonly connection: Connection;
  readonly deletedAt: string;
}

export class ConnectionRepository {
  readonly #report: ReportUnreadable;
  readonly #rows: VersionedRows<Connection>;
  readonly #list;
  readonly #listInState;
  readonly #get;
  readonly #count;
  readonly #insert;
  readonly #update;
  readonly #remove;
  readonly #listTrashed;
  readonly #getTrashed;
  readonly #setDeleted;
  readonly #outside;

  constructor(db: WritableDb, report: ReportUnreadable, trust: RowTrust = 'checked') {
    this.#report = report;
    this.#rows = new VersionedRows(db, (row) => readConnection(row, trust));
    this.#list = statement<[string]>(
      db,
      'SELECT * FROM connections WHERE tenant_id = ? AND deleted_at IS NULL ORDER BY name_key',
    );
    this.#listInState = statement<[string, string]>(
      db,
      // The index has the kind of state: only the rows that are wanted are read.
      `SELECT * FROM connections WHERE id IN (
         SELECT id FROM connections INDEXED BY connections_for_list
         WHERE tenant_id = ? AND deleted_at IS NULL AND state ->> 'kind' = ?)`,
    );
    this.#get = statement<[string]>(db, 'SELECT * FROM connections WHERE id = ? AND deleted_at IS NULL');
    this.#count = statement<[string]>(
      db,
      'SELECT count(*) FROM connections WHERE tenant_id = ? AND deleted_at IS NULL',
    );
    this.#listTrashed = statement(
      db,
      'SELECT * FROM connections WHERE deleted_at IS NOT NULL ORDER BY deleted_at DESC, id',
    );
    this.#getTrashed = statement<[string]>(db, 'SELECT * FROM connections WHERE id = ? AND deleted_at IS NOT NULL');
    this.#setDeleted = statement<[string | null, string]>(db, 'UPDATE connections SET deleted_at = ? WHERE id = ?');
    this.#outside = statement<[string, string | null]>(
      db,
      'SELECT EXISTS (SELECT 1 FROM connections WHERE id IN (SELECT value FROM json_each(?)) AND tenant_id IS NOT ?)',
    );
    this.#insert = statement<unknown[]>(
      db,
      `INSERT INTO connections (name, name_key, auth_method_id, fields, overrides, state, "authorization", learned, updated_at,
         id, tenant_id, connector_id, created_at, version)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#update = statement<unknown[]>(
      db,
      `UPDATE connections SET name = ?, name_key = ?, auth_method_id = ?, fields = ?, overrides = ?, state = ?, "authorization" = ?,
         learned = ?, updated_at = ?, version = version + 1
       WHERE id = ? AND version = ?`,
    );
    this.#remove = statement<[string]>(db, 'DELETE FROM connections WHERE id = ?');
  }

  /** By name. A row that cannot be read is reported and left out. */
  list(tenantId: TenantId): Connection[] {
    return readRows(this.#list.all(tenantId), 'connections', (row) => this.#rows.read(row), this.#report);
  }

  /** Whether any of these, in the trash or not, is another tenant's. */
  isAnyOutside(tenantId: TenantId | null, ids: readonly ConnectionId[]): boolean {
    return this.#outside.value(JSON.stringify(ids), tenantId) === 1;
  }

  /** Those in one kind of state, in no particular order: few of many, without reading the many. */
  listInState(tenantId: TenantId, kind: ConnectionStateKind): Connection[] {
    const rows = this.#listInState.all(tenantId, kind);
    return readRows(rows, 'connections', (row) => this.#rows.read(row), this.#report);
  }

  count(tenantId: TenantId): number {
    return Number(this.#count.value(tenantId));
  }

  get(id: ConnectionId): Connection | null {
    const row = this.#get.get(id);
    return row === undefined ? null : this.#rows.read(row);
  }

  /** @throws AppError conflict (field "name") when the tenant has that name, in whatever case */
  insert(one: Connection): void {
    this.#write(one.name, () =>
      this.#insert.run(...changeable(one), one.id, one.tenantId, one.connectorId, one.createdAt, one.version),
    );
  }

  /**
   * Stores a change of the version that was read (`one.version`), and only of that one.
   * @returns what is stored now: its version is one higher
   * @throws AppError conflict when somebody else changed it meanwhile or the name is taken, not_found when it is gone
   */
  save(one: Connection): Connection {
    const changed = this.#write(one.name, () => this.#update.run(...changeable(one), one.id, one.version));
    if (changed > 0) return { ...one, version: one.version + 1 };
    if (this.#get.get(one.id) === undefined) throw new AppError('not_found', 'This connection no longer exists.');
    throw new AppError('conflict', 'This connection was changed meanwhile. Look at its present state, then try again.');
  }

  /** Stores a change and puts the connection into the trash: lists and `get` no longer know it, its jobs stay. */
  trash(one: Connection, deletedAt: string): Connection {
    const saved = this.save(one);
    this.#setDeleted.run(deletedAt, one.id);
    return saved;
  }

  /** Brings it back, under the name it is given with. @throws AppError conflict as {@link save}, and when the name is taken */
  restore(one: Connection): Connection {
    const saved = this.save(one);
    this.#write(one.name, () => this.#setDeleted.run(null, one.id));
    return saved;
  }

  /** What is in the trash, of all tenants, newest first. */
  listTrashed(): TrashedConnection[] {
    const read = (row: Row): TrashedConnection => ({
      connection: this.#rows.read(row),
      deletedAt: String(row.deleted_at),
    });
    return readRows(this.#listTrashed.all(), 'connections', read, this.#report);
  }

  getTrashed(id: ConnectionId): TrashedConnection | null {
    const row = this.#getTrashed.get(id);
    return row === undefined ? null : { connection: this.#rows.read(row), deletedAt: String(row.deleted_at) };
  }

  /** For good, from the trash or not. Takes its jobs with it. */
  remove(id: ConnectionId): boolean {
    return this.#remove.run(id) > 0;
  }

  #write<T>(name: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw isUniqueViolation(error) ? nameTaken(name, error) : error;
    }
  }
}
