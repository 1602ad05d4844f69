import type { FieldMapping, JobTemplate } from './manifest.ts';

/** One line of a mapping table: target column, path in the record, type, and whether a record without it is rejected. */
type MapRow = readonly [target: string, path: string, type: FieldMapping['type'], required?: boolean];

/** What the jobs of one system have in common. */
type JobDefaults = Pick<JobTemplate, 'mode' | 'cursorField' | 'lookbackSeconds'>;

/** A mapping in which every column is one field of the record, by its path ("via.channel"). */
function directMapping(rows: readonly MapRow[]): FieldMapping[] {
  return rows.map(([target, path, type, required = false]) => ({
    target,
    type,
    from: { kind: 'direct', path },
    required,
  }));
}

/**
 * Out-of-the-box jobs of one system as short tables. The first row of a table is the key; `name` is what stands before
 * "_<connection name>". Jobs made so are enabled.
 */
export function jobTable(
  defaults: JobDefaults,
  jobs: readonly (Pick<JobTemplate, 'id' | 'name' | 'sourceObject' | 'destinationObject'> & {
    readonly rows: readonly MapRow[];
  })[],
): JobTemplate[] {
  return jobs.map(({ rows, ...job }) => ({
    ...job,
    ...defaults,
    keyColumn: rows[0]?.[0] ?? '',
    mapping: directMapping(rows),
    isEnabled: true,
  }));
}
