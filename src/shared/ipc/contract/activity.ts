/** Calls about Execution and Update activities. */
import { z } from 'zod';
import { executionSchema, updateSchema } from '../../activity/activity.ts';
import { activityIdSchema, connectionIdSchema, instantSchema, jobIdSchema } from '../../ids.ts';
import { call } from './entry.ts';
import { page, savedFileSchema, searchText } from './parts.ts';

export const ACTIVITY_CALLS = {
  'activity.executions': call({
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
    subject: { connectionId: 'connection', jobId: 'job' },
  }),
  'activity.execution': call({
    input: z.strictObject({ id: activityIdSchema }),
    output: executionSchema,
    subject: { id: 'activity' },
  }),
  'activity.log': call({
    input: z.strictObject({ id: activityIdSchema }),
    output: z.strictObject({ lines: z.array(z.strictObject({ at: instantSchema, text: z.string() })) }),
    subject: { id: 'activity' },
  }),
  /** Parts of the source that the run could not read, the first 200 by name. */
  'activity.unread': call({
    input: z.strictObject({ id: activityIdSchema }),
    output: z.strictObject({ parts: z.array(z.strictObject({ part: z.string(), reason: z.string() })) }),
    subject: { id: 'activity' },
  }),
  /** Rows of the run's job that wait for a person to mark them; null when nothing does. `finding`: the run that found them. */
  'activity.missing': call({
    input: z.strictObject({ id: activityIdSchema }),
    output: z.strictObject({
      missing: z.strictObject({ rows: z.number().int(), finding: activityIdSchema, foundAt: instantSchema }).nullable(),
    }),
    subject: { id: 'activity' },
  }),
  'activity.rejected': call({
    input: z.strictObject({ id: activityIdSchema, ...page }),
    output: z.strictObject({
      records: z.array(
        z.strictObject({ key: z.string(), reason: z.string(), by: z.enum(['source', 'mapping', 'destination']) }),
      ),
      total: z.number().int(),
    }),
    subject: { id: 'activity' },
  }),
  'activity.exportRejected': call({
    input: z.strictObject({ id: activityIdSchema }),
    output: savedFileSchema,
    subject: { id: 'activity' },
  }),
  'activity.updates': call({
    input: z.strictObject({ ...page, search: searchText, connectionId: connectionIdSchema.optional() }),
    output: z.strictObject({ updates: z.array(updateSchema), total: z.number().int() }),
    subject: { connectionId: 'connection' },
  }),
} as const;
