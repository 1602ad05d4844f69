/**
 * Reads the files of an object one after the other, oldest first, so that a newer file's row replaces an older one's.
 * Interrupted inside a file, a read goes on at the byte behind the last stored row, or at its row where the file is packed.
 */
import {
  type ConnectorContext,
  ConnectorError,
  type CsvBatch,
  CsvFileError,
  type CsvLayout,
  instantMs,
  openSteady,
  type Page,
  type ReadRequest,
  readCsv,
  type S3File,
  type S3Store,
  type SourceRecord,
  type SourceRejection,
} from '../kit/index.ts';
import { type Checkpoint, checkpointOf, type FileMark, markOf, parseCheckpoint, type Seen } from './checkpoint.ts';
import { FILE_FIELD, FILE_ROW_FIELD, filesOf, MODIFIED_FIELD, noFiles, ROW_FIELD } from './discover.ts';
import { passesFilter } from './filter.ts';
import { openStore, type Settings, settingsOf } from './settings.ts';

const PROVENANCE: readonly string[] = [MODIFIED_FIELD, FILE_FIELD, ROW_FIELD, FILE_ROW_FIELD];

export async function* readObject(context: ConnectorContext, request: ReadRequest): AsyncGenerator<Page> {
  const settings = settingsOf(context);
  const store = await openStore(context, settings);
  const all = await filesOf(context, store, settings, request.object);
  if (all.length === 0) throw noFiles(settings, request.object);
  const run = new FileRun(context, store, settings, request);
  const queue = run.pending(all);
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    const replacement = yield* run.file(file);
    // Replaced just now, so it is the newest of all.
    if (replacement !== null) queue.push(replacement);
  }
  yield run.lastPage(all);
}

/** One read over several files: what it has finished, and what it had to refuse. */
class FileRun {
  readonly #context: ConnectorContext;
  readonly #store: S3Store;
  readonly #settings: Settings;
  readonly #request: ReadRequest;
  readonly #resumed: Checkpoint | null;
  readonly #sinceMs: number;
  /** Files of earlier runs. */
  readonly #known: ReadonlySet<FileMark>;
  #done: Seen;
  #filesRead = 0;
  #refusals: ConnectorError[] = [];
  #rejected: SourceRejection[] = [];

  constructor(context: ConnectorContext, store: S3Store, settings: Settings, request: ReadRequest) {
    this.#context = context;
    this.#store = store;
    this.#settings = settings;
    this.#request = request;
    this.#resumed = parseCheckpoint(request.checkpoint);
    this.#sinceMs = request.since === null ? 0 : sinceOf(request.since);
    const previous = request.since === null ? null : parseCheckpoint(request.previous ?? null);
    this.#known = new Set(previous?.seen);
    this.#done = this.#resumed?.done ?? { atMs: 0, marks: [] };
  }

  /** Files of this run that are still to be read, in the order of {@link filesOf}. */
  pending(files: readonly S3File[]): S3File[] {
    const pending = files.filter((file) => this.#isOfThisRun(file) && !this.#isDone(file));
    this.#context.log(`${pending.length} of ${files.length} files are to be read.`);
    return pending;
  }

  /** Reads one file; gives it back as it is now when it was replaced meanwhile. */
  async *file(file: S3File): AsyncGenerator<Page, S3File | null> {
    const started = this.#resumed?.current ?? null;
    try {
      const goesOn = started !== null && started.key === file.key && started.etag === file.etag;
      yield* this.#rows(file, goesOn ? started : null);
      this.#filesRead += 1;
    } catch (error) {
      if (!isRefusal(error)) return await this.#changed(file, error);
      this.#refusals.push(error);
      this.#rejected.push({ where: file.key, reason: error.message });
    }
    this.#finish(file);
    return null;
  }

  lastPage(all: readonly S3File[]): Page {
    const first = this.#refusals[0];
    if (this.#filesRead === 0 && this.#resumed === null && first !== undefined) throw first;
    // What the next incremental run need not read again within its look-back; the newest files matter most.
    const isSeen = (file: S3File): boolean =>
      this.#known.has(markOf(file)) || (file.modifiedMs >= this.#sinceMs && this.#isDone(file));
    const seen = all.filter(isSeen).slice(-MAX_SEEN).map(markOf);
    return {
      records: [],
      rejected: this.#takeRejected([]),
      bytes: 0,
      checkpoint: checkpointOf({ done: this.#done, current: null, seen }),
    };
  }

  async *#rows(file: S3File, from: Checkpoint['current']): AsyncGenerator<Page> {
    const position = from?.position ?? null;
    if (position !== null && position.offset >= file.size) return;
    const body = await openSteady(this.#context, this.#store, file, position?.offset ?? 0);
    const options = {
      ...this.#settings.csv(file.key),
      columns: this.#columns(),
      provenance: { fileField: FILE_FIELD, rowField: ROW_FIELD },
      ...(position === null ? { afterRow: from?.row ?? 0 } : { resume: position }),
    };
    let isFirst = true;
    for await (const batch of readCsv(body.bytes, options)) {
      if (isFirst) this.#checkColumns(file, batch.position.layout);
      isFirst = false;
      yield this.#page(file, batch, body.hasRanges && !batch.isPacked);
    }
  }

  #page(file: S3File, batch: CsvBatch, canBeEntered: boolean): Page {
    const modified = new Date(file.modifiedMs).toISOString();
    const own = new Set(batch.position.layout.columns);
    const wantsFileRow = this.#request.fields.includes(FILE_ROW_FIELD) && !own.has(FILE_ROW_FIELD);
    for (const record of batch.records as readonly Record<string, unknown>[]) {
      if (!own.has(MODIFIED_FIELD)) record[MODIFIED_FIELD] = modified;
      if (wantsFileRow) record[FILE_ROW_FIELD] = `${file.key}#${String(record[ROW_FIELD])}`;
    }
    const { filter } = this.#request;
    const records: readonly SourceRecord[] =
      filter.length === 0 ? batch.records : batch.records.filter((record) => passesFilter(record, filter));
    const position = canBeEntered ? batch.position : null;
    const checkpoint = checkpointOf({
      done: this.#done,
      current: { key: file.key, etag: file.etag, row: batch.row, position },
      seen: null,
    });
    return { records, rejected: this.#takeRejected(batch.rejected), bytes: batch.bytes, checkpoint };
  }

  /** Columns to put into the records: the mapping's, the filter's, and what the added members are made of; undefined = all. */
  #columns(): string[] | undefined {
    const { fields, filter } = this.#request;
    if (fields.length === 0) return undefined;
    return [...fields, ...filter.map(({ field }) => field), ...(fields.includes(FILE_ROW_FIELD) ? [ROW_FIELD] : [])];
  }

  #checkColumns(file: S3File, layout: CsvLayout): void {
    const has = new Set([...layout.columns, ...PROVENANCE]);
    const missing = this.#request.fields.filter((field) => !has.has(field));
    if (missing.length === 0) return;
    const names = missing
      .slice(0, 5)
      .map((name) => `"${name}"`)
      .join(', ');
    const more = missing.length > 5 ? ' and others' : '';
    throw new ConnectorError(
      'schema_changed',
      `${file.key} lacks the column${missing.length === 1 ? '' : 's'} ${names}${more}, which the job reads. Capitals count in names of columns.`,
    );
  }

  /** After an answer that the file is not the listed one any more: the file as it is now, null when it is gone. */
  async #changed(file: S3File, error: unknown): Promise<S3File | null> {
    if (!(error instanceof ConnectorError) || !CHANGED_STATUSES.includes(error.status)) throw error;
    const { files } = await this.#store.list({ prefix: file.key, maxKeys: 1 });
    const now = files[0];
    if (now === undefined || now.key !== file.key || now.size === 0) {
      this.#context.log(`${file.key} was deleted while the job ran.`);
      return null;
    }
    if (now.etag === file.etag) throw error;
    this.#context.log(`${file.key} was replaced while the job ran; it is read again from its start.`);
    return now;
  }

  #isOfThisRun(file: S3File): boolean {
    return file.modifiedMs >= this.#sinceMs && !this.#known.has(markOf(file));
  }

  #finish(file: S3File): void {
    const isSameMoment = file.modifiedMs === this.#done.atMs;
    if (file.modifiedMs < this.#done.atMs) return;
    this.#done = { atMs: file.modifiedMs, marks: isSameMoment ? [...this.#done.marks, markOf(file)] : [markOf(file)] };
  }

  #isDone(file: S3File): boolean {
    if (file.modifiedMs !== this.#done.atMs) return file.modifiedMs < this.#done.atMs;
    return this.#done.marks.includes(markOf(file));
  }

  #takeRejected(more: readonly SourceRejection[]): readonly SourceRejection[] {
    const rejected = [...this.#rejected, ...more];
    this.#rejected = [];
    return rejected;
  }
}

const MAX_SEEN = 2000;
const CHANGED_STATUSES: readonly (number | undefined)[] = [404, 412, 416];

/** The fault lies in this one file: the others are read all the same. */
function isRefusal(error: unknown): error is ConnectorError {
  if (error instanceof CsvFileError) return error.fault === 'header' || error.fault === 'damaged';
  return error instanceof ConnectorError && error.failureClass === 'schema_changed';
}

/** @throws ConnectorError bad_request for a cursor that is not the files' time */
function sinceOf(since: { readonly field: string; readonly value: string }): number {
  const sinceMs = instantMs(since.value);
  if (since.field !== MODIFIED_FIELD || sinceMs === null) {
    throw new ConnectorError(
      'bad_request',
      `Files can only be read incrementally by "${MODIFIED_FIELD}", the time each was last modified. Edit the job.`,
    );
  }
  return sinceMs;
}
