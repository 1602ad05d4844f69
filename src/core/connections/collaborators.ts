/** What the parts of the connection service work with, each for one matter. */
import type { AccessProvider, Connector, ConnectorContext, Secret } from '../../../connectors/catalog.ts';
import type { Failure } from '../../shared/activity/activity.ts';
import type { Connection } from '../../shared/connection/connection.ts';
import type { RemoteRevocation } from '../../shared/connection/state.ts';
import type { ConnectorDescriptor } from '../../shared/connector.ts';
import type { ConnectionId, ConnectorId } from '../../shared/ids.ts';
import type { AuthorizationStep } from '../../shared/ipc/contract.ts';
import type { Job } from '../../shared/job/job.ts';
import type { Tenant } from '../../shared/tenant.ts';
import type { LogIn } from './pending-grant.ts';

export interface ConnectorLookup {
  connector(id: ConnectorId): Connector;
  descriptor(id: ConnectorId): ConnectorDescriptor;
}

/** How a connection comes to its system, and how its authorization begins and ends. */
export interface ConnectionAccess {
  /** A context for a connection, or for what a form holds. */
  open(connection: Connection, access: AccessProvider, signal: AbortSignal): ConnectorContext;
  /** Of what the vault holds. */
  stored(id: ConnectionId): AccessProvider;
  /** Of credentials that are not stored yet. */
  fromCredentials(connection: Connection, secrets: Readonly<Record<string, Secret>>): AccessProvider;
  logIn(
    connection: Connection,
    way: 'window' | 'browser' | undefined,
    onStep: (step: AuthorizationStep) => void,
  ): Promise<LogIn>;
  cancelLogIn(id: ConnectionId): void;
  /** Withdraws at the provider what the vault holds for this connection. */
  revokeRemotely(connection: Connection): Promise<RemoteRevocation>;
  /** Old grants that wait to be revoked while their connection has gone on. */
  readonly deferred: {
    /** Sets what the vault holds for the connection apart, with the hosts it belongs to. */
    keep(connection: Connection): Promise<void>;
    /** Asks the providers again. */
    retry(): Promise<void>;
  };
}

/** The jobs that read or load through a connection, and what goes with them. */
export interface ConnectionJobs {
  /** @param failure given when the runs are to end as failed */
  stop(id: ConnectionId, why: string, failure?: Failure): Promise<void>;
  /** Removes the cached rows of its jobs. @throws AppError when they could not all be removed */
  dropRows(id: ConnectionId): Promise<void>;
  using(id: ConnectionId): Job[];
  impact(id: ConnectionId): { jobs: string[]; cachedRows: number; executions: number; dependentJobs: string[] };
}

/** Secret values of the practice tenant's own systems, or nothing for a real tenant. */
export interface PracticeSecrets {
  secretsFor(tenant: Tenant, connectorId: ConnectorId): Promise<Readonly<Record<string, string>>>;
}
