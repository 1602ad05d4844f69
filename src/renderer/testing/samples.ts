import type { ConnectionState } from '../../shared/connection/state.ts';
import type { ConnectorDescriptor, FieldDescriptor } from '../../shared/connector.ts';
import { activityIdSchema, connectionIdSchema, tenantIdSchema } from '../../shared/ids.ts';
import type { ConnectionRow } from '../../shared/ipc/contract.ts';

const AT = '2026-03-12T14:02:00.000Z';

export interface RowSketch {
  readonly id?: string;
  readonly name?: string;
  readonly state?: ConnectionState;
  readonly account?: string;
  readonly failed?: number;
  readonly connectorId?: string;
  readonly place?: string;
  readonly version?: number;
  readonly tags?: readonly string[];
  readonly connectorName?: string;
  readonly lastRunAt?: string;
  readonly dataAsOf?: string;
}

/** A row of the list for tests; only what a test names differs from an active Salesforce connection. */
export function sampleRow(sketch: RowSketch = {}): ConnectionRow {
  const account = sketch.account ?? 'dana@acme.com';
  return {
    connection: {
      id: connectionIdSchema.parse(sketch.id ?? 'connection0001'),
      tenantId: tenantIdSchema.parse('tenant000001'),
      connectorId: sketch.connectorId ?? 'salesforce',
      name: sketch.name ?? 'Salesforce Production',
      authMethodId: 'oauth',
      fields: {},
      overrides: { allowPrivateNetwork: false },
      state: sketch.state ?? { kind: 'active', since: AT },
      authorization: {
        account,
        accountId: account,
        org: 'Acme',
        orgId: '1',
        scopes: [],
        missingScopes: [],
        grantedAt: AT,
      },
      learned: {},
      createdAt: AT,
      updatedAt: AT,
      version: sketch.version ?? 1,
    },
    connectorName: sketch.connectorName ?? 'Salesforce',
    environment: 'Production',
    place: sketch.place ?? 'acme.my.salesforce.com',
    tags: [...(sketch.tags ?? [])],
    jobs: 2,
    runningJobs: 0,
    lastRun:
      sketch.lastRunAt === undefined
        ? null
        : { activityId: activityIdSchema.parse('activity0001'), status: 'success', at: sketch.lastRunAt },
    dataAsOf: sketch.dataAsOf ?? null,
    failedLast24Hours: sketch.failed ?? 0,
    failedCause: null,
  };
}

export function sampleField(part: Partial<FieldDescriptor> & { name: string }): FieldDescriptor {
  return { label: part.name, kind: 'text', required: true, help: '', ...part };
}

export function sampleConnector(part: Partial<ConnectorDescriptor> = {}): ConnectorDescriptor {
  return {
    id: 'salesforce',
    name: 'Salesforce',
    category: 'crm',
    summary: '',
    monogram: 'SF',
    docsUrl: '',
    fields: [],
    authMethods: [
      {
        id: 'oauth',
        label: 'OAuth',
        interactive: true,
        fields: [],
        clientSecret: 'required',
        scopes: [],
        redirectUris: [],
      },
    ],
    canBeDestination: false,
    hasLoginHost: true,
    ...part,
  };
}
