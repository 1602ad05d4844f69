/** How far a read has come, as JSON. Anything that does not have this form reads as "from the start". */
import { createHash } from 'node:crypto';
import type { CsvPosition, JsonValue, S3File } from '../kit/index.ts';

/** Stands for a key and its ETag; short, because a checkpoint may hold thousands. */
export type FileMark = string;

/** Everything older than `atMs` is finished, and of the newer files the marked ones. */
export interface Seen {
  readonly atMs: number;
  readonly marks: readonly FileMark[];
  /** How many files are older than `atMs`; null in what version 0.1.0 has written. */
  readonly older: number | null;
}

/** What earlier runs have read. */
export interface Previous {
  readonly marks: ReadonlySet<FileMark>;
  /** Files older than this were read too, though they are not marked; 0 = every one is marked. */
  readonly allBeforeMs: number;
  /** Files that gave rows before their fault was met: the rows are stored, and older than those of newer files. */
  readonly partial: readonly FileMark[];
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
  /** Files of this run that could not be read; `done` passes over them, another read tries them again. */
  readonly unread: readonly FileMark[];
  /** Those of them that gave rows before their fault was met. */
  readonly partial: readonly FileMark[];
  /**
   * Only at the end of a run: every file of the object that it has read or found read before. At most 100,000, as many as an
   * object may have, of 15 bytes each.
   */
  readonly seen: readonly FileMark[] | null;
}

/** Version 0.1.0 kept the newest so many only. */
const SEEN_KEPT_BEFORE = 2000;

export function markOf(file: Pick<S3File, 'key' | 'etag'>): FileMark {
  return createHash('sha256').update(`${file.key}\n${file.etag}`).digest('base64').slice(0, 12);
}

export function checkpointOf({ done, current, unread, partial, seen }: Checkpoint): JsonValue {
  return {
    version: 2,
    done: { atMs: done.atMs, marks: [...done.marks], older: done.older },
    current:
      current === null
        ? null
        : { ...current, position: current.position === null ? null : positionOf(current.position) },
    unread: [...unread],
    partial: [...partial],
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
  if ((members?.version !== 1 && members?.version !== 2) || typeof done?.atMs !== 'number') return null;
  const older = typeof done.older === 'number' ? done.older : null;
  return {
    done: { atMs: done.atMs, marks: marksOf(done.marks), older },
    current: currentOf(members.current),
    unread: marksOf(members.unread),
    partial: marksOf(members.partial),
    seen: members.seen === null ? null : marksOf(members.seen),
  };
}

/**
 * @param sinceMs where the job's cursor stands, milliseconds since the epoch: what is older counts as read where the
 * checkpoint does not say it file by file
 */
export function previousOf(value: JsonValue, sinceMs: number): Previous {
  const checkpoint = parseCheckpoint(value);
  const marks = new Set(checkpoint?.seen);
  const isWhole = checkpoint?.seen != null && (checkpoint.done.older !== null || marks.size < SEEN_KEPT_BEFORE);
  return { marks, allBeforeMs: isWhole ? 0 : sinceMs, partial: checkpoint?.partial ?? [] };
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
