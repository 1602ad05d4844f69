/** Believable rows for the tests of the store. Not part of any bundle. */
import { type Execution, NO_COUNTS, type Update } from '../../shared/activity/activity.ts';
import type { Connection } from '../../shared/connection/connection.ts';
import type { ActivityId, ConnectionId, JobId, TenantId } from '../../shared/ids.ts';
import type { Job } from '../../shared/job/job.ts';
import { DEFAULT_LIMITS, type Tenant } from '../../shared/tenant.ts';
import { newActivityId, newId } from '../profile.ts';

const AT = '2026-03-01T09:00:00.000Z';

export function aTenant(change: Partial<Tenant> = {}): Tenant {
  const id = newId() as TenantId;
  return {
    id,
    name: 'Acme',
    domain: 'acme.gainsightcloud.com',
    products: ['px'],
    kind: 'real',
    limits: DEFAULT_LIMITS,
    createdAt: AT,
    ...change,
  };
}

export function aConnection(tenantId: TenantId, change: Partial<Connection> = {}): Connection {
  const id = newId() as ConnectionId;
  return {
    id,
    tenantId,
    connectorId: 'example-crm',
    name: `Salesforce ${id}`,
    authMethodId: 'oauth',
    fields: { orgType: 'production' },
    overrides: { allowPrivateNetwork: false },
    state: { kind: 'draft' },
    authorization: null,
    learned: {},
    createdAt: AT,
    updatedAt: AT,
    version: 1,
    ...change,
  };
}

export function aJob(connection: Connection, change: Partial<Job> = {}): Job {
  return {
    id: newId() as JobId,
    tenantId: connection.tenantId,
    connectionId: connection.id,
    name: 'Account to Company',
    sourceObject: 'Account',
    mapping: [{ target: 'Id', type: 'text', from: { kind: 'direct', path: 'Id' }, required: true }],
    keyColumn: 'Id',
    mode: 'incremental',
    cursorField: 'SystemModstamp',
    lookbackSeconds: 300,
    filter: [],
    destination: { kind: 'cache' },
    isEnabled: true,
    origin: 'outOfTheBox',
    templateId: 'account-to-company',
    createdAt: AT,
    updatedAt: AT,
    version: 1,
    ...change,
  };
}

export function anExecution(connection: Connection, job: Job, change: Partial<Execution> = {}): Execution {
  const startedAt = change.startedAt ?? AT;
  return {
    kind: 'execution',
    id: newActivityId(Date.parse(startedAt)) as ActivityId,
    tenantId: connection.tenantId,
    connectionId: connection.id,
    connectionName: connection.name,
    jobId: job.id,
    jobName: job.name,
    sourceObject: job.sourceObject,
    destination: 'Company',
    trigger: 'manual',
    status: 'running',
    waitingFor: null,
    startedAt,
    endedAt: null,
    durationMs: 0,
    counts: NO_COUNTS,
    expected: null,
    failure: null,
    ...change,
  };
}

export function anUpdate(connection: Connection, action: string, change: Partial<Update> = {}): Update {
  return {
    kind: 'update',
    id: newActivityId(Date.parse(AT)) as ActivityId,
    tenantId: connection.tenantId,
    connectionId: connection.id,
    jobId: null,
    subject: connection.name,
    action,
    at: AT,
    by: 'ada',
    changes: [{ field: 'Name', before: '', after: connection.name }],
    ...change,
  };
}
