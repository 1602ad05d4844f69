import { type Connection, connectionSchema } from '../../shared/connection/connection.ts';
import type { ConnectionStateKind } from '../../shared/connection/state.ts';
import { tagKey } from '../../shared/connection/tags.ts';
import type { ConnectionId, ConnectorId, TenantId } from '../../shared/ids.ts';
import { type ListedRow, listedConnectionSchema } from '../../shared/ipc/contract/connection-list.ts';
import type { WritableDb } from '../database.ts';
import { fromJson, type ReportUnreadable, type Row, type RowTrust, readRows, statement } from '../rows.ts';

/** What the order of the list looks at; 10,000 of them are read in a few milliseconds. */
export interface ListKey {
  readonly id: ConnectionId;
  readonly connectorId: ConnectorId;
  readonly name: string;
  readonly state: ConnectionStateKind;
}

export interface ListedConnection {
  readonly connection: ListedRow['connection'];
  readonly tenantId: TenantId;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly overrides: Pick<Connection['overrides'], 'apiBaseUrl' | 'allowPrivateNetwork'>;
}

const COLUMNS = `id, tenant_id, connector_id, name, auth_method_id, fields, overrides ->> 'apiBaseUrl' AS api_base_url,
  overrides ->> 'allowPrivateNetwork' AS is_private_allowed, state, "authorization", updated_at, version`;
const fieldsSchema = connectionSchema.shape.fields;

function readListed(row: Row, trust: RowTrust): ListedConnection {
  const connection = {
    id: row.id,
    connectorId: row.connector_id,
    name: row.name,
    authMethodId: row.auth_method_id,
    state: fromJson(row.state),
    authorization: fromJson(row.authorization),
    updatedAt: row.updated_at,
    version: row.version,
  };
  const fields = fromJson(row.fields);
  const overrides = {
    ...(typeof row.api_base_url === 'string' ? { apiBaseUrl: row.api_base_url } : {}),
    allowPrivateNetwork: row.is_private_allowed === 1,
  };
  const tenantId = row.tenant_id as TenantId;
  return trust === 'untouched'
    ? {
        connection: connection as unknown as ListedRow['connection'],
        tenantId,
        fields: fields as Record<string, unknown>,
        overrides,
      }
    : {
        connection: listedConnectionSchema.parse(connection),
        tenantId,
        fields: fieldsSchema.parse(fields),
        overrides,
      };
}

/** Connections as the list needs them, and their tags. */
export class ConnectionList {
  readonly #report: ReportUnreadable;
  readonly #trust: RowTrust;
  readonly #keys;
  readonly #rows;
  readonly #tags;
  readonly #addTag;
  readonly #clearTags;
  readonly #jobs;

  constructor(db: WritableDb, report: ReportUnreadable, trust: RowTrust = 'checked') {
    this.#report = report;
    this.#trust = trust;
    this.#keys = statement<[string]>(
      db,
      `SELECT id, connector_id, name, state ->> 'kind' AS kind FROM connections INDEXED BY connections_for_list
       WHERE tenant_id = ? AND deleted_at IS NULL`,
    );
    const among = 'IN (SELECT value FROM json_each(?))';
    this.#rows = statement<[string]>(db, `SELECT ${COLUMNS} FROM connections WHERE id ${among} AND deleted_at IS NULL`);
    this.#tags = statement<[string]>(
      db,
      `SELECT connection_id, tag FROM connection_tags WHERE connection_id ${among} ORDER BY connection_id, tag_key`,
    );
    this.#addTag = statement<[string, string, string]>(
      db,
      'INSERT INTO connection_tags (connection_id, tag_key, tag) VALUES (?, ?, ?)',
    );
    this.#clearTags = statement<[string]>(db, 'DELETE FROM connection_tags WHERE connection_id = ?');
    this.#jobs = statement<[string]>(
      db,
      `SELECT connection_id, count(*) AS n FROM jobs WHERE connection_id ${among} GROUP BY connection_id`,
    );
  }

  keys(tenantId: TenantId): ListKey[] {
    return this.#keys.all(tenantId).map((row) => ({
      id: row.id as ConnectionId,
      connectorId: String(row.connector_id),
      name: String(row.name),
      state: row.kind as ConnectionStateKind,
    }));
  }

  /** In no particular order. A row that cannot be read is reported and left out. */
  rows(ids: readonly ConnectionId[]): ListedConnection[] {
    const rows = this.#rows.all(JSON.stringify(ids));
    return readRows(rows, 'connections', (row) => readListed(row, this.#trust), this.#report);
  }

  /** Connections without a tag are absent. */
  tags(ids: readonly ConnectionId[]): Map<ConnectionId, string[]> {
    const tags = new Map<ConnectionId, string[]>();
    for (const row of this.#tags.all(JSON.stringify(ids))) {
      const id = String(row.connection_id) as ConnectionId;
      const known = tags.get(id);
      if (known === undefined) tags.set(id, [String(row.tag)]);
      else known.push(String(row.tag));
    }
    return tags;
  }

  /** Replaces the tags of a connection; call it inside a transaction. */
  setTags(id: ConnectionId, tags: readonly string[]): void {
    this.#clearTags.run(id);
    for (const tag of tags) this.#addTag.run(id, tagKey(tag), tag);
  }

  /** Connections without a job are absent. */
  jobCounts(ids: readonly ConnectionId[]): Map<ConnectionId, number> {
    const rows = this.#jobs.all(JSON.stringify(ids));
    return new Map(rows.map((row) => [String(row.connection_id) as ConnectionId, Number(row.n)]));
  }
}
