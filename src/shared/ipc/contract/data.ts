/** Calls about the rows that jobs have stored. */
import { z } from 'zod';
import { columnTypeSchema } from '../../connector.ts';
import { instantSchema, jobIdSchema } from '../../ids.ts';
import { call } from './entry.ts';
import { nothing, page, savedFileSchema, searchText } from './parts.ts';

export const dataTableSchema = z.strictObject({
  jobId: jobIdSchema,
  jobName: z.string(),
  connectionName: z.string(),
  sourceObject: z.string(),
  rows: z.number().int(),
  /** No pass over the whole source has ended with the job's present settings: the rows are those read so far. */
  isIncomplete: z.boolean(),
  asOf: instantSchema.nullable(),
  columns: z.array(z.strictObject({ name: z.string(), type: columnTypeSchema })),
});
export type DataTable = z.infer<typeof dataTableSchema>;

const cell = z.union([z.string(), z.number(), z.null()]);

const rowsSort = z.strictObject({ column: z.string().max(80), descending: z.boolean() }).nullable();

export const DATA_CALLS = {
  'data.tables': call({
    input: nothing,
    output: z.strictObject({ tables: z.array(dataTableSchema) }),
    subject: 'none',
  }),
  'data.rows': call({
    input: z.strictObject({
      jobId: jobIdSchema,
      ...page,
      search: searchText,
      sort: rowsSort,
    }),
    output: z.strictObject({
      columns: z.array(z.strictObject({ name: z.string(), type: columnTypeSchema })),
      rows: z.array(z.array(cell)),
      total: z.number().int(),
      asOf: instantSchema.nullable(),
    }),
    subject: { jobId: 'job' },
  }),
  'data.exportCsv': call({
    /** The rows of the grid, in its order. */
    input: z.strictObject({ jobId: jobIdSchema, search: searchText, sort: rowsSort.default(null) }),
    output: savedFileSchema,
    subject: { jobId: 'job' },
  }),
} as const;
