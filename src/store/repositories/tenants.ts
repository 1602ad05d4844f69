import { AppError } from '../../shared/errors.ts';
import type { TenantId } from '../../shared/ids.ts';
import { type Tenant, tenantSchema } from '../../shared/tenant.ts';
import type { WritableDb } from '../database.ts';
import { fromJson, type ReportUnreadable, type Row, readRows, statement, toJson } from '../rows.ts';

function readTenant(row: Row): Tenant {
  return tenantSchema.parse({
    id: row.id,
    name: row.name,
    domain: row.domain,
    products: fromJson(row.products),
    kind: row.kind,
    limits: fromJson(row.limits),
    createdAt: row.created_at,
  });
}

export class TenantRepository {
  readonly #report: ReportUnreadable;
  readonly #list;
  readonly #get;
  readonly #insert;
  readonly #update;
  readonly #remove;

  constructor(db: WritableDb, report: ReportUnreadable) {
    this.#report = report;
    this.#list = statement(db, 'SELECT * FROM tenants ORDER BY created_at, id');
    this.#get = statement<[string]>(db, 'SELECT * FROM tenants WHERE id = ?');
    this.#insert = statement<unknown[]>(
      db,
      'INSERT INTO tenants (id, name, domain, products, kind, limits, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    this.#update = statement<unknown[]>(
      db,
      'UPDATE tenants SET name = ?, domain = ?, products = ?, limits = ? WHERE id = ?',
    );
    this.#remove = statement<[string]>(db, 'DELETE FROM tenants WHERE id = ?');
  }

  /** In the order they were added. */
  list(): Tenant[] {
    return readRows(this.#list.all(), 'tenants', readTenant, this.#report);
  }

  get(id: TenantId): Tenant | null {
    const row = this.#get.get(id);
    return row === undefined ? null : readTenant(row);
  }

  insert(tenant: Tenant): void {
    const { id, name, domain, products, kind, limits, createdAt } = tenant;
    this.#insert.run(id, name, domain, toJson(products), kind, toJson(limits), createdAt);
  }

  /** Kind and date of making never change. @throws AppError not_found */
  save(tenant: Tenant): void {
    const { id, name, domain, products, limits } = tenant;
    if (this.#update.run(name, domain, toJson(products), toJson(limits), id) === 0)
      throw new AppError('not_found', 'This tenant no longer exists.');
  }

  /** Takes its connections, jobs and OAuth apps with it; their secrets and cached rows are the caller's to remove. */
  remove(id: TenantId): boolean {
    return this.#remove.run(id) > 0;
  }
}
