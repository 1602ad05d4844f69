import type { Secret } from '../../../connectors/catalog.ts';
import type { Update } from '../../shared/activity/activity.ts';
import type { Connection } from '../../shared/connection/connection.ts';
import type { ConnectorDescriptor } from '../../shared/connector.ts';
import type { ConnectionId, ConnectorId, TenantId } from '../../shared/ids.ts';
import type { Job, JobSettings } from '../../shared/job/job.ts';
import type { Tenant } from '../../shared/tenant.ts';

export interface TransferPorts {
  /** Version of the app, written into files. */
  readonly version: string;
  readonly tenant: () => Tenant;
  readonly connections: (tenantId: TenantId) => readonly Connection[];
  readonly jobsOf: (id: ConnectionId) => readonly Job[];
  readonly jobs: (tenantId: TenantId) => readonly Job[];
  /** Null for a connector this version does not know. */
  readonly descriptor: (id: ConnectorId) => ConnectorDescriptor | null;
  /** Where a connection with these values goes, as origins. */
  readonly hostsOf: (connectorId: ConnectorId, placed: Pick<Connection, 'fields' | 'overrides'>) => readonly string[];
  /** Says why a host cannot be right, or null. */
  readonly refuseHost: (connectorId: ConnectorId, host: string) => string | null;
  readonly keys: {
    names(id: ConnectionId): readonly { readonly name: string; readonly isReadable: boolean }[];
    get(id: ConnectionId, name: string): Promise<Secret>;
    put(id: ConnectionId, values: Readonly<Record<string, Secret>>): Promise<void>;
    /** @throws AppError vault_locked | vault_unavailable */
    assertUsable(): void;
  };
  readonly tagsOf: (id: ConnectionId) => readonly string[];
  /** Saves a draft with its tags and its Update activity. @throws AppError conflict for a taken name */
  readonly insert: (connection: Connection, tags: readonly string[], update: Update) => void;
  /** Saves an Update activity of something that changed nothing here. */
  readonly record: (update: Update) => void;
  /** @throws AppError when the job cannot be, and why */
  readonly createJob: (settings: JobSettings, from: Pick<Job, 'origin' | 'templateId'>) => void;
  /** Tries keys at the system and stores them when it accepts them. @throws AppError */
  readonly tryKeys: (id: ConnectionId, keys: Record<string, string>) => Promise<void>;
  readonly newId: () => string;
  readonly newUpdate: (input: {
    tenantId: TenantId;
    connectionId?: ConnectionId;
    subject: string;
    action: string;
    changes: Update['changes'];
  }) => Update;
  readonly now: () => string;
  /** Connections were added. */
  readonly onImported: () => void;
}
