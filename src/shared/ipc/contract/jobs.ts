/** Calls about jobs. */
import { z } from 'zod';
import { executionSchema } from '../../activity/activity.ts';
import { connectionSchema } from '../../connection/connection.ts';
import { activityIdSchema, connectionIdSchema, connectorIdSchema, instantSchema, jobIdSchema } from '../../ids.ts';
import { jobSchema, jobSettingsSchema } from '../../job/job.ts';
import { call } from './entry.ts';
import { nothing } from './parts.ts';

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

export const JOB_CALLS = {
  'jobs.list': call({
    input: z.strictObject({ connectionId: connectionIdSchema.optional() }),
    output: z.strictObject({ rows: z.array(jobRowSchema) }),
    subject: { connectionId: 'connection' },
  }),
  'jobs.get': call({ input: z.strictObject({ id: jobIdSchema }), output: jobRowSchema, subject: { id: 'job' } }),
  'jobs.create': call({
    input: jobSettingsSchema,
    output: jobRowSchema,
    subject: { connectionId: 'connection', 'destination.connectionId': 'connection' },
  }),
  'jobs.update': call({
    input: z.strictObject({ id: jobIdSchema, version: z.number().int(), settings: jobSettingsSchema }),
    output: jobRowSchema,
    subject: { id: 'job', 'settings.connectionId': 'connection', 'settings.destination.connectionId': 'connection' },
  }),
  'jobs.remove': call({ input: z.strictObject({ id: jobIdSchema }), output: nothing, subject: { id: 'job' } }),
  'jobs.runNow': call({
    input: z.strictObject({ id: jobIdSchema }),
    output: z.strictObject({ activityId: activityIdSchema }),
    subject: { id: 'job' },
  }),
  'jobs.stop': call({ input: z.strictObject({ id: jobIdSchema }), output: nothing, subject: { id: 'job' } }),
  /** Marks the rows of a finding (activity.missing) as gone; refused when it is not the last one any more, or of other rows. */
  'jobs.markMissing': call({
    input: z.strictObject({ id: jobIdSchema, finding: activityIdSchema, rows: z.number().int().positive() }),
    output: z.strictObject({ rows: z.number().int() }),
    subject: { id: 'job', finding: 'activity' },
  }),
} as const;
