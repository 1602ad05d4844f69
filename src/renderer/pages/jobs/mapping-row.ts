import type { ColumnType } from '../../../shared/connector.ts';
import type { FieldMapping } from '../../../shared/job/job.ts';
import type { Decimals } from '../../../shared/job/text-value.ts';

export type MappingKind = FieldMapping['from']['kind'];
export type Operation = Extract<FieldMapping['from'], { kind: 'derived' }>['operation'];

/** A row of the mapping as it is typed; it may be half filled. */
export interface MappingRow {
  /** For the page only. */
  readonly key: number;
  readonly target: string;
  readonly type: ColumnType;
  readonly kind: MappingKind;
  /** direct: one source path; derived: several, separated by commas; constant: the value. */
  readonly text: string;
  readonly operation: Operation;
  readonly separator: string;
  readonly required: boolean;
  /** How decimals are written, as the source field has them. */
  readonly decimals: Decimals | undefined;
  /** Date formats besides ISO 8601, separated by semicolons. */
  readonly formats: string;
  /** Empty = UTC. */
  readonly timeZone: string;
  /** Text is converted also where that changes it. */
  readonly converts: boolean;
}
