import { AppError } from '../../shared/errors.ts';
import type { ConnectionId, JobId, TenantId } from '../../shared/ids.ts';
import { type Job, jobSchema } from '../../shared/job/job.ts';
import type { WritableDb } from '../database.ts';
import { fromJson, type ReportUnreadable, type Row, type RowTrust, readRows, statement, toJson } from '../rows.ts';
import { VersionedRows } from '../versioned-rows.ts';

function readJob(row: Row, trust: RowTrust): Job {
  const settings = fromJson(row.settings);
  const value = {
    ...(typeof settings === 'object' ? settings : {}),
    id: row.id,
    tenantId: row.tenant_id,
    connectionId: row.connection_id,
    name: row.name,
    origin: row.origin,
    templateId: row.template_id,
    destination: fromJson(row.destination),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    version: row.version,
  };
  return trust === 'untouched' ? (value as unknown as Job) : jobSchema.parse(value);
}

/** What a save may change, in the order of the statement. Everything without a column of its own is in `settings`. */
function changeable(job: Job): unknown[] {
  const {
    id,
    tenantId,
    connectionId,
    name,
    origin,
    templateId,
    destination,
    createdAt,
    updatedAt,
    version,
    ...settings
  } = job;
  return [connectionId, name, toJson(settings), toJson(destination), updatedAt];
}

export class JobRepository {
  readonly #report: ReportUnreadable;
  readonly #rows: VersionedRows<Job>;
  readonly #listOfTenant;
  readonly #listOfConnection;
  readonly #names;
  readonly #listDeliveringTo;
  readonly #count;
  readonly #counts;
  readonly #get;
  readonly #insert;
  readonly #update;
  readonly #remove;

  constructor(db: WritableDb, report: ReportUnreadable, trust: RowTrust = 'checked') {
    this.#report = report;
    this.#rows = new VersionedRows(db, (row) => readJob(row, trust));
    // Jobs of a connection in the trash wait there with it; only their connection still lists them.
    const kept = 'connection_id NOT IN (SELECT id FROM connections WHERE deleted_at IS NOT NULL)';
    this.#listOfTenant = statement<[string]>(
      db,
      `SELECT * FROM jobs WHERE tenant_id = ? AND ${kept} ORDER BY name COLLATE NOCASE, id`,
    );
    this.#listOfConnection = statement<[string]>(
      db,
      'SELECT * FROM jobs WHERE connection_id = ? ORDER BY name COLLATE NOCASE, id',
    );
    this.#names = statement<[string]>(db, `SELECT id, name FROM jobs WHERE tenant_id = ? AND ${kept}`);
    this.#listDeliveringTo = statement<[string]>(
      db,
      `SELECT * FROM jobs WHERE destination_connection_id = ? AND ${kept} ORDER BY name COLLATE NOCASE, id`,
    );
    this.#count = statement<[string]>(db, `SELECT count(*) FROM jobs WHERE tenant_id = ? AND ${kept}`);
    this.#counts = statement<[string]>(
      db,
      'SELECT connection_id, count(*) AS n FROM jobs WHERE tenant_id = ? GROUP BY connection_id',
    );
    this.#get = statement<[string]>(db, 'SELECT * FROM jobs WHERE id = ?');
    this.#insert = statement<unknown[]>(
      db,
      `INSERT INTO jobs (connection_id, name, settings, destination, updated_at, id, tenant_id, origin, template_id, created_at, version)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#update = statement<unknown[]>(
      db,
      `UPDATE jobs SET connection_id = ?, name = ?, settings = ?, destination = ?, updated_at = ?, version = version + 1
       WHERE id = ? AND version = ?`,
    );
    this.#remove = statement<[string]>(db, 'DELETE FROM jobs WHERE id = ?');
  }

  list(tenantId: TenantId): Job[] {
    return this.#read(this.#listOfTenant.all(tenantId));
  }

  listOfConnection(connectionId: ConnectionId): Job[] {
    return this.#read(this.#listOfConnection.all(connectionId));
  }

  /** The names of a tenant's jobs: for a look at all of them that need not read them whole. */
  names(tenantId: TenantId): Map<JobId, string> {
    return new Map(this.#names.all(tenantId).map((row) => [String(row.id) as JobId, String(row.name)]));
  }

  /** Jobs of any connection that deliver to this one, without those in the trash. */
  listDeliveringTo(connectionId: ConnectionId): Job[] {
    return this.#read(this.#listDeliveringTo.all(connectionId));
  }

  count(tenantId: TenantId): number {
    return Number(this.#count.value(tenantId));
  }

  /** How many jobs each connection of the tenant has; connections without one are absent. */
  countByConnection(tenantId: TenantId): Map<ConnectionId, number> {
    return new Map(this.#counts.all(tenantId).map((row) => [String(row.connection_id) as ConnectionId, Number(row.n)]));
  }

  get(id: JobId): Job | null {
    const row = this.#get.get(id);
    return row === undefined ? null : this.#rows.read(row);
  }

  insert(job: Job): void {
    this.#insert.run(...changeable(job), job.id, job.tenantId, job.origin, job.templateId, job.createdAt, job.version);
  }

  /**
   * Stores a change of the version that was read (`job.version`), and only of that one.
   * @returns what is stored now: its version is one higher
   * @throws AppError conflict when somebody else changed it meanwhile, not_found when it is gone
   */
  save(job: Job): Job {
    if (this.#update.run(...changeable(job), job.id, job.version) > 0) return { ...job, version: job.version + 1 };
    if (this.#get.get(job.id) === undefined) throw new AppError('not_found', 'This job no longer exists.');
    throw new AppError('conflict', 'This job was changed meanwhile. Look at its present state, then try again.');
  }

  remove(id: JobId): boolean {
    return this.#remove.run(id) > 0;
  }

  #read(rows: readonly Row[]): Job[] {
    return readRows(rows, 'jobs', (row) => this.#rows.read(row), this.#report);
  }
}
