/** Every message between main and the worker, both ways. Parsed on arrival: neither side trusts the shape of the other's. */
import { z } from 'zod';
import { failureSchema, runCountsSchema } from '../shared/activity/activity.ts';
import { endpointOverridesSchema, fieldValueSchema } from '../shared/connection/connection.ts';
import { activityIdSchema, connectionIdSchema, connectorIdSchema, instantSchema, jobIdSchema } from '../shared/ids.ts';
import { jobSchema } from '../shared/job/job.ts';

/** What the worker may know of a connection: nothing secret. */
export const connectionFactsSchema = z.strictObject({
  connectionId: connectionIdSchema,
  connectorId: connectorIdSchema,
  authMethodId: z.string(),
  fields: z.record(z.string(), fieldValueSchema),
  overrides: endpointOverridesSchema,
  learned: z.record(z.string(), z.string()),
});
export type ConnectionFacts = z.infer<typeof connectionFactsSchema>;

/** Certificates (PEM) trusted besides the public ones, and the URL of a proxy. */
export const networkSettingsSchema = z.strictObject({
  ca: z.array(z.string()).optional(),
  proxy: z.string().optional(),
});

export const runSpecSchema = z.strictObject({
  activityId: activityIdSchema,
  job: jobSchema,
  source: connectionFactsSchema,
  /** Present when the job's destination is a connection. */
  destination: connectionFactsSchema.nullable(),
  /** The activity was under way when the process ended. */
  isResumed: z.boolean(),
  network: networkSettingsSchema,
  /** Source fields to ask for, when not those of the mapping. */
  readFields: z.array(z.string()).optional(),
  /** The first page was fetched a moment ago and lies with the pages under way (see spool.ts). */
  hasFirstPage: z.boolean().optional(),
  /** Somebody has agreed beforehand that rows are marked as gone, however many. */
  marksMissing: z.boolean().optional(),
});
export type RunSpec = z.infer<typeof runSpecSchema>;

const requestId = z.number().int();
/** The only message that carries secrets: a short-lived access, never a refresh token. */
const accessReplySchema = z.discriminatedUnion('kind', [
  z.strictObject({
    type: z.literal('accessReply'),
    kind: z.literal('access'),
    requestId,
    credentials: z.record(z.string(), z.string()),
    /** Milliseconds since 1970; null = a 401 tells. */
    expiresAtMs: z.number().nullable(),
    learned: z.record(z.string(), z.string()),
    fingerprint: z.string(),
    /** Milliseconds since it was asked for at the token endpoint; null = not by this process. */
    ageMs: z.number().nullable(),
  }),
  z.strictObject({
    type: z.literal('accessReply'),
    kind: z.literal('failure'),
    requestId,
    failure: failureSchema,
    retryAfterMs: z.number().optional(),
  }),
]);
export type AccessReply = z.infer<typeof accessReplySchema>;

/** The proxy of an origin: its URL, null for the direct way; `refusal` when there is none that can be used. */
const proxyReplySchema = z.strictObject({
  type: z.literal('proxyReply'),
  requestId,
  proxy: z.string().nullable(),
  refusal: z.string().nullable(),
});
export type ProxyReply = z.infer<typeof proxyReplySchema>;

export const toWorkerSchema = z.union([
  /** The first message: where the profile and the network thread's file are. */
  z.strictObject({ type: z.literal('init'), profile: z.string(), networkThread: z.string() }),
  z.strictObject({ type: z.literal('start'), spec: runSpecSchema }),
  z.strictObject({ type: z.literal('stop'), activityId: activityIdSchema, why: z.string() }),
  z.strictObject({ type: z.literal('dropJob'), requestId, jobId: jobIdSchema }),
  /** Marks the rows of a finding as gone: a person has agreed to it. */
  z.strictObject({
    type: z.literal('markMissing'),
    requestId,
    jobId: jobIdSchema,
    /** The activity whose pass found them, and how many it said. */
    finding: activityIdSchema,
    rows: z.number().int(),
  }),
  /** The connection was edited, revoked or re-authorized: what is remembered of its access is not valid any more. */
  z.strictObject({ type: z.literal('forgetAccess'), connectionId: connectionIdSchema }),
  accessReplySchema,
  proxyReplySchema,
  z.strictObject({ type: z.literal('shutdown') }),
]);
export type ToWorker = z.infer<typeof toWorkerSchema>;

const progress = {
  activityId: activityIdSchema,
  counts: runCountsSchema,
  expected: z.number().int().nullable(),
  elapsedMs: z.number().int(),
};

export const progressSchema = z.strictObject({
  type: z.literal('progress'),
  status: z.enum(['running', 'waiting']),
  waitingFor: z.string().nullable(),
  ...progress,
});

export const finishedSchema = z.strictObject({
  type: z.literal('finished'),
  status: z.enum(['success', 'partial_success', 'failed', 'stopped']),
  failure: failureSchema.nullable(),
  /** The connection the failure is about: the source's or the destination's. */
  failedConnection: connectionIdSchema.nullable(),
  endedAt: instantSchema,
  ...progress,
});
export type Finished = z.infer<typeof finishedSchema>;

export const logLineSchema = z.strictObject({ at: instantSchema, text: z.string() });
export type LogLine = z.infer<typeof logLineSchema>;

export const fromWorkerSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ready'), notices: z.array(z.string()) }),
  /** The worker cannot work at all: its file or its thread does not open. */
  z.strictObject({ type: z.literal('broken'), failure: failureSchema }),
  progressSchema,
  z.strictObject({ type: z.literal('log'), activityId: activityIdSchema, lines: z.array(logLineSchema) }),
  finishedSchema,
  z.strictObject({
    type: z.literal('accessRequest'),
    requestId,
    connectionId: connectionIdSchema,
    /** Fingerprint of the access the system refused; null = whichever is current. */
    refused: z.string().nullable(),
  }),
  /** Which proxy the system names for an origin. */
  z.strictObject({ type: z.literal('proxyRequest'), requestId, origin: z.string() }),
  /** The authorization of a connection is lost: it must be disconnected and its other jobs stopped. */
  z.strictObject({ type: z.literal('lost'), connectionId: connectionIdSchema, failure: failureSchema }),
  z.strictObject({ type: z.literal('dropped'), requestId, message: z.string().nullable() }),
  z.strictObject({
    type: z.literal('marked'),
    requestId,
    /** Null: the finding is not the last one any more, or `message` says what went wrong. */
    rows: z.number().int().nullable(),
    message: z.string().nullable(),
  }),
  /** The cache was found damaged and marked so: runs were left where they are, and the next worker repairs it. */
  z.strictObject({ type: z.literal('damaged') }),
  /** For the app's own log. */
  z.strictObject({ type: z.literal('note'), text: z.string() }),
  z.strictObject({ type: z.literal('closed') }),
]);
export type FromWorker = z.infer<typeof fromWorkerSchema>;
