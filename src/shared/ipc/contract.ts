/**
 * The whole conversation between main and a window, with a schema for every input, output and event. Main parses both
 * directions; the bridge is derived from it. No output may hold a secret, a file path or SQL.
 */
import { z } from 'zod';
import { executionSchema, updateSchema } from '../activity/activity.ts';
import {
  authorizationSchema,
  connectionNameSchema,
  connectionSchema,
  endpointOverridesSchema,
  fieldValueSchema,
} from '../connection/connection.ts';
import { remoteRevocationSchema } from '../connection/state.ts';
import { columnTypeSchema, connectorDescriptorSchema, sourceFieldSchema, sourceObjectSchema } from '../connector.ts';
import {
  activityIdSchema,
  connectionIdSchema,
  connectorIdSchema,
  instantSchema,
  jobIdSchema,
  tenantIdSchema,
} from '../ids.ts';
import { jobSchema, jobSettingsSchema } from '../job/job.ts';
import { newTenantSchema, tenantLimitsSchema, tenantSchema } from '../tenant.ts';
import { passphraseSchema, vaultStatusSchema } from '../vault.ts';
import type { CallName, EventName } from './channels.ts';
import { DRAFT_CALLS } from './draft-contract.ts';
import { editPreviewSchema, grantLossSchema, LIFECYCLE_CALLS, LIFECYCLE_EVENTS } from './lifecycle-contract.ts';
import { LIST_CALLS, LIST_EVENTS, listedRowSchema, rowFacts } from './list-contract.ts';
import { SETTINGS_CALLS } from './settings-contract.ts';

const nothing = z.strictObject({});
const page = { offset: z.number().int().min(0).max(1_000_000_000), limit: z.number().int().min(1).max(500) };
const searchText = z.string().max(300);

export const appStateSchema = z.strictObject({
  network: z.enum(['online', 'offline']),
  runningJobs: z.number().int(),
  vault: vaultStatusSchema,
  /** What went wrong at start and what was done about it; shown until dismissed. */
  notices: z.array(z.strictObject({ id: z.string(), kind: z.enum(['info', 'warning']), text: z.string() })),
});
export type AppState = z.infer<typeof appStateSchema>;

export const settingsSchema = z.strictObject({
  theme: z.enum(['system', 'light', 'dark']),
  authorizationWay: z.enum(['connector', 'window', 'browser']),
});
export type Settings = z.infer<typeof settingsSchema>;

/** A connection whole, with what its row of the list shows beside it. */
export const connectionRowSchema = z.strictObject({
  connection: connectionSchema,
  ...rowFacts,
});
export type ConnectionRow = z.infer<typeof connectionRowSchema>;

/** Optional secrets that are stored and are to be erased: leaving one blank keeps it. */
const removedSecretsSchema = z.array(z.string().max(60)).max(50);

/** Values a form sends. Secrets go in only; a secret left out stays as it is. */
export const connectionInputSchema = z.strictObject({
  connectorId: connectorIdSchema,
  name: connectionNameSchema,
  authMethodId: z.string().max(40),
  fields: z.record(z.string().max(60), fieldValueSchema),
  secrets: z.record(z.string().max(60), z.string().max(100_000)),
  removedSecrets: removedSecretsSchema.optional(),
  overrides: endpointOverridesSchema,
});
export type ConnectionInput = z.infer<typeof connectionInputSchema>;

export const secretInfoSchema = z.strictObject({ name: z.string(), setAt: instantSchema, isReadable: z.boolean() });

export const testStepSchema = z.strictObject({
  id: z.enum(['configuration', 'reachability', 'authorization', 'identity', 'objects', 'sampleRead']),
  name: z.string(),
  status: z.enum(['running', 'pass', 'warn', 'fail', 'skipped']),
  seen: z.string(),
  advice: z.string(),
  durationMs: z.number().int().nullable(),
});
export type TestStep = z.infer<typeof testStepSchema>;

export const authorizationStepSchema = z.strictObject({
  flowId: z.string(),
  connectionId: connectionIdSchema,
  step: z.enum([
    'waiting_for_window',
    'waiting_for_browser',
    'exchanging',
    'identifying',
    'done',
    'cancelled',
    'failed',
  ]),
  host: z.string(),
  message: z.string(),
});
export type AuthorizationStep = z.infer<typeof authorizationStepSchema>;

export const oauthAppSchema = z.strictObject({
  connectorId: connectorIdSchema,
  authMethodId: z.string(),
  clientId: z.string(),
  hasClientSecret: z.boolean(),
  /** When the stored client secret was set; null without one. */
  clientSecretSetAt: instantSchema.nullable(),
  /** False when it is there but cannot be opened now. */
  isClientSecretReadable: z.boolean(),
  updatedAt: instantSchema,
});
export type OAuthApp = z.infer<typeof oauthAppSchema>;

/** On the practice tenant a connection form is prefilled, so that the first journey needs no documentation. */
export const practiceDefaultsSchema = z.strictObject({
  connectorId: connectorIdSchema,
  authMethodId: z.string(),
  fields: z.record(z.string(), fieldValueSchema),
  overrides: endpointOverridesSchema,
  /** Secret fields main fills in with the practice server's own made-up values when the form leaves them blank. */
  filledSecrets: z.array(z.string()),
  /** Made-up people to log in as, shown beside the form. */
  users: z.array(z.strictObject({ name: z.string(), email: z.string(), password: z.string() })),
});
export type PracticeDefaults = z.infer<typeof practiceDefaultsSchema>;

export const jobRowSchema = z.strictObject({
  job: jobSchema,
  connectionName: z.string(),
  connectorId: connectorIdSchema,
  connectionState: connectionSchema.shape.state,
  destinationName: z.string(),
  scheduleType: z.enum(['Scheduled Execution', 'On Demand']),
  lastRun: z
    .strictObject({ activityId: activityIdSchema, status: executionSchema.shape.status, at: instantSchema })
    .nullable(),
  /** The run under way, if any. */
  running: activityIdSchema.nullable(),
  /** Null when it may run now, else the reason why not. */
  cannotRun: z.string().nullable(),
});
export type JobRow = z.infer<typeof jobRowSchema>;

export const dataTableSchema = z.strictObject({
  jobId: jobIdSchema,
  jobName: z.string(),
  connectionName: z.string(),
  sourceObject: z.string(),
  rows: z.number().int(),
  asOf: instantSchema.nullable(),
  columns: z.array(z.strictObject({ name: z.string(), type: columnTypeSchema })),
});
export type DataTable = z.infer<typeof dataTableSchema>;

const cell = z.union([z.string(), z.number(), z.null()]);
const savedFile = z.strictObject({
  status: z.enum(['saved', 'cancelled']),
  fileName: z.string(),
  rows: z.number().int(),
});

export const authorizationOutcomeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('authorized'), authorization: authorizationSchema }),
  z.strictObject({ kind: z.literal('cancelled') }),
  /**
   * Another account than before logged in to the same org, or it can read less than the jobs use: nothing is replaced until
   * it is confirmed.
   */
  z.strictObject({
    kind: z.literal('confirm'),
    flowId: z.string(),
    before: authorizationSchema,
    after: authorizationSchema,
    losses: z.array(grantLossSchema),
    /** Scopes that the grant before had. */
    lostScopes: z.array(z.string()),
  }),
]);
export type AuthorizationOutcome = z.infer<typeof authorizationOutcomeSchema>;

export const CONTRACT = {
  ...SETTINGS_CALLS,
  ...LIST_CALLS,
  ...LIFECYCLE_CALLS,
  ...DRAFT_CALLS,
  'app.info': {
    input: nothing,
    output: z.strictObject({
      version: z.string(),
      electron: z.string(),
      /** Versions of what it is built on, by name: Chromium, Node, SQLite. */
      builtOn: z.record(z.string(), z.string()),
      platform: z.string(),
      isCompatibilityRuntime: z.boolean(),
    }),
  },
  'app.state': { input: nothing, output: appStateSchema },
  'app.openLink': { input: z.strictObject({ url: z.string().max(2000) }), output: nothing },
  'settings.get': { input: nothing, output: settingsSchema },
  'settings.set': { input: settingsSchema.partial(), output: settingsSchema },

  'tenants.list': {
    input: nothing,
    output: z.strictObject({ tenants: z.array(tenantSchema), selected: tenantIdSchema.nullable() }),
  },
  'tenants.create': { input: newTenantSchema, output: tenantSchema },
  /** Makes (or opens) the practice tenant and starts its practice servers. */
  'tenants.openPractice': { input: nothing, output: tenantSchema },
  'tenants.select': { input: z.strictObject({ id: tenantIdSchema }), output: tenantSchema },
  'tenants.update': {
    input: z.strictObject({
      id: tenantIdSchema,
      ...newTenantSchema.partial().shape,
      limits: tenantLimitsSchema.optional(),
      /** Gainsight's support case by which a limit was raised; noted in the Update activity. */
      supportCase: z.string().trim().max(120).optional(),
    }),
    output: tenantSchema,
  },
  'tenants.remove': { input: z.strictObject({ id: tenantIdSchema, typedName: z.string().max(200) }), output: nothing },

  'vault.status': { input: nothing, output: vaultStatusSchema },
  'vault.setPassphrase': {
    input: z.strictObject({ passphrase: passphraseSchema, current: z.string().max(1000).optional() }),
    output: vaultStatusSchema,
  },
  'vault.unlock': { input: z.strictObject({ passphrase: z.string().max(1000).optional() }), output: vaultStatusSchema },
  'vault.lock': { input: nothing, output: vaultStatusSchema },

  /** `practice`: on the practice tenant, what the form is prefilled with; its secrets are filled in by main when left blank. */
  'connectors.list': {
    input: nothing,
    output: z.strictObject({
      connectors: z.array(connectorDescriptorSchema),
      practice: z.array(practiceDefaultsSchema),
    }),
  },

  'oauthApps.list': { input: nothing, output: z.strictObject({ apps: z.array(oauthAppSchema) }) },
  'oauthApps.save': {
    input: z.strictObject({
      connectorId: connectorIdSchema,
      authMethodId: z.string().max(40),
      clientId: z.string().trim().min(1, 'Enter the client id.').max(500),
      clientSecret: z.string().trim().max(2000).optional(),
    }),
    output: oauthAppSchema,
  },
  'oauthApps.remove': {
    input: z.strictObject({ connectorId: connectorIdSchema, authMethodId: z.string().max(40) }),
    output: nothing,
  },

  'connections.get': {
    input: z.strictObject({ id: connectionIdSchema }),
    output: z.strictObject({ row: connectionRowSchema, secrets: z.array(secretInfoSchema) }),
  },
  /** Makes a draft. A connector whose keys are all in the form is tested and becomes active at once. */
  'connections.create': { input: connectionInputSchema, output: connectionRowSchema },
  'connections.update': {
    input: z.strictObject({ id: connectionIdSchema, version: z.number().int(), input: connectionInputSchema }),
    output: z.strictObject({ row: connectionRowSchema, needsAuthorization: z.boolean() }),
  },
  'connections.remove': {
    input: z.strictObject({ id: connectionIdSchema, typedName: z.string().max(300) }),
    /** What became of the authorization at the provider; null where nobody had authorized it. */
    output: z.strictObject({ remote: remoteRevocationSchema.nullable() }),
  },
  'connections.removalImpact': {
    input: z.strictObject({ id: connectionIdSchema }),
    output: z.strictObject({
      jobs: z.array(z.string()),
      cachedRows: z.number().int(),
      executions: z.number().int(),
      dependentJobs: z.array(z.string()),
      needsTypedName: z.boolean(),
    }),
  },
  /** Tests what the form holds, before or after saving; steps arrive as `connections.testStep` events. */
  'connections.test': {
    input: z.strictObject({
      testId: z.string().regex(/^[a-z0-9]{8,40}$/),
      id: connectionIdSchema.optional(),
      input: connectionInputSchema.optional(),
    }),
    output: z.strictObject({ steps: z.array(testStepSchema), passed: z.boolean() }),
  },
  'connections.cancelTest': { input: z.strictObject({ testId: z.string().max(40) }), output: nothing },
  /**
   * Opens the log-in (window or system browser) and answers when it has ended. Serves Authorize and Re-Authorize.
   * `fields`, `secrets`: where keys take the place of a log-in, the values of the method's own fields; one left out stays.
   */
  'connections.authorize': {
    input: z.strictObject({
      id: connectionIdSchema,
      way: z.enum(['window', 'browser']).optional(),
      fields: z.record(z.string().max(60), fieldValueSchema).optional(),
      secrets: z.record(z.string().max(60), z.string().max(100_000)).optional(),
      removedSecrets: removedSecretsSchema.optional(),
      confirmFlowId: z.string().max(40).optional(),
    }),
    output: authorizationOutcomeSchema,
  },
  'connections.cancelAuthorization': { input: z.strictObject({ id: connectionIdSchema }), output: nothing },
  /** What saving this form would change; nothing is sent and nothing is stored. @throws invalid_input as a save would */
  'connections.previewUpdate': {
    input: z.strictObject({ id: connectionIdSchema, input: connectionInputSchema }),
    output: editPreviewSchema,
  },
  /** At once here, then at the provider. `until`: when to be reminded to authorize it again. */
  'connections.revoke': {
    input: z.strictObject({ id: connectionIdSchema, until: instantSchema.optional() }),
    output: connectionRowSchema,
  },
  'connections.objects': {
    input: z.strictObject({ id: connectionIdSchema, role: z.enum(['source', 'destination']) }),
    output: z.strictObject({ objects: z.array(sourceObjectSchema) }),
  },
  'connections.fields': {
    input: z.strictObject({
      id: connectionIdSchema,
      role: z.enum(['source', 'destination']),
      object: z.string().max(300),
    }),
    output: z.strictObject({ fields: z.array(sourceFieldSchema) }),
  },

  'jobs.list': {
    input: z.strictObject({ connectionId: connectionIdSchema.optional() }),
    output: z.strictObject({ rows: z.array(jobRowSchema) }),
  },
  'jobs.get': { input: z.strictObject({ id: jobIdSchema }), output: jobRowSchema },
  'jobs.create': { input: jobSettingsSchema, output: jobRowSchema },
  'jobs.update': {
    input: z.strictObject({ id: jobIdSchema, version: z.number().int(), settings: jobSettingsSchema }),
    output: jobRowSchema,
  },
  'jobs.remove': { input: z.strictObject({ id: jobIdSchema }), output: nothing },
  'jobs.runNow': {
    input: z.strictObject({ id: jobIdSchema }),
    output: z.strictObject({ activityId: activityIdSchema }),
  },
  'jobs.stop': { input: z.strictObject({ id: jobIdSchema }), output: nothing },

  'activity.executions': {
    input: z.strictObject({
      ...page,
      search: searchText,
      connectionId: connectionIdSchema.optional(),
      jobId: jobIdSchema.optional(),
      status: executionSchema.shape.status.optional(),
      /** Exactly those that the info icon counts: failures that no success of the same job has followed. */
      failedLast24Hours: z.boolean().optional(),
    }),
    output: z.strictObject({ executions: z.array(executionSchema), total: z.number().int() }),
  },
  'activity.execution': { input: z.strictObject({ id: activityIdSchema }), output: executionSchema },
  'activity.log': {
    input: z.strictObject({ id: activityIdSchema }),
    output: z.strictObject({ lines: z.array(z.strictObject({ at: instantSchema, text: z.string() })) }),
  },
  'activity.rejected': {
    input: z.strictObject({ id: activityIdSchema, ...page }),
    output: z.strictObject({
      records: z.array(
        z.strictObject({ key: z.string(), reason: z.string(), by: z.enum(['source', 'mapping', 'destination']) }),
      ),
      total: z.number().int(),
    }),
  },
  'activity.exportRejected': { input: z.strictObject({ id: activityIdSchema }), output: savedFile },
  'activity.updates': {
    input: z.strictObject({ ...page, search: searchText, connectionId: connectionIdSchema.optional() }),
    output: z.strictObject({ updates: z.array(updateSchema), total: z.number().int() }),
  },

  'data.tables': { input: nothing, output: z.strictObject({ tables: z.array(dataTableSchema) }) },
  'data.rows': {
    input: z.strictObject({
      jobId: jobIdSchema,
      ...page,
      search: searchText,
      sort: z.strictObject({ column: z.string().max(80), descending: z.boolean() }).nullable(),
    }),
    output: z.strictObject({
      columns: z.array(z.strictObject({ name: z.string(), type: columnTypeSchema })),
      rows: z.array(z.array(cell)),
      total: z.number().int(),
      asOf: instantSchema.nullable(),
    }),
  },
  'data.exportCsv': { input: z.strictObject({ jobId: jobIdSchema, search: searchText }), output: savedFile },
} as const satisfies Record<CallName, { input: z.ZodType; output: z.ZodType }>;

export const EVENT_CONTRACT = {
  ...LIST_EVENTS,
  ...LIFECYCLE_EVENTS,
  'app.stateChanged': appStateSchema,
  'tenants.changed': nothing,
  'vault.changed': vaultStatusSchema,
  /** Rows that are new or changed, and ids that are gone. `all`: read the list again. */
  'connections.changed': z.strictObject({
    rows: z.array(listedRowSchema),
    removed: z.array(connectionIdSchema),
    all: z.boolean(),
  }),
  'connections.testStep': z.strictObject({ testId: z.string(), step: testStepSchema }),
  'connections.authorizationStep': authorizationStepSchema,
  'jobs.changed': z.strictObject({ connectionId: connectionIdSchema.nullable() }),
  /** At most four times a second a run. */
  'activity.progress': executionSchema,
  'activity.changed': z.strictObject({ id: activityIdSchema.nullable() }),
} as const satisfies Record<EventName, z.ZodType>;

export type CallInput<N extends CallName> = z.input<(typeof CONTRACT)[N]['input']>;
/** What a handler gets, after parsing. */
export type ParsedInput<N extends CallName> = z.output<(typeof CONTRACT)[N]['input']>;
export type CallOutput<N extends CallName> = z.output<(typeof CONTRACT)[N]['output']>;
export type EventPayload<N extends EventName> = z.output<(typeof EVENT_CONTRACT)[N]>;
