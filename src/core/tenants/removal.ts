/** A tenant that goes from this machine, with everything that is its own. */
import type { Connection } from '../../shared/connection/connection.ts';
import type { ConnectionId, JobId, TenantId } from '../../shared/ids.ts';
import type { TenantImpact } from '../../shared/ipc/contract/settings.ts';
import type { Job } from '../../shared/job/job.ts';
import type { OAuthAppService } from './oauth-apps.ts';
import type { TenantService } from './service.ts';

export interface RemovalPorts {
  readonly tenants: TenantService;
  readonly oauthApps: OAuthAppService;
  readonly connections: (id: TenantId) => readonly Connection[];
  /** Connections in the trash, of all tenants. */
  readonly trashed: () => readonly Connection[];
  readonly jobsOf: (id: ConnectionId) => readonly Job[];
  readonly executions: (id: TenantId) => number;
  readonly runningJobs: (id: TenantId) => number;
  /** Stops its jobs, withdraws its grant and removes its secret. */
  readonly removeConnection: (connection: Connection) => Promise<void>;
  /** Removes the rows a job has stored. */
  readonly dropJob: (id: JobId) => Promise<void>;
  readonly forgetHistory: (id: TenantId) => Promise<void>;
  readonly log: (text: string, error?: unknown) => void;
}

export class TenantRemoval {
  readonly #ports: RemovalPorts;

  constructor(ports: RemovalPorts) {
    this.#ports = ports;
  }

  impact(id: TenantId): TenantImpact {
    const { tenants, connections, jobsOf, executions, runningJobs, oauthApps } = this.#ports;
    tenants.get(id);
    const own = connections(id);
    return {
      connections: own.length,
      jobs: own.reduce((sum, connection) => sum + jobsOf(connection.id).length, 0),
      runningJobs: runningJobs(id),
      executions: executions(id),
      oauthApps: oauthApps.list(id).length,
      toRevoke: own.filter(({ state }) => state.kind === 'active' || state.kind === 'disconnected').length,
    };
  }

  /** What fails in between leaves the tenant there, and can be done again. @throws AppError invalid_input | not_found | busy */
  async remove(id: TenantId, typedName: string): Promise<void> {
    const { tenants, connections, jobsOf, removeConnection, oauthApps, forgetHistory } = this.#ports;
    tenants.refuseWithoutName(id, typedName);
    const jobs: JobId[] = [];
    for (const connection of [...connections(id), ...this.#trashedOf(id)])
      jobs.push(...jobsOf(connection.id).map((job) => job.id));
    for (const connection of connections(id)) await removeConnection(connection);
    for (const job of jobs) await this.#drop(job);
    oauthApps.forgetSecrets(id);
    await forgetHistory(id);
    tenants.forget(id);
  }

  #trashedOf(id: TenantId): Connection[] {
    return this.#ports.trashed().filter((connection) => connection.tenantId === id);
  }

  /** Rows that stay behind are of no use and no secret: not a reason to keep the tenant. */
  async #drop(id: JobId): Promise<void> {
    try {
      await this.#ports.dropJob(id);
    } catch (error) {
      this.#ports.log('The rows of a removed job could not be removed', error);
    }
  }
}
