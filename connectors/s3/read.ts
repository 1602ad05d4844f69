/**
 * Reads the files of an object one after the other, see queue.ts. Interrupted inside a file, a read goes on at the byte behind
 * the last stored row, or at its row where the file is packed. A file that cannot be read is named, and the others are read.
 */
import {
  type ConnectorContext,
  ConnectorError,
  type CsvBatch,
  type CsvLayout,
  instantMs,
  openSteady,
  type Page,
  type ReadRequest,
  readCsv,
  type S3File,
  S3FileError,
  type S3Store,
  type SourceRecord,
  type SourceRejection,
  type UnreadPart,
} from '../kit/index.ts';
import { type Checkpoint, checkpointOf, parseCheckpoint, previousOf } from './checkpoint.ts';
import { FILE_FIELD, FILE_ROW_FIELD, filesOf, MODIFIED_FIELD, noFiles, ROW_FIELD } from './discover.ts';
import { isFault, reasonOf } from './fault.ts';
import { passesFilter } from './filter.ts';
import { FileQueue } from './queue.ts';
import { openStore, type Settings, settingsOf } from './settings.ts';

const PROVENANCE: readonly string[] = [MODIFIED_FIELD, FILE_FIELD, ROW_FIELD, FILE_ROW_FIELD];
/** Unread files gathered before they are handed over without rows. */
const UNREAD_AT_ONCE = 200;

export async function* readObject(context: ConnectorContext, request: ReadRequest): AsyncGenerator<Page> {
  const settings = settingsOf(context);
  const sinceMs = request.since === null ? null : sinceOf(request.since);
  const store = await openStore(context, settings);
  const all = await filesOf(context, store, settings, request.object);
  if (all.length === 0) throw noFiles(settings, request.object);
  const queue = new FileQueue(all, {
    resumed: parseCheckpoint(request.checkpoint),
    previous: sinceMs === null ? null : previousOf(request.previous ?? null, sinceMs),
  });
  context.log(`${queue.pending()} of ${all.length} files are to be read.`);
  yield* new FileRun(context, store, settings, request, queue).pages();
}

/** One read over several files: what it has finished, and what it could not read. */
class FileRun {
  readonly #context: ConnectorContext;
  readonly #store: S3Store;
  readonly #settings: Settings;
  readonly #request: ReadRequest;
  readonly #queue: FileQueue;
  /** Without the file under way. */
  #progress: ReturnType<FileQueue['progress']>;
  #unread: UnreadPart[] = [];
  #firstFault: ConnectorError | null = null;

  constructor(context: ConnectorContext, store: S3Store, settings: Settings, request: ReadRequest, queue: FileQueue) {
    this.#context = context;
    this.#store = store;
    this.#settings = settings;
    this.#request = request;
    this.#queue = queue;
    this.#progress = queue.progress();
  }

  async *pages(): AsyncGenerator<Page> {
    for (let file = this.#queue.next(); file !== null; file = this.#queue.next()) {
      this.#progress = this.#queue.progress();
      yield* this.#file(file);
      if (this.#unread.length >= UNREAD_AT_ONCE) yield this.#barePage(null);
    }
    if (this.#queue.isNothingRead && this.#firstFault !== null) throw this.#allFaulty(this.#firstFault);
    yield this.#barePage(this.#queue.seen());
  }

  /** Reads one file, or finds out why it cannot be read. */
  async *#file(file: S3File): AsyncGenerator<Page> {
    const started = this.#queue.current;
    const goesOn = started !== null && started.key === file.key && started.etag === file.etag;
    let hasGivenRows = goesOn;
    try {
      if (!goesOn && this.#queue.hasGivenRowsBefore) await this.#tryOut(file);
      for await (const page of this.#rows(file, goesOn ? started : null)) {
        yield page;
        hasGivenRows = true;
      }
      this.#queue.wasRead();
    } catch (error) {
      const fault = isFault(error) ? error : await this.#changed(file, error);
      if (fault === null) return;
      this.#firstFault ??= fault;
      this.#unread.push({ part: file.key, reason: reasonOf(fault, file.key) });
      this.#queue.couldNotBeRead(hasGivenRows);
    }
  }

  /** Reads a file to its end for nothing but its fault. */
  async #tryOut(file: S3File): Promise<void> {
    for await (const _page of this.#rows(file, null));
  }

  #allFaulty(first: ConnectorError): ConnectorError {
    const { size } = this.#queue;
    if (size === 1) return first;
    const message = `None of the ${size} files of ${this.#request.object} could be read. The first: ${first.message}`;
    const { failureClass, status, vendorCode, about } = first;
    return new ConnectorError(failureClass, message, { status, vendorCode, about, cause: first });
  }

  #barePage(seen: Checkpoint['seen']): Page {
    const checkpoint = { ...this.#queue.progress(), current: null, seen };
    return { records: [], bytes: 0, checkpoint: checkpointOf(checkpoint), ...this.#takeUnread() };
  }

  #takeUnread(): { unread: readonly UnreadPart[] } | undefined {
    if (this.#unread.length === 0) return undefined;
    const unread = this.#unread;
    this.#unread = [];
    return { unread };
  }

  async *#rows(file: S3File, from: Checkpoint['current']): AsyncGenerator<Page> {
    const position = from?.position ?? null;
    if (file.size === 0) return;
    if (position !== null && position.offset >= file.size) return;
    const body = await openSteady(this.#context, this.#store, file, position?.offset ?? 0);
    const options = {
      ...this.#settings.csv(file.key, body.hasRanges),
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
      ...this.#progress,
      current: { key: file.key, etag: file.etag, row: batch.row, position },
      seen: null,
    });
    const rejected: readonly SourceRejection[] = batch.rejected;
    return { records, rejected, bytes: batch.bytes, checkpoint, ...this.#takeUnread() };
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

  /**
   * After an answer that the file is not the listed one any more: puts it as it is now into the queue.
   * @returns the fault of the file where it is the listed one after all @throws the error where it says nothing of the file
   */
  async #changed(file: S3File, error: unknown): Promise<S3FileError | null> {
    if (!(error instanceof ConnectorError) || !CHANGED_STATUSES.includes(error.status)) throw error;
    const { files } = await this.#store.list({ prefix: file.key, maxKeys: 1 });
    const now = files.find(({ key }) => key === file.key) ?? null;
    if (now?.etag === file.etag) {
      const { status, vendorCode } = error;
      const reason = `S3 lists the file and does not hand it out: ${error.message}`;
      return new S3FileError(file.key, reason, { status, vendorCode, cause: error });
    }
    this.#context.log(
      now === null
        ? `${file.key} was deleted while the job ran.`
        : `${file.key} was replaced while the job ran; it is read again from its start.`,
    );
    this.#queue.wasReplaced(now);
    return null;
  }
}

const CHANGED_STATUSES: readonly (number | undefined)[] = [404, 412, 416];

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
