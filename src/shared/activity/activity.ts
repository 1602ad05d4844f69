import { z } from 'zod';
import { activityIdSchema, connectionIdSchema, instantSchema, jobIdSchema, tenantIdSchema } from '../ids.ts';

/** Why a run or a call failed, as data. Each class has one meaning and one next step. */
export const FAILURE_CLASSES = [
  'reauthorize_expired',
  'reauthorize_permission',
  'reauthorize_deactivated',
  'reauthorize_password',
  'licence_expired',
  'credential_missing',
  'rate_limited',
  'quota_exceeded',
  'object_denied',
  'not_found',
  'bad_request',
  'server_error',
  'network',
  'tls',
  'timeout',
  'invalid_response',
  'host_refused',
  'bad_data',
  'schema_changed',
  'destination_refused',
  'disk_full',
  'worker_crashed',
  'cancelled',
  'internal',
] as const;
export const failureClassSchema = z.enum(FAILURE_CLASSES);
export type FailureClass = z.infer<typeof failureClassSchema>;

export const failureSchema = z.strictObject({
  class: failureClassSchema,
  /** What happened, in one sentence, no secret in it. */
  message: z.string(),
  /** What to do next, in one sentence. */
  advice: z.string(),
  status: z.number().int().optional(),
  vendorCode: z.string().optional(),
  /** The object or file it was about, where the call named one. */
  about: z.string().optional(),
});
export type Failure = z.infer<typeof failureSchema>;

export const runCountsSchema = z.strictObject({
  read: z.number().int(),
  inserted: z.number().int(),
  updated: z.number().int(),
  unchanged: z.number().int(),
  /** Rows a full run no longer found at the source and marked as gone. */
  gone: z.number().int(),
  rejected: z.number().int(),
  delivered: z.number().int(),
  /** Rows the destination refused. */
  refused: z.number().int(),
  /** Parts of the source that could not be read: files, partitions. Runs of older versions did not count them. */
  unread: z.number().int().default(0),
  /** Rows that the source no longer has, too many to be marked as gone without a person's word. */
  missing: z.number().int().default(0),
  /** Records that an earlier run rejected and that were not read again well since. */
  stillRejected: z.number().int().default(0),
  pages: z.number().int(),
  bytes: z.number().int(),
});
export type RunCounts = z.infer<typeof runCountsSchema>;
export const NO_COUNTS: RunCounts = {
  read: 0,
  inserted: 0,
  updated: 0,
  unchanged: 0,
  gone: 0,
  rejected: 0,
  delivered: 0,
  refused: 0,
  unread: 0,
  missing: 0,
  stillRejected: 0,
  pages: 0,
  bytes: 0,
};

export const executionStatusSchema = z.enum([
  'running',
  'waiting',
  'success',
  'partial_success',
  'failed',
  'stopped',
  'interrupted',
]);
export type ExecutionStatus = z.infer<typeof executionStatusSchema>;

export const executionSchema = z.strictObject({
  kind: z.literal('execution'),
  id: activityIdSchema,
  tenantId: tenantIdSchema,
  connectionId: connectionIdSchema,
  connectionName: z.string(),
  jobId: jobIdSchema,
  jobName: z.string(),
  sourceObject: z.string(),
  destination: z.string(),
  trigger: z.enum(['manual', 'schedule', 'resumed']),
  status: executionStatusSchema,
  /** Present while waiting: for what, until when. */
  waitingFor: z.string().nullable(),
  startedAt: instantSchema,
  endedAt: instantSchema.nullable(),
  /** Milliseconds the run was active, over all resumptions, by a monotonic clock. What is shown as its duration: see figures.ts. */
  durationMs: z.number().int(),
  counts: runCountsSchema,
  /** Known total of source records, where the source says it. */
  expected: z.number().int().nullable(),
  failure: failureSchema.nullable(),
});
export type Execution = z.infer<typeof executionSchema>;

export const updateSchema = z.strictObject({
  kind: z.literal('update'),
  id: activityIdSchema,
  tenantId: tenantIdSchema,
  connectionId: connectionIdSchema.nullable(),
  jobId: jobIdSchema.nullable(),
  /** Name of the connection, job, tenant or OAuth app that changed. */
  subject: z.string(),
  action: z.string(),
  at: instantSchema,
  by: z.string(),
  changes: z.array(z.strictObject({ field: z.string(), before: z.string(), after: z.string() })),
});
export type Update = z.infer<typeof updateSchema>;
