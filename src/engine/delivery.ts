/** Loads changed rows into the destination: in the order of the queue, one batch at a time, each marked once it is answered. */
import type { RunCounts } from '../shared/activity/activity.ts';
import type { ActivityId } from '../shared/ids.ts';
import type { CellValue, MappedColumn, RecordMapper } from '../shared/job/mapping.ts';
import type { DeliveryEntry, DeliveryQueue } from '../store/cache/deliveries.ts';
import type { RejectedRecord, RunLedger } from '../store/cache/ledger.ts';
import { inTransaction, type WritableDb } from '../store/database.ts';
import {
  type Connector,
  type ConnectorContext,
  ConnectorError,
  type Destination,
  type WriteResult,
} from './connectors.ts';
import type { ChangedRows } from './page-store.ts';
import type { RunState } from './run-state.ts';

type OutRecord = Record<string, string | number | boolean | null>;

/** Pages whose rows are kept in memory for delivery; reading waits when there are more. */
const PAGES_AHEAD = 2;

export interface DeliveryParts {
  readonly db: WritableDb;
  readonly queue: DeliveryQueue;
  readonly runId: ActivityId;
  readonly ledger: RunLedger;
  readonly destination: Destination;
  readonly connector: Connector;
  readonly context: ConnectorContext;
  readonly waitsForAccess: () => boolean;
  readonly object: string;
  readonly keys: readonly string[];
  readonly columns: readonly MappedColumn[];
  readonly dates: RecordMapper['dates'];
  readonly keyIndex: number;
  readonly state: RunState;
  /** Runs a transaction, waiting while the disk is full. */
  readonly withRoom: (work: () => void) => Promise<void>;
  readonly onProgress: () => void;
}

interface OutRow {
  readonly id: number;
  readonly cells: readonly CellValue[];
}

export class Delivery {
  readonly #parts: DeliveryParts;
  readonly #fresh = new Map<number, ChangedRows>();
  readonly #isBoolean: readonly boolean[];
  #pumping: Promise<void> | null = null;
  #failure: unknown = null;
  #onRoom: (() => void) | null = null;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
    this.#isBoolean = parts.columns.map(({ type }) => type === 'boolean');
  }

  /** What stopped the delivery, null while nothing has. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Whether the destination's access is being renewed. */
  waitsForAccess(): boolean {
    return this.#parts.waitsForAccess();
  }

  explain(error: ConnectorError): Promise<ConnectorError> {
    return this.#parts.connector.explain(this.#parts.context, error);
  }

  /** Hands over the rows of a page that is stored; its delivery goes on beside the reading of the next pages. */
  push(changed: ChangedRows): void {
    this.#fresh.set(changed.n, changed);
    this.#start();
  }

  /** Waits while too many pages are on their way. @throws what stopped the delivery */
  async room(): Promise<void> {
    while (this.#failure === null && this.#fresh.size >= PAGES_AHEAD) {
      await new Promise<void>((resolve) => {
        this.#onRoom = resolve;
      });
    }
    this.#rethrow();
  }

  /** Queues what earlier runs were refused, unless it has been delivered meanwhile. */
  async offerRefused(): Promise<void> {
    const { db, queue, runId, withRoom } = this.#parts;
    await withRoom(() => void inTransaction(db, () => queue.addRefused(runId)));
  }

  /** Delivers all that is queued, also what an earlier run left. @throws what stopped the delivery */
  async drain(): Promise<void> {
    this.#start();
    while (this.#pumping !== null) await this.#pumping;
    this.#rethrow();
  }

  /** Waits for the batch under way, without beginning another. */
  async halt(): Promise<void> {
    this.#failure ??= new ConnectorError('cancelled', 'The run was stopped.');
    await this.#pumping;
  }

  /** Makes a delivery that failed try again. */
  retry(): void {
    this.#failure = null;
  }

  #start(): void {
    if (this.#failure !== null || this.#pumping !== null) return;
    this.#pumping = this.#pump().then(() => {
      this.#pumping = null;
      // Pushed after the pump had found the queue empty.
      if (this.#fresh.size > 0) this.#start();
    });
  }

  async #pump(): Promise<void> {
    try {
      for (let entry = this.#parts.queue.first(); entry !== null; entry = this.#parts.queue.first()) {
        await this.#deliver(entry);
        this.#fresh.delete(entry.n);
        this.#makeRoom();
        if (this.#failure !== null) return;
      }
    } catch (error) {
      this.#failure ??= error;
    } finally {
      this.#makeRoom();
    }
  }

  #makeRoom(): void {
    this.#onRoom?.();
    this.#onRoom = null;
  }

  #rethrow(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  async #deliver(entry: DeliveryEntry): Promise<void> {
    const { destination, queue } = this.#parts;
    const fresh = this.#fresh.get(entry.n);
    const size = Math.max(1, destination.maxBatch);
    for (let at = entry.answered; at < entry.ids.length; at += size) {
      const ids = entry.ids.slice(at, at + size);
      const rows: OutRow[] =
        fresh === undefined
          ? queue.rows(ids)
          : ids.map((id, offset) => ({ id, cells: fresh.rows[at + offset] as readonly CellValue[] }));
      const results = rows.length === 0 ? [] : await this.#write(rows);
      await this.#mark(entry, at + ids.length, rows, results);
      if (this.#failure !== null) return;
    }
  }

  async #write(rows: readonly OutRow[]): Promise<WriteResult[]> {
    const { destination, context, object, keys, dates } = this.#parts;
    const results = await destination.write(context, {
      object,
      keys,
      dates,
      records: rows.map(({ cells }) => this.#out(cells)),
    });
    if (results.length !== rows.length)
      throw new ConnectorError('invalid_response', 'The destination did not answer for every record of a batch.');
    return results;
  }

  /** Only now do the rows count as delivered; killed before this, the batch is sent once more. */
  async #mark(
    entry: DeliveryEntry,
    answered: number,
    rows: readonly OutRow[],
    results: readonly WriteResult[],
  ): Promise<void> {
    const { db, queue, ledger, state, runId, keyIndex, withRoom, onProgress } = this.#parts;
    const refused: RejectedRecord[] = [];
    for (const [at, result] of results.entries()) {
      const key = String(rows[at]?.cells[keyIndex] ?? '');
      if (!result.ok) refused.push({ key, reason: result.reason, by: 'destination' });
    }
    await withRoom(() => {
      inTransaction(db, () => {
        queue.answer(entry, answered);
        for (const [at, result] of results.entries()) {
          const { id } = rows[at] as OutRow;
          if (result.ok) queue.accept(id);
          else queue.refuse(id, runId);
        }
        ledger.reject(state.counts.rejected + state.counts.refused, refused);
        const counts: RunCounts = {
          ...state.counts,
          delivered: state.counts.delivered + results.length - refused.length,
          refused: state.counts.refused + refused.length,
        };
        ledger.saveRun({ elapsedMs: state.elapsedMs, counts, expected: state.expected, outcome: null });
      });
      state.counts.delivered += results.length - refused.length;
      state.counts.refused += refused.length;
    });
    onProgress();
  }

  #out(cells: readonly CellValue[]): OutRecord {
    const { columns } = this.#parts;
    const record: OutRecord = {};
    for (let place = 0; place < columns.length; place += 1) {
      const cell = cells[place] ?? null;
      record[(columns[place] as MappedColumn).name] = this.#isBoolean[place] && cell !== null ? cell === 1 : cell;
    }
    return record;
  }
}
