/** What a mapping row says about how the texts of its source field are written. */
import type { SourceField } from '../../../shared/connector.ts';
import { dateRuleProblem } from '../../../shared/job/text-rules.ts';
import { type Decimals, decimalsOf } from '../../../shared/job/text-value.ts';
import { type TypeLosses, typeLosses } from '../../../shared/job/type-losses.ts';
import type { MappingRow } from './mapping-row.ts';

const fieldOf = (row: MappingRow, fields: readonly SourceField[]): SourceField | undefined =>
  row.kind === 'direct' ? fields.find(({ name }) => name === row.text.trim()) : undefined;

/** "DD/MM/YYYY; D.M.YYYY HH:mm" as formats. */
export function formatsOf(text: string): string[] {
  return text
    .split(';')
    .map((format) => format.trim())
    .filter(Boolean);
}

/** The rules of a row as the stored mapping has them; what its type has no use for is left out. */
export function rulesOf(row: MappingRow) {
  const formats = formatsOf(row.formats);
  const timeZone = row.timeZone.trim();
  const hasDates = row.type === 'datetime' || row.type === 'text';
  return {
    ...(row.type === 'real' && row.decimals !== undefined ? { decimals: row.decimals } : {}),
    ...(hasDates && formats.length > 0 ? { formats } : {}),
    ...(hasDates && timeZone !== '' ? { timeZone } : {}),
    ...(row.converts && row.type !== 'text' && row.type !== 'json' ? { converts: true } : {}),
  };
}

/** The row with the decimals of its source field, where its source has only text; after its type or field was changed. */
function withDecimals(row: MappingRow, fields: readonly SourceField[]): MappingRow {
  const field = fieldOf(row, fields);
  return { ...row, decimals: row.type === 'real' ? decimalsIn(field) : undefined };
}

/**
 * A row after a change by hand. Another type or field has other decimals; with another type, whether to convert is decided anew,
 * and date rules go, since only a datetime column shows them.
 */
export function changedRow(row: MappingRow, part: Partial<MappingRow>, fields: readonly SourceField[]): MappingRow {
  const changed = { ...row, ...part };
  if (part.type !== undefined && part.type !== row.type)
    return withDecimals({ ...changed, converts: false, formats: '', timeZone: '' }, fields);
  return part.text === undefined && part.kind === undefined ? changed : withDecimals(changed, fields);
}

function decimalsIn(field: SourceField | undefined): Decimals | undefined {
  if (field?.decimals !== undefined || field?.sample === undefined) return field?.decimals;
  return decimalsOf(field.sample.filter(Boolean)) ?? 'shortest';
}

/** What the row's type would lose of the records that the source has shown; null = nothing, or they are not known. */
export function lossesOf(row: MappingRow, fields: readonly SourceField[]): TypeLosses | null {
  const sample = fieldOf(row, fields)?.sample;
  // While a format is typed it is none, and said to be none.
  if (sample === undefined || problemOf(row) !== null) return null;
  return typeLosses(sample, row.type, rulesOf(row));
}

/** What is wrong with the formats or the zone of a row. */
export function problemOf(row: MappingRow): ReturnType<typeof dateRuleProblem> {
  return dateRuleProblem({ type: row.type, ...rulesOf(row) });
}

/** What a loss means, in words: with the count and an example. */
export function lossWords({ rows, of, example, reason, becomes }: TypeLosses, converts: boolean): string {
  const count = `${rows} of ${of} sample records`;
  const shown = `“${example}”`;
  if (becomes === null) return `${count} would be rejected: ${shown} ${reason}.`;
  return converts
    ? `${count} ${rows === 1 ? 'changes' : 'change'}: ${shown} becomes ${becomes}.`
    : `${count} would be rejected, because their values would change: ${shown} would become ${becomes}.`;
}
