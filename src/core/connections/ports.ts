import type { AccessProvider, Connector, ConnectorContext, Identity, Secret } from '../../../connectors/catalog.ts';
import type { Failure, Update } from '../../shared/activity/activity.ts';
import type { Authorization, Connection } from '../../shared/connection/connection.ts';
import type { RemoteRevocation } from '../../shared/connection/state.ts';
import type { ConnectorDescriptor } from '../../shared/connector.ts';
import type { ConnectionId, ConnectorId, TenantId } from '../../shared/ids.ts';
import type { AuthorizationStep, ConnectionRow } from '../../shared/ipc/contract.ts';
import type { Job } from '../../shared/job/job.ts';
import type { Tenant } from '../../shared/tenant.ts';
import type { TrashedConnection } from '../../store/repositories/connections.ts';
import type { FirstJob } from '../jobs/templates.ts';

export interface ConnectionStore {
  get(id: ConnectionId): Connection | null;
  list(tenantId: TenantId): Connection[];
  /** Inserts the connection, its first jobs and the Update in one transaction. @throws AppError conflict for a taken name */
  insert(connection: Connection, jobs: readonly FirstJob[], update: Update): void;
  /** Saves if the stored version is `connection.version`; answers with the risen version. @throws AppError conflict */
  save(connection: Connection, update: Update | null): Connection;
  /** For good, with its jobs. */
  remove(id: ConnectionId, update: Update): void;
  /** Saves into the trash: `get` and `list` no longer know it. @throws AppError conflict */
  trash(connection: Connection, deletedAt: string, update: Update): Connection;
  /** @throws AppError conflict when the name is taken */
  restore(connection: Connection, update: Update): Connection;
  trashed(id: ConnectionId): TrashedConnection | null;
  /** Of all tenants. */
  listTrashed(): TrashedConnection[];
  /** Revoked ones of all tenants whose provider has not been told yet, in the trash or not. */
  revoking(): Connection[];
}

/** Old grants that wait to be revoked while their connection has gone on. */
export interface Asides {
  /** Puts what the vault holds for the connection aside, with the hosts it belongs to. */
  keep(connection: Connection): Promise<void>;
  /** Asks the providers again. */
  retry(): Promise<void>;
}

/** A grant or set of keys that works but is not stored yet. */
export interface PendingGrant {
  readonly access: AccessProvider;
  readonly scopes: readonly string[];
  readonly missingScopes: readonly string[];
  readonly learned: Readonly<Record<string, string>>;
  /** The connection with the form values that belong to keys (an access key id, an e-mail address); absent after a log-in. */
  readonly applied?: ((connection: Connection) => Connection) | undefined;
  /** Puts the secrets into the vault, durably, in place of the old ones. */
  commit(): Promise<void>;
  /** Withdraws a grant that is not going to be used. */
  discard(): Promise<void>;
}

export type LogIn = { kind: 'granted'; grant: PendingGrant } | { kind: 'cancelled' };

export interface ConnectionPorts {
  readonly store: ConnectionStore;
  readonly connector: (id: ConnectorId) => Connector;
  readonly descriptor: (id: ConnectorId) => ConnectorDescriptor;
  readonly tenant: (id: TenantId) => Tenant;
  readonly currentTenant: () => Tenant;
  /** Opens a context for a connection, or for what a form holds. */
  readonly open: (connection: Connection, access: AccessProvider, signal: AbortSignal) => ConnectorContext;
  readonly storedAccess: (id: ConnectionId) => AccessProvider;
  readonly logIn: (
    connection: Connection,
    way: 'window' | 'browser' | undefined,
    onStep: (step: AuthorizationStep) => void,
  ) => Promise<LogIn>;
  readonly cancelLogIn: (id: ConnectionId) => void;
  /** Withdraws at the provider what the vault holds for this connection. */
  readonly revokeRemotely: (connection: Connection) => Promise<RemoteRevocation>;
  readonly asides: Asides;
  readonly secrets: {
    names(id: ConnectionId): { name: string; setAt: string; isReadable: boolean }[];
    put(id: ConnectionId, values: Readonly<Record<string, Secret>>): Promise<void>;
    get(id: ConnectionId, name: string): Promise<Secret>;
    /** @param names all of the connection's when absent */
    remove(id: ConnectionId, names?: readonly string[]): void;
    /** @throws AppError vault_locked | vault_unavailable when nothing could be stored now */
    assertUsable(): void;
  };
  /** Secret values of the practice tenant's own systems, or nothing for a real tenant. */
  readonly practiceSecrets: (tenant: Tenant, connectorId: ConnectorId) => Promise<Readonly<Record<string, string>>>;
  /** @param failure given when the runs are to end as failed */
  readonly stopJobsOf: (id: ConnectionId, why: string, failure?: Failure) => Promise<void>;
  /** Removes the cached rows of its jobs. @throws AppError when they could not all be removed */
  readonly dropRowsOf: (id: ConnectionId) => Promise<void>;
  /** Jobs that read or load through the connection. */
  readonly jobsUsing: (id: ConnectionId) => Job[];
  readonly impact: (id: ConnectionId) => {
    jobs: string[];
    cachedRows: number;
    executions: number;
    dependentJobs: string[];
  };
  readonly row: (connection: Connection) => ConnectionRow;
  readonly onChanged: (changed: readonly Connection[], removed: readonly ConnectionId[]) => void;
  readonly onStep: (step: AuthorizationStep) => void;
  readonly newId: () => string;
  readonly newUpdate: (input: {
    tenantId: TenantId;
    connectionId: ConnectionId;
    subject: string;
    action: string;
    changes: Update['changes'];
    /** Absent: the person at the machine. */
    by?: Update['by'] | undefined;
  }) => Update;
  readonly now: () => string;
  readonly warn: (text: string, error?: unknown) => void;
}

export type { Authorization, Identity };
