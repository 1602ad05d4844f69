import { AppError } from '../../shared/app-error.ts';
import type { ConnectionId } from '../../shared/ids.ts';
import type { BulkAction, BulkResult } from '../../shared/ipc/contract/connection-list.ts';

/** How many connections are worked on at once. Deletions one by one: each removes rows and history from the same files. */
const AT_ONCE: Readonly<Record<BulkAction, number>> = { test: 4, revoke: 4, delete: 1 };

export interface BulkImpact {
  jobs: number;
  cachedRows: number;
  dependentJobs: number;
  typed: string | null;
}

export interface BulkPorts {
  readonly nameOf: (id: ConnectionId) => string;
  /** Does it, and says in a sentence what was done. @throws AppError when it could not be done */
  readonly work: Readonly<Record<BulkAction, (id: ConnectionId, signal: AbortSignal) => Promise<string>>>;
  readonly impact: (id: ConnectionId) => {
    jobs: readonly string[];
    cachedRows: number;
    dependentJobs: readonly string[];
    needsTypedName: boolean;
  };
  readonly onStep: (bulkId: string, results: BulkResult[]) => void;
  readonly onUnexpected: (error: unknown) => void;
}

/** Does one thing to many connections; each for itself, so that one that fails keeps none of the others from it. */
export class BulkActions {
  readonly #ports: BulkPorts;
  readonly #running = new Map<string, AbortController>();

  constructor(ports: BulkPorts) {
    this.#ports = ports;
  }

  /** What deleting these would take along. Lets other work in between, as there may be thousands. */
  async impact(ids: readonly ConnectionId[]): Promise<BulkImpact> {
    const sum: BulkImpact = { jobs: 0, cachedRows: 0, dependentJobs: 0, typed: null };
    let restAt = performance.now();
    for (const id of new Set(ids)) {
      const one = this.#ports.impact(id);
      sum.jobs += one.jobs.length;
      sum.cachedRows += one.cachedRows;
      sum.dependentJobs += one.dependentJobs.length;
      if (one.needsTypedName) sum.typed = `delete ${new Set(ids).size}`;
      if (performance.now() - restAt < 10) continue;
      await new Promise((resolve) => setImmediate(resolve));
      restAt = performance.now();
    }
    return sum;
  }

  cancel(bulkId: string): void {
    this.#running.get(bulkId)?.abort();
  }

  /** @throws AppError invalid_input when a deletion is not confirmed as `impact` asked for it */
  async run(input: {
    bulkId: string;
    action: BulkAction;
    ids: readonly ConnectionId[];
    typed: string;
  }): Promise<{ results: BulkResult[]; isCancelled: boolean }> {
    const { bulkId, action } = input;
    if (this.#running.has(bulkId)) throw new AppError('busy', 'This is under way already.');
    const controller = new AbortController();
    this.#running.set(bulkId, controller);
    try {
      if (action === 'delete') await this.#assertConfirmed(input);
      const results = await this.#each(bulkId, action, [...new Set(input.ids)], controller.signal);
      return { results, isCancelled: controller.signal.aborted };
    } finally {
      this.#running.delete(bulkId);
    }
  }

  async #assertConfirmed({ ids, typed }: { ids: readonly ConnectionId[]; typed: string }): Promise<void> {
    const { typed: wanted } = await this.impact(ids);
    if (wanted !== null && typed.trim().toLowerCase() !== wanted)
      throw new AppError('invalid_input', `Type "${wanted}" to delete them.`, { field: 'typed' });
  }

  async #each(
    bulkId: string,
    action: BulkAction,
    ids: readonly ConnectionId[],
    signal: AbortSignal,
  ): Promise<BulkResult[]> {
    const results: BulkResult[] = [];
    const queue = ids.entries();
    const lane = async (): Promise<void> => {
      for (const [place, id] of queue) {
        if (signal.aborted) results[place] = this.#result(id, 'skipped', 'Not begun: it was stopped before.');
        else {
          this.#ports.onStep(bulkId, [this.#result(id, 'running', '')]);
          const name = this.#ports.nameOf(id);
          results[place] = { ...(await this.#one(action, id, signal)), name };
          this.#ports.onStep(bulkId, [results[place]]);
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE[action] }, lane));
    return results;
  }

  async #one(action: BulkAction, id: ConnectionId, signal: AbortSignal): Promise<BulkResult> {
    try {
      return this.#result(id, 'done', await this.#ports.work[action](id, signal));
    } catch (error) {
      if (error instanceof AppError) return this.#result(id, 'failed', error.message);
      this.#ports.onUnexpected(error);
      return this.#result(id, 'failed', 'Something unexpected happened in Patchbay. The log has the details.');
    }
  }

  #result(id: ConnectionId, status: BulkResult['status'], message: string): BulkResult {
    return { id, name: this.#ports.nameOf(id), status, message };
  }
}
