/** Main's view of the record cache: short answers from a connection of its own, everything that scans from a thread. */
import { Worker } from 'node:worker_threads';
import { AppError } from '../../shared/app-error.ts';
import type { ActivityId, JobId } from '../../shared/ids.ts';
import { openReadOnly, type ReadableDb } from '../database.ts';
import { isDamage, toStoreError } from '../database-errors.ts';
import { isTaken, oddityOf } from '../places.ts';
import { type HeldSweep, readHeldSweep } from './findings.ts';
import { type RejectedRecord, readRejected, readUnread, type UnreadPart } from './ledger.ts';
import type { RowsPage, RowsQuery } from './queries.ts';
import type { Answered, ReaderAnswer, ReaderQuestion } from './reader-messages.ts';
import { type TableInfo, tableInfo, tableInfos } from './table.ts';

const UNREAD_SHOWN = 200;

export interface CacheReaderOptions {
  /** cache.db of the profile; it appears when the worker has run for the first time. */
  readonly file: string;
  /** The built reader thread (.vite/build/reader-thread.cjs). */
  readonly thread: string;
  /** The file is damaged, and somebody who may write has to repair it. */
  readonly onDamage: () => void;
}

interface Waiting {
  readonly resolve: (answer: ReaderAnswer) => void;
  readonly reject: (error: unknown) => void;
}

export class CacheReader {
  readonly #options: CacheReaderOptions;
  readonly #waiting = new Map<number, Waiting>();
  #db: ReadableDb | null = null;
  #thread: Worker | null = null;
  #lastId = 0;

  constructor(options: CacheReaderOptions) {
    this.#options = options;
  }

  /** Every job's table; counts are kept, not counted. */
  tables(): TableInfo[] {
    return this.#read((db) => tableInfos(db)) ?? [];
  }

  table(jobId: JobId): TableInfo | null {
    return this.#read((db) => tableInfo(db, jobId));
  }

  /** The first 200 by name. */
  unread(runId: ActivityId): UnreadPart[] {
    return this.#read((db) => readUnread(db, runId, UNREAD_SHOWN)) ?? [];
  }

  /** What a full pass has left for a person to decide. */
  heldSweep(jobId: JobId): HeldSweep | null {
    return this.#read((db) => readHeldSweep(db, jobId));
  }

  rejected(runId: ActivityId, page: { offset: number; limit: number }): { records: RejectedRecord[]; total: number } {
    return this.#read((db) => readRejected(db, runId, page)) ?? { records: [], total: 0 };
  }

  /** A page of rows; `search` looks through the text columns, `sort` names one of the table's columns. */
  async rows(query: RowsQuery): Promise<RowsPage> {
    if (!this.#exists()) return { columns: [], rows: [], total: 0, asOf: null };
    const answer = await this.#ask({ kind: 'rows', query });
    if (answer.kind !== 'rows') throw new Error('The reader thread answered another question.');
    return answer.page;
  }

  /** @returns how many rows were written */
  exportRows(query: Pick<RowsQuery, 'jobId' | 'search' | 'sort'>, path: string): Promise<number> {
    return this.#export({ kind: 'exportRows', ...query, path });
  }

  /** @returns how many records were written */
  exportRejected(runId: ActivityId, path: string): Promise<number> {
    return this.#export({ kind: 'exportRejected', runId, path });
  }

  /** The worker has put a damaged file aside and begun a new one: what is open is the old one. */
  async reopen(): Promise<void> {
    await this.close();
  }

  async close(): Promise<void> {
    this.#db?.close();
    this.#db = null;
    await this.#thread?.terminate();
    this.#thread = null;
  }

  async #export(question: ReaderQuestion): Promise<number> {
    if (!this.#exists()) throw new AppError('not_found', 'There are no rows to export yet.');
    const answer = await this.#ask(question);
    if (answer.kind !== 'exported') throw new Error('The reader thread answered another question.');
    return answer.rows;
  }

  /** @returns null while there is no cache */
  #read<T>(work: (db: ReadableDb) => T): T | null {
    try {
      const db = this.#open();
      return db === null ? null : work(db);
    } catch (error) {
      const known = toStoreError(error, this.#options.file);
      throw isDamage(known) ? this.#damaged(known) : known;
    }
  }

  #damaged(cause?: unknown): AppError {
    this.#options.onDamage();
    const text = 'The record cache is damaged. It is being repaired; try again in a moment.';
    return new AppError('database_damaged', text, { cause });
  }

  #exists(): boolean {
    return isTaken(this.#options.file);
  }

  /** Something else stands in the place of the file or its journal: only who may write moves it away. */
  #isOdd(): boolean {
    const { file } = this.#options;
    return [oddityOf(file, 'follow'), oddityOf(`${file}-wal`, 'refuse'), oddityOf(`${file}-shm`, 'refuse')].some(
      (oddity) => oddity !== null,
    );
  }

  #open(): ReadableDb | null {
    if (this.#db === null && this.#exists()) {
      if (this.#isOdd()) throw this.#damaged();
      const db = openReadOnly(this.#options.file);
      // The worker makes the file before its tables: until they are there it is as good as absent.
      if (Number(db.pragma('user_version', { simple: true })) === 0) db.close();
      else this.#db = db;
    }
    return this.#db;
  }

  async #ask(question: ReaderQuestion): Promise<ReaderAnswer> {
    // A file that does not open at all is told from a thread that ended for another reason.
    this.#read(() => null);
    const thread = this.#startThread();
    this.#lastId += 1;
    const id = this.#lastId;
    const answer = await new Promise<ReaderAnswer>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      thread.postMessage({ id, question });
    });
    if (answer.kind === 'failed')
      throw answer.code === 'database_damaged' ? this.#damaged() : new AppError(answer.code, answer.message);
    return answer;
  }

  #startThread(): Worker {
    if (this.#thread !== null) return this.#thread;
    const thread = new Worker(this.#options.thread, { name: 'reader', workerData: { file: this.#options.file } });
    thread.unref();
    thread.on('message', ({ id, answer }: Answered) => {
      this.#waiting.get(id)?.resolve(answer);
      this.#waiting.delete(id);
    });
    const lose = (): void => {
      if (this.#thread === thread) this.#thread = null;
      for (const { reject } of this.#waiting.values())
        reject(new AppError('internal', 'Reading the data was interrupted. Try again.'));
      this.#waiting.clear();
    };
    thread.on('error', lose);
    thread.on('exit', lose);
    this.#thread = thread;
    return thread;
  }
}
