/** How well a mapping's columns suit the object they are loaded into. */
import type { SourceField } from '../../../shared/connector.ts';
import type { MappingRow } from './mapping-row.ts';

export interface DestinationFit {
  /** Columns the object has; all of them while its fields are not known. */
  readonly matching: readonly string[];
  /** Columns it does not have. */
  readonly stray: readonly string[];
  /** Fields it requires and nothing fills. */
  readonly missing: readonly string[];
}

/** @param fields of the destination object; null while they are not known */
export function destinationFit(mapping: readonly MappingRow[], fields: readonly SourceField[] | null): DestinationFit {
  const targets = [...new Set(mapping.map((row) => row.target.trim()).filter(Boolean))];
  if (fields === null) return { matching: targets, stray: [], missing: [] };
  const names = new Set(fields.map((field) => field.name));
  const mapped = new Set(targets);
  return {
    matching: targets.filter((target) => names.has(target)),
    stray: targets.filter((target) => !names.has(target)),
    missing: fields.filter((field) => field.required && !mapped.has(field.name)).map((field) => field.name),
  };
}
