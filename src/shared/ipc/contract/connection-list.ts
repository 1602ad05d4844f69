/** The part of the contract that is the Connections page's list: its rows, tags, and what is done to many at once. */
import { z } from 'zod';
import { executionStatusSchema } from '../../activity/activity.ts';
import { authorizationSchema, connectionSchema } from '../../connection/connection.ts';
import { TAGS_MAX, tagProblem } from '../../connection/tags.ts';
import { activityIdSchema, connectionIdSchema, instantSchema } from '../../ids.ts';
import { call } from './entry.ts';

/** Most connections one call may name. */
export const BULK_MAX = 10_000;
/** Rows of one answer of `connections.listRest`. */
export const LIST_PAGE_MAX = 1000;

/**
 * What the list holds of a connection: not its fields, hosts, learnt facts and ids at the source, which only its form needs.
 * Ten thousand of these lie in the page's memory.
 */
export const listedConnectionSchema = z.object({
  ...connectionSchema.omit({ tenantId: true, fields: true, overrides: true, learned: true, createdAt: true }).shape,
  authorization: z.object(authorizationSchema.omit({ accountId: true, orgId: true, scopes: true }).shape).nullable(),
});

/** What stands beside a connection in its row. */
export const rowFacts = {
  connectorName: z.string(),
  environment: z.string(),
  /** Host, bucket or org shown under the name. */
  place: z.string(),
  tags: z.array(z.string()),
  /** It may be used while this machine is offline. Absent where not: there may be 10,000 rows. */
  worksOffline: z.literal(true).optional(),
  jobs: z.number().int(),
  runningJobs: z.number().int(),
  lastRun: z
    .strictObject({ activityId: activityIdSchema, status: executionStatusSchema, at: instantSchema })
    .nullable(),
  /** When the newest successful run of any of its jobs ended. */
  dataAsOf: instantSchema.nullable(),
  failedLast24Hours: z.number().int(),
  /** The most frequent failure message of those. */
  failedCause: z.string().nullable(),
};

/** A row of the list. A whole `ConnectionRow` is one too. */
export const listedRowSchema = z.object({ connection: listedConnectionSchema, ...rowFacts });
export type ListedRow = z.infer<typeof listedRowSchema>;

/** How many connections there are, so that filters can say so before all rows have arrived. */
export const listCountsSchema = z.strictObject({
  total: z.number().int(),
  jobs: z.number().int(),
  failedLast24Hours: z.number().int(),
  byState: z.strictObject({
    draft: z.number().int(),
    active: z.number().int(),
    disconnected: z.number().int(),
    revoked: z.number().int(),
  }),
});
export type ListCounts = z.infer<typeof listCountsSchema>;

const ids = z.array(connectionIdSchema).min(1, 'Choose at least one connection.').max(BULK_MAX);
const tag = z
  .string()
  .trim()
  .superRefine((text, context) => {
    const problem = tagProblem(text);
    if (problem !== null) context.addIssue({ code: 'custom', message: problem });
  });
const tags = z.array(tag).max(TAGS_MAX, `Use at most ${TAGS_MAX} tags.`);

export const BULK_ACTIONS = ['test', 'revoke', 'delete'] as const;
export const bulkActionSchema = z.enum(BULK_ACTIONS);
export type BulkAction = z.infer<typeof bulkActionSchema>;

/** What became of one connection. `message`: what was done, or why not. */
export const bulkResultSchema = z.strictObject({
  id: connectionIdSchema,
  name: z.string(),
  status: z.enum(['running', 'done', 'failed', 'skipped']),
  message: z.string(),
});
export type BulkResult = z.infer<typeof bulkResultSchema>;

const bulkId = z.string().regex(/^[a-z0-9]{8,40}$/);

export const LIST_CALLS = {
  /** The first rows by urgency, and how many there are of what; the rest by `connections.listRest`. */
  'connections.list': call({
    input: z.strictObject({}),
    output: z.strictObject({
      /** Names this reading of the list; a later one makes it stale. */
      listing: z.string(),
      rows: z.array(listedRowSchema),
      counts: listCountsSchema,
      asOf: instantSchema,
    }),
    subject: 'none',
  }),
  /** Rows of a listing after the first ones, in no particular order. `isStale`: there is a newer listing. */
  'connections.listRest': call({
    input: z.strictObject({
      listing: z.string().max(40),
      offset: z.number().int().min(0).max(1_000_000),
      limit: z.number().int().min(1).max(LIST_PAGE_MAX),
    }),
    output: z.strictObject({ rows: z.array(listedRowSchema), isLast: z.boolean(), isStale: z.boolean() }),
    subject: { listing: 'none' },
  }),
  'connections.changeTags': call({
    input: z.strictObject({ ids, add: tags, remove: tags }),
    output: z.strictObject({ changed: z.number().int(), refused: z.array(bulkResultSchema) }),
    subject: { 'ids[]': 'connection' },
  }),
  /** What a deletion of these would take along, in sum. */
  'connections.bulkImpact': call({
    input: z.strictObject({ ids }),
    output: z.strictObject({
      jobs: z.number().int(),
      cachedRows: z.number().int(),
      dependentJobs: z.number().int(),
      /** What has to be typed to confirm; null when nothing is lost. */
      typed: z.string().nullable(),
    }),
    subject: { 'ids[]': 'connection' },
  }),
  /** One after the other; what became of each arrives as `connections.bulkStep`, and all of it as the answer. */
  'connections.bulk': call({
    input: z.strictObject({ bulkId, action: bulkActionSchema, ids, typed: z.string().max(60) }),
    output: z.strictObject({ results: z.array(bulkResultSchema), isCancelled: z.boolean() }),
    subject: { bulkId: 'none', 'ids[]': 'connection' },
  }),
  /** Begins no further connection; those under way end. */
  'connections.cancelBulk': call({
    input: z.strictObject({ bulkId }),
    output: z.strictObject({}),
    subject: { bulkId: 'none' },
  }),
} as const;

/** Items of the native menu that the page carries out. */
export const menuCommandSchema = z.enum([
  'createConnection',
  'palette',
  'search',
  'settings',
  'shortcuts',
  'connections',
  'jobs',
  'activity',
  'data',
]);
export type MenuCommand = z.infer<typeof menuCommandSchema>;

export const LIST_EVENTS = {
  'app.menuChosen': z.strictObject({ command: menuCommandSchema }),
  'connections.bulkStep': z.strictObject({ bulkId: z.string(), results: z.array(bulkResultSchema) }),
} as const;
