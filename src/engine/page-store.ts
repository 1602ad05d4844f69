/** Stores a page: rows, checkpoint, counts, rejected records and what is to be delivered, in one transaction. */
import type { JobId } from '../shared/ids.ts';
import type { CellValue, RecordMapper } from '../shared/job/mapping.ts';
import type { DeliveryQueue } from '../store/cache/deliveries.ts';
import type { Pass, RejectedRecord, RunLedger } from '../store/cache/ledger.ts';
import type { OpenRejections } from '../store/cache/rejections.ts';
import type { SeenRows } from '../store/cache/seen.ts';
import { OUTCOMES, type RowWriter, WRITTEN } from '../store/cache/writer.ts';
import { inTransaction, type WritableDb } from '../store/database.ts';
import { isUniqueViolation } from '../store/database-errors.ts';
import { damaged } from '../store/integrity.ts';
import type { Page, SourceRecord } from './connectors.ts';
import type { CursorMax } from './cursor.ts';
import { addCounts, type Counts, noCounts, type RunState } from './run-state.ts';

export interface PageStoreParts {
  readonly db: WritableDb;
  readonly jobId: JobId;
  readonly mapper: RecordMapper;
  readonly writer: RowWriter;
  readonly ledger: RunLedger;
  /** Null while every row there is new, or the pass does not mark rows as gone. */
  readonly seen: SeenRows | null;
  /** Null when rows stay in the cache. */
  readonly queue: DeliveryQueue | null;
  readonly cursor: CursorMax | null;
  readonly rejections: OpenRejections;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Rows of one page that changed, to be delivered. */
export interface ChangedRows {
  readonly n: number;
  readonly ids: readonly number[];
  readonly rows: readonly (readonly CellValue[])[];
}

/** What one attempt to store a page has found; thrown away when its transaction fails. */
interface Tally {
  readonly counts: Counts;
  readonly rejected: RejectedRecord[];
  readonly ids: number[];
  readonly rows: CellValue[][];
  unkeyed: number;
  returned: number;
}

export class PageStore {
  readonly #parts: PageStoreParts;
  readonly #row: CellValue[];

  constructor(parts: PageStoreParts) {
    this.#parts = parts;
    this.#row = new Array(parts.mapper.columns.length).fill(null);
  }

  /**
   * @param phase what the pass is in once the page is stored
   * @returns what is to be delivered, or null
   * @throws AppError disk_full | database_damaged; nothing of the page is stored then, and it may be stored again
   */
  store(page: Page, state: RunState, phase: Pass['phase']): ChangedRows | null {
    const { db, cursor, writer, seen } = this.#parts;
    const cursorBefore = cursor?.value ?? null;
    let tally = newTally();
    let pass = state.pass;
    let entry: number | null = null;
    try {
      inTransaction(db, () => {
        tally = newTally();
        if (page.deleted !== undefined && page.deleted.length > 0) this.#markDeleted(page.deleted, page.records, tally);
        writer.beginPage(page.records.length);
        this.#writeRecords(page, tally);
        pass = this.#passAfter(page, { ...state.pass, phase }, tally);
        entry = this.#finish(page, state, pass, tally);
      });
    } catch (error) {
      cursor?.reset(cursorBefore);
      this.#parts.rejections.reload();
      // Rows are found by their key before they are written: one that is there twice means that the index has lost one.
      throw isUniqueViolation(error) ? damaged(db.name, 'a key is there twice') : error;
    }
    seen?.saved();
    addCounts(state.counts, tally.counts);
    state.pass = pass;
    state.expected = page.total ?? state.expected;
    return entry === null ? null : { n: entry, ids: tally.ids, rows: tally.rows };
  }

  /** A record whose key the mapping makes of fields that a deletion does not name stays until the next full pass. */
  #markDeleted(deleted: readonly SourceRecord[], records: readonly SourceRecord[], { counts }: Tally): void {
    const { mapper, writer, rejections } = this.#parts;
    // A record that is also sent as one that exists does exist.
    const existing = new Set(records.map((record) => mapper.keyOf(record)));
    for (const record of deleted) {
      const key = mapper.keyOf(record);
      if (key === null || existing.has(key)) continue;
      rejections.readWell(key);
      if (writer.markGone(key)) counts.gone += 1;
    }
  }

  /** The hot loop: nothing here allocates for a record that is stored as it should be. */
  #writeRecords(page: Page, tally: Tally): void {
    const { mapper, writer, seen, queue, cursor, rejections } = this.#parts;
    const open = rejections.isEmpty ? null : rejections;
    const row = this.#row;
    const { counts } = tally;
    const { records } = page;
    for (let at = 0; at < records.length; at += 1) {
      const record = records[at] as SourceRecord;
      cursor?.see(record);
      const refusal = mapper.map(record, row);
      if (refusal !== null) {
        this.#reject(record, refusal, tally);
        continue;
      }
      open?.readWell(String(row[mapper.keyIndex]));
      const written = writer.write(row);
      const outcome = written % OUTCOMES;
      if (outcome === WRITTEN.inserted) counts.inserted += 1;
      else {
        seen?.add((written - outcome) / OUTCOMES);
        if (outcome === WRITTEN.unchanged) {
          counts.unchanged += 1;
          continue;
        }
        counts.updated += 1;
        if (outcome === WRITTEN.returned) tally.returned += 1;
      }
      if (queue !== null) {
        tally.ids.push((written - outcome) / OUTCOMES);
        tally.rows.push(row.slice());
      }
    }
  }

  #reject(record: SourceRecord, reason: string, tally: Tally): void {
    const { mapper, writer, seen } = this.#parts;
    const key = mapper.keyOf(record);
    if (key === null) tally.unkeyed += 1;
    else if (seen !== null) {
      // It is still at the source: a row stored earlier is not gone.
      const id = writer.find(key);
      if (id !== null) seen.add(id);
    }
    tally.rejected.push({ key: key ?? '', reason, by: 'mapping' });
  }

  #passAfter(page: Page, pass: Pass, tally: Tally): Pass {
    return {
      ...pass,
      checkpoint: page.checkpoint,
      pages: pass.pages + 1,
      touchedAt: this.#parts.now(),
      cursorMax: this.#parts.cursor?.value ?? null,
      // A record the source itself could not deliver has no key either.
      unkeyed: pass.unkeyed + tally.unkeyed + (page.rejected?.length ?? 0),
    };
  }

  #finish(page: Page, state: RunState, pass: Pass, tally: Tally): number | null {
    const { ledger, seen, queue, rejections, now } = this.#parts;
    const { counts, rejected } = tally;
    for (const { where, reason } of page.rejected ?? []) rejected.push({ key: where, reason, by: 'source' });
    counts.read = page.records.length + (page.rejected?.length ?? 0);
    counts.rejected = rejected.length;
    counts.unread = page.unread?.length ?? 0;
    counts.pages = 1;
    counts.bytes = page.bytes;
    if (rejected.length > 0) {
      ledger.reject(state.counts.rejected + state.counts.refused, rejected);
      rejections.add(rejected, pass.startedAt, now());
    }
    if (page.unread !== undefined) ledger.unread(state.counts.unread, page.unread);
    ledger.addRows(counts.inserted + tally.returned - counts.gone, counts.gone - tally.returned);
    seen?.save();
    const total = noCounts();
    addCounts(total, state.counts);
    addCounts(total, counts);
    ledger.savePass(pass);
    ledger.saveRun({
      elapsedMs: state.elapsedMs,
      counts: total,
      expected: page.total ?? state.expected,
      outcome: null,
    });
    return queue === null || tally.ids.length === 0 ? null : queue.add(tally.ids);
  }
}

function newTally(): Tally {
  return { counts: noCounts(), rejected: [], ids: [], rows: [], unkeyed: 0, returned: 0 };
}
