/** Calls about one connection: its form, its test, its authorization, what it can read. */
import { z } from 'zod';
import {
  authorizationSchema,
  connectionNameSchema,
  connectionSchema,
  endpointOverridesSchema,
  fieldValueSchema,
} from '../../connection/connection.ts';
import { remoteRevocationSchema } from '../../connection/state.ts';
import { sourceFieldSchema, sourceObjectSchema } from '../../connector.ts';
import { connectionIdSchema, connectorIdSchema, instantSchema } from '../../ids.ts';
import { rowFacts } from './connection-list.ts';
import { editPreviewSchema, grantLossSchema } from './credentials.ts';
import { call } from './entry.ts';
import { nothing } from './parts.ts';

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

export const CONNECTION_CALLS = {
  'connections.get': call({
    input: z.strictObject({ id: connectionIdSchema }),
    output: z.strictObject({ row: connectionRowSchema, secrets: z.array(secretInfoSchema) }),
    subject: { id: 'connection' },
  }),
  /** Makes a draft. A connector whose keys are all in the form is tested and becomes active at once. */
  'connections.create': call({
    input: connectionInputSchema,
    output: connectionRowSchema,
    subject: { connectorId: 'none', authMethodId: 'none' },
  }),
  'connections.update': call({
    input: z.strictObject({ id: connectionIdSchema, version: z.number().int(), input: connectionInputSchema }),
    output: z.strictObject({ row: connectionRowSchema, needsAuthorization: z.boolean() }),
    subject: { id: 'connection', 'input.connectorId': 'none', 'input.authMethodId': 'none' },
  }),
  'connections.remove': call({
    input: z.strictObject({ id: connectionIdSchema, typedName: z.string().max(300) }),
    /** What became of the authorization at the provider; null where nobody had authorized it. */
    output: z.strictObject({ remote: remoteRevocationSchema.nullable() }),
    subject: { id: 'connection' },
  }),
  'connections.removalImpact': call({
    input: z.strictObject({ id: connectionIdSchema }),
    output: z.strictObject({
      jobs: z.array(z.string()),
      cachedRows: z.number().int(),
      executions: z.number().int(),
      dependentJobs: z.array(z.string()),
      needsTypedName: z.boolean(),
    }),
    subject: { id: 'connection' },
  }),
  /** Tests what the form holds, before or after saving; steps arrive as `connections.testStep` events. */
  'connections.test': call({
    input: z.strictObject({
      testId: z.string().regex(/^[a-z0-9]{8,40}$/),
      id: connectionIdSchema.optional(),
      input: connectionInputSchema.optional(),
    }),
    output: z.strictObject({ steps: z.array(testStepSchema), passed: z.boolean() }),
    subject: { testId: 'none', id: 'connection', 'input.connectorId': 'none', 'input.authMethodId': 'none' },
  }),
  'connections.cancelTest': call({
    input: z.strictObject({ testId: z.string().max(40) }),
    output: nothing,
    subject: { testId: 'none' },
  }),
  /**
   * Opens the log-in (window or system browser) and answers when it has ended. Serves Authorize and Re-Authorize.
   * `fields`, `secrets`: where keys take the place of a log-in, the values of the method's own fields; one left out stays.
   */
  'connections.authorize': call({
    input: z.strictObject({
      id: connectionIdSchema,
      way: z.enum(['window', 'browser']).optional(),
      fields: z.record(z.string().max(60), fieldValueSchema).optional(),
      secrets: z.record(z.string().max(60), z.string().max(100_000)).optional(),
      removedSecrets: removedSecretsSchema.optional(),
      confirmFlowId: z.string().max(40).optional(),
    }),
    output: authorizationOutcomeSchema,
    subject: { id: 'connection', confirmFlowId: 'none' },
  }),
  'connections.cancelAuthorization': call({
    input: z.strictObject({ id: connectionIdSchema }),
    output: nothing,
    subject: { id: 'connection' },
    worksInEveryTenant: true,
  }),
  /** What saving this form would change; nothing is sent and nothing is stored. @throws invalid_input as a save would */
  'connections.previewUpdate': call({
    input: z.strictObject({ id: connectionIdSchema, input: connectionInputSchema }),
    output: editPreviewSchema,
    subject: { id: 'connection', 'input.connectorId': 'none', 'input.authMethodId': 'none' },
  }),
  /** At once here, then at the provider. `until`: when to be reminded to authorize it again. */
  'connections.revoke': call({
    input: z.strictObject({ id: connectionIdSchema, until: instantSchema.optional() }),
    output: connectionRowSchema,
    subject: { id: 'connection' },
  }),
  'connections.objects': call({
    input: z.strictObject({ id: connectionIdSchema, role: z.enum(['source', 'destination']) }),
    output: z.strictObject({ objects: z.array(sourceObjectSchema) }),
    subject: { id: 'connection' },
  }),
  'connections.fields': call({
    input: z.strictObject({
      id: connectionIdSchema,
      role: z.enum(['source', 'destination']),
      object: z.string().max(300),
    }),
    output: z.strictObject({ fields: z.array(sourceFieldSchema) }),
    subject: { id: 'connection' },
  }),
} as const;
