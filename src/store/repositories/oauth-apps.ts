import { z } from 'zod';
import { connectorIdSchema, idSchema, instantSchema, type TenantId, tenantIdSchema } from '../../shared/ids.ts';
import type { WritableDb } from '../database.ts';
import { type ReportUnreadable, type Row, readRows, statement } from '../rows.ts';

/** The tenant's own client registration at a provider. Its secret, if any, is in the vault under the owner `oauthApp` + `id`. */
export const oauthAppRecordSchema = z.strictObject({
  id: idSchema,
  tenantId: tenantIdSchema,
  connectorId: connectorIdSchema,
  authMethodId: z.string(),
  clientId: z.string(),
  updatedAt: instantSchema,
});
export type OAuthAppRecord = z.infer<typeof oauthAppRecordSchema>;

function readApp(row: Row): OAuthAppRecord {
  return oauthAppRecordSchema.parse({
    id: row.id,
    tenantId: row.tenant_id,
    connectorId: row.connector_id,
    authMethodId: row.auth_method_id,
    clientId: row.client_id,
    updatedAt: row.updated_at,
  });
}

export class OAuthAppRepository {
  readonly #report: ReportUnreadable;
  readonly #list;
  readonly #find;
  readonly #save;
  readonly #remove;

  constructor(db: WritableDb, report: ReportUnreadable) {
    this.#report = report;
    this.#list = statement<[string]>(
      db,
      'SELECT * FROM oauth_apps WHERE tenant_id = ? ORDER BY connector_id, auth_method_id',
    );
    this.#find = statement<[string, string, string]>(
      db,
      'SELECT * FROM oauth_apps WHERE tenant_id = ? AND connector_id = ? AND auth_method_id = ?',
    );
    this.#save = statement<unknown[]>(
      db,
      `INSERT INTO oauth_apps (id, tenant_id, connector_id, auth_method_id, client_id, updated_at) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (tenant_id, connector_id, auth_method_id) DO UPDATE SET client_id = excluded.client_id, updated_at = excluded.updated_at`,
    );
    this.#remove = statement<[string]>(db, 'DELETE FROM oauth_apps WHERE id = ?');
  }

  list(tenantId: TenantId): OAuthAppRecord[] {
    return readRows(this.#list.all(tenantId), 'oauth_apps', readApp, this.#report);
  }

  find(tenantId: TenantId, connectorId: string, authMethodId: string): OAuthAppRecord | null {
    const row = this.#find.get(tenantId, connectorId, authMethodId);
    return row === undefined ? null : readApp(row);
  }

  /** One app per tenant, connector and method: an existing one keeps its id, so that its secret stays its own. @returns what is stored */
  save(app: OAuthAppRecord): OAuthAppRecord {
    const { id, tenantId, connectorId, authMethodId, clientId, updatedAt } = app;
    this.#save.run(id, tenantId, connectorId, authMethodId, clientId, updatedAt);
    return this.find(tenantId, connectorId, authMethodId) ?? app;
  }

  remove(id: string): boolean {
    return this.#remove.run(id) > 0;
  }
}
