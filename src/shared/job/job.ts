import { z } from 'zod';
import { columnTypeSchema } from '../connector.ts';
import { connectionIdSchema, instantSchema, jobIdSchema, tenantIdSchema } from '../ids.ts';
import { textRulesShape } from './text-rules.ts';

/** Names of target columns: also column names in the record cache, so letters, digits and underscores only. */
export const columnNameSchema = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]{0,79}$/, 'Use letters, digits and underscores; begin with a letter.');

export const fieldMappingSchema = z.strictObject({
  target: columnNameSchema,
  type: columnTypeSchema,
  from: z.discriminatedUnion('kind', [
    /** `path` reaches into nested objects with dots: "owner.email". */
    z.strictObject({ kind: z.literal('direct'), path: z.string().min(1).max(300) }),
    z.strictObject({ kind: z.literal('constant'), value: z.union([z.string(), z.number(), z.boolean(), z.null()]) }),
    z.strictObject({
      kind: z.literal('derived'),
      /** join: the texts of `paths` with `separator`; firstOf: the first that is not empty; lower/upper/trim: of the first path. */
      operation: z.enum(['join', 'firstOf', 'lower', 'upper', 'trim']),
      paths: z.array(z.string().min(1).max(300)).min(1).max(20),
      separator: z.string().max(20),
    }),
  ]),
  /** A record without a value here is rejected with a reason. */
  required: z.boolean(),
  ...textRulesShape,
});
export type FieldMapping = z.infer<typeof fieldMappingSchema>;

/** An incremental job reads everything once in this many days: only then it notices what the source has deleted. */
export const FULL_PASS_DAYS = 7;

export const jobDestinationSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('cache') }),
  z.strictObject({
    kind: z.literal('connection'),
    connectionId: connectionIdSchema,
    object: z.string().min(1).max(200),
    /** Target columns by which the destination matches records; at most 3 for Gainsight. */
    keys: z.array(columnNameSchema).min(1).max(3),
  }),
]);

export const filterConditionSchema = z.strictObject({
  field: z.string().min(1).max(300),
  operator: z.enum(['eq', 'ne', 'lt', 'lte', 'gt', 'gte', 'contains', 'isNull', 'isNotNull']),
  value: z.string().max(1000),
});

/**
 * Columns of one job. Its rows go through the local cache whatever the destination, and a table of SQLite has 2,000 columns
 * (https://www.sqlite.org/limits.html), our own and some that are no longer mapped among them.
 */
export const MAX_COLUMNS = 1_900;

export const jobSettingsSchema = z.strictObject({
  name: z.string().trim().min(1, 'Enter a name for the job.').max(120, 'Use at most 120 characters.'),
  connectionId: connectionIdSchema,
  sourceObject: z.string().min(1, 'Choose a source object.').max(300),
  mapping: z
    .array(fieldMappingSchema)
    .min(1, 'Map at least one field.')
    .max(
      MAX_COLUMNS,
      `The local cache holds at most ${MAX_COLUMNS.toLocaleString('en')} columns of a job. Remove rows of the mapping.`,
    ),
  /** Target column whose value identifies a source record. */
  keyColumn: columnNameSchema,
  mode: z.enum(['full', 'incremental']),
  /** Source field an incremental run compares; null = the object has none, every run reads everything. */
  cursorField: z.string().max(300).nullable(),
  /** How far an incremental run looks back behind its cursor, in seconds. */
  lookbackSeconds: z.number().int().min(0).max(31_536_000),
  filter: z.array(filterConditionSchema).max(20),
  destination: jobDestinationSchema,
  isEnabled: z.boolean(),
});
export type JobSettings = z.infer<typeof jobSettingsSchema>;

export const jobSchema = jobSettingsSchema.extend({
  id: jobIdSchema,
  tenantId: tenantIdSchema,
  origin: z.enum(['outOfTheBox', 'custom']),
  /** Name of the manifest's job this one was made from, null for custom ones. */
  templateId: z.string().nullable(),
  createdAt: instantSchema,
  updatedAt: instantSchema,
  version: z.number().int(),
});
export type Job = z.infer<typeof jobSchema>;
