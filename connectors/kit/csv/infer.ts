/** What the columns of a file seem to hold, judged by its first rows. */
import type { ColumnType } from '../../../src/shared/connector.ts';
import type { SourceRecord } from '../contract.ts';

export interface InferredColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** No two sampled rows share a value and none is empty. */
  readonly isUnique: boolean;
  /** No sampled row is empty. */
  readonly isFilled: boolean;
}

/** Only forms that lose nothing: a number with leading zeros (a postal code) stays text, and so does 03/04/2026. */
const FORMS: readonly { readonly type: ColumnType; readonly form: RegExp }[] = [
  { type: 'integer', form: /^-?(?:0|[1-9]\d{0,14})$/ },
  { type: 'real', form: /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,17})?(?:[eE][+-]?\d{1,3})?$/ },
  { type: 'boolean', form: /^(?:true|false)$/i },
  { type: 'datetime', form: /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?$/ },
];

export function inferColumns(columns: readonly string[], records: readonly SourceRecord[]): InferredColumn[] {
  return columns.map((name) => {
    const values = records.map((record) => String(record[name] ?? ''));
    const filled = values.filter((value) => value !== '');
    const isFilled = values.length > 0 && filled.length === values.length;
    return { name, type: typeOf(filled), isFilled, isUnique: isFilled && new Set(values).size === values.length };
  });
}

function typeOf(values: readonly string[]): ColumnType {
  if (values.length === 0) return 'text';
  const found = FORMS.find(({ form }) => values.every((value) => value.length <= 40 && form.test(value)));
  if (found === undefined) return 'text';
  return found.type === 'datetime' && values.some((value) => Number.isNaN(Date.parse(value))) ? 'text' : found.type;
}

const KEY_NAME = /(?:^|[^a-z])(?:id|key|code|uuid|guid|number)$|Id$|ID$/;

/** The column most likely to identify a row: unique, not a fraction or a time, best with a name like "id"; null = none. */
export function likelyKey(columns: readonly InferredColumn[]): string | null {
  const unique = columns.filter(({ isUnique, type }) => isUnique && (type === 'text' || type === 'integer'));
  const named = unique.find(({ name }) => KEY_NAME.test(name) || KEY_NAME.test(name.toLowerCase()));
  return (named ?? unique[0])?.name ?? null;
}
