/** The job form as data: mapping rows that can be half filled, and what is wrong with them. */
import type { ColumnType, SourceField } from '../../../shared/connector.ts';
import type { ConnectionId } from '../../../shared/ids.ts';
import { castBy, Misfit } from '../../../shared/job/cast.ts';
import { type FieldMapping, type JobSettings, jobSettingsSchema } from '../../../shared/job/job.ts';
import type { MappingRow, Operation } from './mapping-row.ts';
import { problemOf, rulesOf } from './type-rules.ts';

export const OPERATIONS: readonly Operation[] = ['join', 'firstOf', 'lower', 'upper', 'trim'];
export const OPERATION_NAMES: Readonly<Record<Operation, string>> = {
  join: 'Join with a separator',
  firstOf: 'First that is not empty',
  lower: 'Lower case',
  upper: 'Upper case',
  trim: 'Without blanks around',
};

export interface JobFormValues {
  readonly name: string;
  readonly connectionId: string;
  readonly sourceObject: string;
  readonly mapping: readonly MappingRow[];
  readonly keyColumn: string;
  readonly mode: 'full' | 'incremental';
  readonly cursorField: string;
  readonly lookbackSeconds: number;
  readonly filter: JobSettings['filter'];
  readonly destinationKind: 'cache' | 'connection';
  readonly destinationConnectionId: string;
  readonly destinationObject: string;
  readonly destinationKeys: readonly string[];
  readonly isEnabled: boolean;
}

let nextKey = 1;

export function newRow(part: Partial<MappingRow> = {}): MappingRow {
  nextKey += 1;
  return {
    target: '',
    type: 'text',
    kind: 'direct',
    text: '',
    operation: 'join',
    separator: ' ',
    required: false,
    decimals: undefined,
    formats: '',
    timeZone: '',
    converts: false,
    ...part,
    key: nextKey,
  };
}

export function emptyJob(connectionId: string): JobFormValues {
  return {
    name: '',
    connectionId,
    sourceObject: '',
    mapping: [],
    keyColumn: '',
    mode: 'full',
    cursorField: '',
    lookbackSeconds: 300,
    filter: [],
    destinationKind: 'cache',
    destinationConnectionId: '',
    destinationObject: '',
    destinationKeys: [],
    isEnabled: true,
  };
}

function rowOf(mapping: FieldMapping): MappingRow {
  const { target, type, required, from, decimals, formats = [], timeZone = '', converts = false } = mapping;
  const common = { target, type, required, decimals, formats: formats.join('; '), timeZone, converts };
  switch (from.kind) {
    case 'direct':
      return newRow({ ...common, kind: 'direct', text: from.path });
    case 'constant':
      return newRow({ ...common, kind: 'constant', text: from.value === null ? '' : String(from.value) });
    case 'derived':
      return newRow({
        ...common,
        kind: 'derived',
        text: from.paths.join(', '),
        operation: from.operation,
        separator: from.separator,
      });
  }
}

export function valuesOfJob(settings: JobSettings): JobFormValues {
  const { destination } = settings;
  const isCache = destination.kind === 'cache';
  return {
    name: settings.name,
    connectionId: settings.connectionId,
    sourceObject: settings.sourceObject,
    mapping: settings.mapping.map(rowOf),
    keyColumn: settings.keyColumn,
    mode: settings.mode,
    cursorField: settings.cursorField ?? '',
    lookbackSeconds: settings.lookbackSeconds,
    filter: settings.filter,
    destinationKind: destination.kind,
    destinationConnectionId: isCache ? '' : destination.connectionId,
    destinationObject: isCache ? '' : destination.object,
    destinationKeys: isCache ? [] : destination.keys,
    isEnabled: settings.isEnabled,
  };
}

/** A column name from a field's: "owner.email" -> "owner_email"; numbered when it is taken. */
export function columnFor(fieldName: string, taken: ReadonlySet<string>): string {
  const plain = fieldName
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9_]+/g, '_')
    .replace(/^[^A-Za-z]+/, '')
    .replace(/(?<!_)_+$/, '')
    .slice(0, 74);
  const base = plain === '' ? 'column' : plain;
  if (!taken.has(base.toLowerCase())) return base;
  for (let number = 2; ; number += 1) {
    const name = `${base}_${number}`;
    if (!taken.has(name.toLowerCase())) return name;
  }
}

/** Adds a direct mapping for every source field that no row takes directly yet. */
export function withAllFields(rows: readonly MappingRow[], fields: readonly SourceField[]): MappingRow[] {
  const mapped = new Set(rows.filter((row) => row.kind === 'direct').map((row) => row.text.trim()));
  const taken = new Set(rows.map((row) => row.target.toLowerCase()));
  const added: MappingRow[] = [];
  for (const field of fields) {
    if (mapped.has(field.name)) continue;
    const target = columnFor(field.name, taken);
    taken.add(target.toLowerCase());
    added.push(newRow({ target, type: field.type, text: field.name, required: field.isKey, decimals: field.decimals }));
  }
  return [...rows.filter((row) => row.target.trim() !== '' || row.text.trim() !== ''), ...added];
}

/** The form after a source object was chosen: its fields mapped, its key and cursor taken, as far as nothing is set. */
export function withObject(values: JobFormValues, fields: readonly SourceField[]): JobFormValues {
  const mapping = values.mapping.length > 0 ? values.mapping : withAllFields([], fields);
  const keyField = fields.find((field) => field.isKey);
  const keyColumn = mapping.find((row) => row.kind === 'direct' && row.text === keyField?.name)?.target ?? '';
  const cursor = fields.find((field) => field.isCursor);
  return {
    ...values,
    mapping,
    keyColumn: values.keyColumn || keyColumn,
    cursorField: values.cursorField || (cursor?.name ?? ''),
    mode: cursor && values.cursorField === '' ? 'incremental' : values.mode,
  };
}

/** What a typed constant is as a value of its type; a text that is none stays text, and {@link constantProblem} says why. */
function constantOf(type: ColumnType, text: string): string | number | boolean | null {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  if (type !== 'integer' && type !== 'real' && type !== 'boolean') return text;
  const cell = castBy(type, { converts: type === 'boolean' })(trimmed);
  if (cell instanceof Misfit || cell === null) return text;
  return type === 'boolean' ? cell === 1 : cell;
}

function constantProblem(row: MappingRow): string | null {
  if (row.kind !== 'constant' || problemOf(row) !== null) return null;
  const cell = castBy(row.type, rulesOf(row))(constantOf(row.type, row.text));
  return cell instanceof Misfit ? `This value ${cell.reason}.` : null;
}

function mappingOf(row: MappingRow): unknown {
  const common = { target: row.target.trim(), type: row.type, required: row.required, ...rulesOf(row) };
  switch (row.kind) {
    case 'direct':
      return { ...common, from: { kind: 'direct', path: row.text.trim() } };
    case 'constant':
      return { ...common, from: { kind: 'constant', value: constantOf(row.type, row.text) } };
    case 'derived':
      return {
        ...common,
        from: {
          kind: 'derived',
          operation: row.operation,
          paths: row.text
            .split(',')
            .map((path) => path.trim())
            .filter(Boolean),
          separator: row.separator,
        },
      };
  }
}

function destinationOf(values: JobFormValues): unknown {
  if (values.destinationKind === 'cache') return { kind: 'cache' };
  return {
    kind: 'connection',
    connectionId: values.destinationConnectionId,
    object: values.destinationObject,
    keys: [...values.destinationKeys],
  };
}

export type JobErrors = Readonly<Record<string, string>>;
export type CheckedJob = { ok: true; settings: JobSettings } | { ok: false; errors: JobErrors };

const WORDS: Readonly<Record<string, string>> = {
  connectionId: 'Choose a connection.',
  keyColumn: 'Choose the column that identifies a record.',
  'destination.connectionId': 'Choose the connection to load through.',
  'destination.object': 'Choose the object to load into.',
  'destination.keys': 'Choose one to three match keys.',
};

function wordsFor(path: string, message: string): string {
  if (WORDS[path]) return WORDS[path];
  if (/^mapping\.\d+\.from/.test(path)) return 'Enter a source field.';
  return message;
}

/** Main's own rules, and what only the whole form shows: doubled targets, keys that are not mapped. Errors by control. */
export function checkJob(values: JobFormValues): CheckedJob {
  const parsed = jobSettingsSchema.safeParse({
    name: values.name,
    connectionId: values.connectionId as ConnectionId,
    sourceObject: values.sourceObject,
    mapping: values.mapping.map(mappingOf),
    keyColumn: values.keyColumn,
    mode: values.mode,
    cursorField: values.cursorField === '' ? null : values.cursorField,
    lookbackSeconds: values.lookbackSeconds,
    filter: values.filter,
    destination: destinationOf(values),
    isEnabled: values.isEnabled,
  });
  const errors: Record<string, string> = {};
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const path = issue.path.join('.');
      errors[path] ??= wordsFor(path, issue.message);
    }
  }
  Object.assign(errors, wholeFormProblems(values, errors));
  if (Object.keys(errors).length > 0 || !parsed.success) return { ok: false, errors };
  return { ok: true, settings: parsed.data };
}

function wholeFormProblems(values: JobFormValues, found: JobErrors): Record<string, string> {
  const errors: Record<string, string> = {};
  const seen = new Set<string>();
  values.mapping.forEach((row, index) => {
    const target = row.target.trim().toLowerCase();
    if (target !== '' && seen.has(target)) errors[`mapping.${index}.target`] = 'This name is used twice.';
    const unfit = constantProblem(row);
    if (unfit !== null) errors[`mapping.${index}.from.value`] = unfit;
    const problem = problemOf(row);
    if (problem !== null) errors[`mapping.${index}.${problem.part}`] = problem.message;
    seen.add(target);
  });
  if (values.keyColumn !== '' && !seen.has(values.keyColumn.toLowerCase()))
    errors.keyColumn = 'This column is not in the mapping.';
  const strayKey = values.destinationKeys.find((key) => !seen.has(key.toLowerCase()));
  if (values.destinationKind === 'connection' && strayKey !== undefined)
    errors['destination.keys'] = `${strayKey} is not in the mapping.`;
  if (values.mode === 'incremental' && values.cursorField === '' && !found.cursorField)
    errors.cursorField = 'Choose the field that says when a record changed.';
  return errors;
}
