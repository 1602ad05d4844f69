/**
 * Which files a run reads, oldest first, so that a newer file's row replaces an older one's. A file is known by its key and
 * ETag, never by its time: one that appears late, with the time at which its upload began, is read at the next run, and the
 * files that are newer than it once more behind it.
 */
import type { S3File } from '../kit/index.ts';
import { type Checkpoint, type FileMark, markOf, type Previous, type Seen } from './checkpoint.ts';

/** Newest finished files that a checkpoint names one by one, and all others of their oldest second. */
const NAMED = 64;

interface Entry {
  readonly file: S3File;
  readonly mark: FileMark;
}

export interface QueueOptions {
  /** Where the run before this one was interrupted. */
  readonly resumed: Checkpoint | null;
  /** What earlier runs have read; null = this one reads everything. */
  readonly previous: Previous | null;
}

export class FileQueue {
  readonly #entries: Entry[];
  readonly #resumed: Checkpoint | null;
  readonly #unreadBefore: ReadonlySet<FileMark>;
  readonly #doneMarks: ReadonlySet<FileMark>;
  readonly #previous: Previous | null;
  readonly #unread = new Set<FileMark>();
  readonly #partialBefore: ReadonlySet<FileMark>;
  readonly #partial = new Set<FileMark>();
  #at = -1;
  /** Entries before this one are dealt with. */
  #end = 0;
  /** A file was read that is older than files of earlier runs, or than files of this run: they are read once more. */
  #isKnownStale = false;
  #isDoneStale = false;

  /** @param files oldest first; those of the same second in key order */
  constructor(files: readonly S3File[], { resumed, previous }: QueueOptions) {
    this.#entries = files.map((file) => ({ file, mark: markOf(file) }));
    this.#previous = previous;
    this.#resumed = resumed !== null && this.#hasOnlyFilesOf(resumed.done) ? resumed : null;
    this.#unreadBefore = new Set(this.#resumed?.unread);
    this.#doneMarks = new Set(this.#resumed?.done.marks);
    this.#partialBefore = new Set([...(this.#resumed?.partial ?? []), ...(previous?.partial ?? [])]);
  }

  get size(): number {
    return this.#entries.length;
  }

  /** The place inside a file where the run was interrupted; null when there is none, or that file is read once more. */
  get current(): Checkpoint['current'] {
    return this.#isDoneStale ? null : (this.#resumed?.current ?? null);
  }

  /** Every file handed out so far could not be read, and none was passed over. */
  get isNothingRead(): boolean {
    return this.#unread.size === this.#entries.length;
  }

  /**
   * The file under way has given rows before its fault was met. They must not be given again, over those of newer files, unless
   * all of it can be read now.
   */
  get hasGivenRowsBefore(): boolean {
    return this.#partialBefore.has(this.#entries[this.#at]?.mark ?? '');
  }

  /** Files that are certain to be read. */
  pending(): number {
    return this.#entries.filter((entry) => !this.#isDone(entry) && !this.#isKnown(entry)).length;
  }

  /** The next file to be read, null at the end. Say of each what became of it before asking for another. */
  next(): S3File | null {
    for (this.#at += 1; this.#at < this.#entries.length; this.#at += 1) {
      const entry = this.#entries[this.#at] as Entry;
      this.#end = this.#at;
      if (this.#isDone(entry) && !this.#isDoneStale) {
        if (!this.#isKnown(entry) && entry.file.size > 0) this.#isKnownStale = true;
      } else if (!this.#isKnown(entry) || this.#isKnownStale) return entry.file;
    }
    this.#end = this.#entries.length;
    return null;
  }

  wasRead(): void {
    this.#end = this.#at + 1;
    if ((this.#entries[this.#at]?.file.size ?? 0) === 0) return;
    this.#isKnownStale = true;
    this.#isDoneStale = true;
  }

  /** @param hasGivenRows whether some of its rows were handed over before the fault was met */
  couldNotBeRead(hasGivenRows: boolean): void {
    if (hasGivenRows) this.wasRead();
    this.#end = this.#at + 1;
    const mark = this.#entries[this.#at]?.mark ?? '';
    this.#unread.add(mark);
    if (hasGivenRows || this.#partialBefore.has(mark)) this.#partial.add(mark);
  }

  /** @param now the file as it is now, the newest of all; null = it is gone */
  wasReplaced(now: S3File | null): void {
    this.#entries.splice(this.#at, 1);
    this.#at -= 1;
    if (now !== null) this.#entries.push({ file: now, mark: markOf(now) });
  }

  /** How far the run has come, for a checkpoint; the file under way is not in it. */
  progress(): Pick<Checkpoint, 'done' | 'unread' | 'partial'> {
    return { done: this.#done(), unread: [...this.#unread], partial: [...this.#partial] };
  }

  #done(): Seen {
    let from = Math.max(0, this.#end - NAMED);
    const timeOf = (index: number): number => this.#entries[index]?.file.modifiedMs ?? 0;
    while (from > 0 && timeOf(from - 1) === timeOf(from)) from -= 1;
    const marks = this.#entries.slice(from, this.#end).map(({ mark }) => mark);
    return { atMs: from === 0 ? 0 : timeOf(from), marks, older: from };
  }

  /** At the end: every file that need not be read again. */
  seen(): FileMark[] {
    return this.#entries.filter(({ mark }) => !this.#unread.has(mark)).map(({ mark }) => mark);
  }

  #isKnown({ file, mark }: Entry): boolean {
    if (this.#previous === null) return false;
    return this.#previous.marks.has(mark) || file.modifiedMs < this.#previous.allBeforeMs;
  }

  #isDone({ file, mark }: Entry): boolean {
    if (this.#resumed === null || this.#unreadBefore.has(mark)) return false;
    return file.modifiedMs < this.#resumed.done.atMs || this.#doneMarks.has(mark);
  }

  /** Files that appeared behind the place of the interruption would pass for finished ones: then the run begins anew. */
  #hasOnlyFilesOf({ atMs, older }: Seen): boolean {
    return older === null || this.#entries.filter(({ file }) => file.modifiedMs < atMs).length <= older;
  }
}
