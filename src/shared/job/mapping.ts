/** The mapping of a job, compiled once per run: a source record becomes a row, or a reason why it cannot. */
import type { ColumnType } from '../connector.ts';
import { CASTS, type Cast, type CellValue, castBy, Misfit } from './cast.ts';
import type { FieldMapping } from './job.ts';
import type { DateRule } from './time-text.ts';

export type { CellValue } from './cast.ts';

type SourceRecord = Readonly<Record<string, unknown>>;

export interface MappedColumn {
  readonly name: string;
  readonly type: ColumnType;
}

export interface RecordMapper {
  readonly columns: readonly MappedColumn[];
  /** Place of the key column in `columns`. */
  readonly keyIndex: number;
  /** How dates are written in the columns whose mapping says it, by column. */
  readonly dates: Readonly<Record<string, DateRule>>;
  /**
   * Fills `row` (one cell per column, reused from record to record) and answers null, or answers why the record is rejected;
   * `row` is then of no use.
   */
  map(record: SourceRecord, row: CellValue[]): string | null;
  /** The key as text, also of a record that is rejected for another reason; null when it has none. */
  keyOf(record: SourceRecord): string | null;
}

/** Longest key, characters: keys are indexed, logged and shown. */
export const MAX_KEY_LENGTH = 1_000;

type Reader = (record: SourceRecord) => unknown;

interface CompiledColumn {
  readonly read: Reader;
  readonly cast: Cast;
  readonly name: string;
  readonly required: boolean;
}

/** @throws Error when `keyColumn` is not among the targets, or for a format or zone that is none; the job editor prevents both */
export function compileMapping(mapping: readonly FieldMapping[], keyColumn: string): RecordMapper {
  const keyIndex = mapping.findIndex(({ target }) => target === keyColumn);
  if (keyIndex < 0) throw new Error(`The key column "${keyColumn}" is not mapped.`);
  const compiled = mapping.map((field, place) => compileColumn(field, place === keyIndex));
  const count = compiled.length;
  // Parallel arrays: the loop below runs once per cell of every record.
  const readers = compiled.map(({ read }) => read);
  const casts = compiled.map(({ cast }) => cast);
  const key = compiled[keyIndex] as CompiledColumn;

  return {
    columns: mapping.map(({ target, type }) => ({ name: target, type })),
    keyIndex,
    dates: dateRulesOf(mapping),
    map(record, row) {
      for (let place = 0; place < count; place += 1) {
        const value = (casts[place] as Cast)((readers[place] as Reader)(record));
        // null and '' are the only falsy cells besides 0, and 0 is a value.
        if (value === null || value === '' || typeof value === 'object') {
          const refusal = judge(compiled[place] as CompiledColumn, value);
          if (refusal !== null) return refusal;
        }
        row[place] = value as CellValue;
      }
      return tooLongKey(row[keyIndex] ?? null);
    },
    keyOf(record) {
      const value = key.cast(key.read(record));
      if (value === null || value === '' || value instanceof Misfit || tooLongKey(value) !== null) return null;
      return String(value);
    },
  };
}

/** The source fields a mapping reads, each once, in order. */
export function sourcePaths(mapping: readonly FieldMapping[]): string[] {
  const paths = new Set<string>();
  for (const { from } of mapping) {
    if (from.kind === 'direct') paths.add(from.path);
    else if (from.kind === 'derived') for (const path of from.paths) paths.add(path);
  }
  return [...paths];
}

function dateRulesOf(mapping: readonly FieldMapping[]): Readonly<Record<string, DateRule>> {
  const ruled = mapping.filter(({ formats, timeZone }) => formats !== undefined || timeZone !== undefined);
  return Object.fromEntries(
    ruled.map(({ target, formats, timeZone, converts }) => [target, { formats, timeZone, converts }]),
  );
}

function judge({ name, required }: CompiledColumn, value: CellValue | Misfit): string | null {
  if (value instanceof Misfit) return `"${name}" ${value.reason}.`;
  return required ? `"${name}" is required but empty.` : null;
}

function tooLongKey(key: CellValue): string | null {
  return typeof key === 'string' && key.length > MAX_KEY_LENGTH
    ? `The key is longer than ${MAX_KEY_LENGTH.toLocaleString('en')} characters.`
    : null;
}

function compileColumn(field: FieldMapping, isKey: boolean): CompiledColumn {
  const { target, type, from, required } = field;
  const cast = castBy(type, field);
  return {
    name: target,
    required: required || isKey,
    cast: from.kind === 'derived' ? castDerived(cast) : cast,
    read: compileReader(from),
  };
}

function castDerived(cast: Cast): Cast {
  return (value) => (value instanceof Misfit ? value : cast(value));
}

function compileReader(from: FieldMapping['from']): Reader {
  switch (from.kind) {
    case 'direct':
      return compilePath(from.path);
    case 'constant': {
      const { value } = from;
      return () => value;
    }
    case 'derived':
      return compileDerived(from.operation, from.paths.map(compilePath), from.separator);
  }
}

type Operation = Extract<FieldMapping['from'], { kind: 'derived' }>['operation'];

function compileDerived(operation: Operation, readers: readonly Reader[], separator: string): Reader {
  const first = readers[0] ?? (() => null);
  switch (operation) {
    case 'join':
      return (record) => join(record, readers, separator);
    case 'firstOf':
      return (record) => firstOf(record, readers);
    case 'lower':
      return (record) => changed(first(record), (text) => text.toLowerCase());
    case 'upper':
      return (record) => changed(first(record), (text) => text.toUpperCase());
    case 'trim':
      return (record) => changed(first(record), (text) => text.trim());
  }
}

/** Empty parts leave no separator behind; all empty is no value. */
function join(record: SourceRecord, readers: readonly Reader[], separator: string): string | null | Misfit {
  let joined: string | null = null;
  for (const read of readers) {
    const text = textOf(read(record));
    if (text instanceof Misfit) return text;
    if (text === null || text === '') continue;
    joined = joined === null ? text : joined + separator + text;
  }
  return joined;
}

function firstOf(record: SourceRecord, readers: readonly Reader[]): unknown {
  for (const read of readers) {
    const value = read(record);
    if (value !== null && value !== undefined && value !== '') return value;
  }
  return null;
}

function changed(value: unknown, change: (text: string) => string): string | null | Misfit {
  const text = textOf(value);
  return typeof text === 'string' ? change(text) : text;
}

/** A part that cannot be a text makes the whole a misfit: left out, it would be missed by nobody. */
function textOf(value: unknown): string | null | Misfit {
  const text = CASTS.text(value);
  return typeof text === 'number' ? String(text) : text;
}

/** A field whose own name has dots ("Account.Name" in a CSV header) wins over the way into nested objects. */
function compilePath(path: string): Reader {
  const own = memberReader(path);
  const keys = path.split('.');
  if (keys.length === 1) return own;
  const steps = keys.map(memberReader);
  return (record) => {
    const value = own(record);
    if (value !== undefined) return value;
    let current: unknown = record;
    for (const step of steps) {
      if (typeof current !== 'object' || current === null) return undefined;
      current = step(current as SourceRecord);
    }
    return current;
  };
}

/** Names that every object inherits are looked up as own members only; all others need no check. */
function memberReader(key: string): Reader {
  if (key in Object.prototype) return (record) => (Object.hasOwn(record, key) ? record[key] : undefined);
  return (record) => record[key];
}
