/** Believable rows for looking at the window without main: one company, four systems, every state. */
import { type Execution, NO_COUNTS, type Update } from '../../src/shared/activity/activity.ts';
import type { ConnectionState } from '../../src/shared/connection/state.ts';
import type { ConnectorDescriptor } from '../../src/shared/connector.ts';
import type { ConnectionRow, DataTable, JobRow } from '../../src/shared/ipc/contract.ts';
import { jobSettingsSchema } from '../../src/shared/job/job.ts';
import { DEFAULT_LIMITS, type Tenant } from '../../src/shared/tenant.ts';

const MINUTE = 60_000;
export const at = (minutesAgo: number): string => new Date(Date.now() - minutesAgo * MINUTE).toISOString();
const field = { required: true, help: '' } as const;

export const tenant = {
  id: 'tenantacme01',
  name: 'Acme Corporation',
  domain: 'acme.gainsightcloud.com',
  products: ['px', 'cc'],
  kind: 'real',
  limits: DEFAULT_LIMITS,
  createdAt: at(90_000),
} as unknown as Tenant;
export const practiceTenant = {
  ...tenant,
  id: 'tenantpractice',
  name: 'Northwind Practice',
  domain: 'practice.example',
  kind: 'practice',
} as Tenant;

export const connectors: ConnectorDescriptor[] = [
  {
    id: 'salesforce',
    name: 'Salesforce',
    category: 'crm',
    summary: 'Accounts, contacts, opportunities and cases of a Salesforce org',
    monogram: 'SF',
    docsUrl: 'https://help.salesforce.com/',
    fields: [
      {
        ...field,
        name: 'orgType',
        label: 'Org type',
        kind: 'select',
        help: 'Setup > Company Information > Instance.',
        options: [
          { value: 'production', label: 'Production' },
          { value: 'sandbox', label: 'Sandbox' },
          { value: 'custom', label: 'Custom domain' },
        ],
        default: 'production',
      },
      {
        ...field,
        name: 'domain',
        label: 'My Domain',
        kind: 'hostname',
        help: 'Setup > My Domain.',
        placeholder: 'acme.my.salesforce.com',
        visibleWhen: { field: 'orgType', oneOf: ['custom'] },
      },
    ],
    authMethods: [
      {
        id: 'oauth',
        label: 'Log in with Salesforce',
        interactive: true,
        defaultWay: 'window',
        wayReason: 'Salesforce allows its login page in a window.',
        fields: [],
        clientSecret: 'optional',
        appHelp: { clientId: 'Setup > External Client App Manager.', clientSecret: 'At the same place.' },
        scopes: ['api', 'refresh_token'],
        redirectUris: ['http://127.0.0.1:8400/callback', 'http://127.0.0.1:8401/callback'],
      },
    ],
    canBeDestination: false,
    hasLoginHost: true,
    maxPerTenant: 1,
  },
  {
    id: 'zendesk',
    name: 'Zendesk',
    category: 'support',
    summary: 'Tickets, organizations and users of Zendesk Support',
    monogram: 'ZD',
    logoPath:
      'M12.914 2.904V16.29L24 2.905H12.914zM0 2.906C0 5.966 2.483 8.45 5.543 8.45s5.542-2.484 5.543-5.544H0zm11.086 4.807L0 21.096h11.086V7.713zm7.37 7.84c-3.063 0-5.542 2.48-5.542 5.543H24c0-3.06-2.48-5.543-5.543-5.543z',
    docsUrl: 'https://developer.zendesk.com/',
    fields: [
      {
        ...field,
        name: 'subdomain',
        label: 'Subdomain',
        kind: 'text',
        help: 'The part before .zendesk.com in your address.',
        pattern: { source: '[a-z0-9-]{1,63}', message: 'Use only the part before .zendesk.com.' },
      },
    ],
    authMethods: [
      {
        id: 'oauth',
        label: 'Log in with Zendesk',
        interactive: true,
        defaultWay: 'window',
        wayReason: '',
        fields: [],
        clientSecret: 'required',
        scopes: ['read'],
        redirectUris: ['http://127.0.0.1:8400/callback'],
      },
      {
        id: 'token',
        label: 'API token',
        interactive: false,
        fields: [
          {
            ...field,
            name: 'apiToken',
            label: 'API token',
            kind: 'secret',
            help: 'Admin Center > Apps and integrations > APIs.',
          },
        ],
        scopes: [],
        redirectUris: [],
      },
    ],
    canBeDestination: false,
    hasLoginHost: false,
  },
  {
    id: 's3',
    name: 'S3',
    category: 'files',
    summary: 'CSV files in a bucket of yours',
    monogram: 'S3',
    docsUrl: 'https://docs.aws.amazon.com/s3/',
    fields: [
      { ...field, name: 'bucket', label: 'Bucket', kind: 'text', help: 'Amazon S3 > Buckets.' },
      {
        ...field,
        name: 'region',
        label: 'Region',
        kind: 'text',
        help: 'Beside the bucket’s name.',
        placeholder: 'eu-central-1',
      },
      { ...field, required: false, name: 'prefix', label: 'Folder', kind: 'text', help: 'Only files below it.' },
    ],
    authMethods: [
      {
        id: 'keys',
        label: 'Access key',
        interactive: false,
        fields: [
          {
            ...field,
            name: 'accessKeyId',
            label: 'Access key id',
            kind: 'secret',
            help: 'IAM > Users > Security credentials.',
          },
          {
            ...field,
            name: 'secretAccessKey',
            label: 'Secret access key',
            kind: 'secret',
            help: 'Shown once, when the key is made.',
          },
        ],
        scopes: [],
        redirectUris: [],
      },
    ],
    canBeDestination: false,
    hasLoginHost: false,
  },
  {
    id: 'gainsight-api',
    name: 'Gainsight API',
    category: 'api',
    summary: 'Objects of your own Gainsight, to read and to load into',
    monogram: 'GS',
    docsUrl: 'https://support.gainsight.com/',
    fields: [],
    authMethods: [
      {
        id: 'key',
        label: 'Access key',
        interactive: false,
        fields: [
          {
            ...field,
            name: 'accessKey',
            label: 'Access key',
            kind: 'secret',
            help: 'Administration > Connectors > Gainsight API.',
          },
        ],
        scopes: [],
        redirectUris: [],
      },
    ],
    canBeDestination: true,
    hasLoginHost: false,
  },
  {
    id: 'px',
    name: 'Gainsight PX',
    category: 'gainsight',
    product: 'px',
    summary: 'Product usage from Gainsight PX',
    monogram: 'PX',
    docsUrl: 'https://support.gainsight.com/PX',
    fields: [],
    authMethods: [
      {
        id: 'key',
        label: 'API key',
        interactive: false,
        fields: [
          { ...field, name: 'apiKey', label: 'API secret key', kind: 'secret', help: 'Administration > REST API.' },
        ],
        scopes: [],
        redirectUris: [],
      },
    ],
    canBeDestination: false,
    hasLoginHost: false,
  },
];

interface Sketch {
  name: string;
  connectorId: string;
  place: string;
  state: ConnectionState;
  account?: string;
  environment?: string;
  failed?: number;
  cause?: string;
  ranMinutesAgo?: number | null;
  status?: Execution['status'];
  tags?: string[];
}

const active: ConnectionState = { kind: 'active', since: at(20_000) };
const disconnected: ConnectionState = {
  kind: 'disconnected',
  since: at(120),
  reason: 'user_deactivated',
  detail: 'Zendesk answered 401: user is suspended.',
};
const cause = 'The authorized user was deactivated. Zendesk answered 401.';

const SKETCHES: readonly Sketch[] = [
  {
    name: 'Zendesk Support',
    connectorId: 'zendesk',
    place: 'acme.zendesk.com',
    state: disconnected,
    account: 'peter.ruiz@acme.com',
    failed: 9,
    cause,
    ranMinutesAgo: 120,
    status: 'failed',
  },
  {
    name: 'Salesforce Production',
    connectorId: 'salesforce',
    place: 'acme.my.salesforce.com',
    state: active,
    account: 'dana.whitfield@acme.com',
    environment: 'Production',
    ranMinutesAgo: 6,
    tags: ['EU', 'production'],
  },
  {
    name: 'Salesforce Sandbox for the integration team in Europe',
    connectorId: 'salesforce',
    place: 'acme--eu.sandbox.my.salesforce.com',
    state: {
      kind: 'disconnected',
      since: at(60),
      reason: 'permission_missing',
      detail: 'INSUFFICIENT_ACCESS: Opportunity',
    },
    account: 'integration@acme.com',
    environment: 'Sandbox',
    failed: 2,
    cause: 'The user may not read Opportunity.',
    ranMinutesAgo: 60,
    status: 'failed',
  },
  {
    name: 'Nightly drop',
    connectorId: 's3',
    place: 'acme-gainsight-ingest',
    tags: ['files', 'nightly', 'production', 'team data'],
    state: active,
    account: 'Access key …7Q2',
    ranMinutesAgo: 700,
  },
  {
    name: 'Partner files',
    connectorId: 's3',
    place: 'partner-exchange',
    state: { kind: 'revoked', since: at(4000), remote: 'done' },
    account: 'Access key …K4M',
    ranMinutesAgo: 4400,
  },
  {
    name: 'Gainsight API',
    connectorId: 'gainsight-api',
    place: 'acme.gainsightcloud.com',
    state: active,
    account: 'Access key …9ab',
    ranMinutesAgo: 6,
    failed: 3,
    cause: 'The quota of 50,000 calls a day is used up.',
  },
  {
    name: 'Zendesk Acquisition',
    connectorId: 'zendesk',
    place: 'initech.zendesk.com',
    state: { kind: 'draft' },
    ranMinutesAgo: null,
  },
  {
    name: 'Gainsight PX',
    connectorId: 'px',
    place: 'subscription 4711',
    state: active,
    account: 'API key …c01',
    ranMinutesAgo: 4,
  },
];

const HOSTILE: readonly Sketch[] = [
  {
    name: '<img src=x onerror=alert(1)>',
    connectorId: 'zendesk',
    place: '<script>alert(1)</script>',
    state: active,
    account: 'evil\u202Emoc.live',
    ranMinutesAgo: 5,
  },
  {
    name: 'شركة الأمل للتجارة 👩‍👧‍👦',
    connectorId: 's3',
    place: 'amal-files',
    state: active,
    account: 'Access key …x',
    ranMinutesAgo: 5,
  },
  {
    name: 'N'.repeat(80),
    connectorId: 's3',
    place: 'p'.repeat(5000),
    state: { kind: 'disconnected', since: at(1), reason: 'credential_missing', detail: 'd'.repeat(5000) },
    account: 'a'.repeat(3000),
    failed: 12_345,
    cause: 'c'.repeat(3000),
    ranMinutesAgo: 5,
  },
];

function rowOf(sketch: Sketch, index: number): ConnectionRow {
  const connector = connectors.find((each) => each.id === sketch.connectorId);
  const lastRun =
    sketch.ranMinutesAgo == null
      ? null
      : {
          activityId: `activity${String(index).padStart(6, '0')}`,
          status: sketch.status ?? 'success',
          at: at(sketch.ranMinutesAgo),
        };
  return {
    connection: {
      id: `connection${String(index).padStart(6, '0')}`,
      tenantId: tenant.id,
      connectorId: sketch.connectorId,
      name: sketch.name,
      authMethodId: connector?.authMethods[0]?.id ?? '',
      fields: {},
      overrides: { allowPrivateNetwork: false },
      state: sketch.state,
      authorization: sketch.account
        ? {
            account: sketch.account,
            accountId: sketch.account,
            org: sketch.place,
            orgId: sketch.place,
            scopes: ['api'],
            missingScopes: [],
            grantedAt: at(17_000),
          }
        : null,
      learned: {},
      createdAt: at(50_000),
      updatedAt: at(500),
      version: 1,
    },
    connectorName: connector?.name ?? '',
    environment: sketch.environment ?? '',
    place: sketch.place,
    tags: sketch.tags ?? [],
    jobs: index === 6 ? 0 : (index % 4) + 1,
    runningJobs: 0,
    lastRun,
    dataAsOf: sketch.ranMinutesAgo == null ? null : at(sketch.ranMinutesAgo + 3),
    failedLast24Hours: sketch.failed ?? 0,
    failedCause: sketch.cause ?? null,
  } as ConnectionRow;
}

export function connectionRows(kind: 'usual' | 'hostile' | 'many' | 'none'): ConnectionRow[] {
  if (kind === 'none') return [];
  if (kind === 'hostile') return [...SKETCHES, ...HOSTILE].map(rowOf);
  if (kind === 'usual') return SKETCHES.map(rowOf);
  return Array.from({ length: 10_000 }, (_, index) => {
    const sketch = SKETCHES[index % (SKETCHES.length - 1)] as Sketch;
    return rowOf({ ...sketch, name: `${sketch.name} ${String(index + 1).padStart(5, '0')}` }, index);
  });
}

const JOBS = [
  ['User Sync_Salesforce Production', 1, 'User', 'User', 'success'],
  ['Company Sync_Salesforce Production', 1, 'Account', 'Company', 'running'],
  ['Company Person Sync_Salesforce Production', 1, 'Contact', 'Company Person', 'partial_success'],
  ['Ticket Sync_Zendesk Support', 0, 'tickets', 'Case', 'failed'],
  ['Organization Sync_Zendesk Support', 0, 'organizations', 'Local cache', 'failed'],
  ['Usage files_Nightly drop', 3, 'usage/*.csv', 'Local cache', null],
] as const;

export function jobRows(connections: readonly ConnectionRow[]): JobRow[] {
  return JOBS.map(([name, connectionIndex, sourceObject, destinationName, status], index) => {
    const owner = connections[connectionIndex];
    const settings = jobSettingsSchema.parse({
      name,
      connectionId: owner?.connection.id,
      sourceObject,
      mapping: [
        { target: 'Id', type: 'text', from: { kind: 'direct', path: 'Id' }, required: true },
        { target: 'Name', type: 'text', from: { kind: 'direct', path: 'Name' }, required: false },
        {
          target: 'FullName',
          type: 'text',
          from: { kind: 'derived', operation: 'join', paths: ['FirstName', 'LastName'], separator: ' ' },
          required: false,
        },
        { target: 'Source', type: 'text', from: { kind: 'constant', value: 'Salesforce' }, required: false },
      ],
      keyColumn: 'Id',
      mode: 'incremental',
      cursorField: 'SystemModstamp',
      lookbackSeconds: 300,
      filter: [],
      destination: { kind: 'cache' },
      isEnabled: index !== 5,
    });
    const isBroken = owner?.connection.state.kind !== 'active';
    return {
      job: {
        ...settings,
        id: `job${String(index).padStart(8, '0')}`,
        tenantId: tenant.id,
        origin: 'outOfTheBox',
        templateId: 'x',
        createdAt: at(9000),
        updatedAt: at(900),
        version: 1,
      },
      connectionName: owner?.connection.name ?? '',
      connectorId: owner?.connection.connectorId ?? '',
      connectionState: owner?.connection.state ?? { kind: 'draft' },
      destinationName,
      scheduleType: index % 2 === 0 ? 'On Demand' : 'Scheduled Execution',
      lastRun:
        status === null
          ? null
          : { activityId: `activity${String(index).padStart(6, '0')}`, status, at: at(6 + index * 55) },
      running: status === 'running' ? 'activity000001' : null,
      cannotRun: isBroken ? 'Its connection is disconnected. Re-authorize it first.' : null,
    } as JobRow;
  });
}

export function executions(jobs: readonly JobRow[], total: number): Execution[] {
  return Array.from({ length: total }, (_, index) => {
    const row = jobs[index % jobs.length] as JobRow;
    const status =
      index === 1 ? 'running' : index % 7 === 3 ? 'failed' : index % 5 === 2 ? 'partial_success' : 'success';
    const read = 1200 + ((index * 7919) % 48_000);
    return {
      kind: 'execution',
      id: `activity${String(index).padStart(6, '0')}`,
      tenantId: tenant.id,
      connectionId: row.job.connectionId,
      connectionName: row.connectionName,
      jobId: row.job.id,
      jobName: row.job.name,
      sourceObject: row.job.sourceObject,
      destination: row.destinationName,
      trigger: index % 3 === 0 ? 'manual' : 'schedule',
      status,
      waitingFor: null,
      startedAt: at(5 + index * 31),
      endedAt: status === 'running' ? null : at(4 + index * 31),
      durationMs: 41_000 + ((index * 997) % 90_000),
      counts: {
        ...NO_COUNTS,
        read,
        inserted: Math.floor(read / 9),
        updated: Math.floor(read / 30),
        unchanged: read - Math.floor(read / 9) - Math.floor(read / 30),
        rejected: status === 'partial_success' ? 120 : 0,
        missing: index === 2 ? 1_260 : 0,
        stillRejected: index === 2 ? 4 : 0,
        unread: status === 'partial_success' ? 2 : 0,
        delivered: Math.floor(read / 9),
        pages: Math.ceil(read / 1000),
        bytes: read * 932,
      },
      expected: status === 'running' ? 60_000 : null,
      failure:
        status === 'failed'
          ? {
              class: 'reauthorize_deactivated',
              message: cause,
              advice: 'Re-authorize as another admin, for example when the admin who authorized it has left.',
              status: 401,
              vendorCode: 'user_suspended',
            }
          : null,
    } as Execution;
  });
}

export function updates(connections: readonly ConnectionRow[]): Update[] {
  return connections.slice(0, 6).map(
    (row, index) =>
      ({
        kind: 'update',
        id: `update${String(index).padStart(6, '0')}`,
        tenantId: tenant.id,
        connectionId: row.connection.id,
        jobId: null,
        subject: row.connection.name,
        action: index % 2 === 0 ? 'Connection edited' : 'Re-authorized',
        at: at(30 + index * 200),
        by: 'dana',
        changes:
          index % 2 === 0
            ? [
                { field: 'Region', before: 'us-east-1', after: 'eu-central-1' },
                { field: 'Folder', before: '', after: 'daily/' },
              ]
            : [{ field: 'Account', before: 'peter.ruiz@acme.com', after: 'dana.whitfield@acme.com' }],
      }) as Update,
  );
}

const COLUMNS: DataTable['columns'] = [
  { name: 'Id', type: 'text' },
  { name: 'Name', type: 'text' },
  { name: 'Industry', type: 'text' },
  { name: 'AnnualRevenue', type: 'real' },
  { name: 'Employees', type: 'integer' },
  { name: 'IsCustomer', type: 'boolean' },
  { name: 'SystemModstamp', type: 'datetime' },
  { name: 'BillingCity', type: 'text' },
  { name: 'BillingCountry', type: 'text' },
  { name: 'Owner', type: 'json' },
];

export function dataTables(jobs: readonly JobRow[]): DataTable[] {
  return jobs.map((row, index) => ({
    jobId: row.job.id,
    jobName: row.job.name,
    connectionName: row.connectionName,
    sourceObject: row.job.sourceObject,
    rows: index === 5 ? 0 : 48_000 - index,
    isIncomplete: index === 1,
    asOf: index === 5 ? null : at(9),
    columns: COLUMNS,
  }));
}

export function dataRow(index: number): (string | number | null)[] {
  const cities = ['Hamburg', 'Lyon', 'Porto', 'Turku', 'Gdynia'];
  return [
    `001${String(index).padStart(12, '0')}`,
    `Company ${index + 1}`,
    index % 3 ? 'Manufacturing' : null,
    index * 1371.5,
    (index * 13) % 9000,
    index % 2,
    at(index),
    cities[index % 5] ?? '',
    'DE',
    `{"email":"owner${index}@acme.com"}`,
  ];
}
