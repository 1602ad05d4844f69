/** What a mapping may say about how the values of a column are written. All of it is optional: jobs of version 0.1.0 have none. */
import { z } from 'zod';
import type { ColumnType } from '../connector.ts';
import { compileFormat, MAX_FORMAT_LENGTH, MAX_FORMATS } from './date-format.ts';
import { MAX_DECIMALS } from './text-value.ts';
import { isTimeZone, TIME_ZONE_FORM } from './time-zone.ts';

export const decimalsSchema = z.union([z.number().int().min(1).max(MAX_DECIMALS), z.literal('shortest')]);

export const textRulesShape = {
  /** How numbers are written as text: with so many decimals each, or without zeros at the end. Taken from the file. */
  decimals: decimalsSchema.optional(),
  /** Formats of dates and times besides ISO 8601: "DD/MM/YYYY HH:mm". For datetime columns, and text loaded into a date. */
  formats: z.array(z.string().min(1).max(MAX_FORMAT_LENGTH)).min(1).max(MAX_FORMATS).optional(),
  /** Zone of times without an offset, and of the day that a DATE takes of a time. IANA name; UTC where absent. */
  timeZone: z.string().regex(TIME_ZONE_FORM, 'Enter a time zone such as Europe/Berlin.').optional(),
  /** Text is converted also where that changes it: 00501 becomes 501. Without it such a record is rejected. */
  converts: z.boolean().optional(),
} as const;

interface WithRules {
  readonly type: ColumnType;
  readonly formats?: readonly string[] | undefined;
  readonly timeZone?: string | undefined;
}

/** What is wrong with the formats or the zone of a column, as a sentence for a person; null = nothing. */
export function dateRuleProblem({
  type,
  formats = [],
  timeZone,
}: WithRules): { readonly part: 'formats' | 'timeZone'; readonly message: string } | null {
  if (type !== 'datetime' && type !== 'text') {
    if (formats.length > 0) return { part: 'formats', message: 'Only a datetime column can have date formats.' };
    if (timeZone !== undefined) return { part: 'timeZone', message: 'Only a datetime column can have a time zone.' };
  }
  for (const format of formats) {
    const compiled = compileFormat(format);
    if (!compiled.ok) return { part: 'formats', message: `${format}: ${compiled.problem}` };
  }
  return timeZone === undefined || isTimeZone(timeZone)
    ? null
    : { part: 'timeZone', message: `${timeZone} is not a known time zone. Enter one such as Europe/Berlin.` };
}

/** The first column of a mapping whose date rules cannot be used. */
export function mappingRuleProblem(
  mapping: readonly (WithRules & { readonly target: string })[],
): { readonly index: number; readonly part: 'formats' | 'timeZone'; readonly message: string } | null {
  for (const [index, field] of mapping.entries()) {
    const problem = dateRuleProblem(field);
    if (problem !== null) return { index, part: problem.part, message: `"${field.target}": ${problem.message}` };
  }
  return null;
}
