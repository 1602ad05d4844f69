/** What the columns of a file seem to hold, judged by its first rows. */
import type { ColumnType } from '../../../src/shared/connector.ts';
import { type Decimals, decimalsOf, integerOfText } from '../../../src/shared/job/text-value.ts';
import { timeParser } from '../../../src/shared/job/time-text.ts';
import type { SourceRecord } from '../contract.ts';

export interface InferredColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** Of a real column: how its decimals are written. */
  readonly decimals?: Decimals;
  /** No two sampled rows share a value and none is empty. */
  readonly isUnique: boolean;
  /** No sampled row is empty. */
  readonly isFilled: boolean;
}

/** More digits are an identifier: the next row may have too many for a number. */
const MAX_DIGITS = 15;
const MAX_LENGTH = 40;
const BOOLEANS = [/^(?:true|false)$/, /^(?:TRUE|FALSE)$/, /^(?:True|False)$/];
const parseTime = timeParser({});

export function inferColumns(columns: readonly string[], records: readonly SourceRecord[]): InferredColumn[] {
  return columns.map((name) => {
    const values = records.map((record) => String(record[name] ?? ''));
    const filled = values.filter((value) => value !== '');
    const isFilled = values.length > 0 && filled.length === values.length;
    return { name, ...kindOf(filled), isFilled, isUnique: isFilled && new Set(values).size === values.length };
  });
}

/** Only types that lose nothing: 00501, +49301234, 12E5, 250.00 beside 250.0, yes and 03/04/2026 stay text. */
function kindOf(values: readonly string[]): Pick<InferredColumn, 'type' | 'decimals'> {
  if (values.length === 0 || values.some((value) => value.length > MAX_LENGTH)) return { type: 'text' };
  if (values.every(isShortInteger)) return { type: 'integer' };
  const decimals = values.every(hasFewDigits) ? decimalsOf(values) : null;
  if (decimals !== null) return { type: 'real', decimals };
  if (BOOLEANS.some((form) => values.every((value) => form.test(value)))) return { type: 'boolean' };
  return { type: values.every(isTime) ? 'datetime' : 'text' };
}

function hasFewDigits(value: string): boolean {
  return value.replace(/\..*/, '').replace('-', '').length <= MAX_DIGITS;
}

function isShortInteger(value: string): boolean {
  return hasFewDigits(value) && typeof integerOfText(value) === 'number';
}

function isTime(value: string): boolean {
  return value.trim() === value && typeof parseTime(value) === 'number';
}

const KEY_NAME = /(?:^|[^a-z])(?:id|key|code|uuid|guid|number)$|Id$|ID$/;

/** The column most likely to identify a row: unique, not a fraction or a time, best with a name like "id"; null = none. */
export function likelyKey(columns: readonly InferredColumn[]): string | null {
  const unique = columns.filter(({ isUnique, type }) => isUnique && (type === 'text' || type === 'integer'));
  const named = unique.find(({ name }) => KEY_NAME.test(name) || KEY_NAME.test(name.toLowerCase()));
  return (named ?? unique[0])?.name ?? null;
}
