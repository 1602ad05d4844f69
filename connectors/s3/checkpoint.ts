/** How far a read has come, as JSON. Anything that does not have this form reads as "from the start". */
import { createHash } from 'node:crypto';
import type { CsvPosition, JsonValue, S3File } from '../kit/index.ts';

/** Stands for a key and its ETag; short, because a checkpoint may hold thousands. */
export type FileMark = string;

/** Everything older than `atMs` is finished, and of that very moment the marked files. */
export interface Seen {
  readonly atMs: number;
  readonly marks: readonly FileMark[];
}

export interface Checkpoint {
  readonly done: Seen;
  /** The file under way; `position` is null where the file is packed and cannot be entered in the middle. */
  readonly current: {
    readonly key: string;
    readonly etag: string;
    readonly row: number;
    readonly position: CsvPosition | null;
  } | null;
  /** Only at the end of a run: files it has read or found read before. */
  readonly seen: readonly FileMark[] | null;
}

export function markOf(file: Pick<S3File, 'key' | 'etag'>): FileMark {
  return createHash('sha256').update(`${file.key}\n${file.etag}`).digest('base64').slice(0, 12);
}

export function checkpointOf({ done, current, seen }: Checkpoint): JsonValue {
  return {
    version: 1,
    done: { atMs: done.atMs, marks: [...done.marks] },
    current:
      current === null
        ? null
        : { ...current, position: current.position === null ? null : positionOf(current.position) },
    seen: seen === null ? null : [...seen],
  };
}

function positionOf({ layout, row, offset }: CsvPosition): JsonValue {
  const { columns, lineEnd, separator } = layout;
  return { columns: [...columns], lineEnd, row, offset, ...(separator === undefined ? {} : { separator }) };
}

type Members = Readonly<Record<string, JsonValue | undefined>>;

export function parseCheckpoint(value: JsonValue): Checkpoint | null {
  const members = asObject(value);
  const done = asObject(members?.done);
  if (members?.version !== 1 || typeof done?.atMs !== 'number') return null;
  return {
    done: { atMs: done.atMs, marks: marksOf(done.marks) },
    current: currentOf(members.current),
    seen: members.seen === null ? null : marksOf(members.seen),
  };
}

function currentOf(value: JsonValue | undefined): Checkpoint['current'] {
  const current = asObject(value);
  if (
    current === null ||
    typeof current.key !== 'string' ||
    typeof current.etag !== 'string' ||
    typeof current.row !== 'number'
  )
    return null;
  const position = asObject(current.position);
  return {
    key: current.key,
    etag: current.etag,
    row: current.row,
    position: position === null ? null : parsePosition(position),
  };
}

function parsePosition({ columns, lineEnd, row, offset, separator }: Members): CsvPosition | null {
  if (!Array.isArray(columns) || typeof row !== 'number' || typeof offset !== 'number') return null;
  const layout = {
    columns: columns.map(String),
    lineEnd: lineEnd === '\r' ? ('\r' as const) : ('\n' as const),
    ...(typeof separator === 'string' ? { separator } : {}),
  };
  return { layout, row, offset };
}

function marksOf(value: JsonValue | undefined): FileMark[] {
  return Array.isArray(value) ? value.filter((mark) => typeof mark === 'string') : [];
}

function asObject(value: JsonValue | undefined): Members | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
}
