/** Delimited text as a stream of batches, in constant memory. */
import { Buffer } from 'node:buffer';
import type { SourceRecord, SourceRejection } from '../contract.ts';
import { CsvFileError } from './csv-file-error.ts';
import { createDecoder, type Decoder } from './encoding.ts';
import { columnsOf, separatorNamedBy } from './header.ts';
import {
  type CsvDialect,
  type CsvLayout,
  type CsvOptions,
  type CsvPosition,
  dialectOf,
  MAX_BATCH_CHARS,
} from './options.ts';
import { SNIFF_BYTES, sniffEncoding } from './sniff.ts';
import { type CsvRow, CsvTokenizer } from './tokenizer.ts';
import { type ByteCounter, unpack } from './unpack.ts';

export interface CsvBatch {
  /** Objects that inherit nothing; all values text. */
  readonly records: readonly SourceRecord[];
  readonly rejected: readonly SourceRejection[];
  /** Bytes received since the batch before, as they came in (compressed where the file is). */
  readonly bytes: number;
  /** Number of the last row in the batch, as a spreadsheet counts: the header is row 1, blank lines count. */
  readonly row: number;
  /** Where the next batch begins. */
  readonly position: CsvPosition;
  /** The bytes came packed, so {@link CsvOptions.resume} cannot enter them at `position`; `afterRow` can pass over rows. */
  readonly isPacked: boolean;
}

/**
 * Every data row is either in `records` or, with file, row and reason, in `rejected`; blank lines are neither. An empty
 * file gives no batch.
 * @throws CsvFileError (bad_data) when the file as a whole is not what the options say; errors of `bytes` as they are
 */
export async function* readCsv(bytes: AsyncIterable<Uint8Array>, options: CsvOptions): AsyncGenerator<CsvBatch> {
  const counter: ByteCounter = { received: 0, isPacked: false };
  const reading = new CsvReading(options, counter);
  for await (const chunk of unpack(bytes, options, counter)) {
    reading.push(chunk);
    yield* reading.batches();
  }
  reading.end();
  yield* reading.batches();
  const last = reading.lastBatch();
  if (last !== null) yield last;
}

export interface CsvSample {
  /** Null for an empty file. */
  readonly layout: CsvLayout | null;
  readonly records: readonly SourceRecord[];
}

/** The header and at most `rows` records; closes the stream as soon as it has them. @throws CsvFileError as {@link readCsv} */
export async function sampleCsv(
  bytes: AsyncIterable<Uint8Array>,
  options: CsvOptions,
  rows: number,
): Promise<CsvSample> {
  const reading = new CsvReading({ ...options, batchRows: Math.max(1, rows) }, { received: 0, isPacked: false });
  for await (const chunk of unpack(bytes, options, { received: 0, isPacked: false })) {
    reading.push(chunk);
    if (rows === 0 && reading.readHeader()) return { layout: reading.layout, records: [] };
    for (const batch of reading.batches()) return { layout: reading.layout, records: batch.records };
  }
  reading.end();
  for (const batch of reading.batches()) return { layout: reading.layout, records: batch.records };
  return { layout: reading.layout, records: reading.lastBatch()?.records ?? [] };
}

/**
 * A record inherits nothing, so a column named __proto__ or constructor is a column like any other. Not Object.create(null):
 * that makes V8 keep a hash table per record, which costs twice the time and four times the memory at 20 columns.
 */
class CsvRecord {
  [column: string]: unknown;
}
Object.setPrototypeOf(CsvRecord.prototype, null);
Reflect.deleteProperty(CsvRecord.prototype, 'constructor');

class CsvReading {
  layout: CsvLayout | null;
  readonly #options: CsvOptions;
  #dialect: CsvDialect;
  readonly #counter: ByteCounter;
  readonly #decoder: Decoder;
  readonly #tokenizer: CsvTokenizer;
  readonly #batchRows: number;
  #first: Buffer | null = Buffer.alloc(0);
  #start: number;
  #offset: number;
  #row: number;
  #knowsLineEnd = false;
  #separator: string | undefined;
  #wanted: readonly { readonly name: string; readonly index: number }[] = [];
  #fileField: string | null = null;
  #rowField: string | null = null;
  #records: SourceRecord[] = [];
  #rejected: SourceRejection[] = [];
  #batchChars = 0;
  #reportedBytes = 0;

  constructor(options: CsvOptions, counter: ByteCounter) {
    this.#options = options;
    this.#counter = counter;
    this.#dialect = dialectOf(options);
    this.#decoder = createDecoder(options.encoding ?? 'utf-8');
    this.#batchRows = options.batchRows ?? 1000;
    this.#start = options.resume?.offset ?? 0;
    this.#offset = this.#start;
    this.#row = options.resume?.row ?? 0;
    this.#tokenizer = new CsvTokenizer(this.#dialect, (text) => {
      this.#offset += this.#decoder.byteLength(text);
    });
    this.layout = null;
    if (options.resume === undefined) return;
    this.#first = null;
    if (options.resume.layout.separator !== undefined) this.#adoptSeparator(options.resume.layout.separator);
    this.#adopt(options.resume.layout);
  }

  push(chunk: Buffer): void {
    if (this.#first === null) {
      this.#tokenizer.push(this.#decoder.write(chunk));
      return;
    }
    this.#first = Buffer.concat([this.#first, chunk]);
    if (this.#first.length >= SNIFF_BYTES) this.#begin(this.#first);
  }

  end(): void {
    if (this.#first !== null) this.#begin(this.#first);
    this.#decoder.end();
    // A row cut off by a bad byte is not a row.
    if (this.#decoder.problem === null) this.#tokenizer.end();
  }

  /** True once the header is known (or the file has ended without one). */
  readHeader(): boolean {
    if (this.layout !== null) return true;
    this.#knowsLineEnd ||= this.#first === null && this.#tokenizer.detectLineEnd();
    while (this.#knowsLineEnd && this.layout === null) {
      const row = this.#tokenizer.next();
      if (row === null) break;
      this.#row += 1;
      if (row.cells.length === 0 && row.problem === null) continue;
      if (this.#takesSeparator(row)) continue;
      this.#adopt({
        columns: columnsOf(row, this.#options.file, this.#row, this.#dialect),
        lineEnd: this.#tokenizer.lineEnd,
        ...(this.#separator === undefined ? {} : { separator: this.#separator }),
      });
    }
    if (this.layout === null) this.#refuseBadBytes();
    return this.layout !== null;
  }

  /** Whether a row is a first line `sep=;`, which then holds for the rest of the file. */
  #takesSeparator(row: CsvRow): boolean {
    const named = this.#row === 1 ? separatorNamedBy(row, this.#dialect) : null;
    if (named === null) return false;
    this.#adoptSeparator(named);
    return true;
  }

  #adoptSeparator(separator: string): void {
    const { quote, escape: escapeWith } = this.#dialect;
    if (separator === quote || separator === escapeWith)
      throw new CsvFileError(
        'header',
        `${this.#options.file}, row 1: the line sep= names the text qualifier or the escape character as separator.`,
      );
    this.#separator = separator;
    this.#dialect = { ...this.#dialect, separator };
    this.#tokenizer.goOnWith(this.#dialect);
  }

  /** All whole batches of what has been pushed. */
  *batches(): Generator<CsvBatch> {
    if (!this.readHeader()) return;
    for (let row = this.#tokenizer.next(); row !== null; row = this.#tokenizer.next()) {
      this.#row += 1;
      this.#add(row);
      if (this.#records.length + this.#rejected.length >= this.#batchRows || this.#batchChars > MAX_BATCH_CHARS)
        yield this.#batch();
    }
    this.#refuseBadBytes();
  }

  lastBatch(): CsvBatch | null {
    return this.#records.length + this.#rejected.length === 0 ? null : this.#batch();
  }

  #begin(first: Buffer): void {
    this.#first = null;
    const { bomBytes, problem } = sniffEncoding(first, this.#options.encoding ?? 'utf-8');
    if (problem !== null) throw new CsvFileError('encoding', `${this.#options.file} ${problem} as the encoding.`);
    this.#start = bomBytes;
    this.#offset = bomBytes;
    this.#tokenizer.push(this.#decoder.write(first.subarray(bomBytes)));
  }

  #adopt(layout: CsvLayout): void {
    this.layout = layout;
    this.#tokenizer.lineEnd = layout.lineEnd;
    const { columns, provenance } = this.#options;
    const isWanted = (name: string): boolean => columns === undefined || columns.includes(name);
    this.#wanted = layout.columns.map((name, index) => ({ name, index })).filter(({ name }) => isWanted(name));
    const extra = (name: string | undefined): string | null =>
      name === undefined || !isWanted(name) || layout.columns.includes(name) ? null : name;
    this.#fileField = extra(provenance?.fileField);
    this.#rowField = extra(provenance?.rowField);
  }

  #add(row: CsvRow): void {
    const { cells, problem } = row;
    if (this.#row <= (this.#options.afterRow ?? 0) || (cells.length === 0 && problem === null)) return;
    const columns = this.layout?.columns.length ?? 0;
    if (problem !== null) this.#reject(problem);
    else if (cells.length !== columns) this.#reject(`the row has ${cells.length} cells, the header has ${columns}`);
    else this.#records.push(this.#record(cells));
  }

  #record(cells: readonly string[]): SourceRecord {
    const record = new CsvRecord();
    for (const { name, index } of this.#wanted) {
      const cell = cells[index] ?? '';
      record[name] = cell;
      this.#batchChars += cell.length;
    }
    if (this.#fileField !== null) record[this.#fileField] = this.#options.file;
    if (this.#rowField !== null) record[this.#rowField] = this.#row;
    return record;
  }

  #reject(reason: string): void {
    this.#rejected.push({ where: `${this.#options.file}, row ${this.#row}`, reason });
  }

  #batch(): CsvBatch {
    this.#tokenizer.report();
    const layout = this.layout ?? { columns: [], lineEnd: '\n' };
    const batch: CsvBatch = {
      records: this.#records,
      rejected: this.#rejected,
      bytes: this.#counter.received - this.#reportedBytes,
      row: this.#row,
      position: { layout, row: this.#row, offset: this.#offset },
      isPacked: this.#counter.isPacked,
    };
    this.#reportedBytes = this.#counter.received;
    this.#records = [];
    this.#rejected = [];
    this.#batchChars = 0;
    return batch;
  }

  #refuseBadBytes(): void {
    const { problem } = this.#decoder;
    if (problem === null) return;
    const where = `${this.#options.file}, byte ${this.#start + problem.offset} (near row ${this.#row + 1})`;
    throw new CsvFileError('encoding', `${where}: ${problem.what}. Choose ${problem.choose} as the encoding.`);
  }
}
