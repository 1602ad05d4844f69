/** What happens in the application. Whoever shows it (the page, a program without a window, a test) subscribes. */
import type { Execution, Failure } from '../shared/activity/activity.ts';
import type { Connection } from '../shared/connection/connection.ts';
import type { DisconnectReason } from '../shared/connection/reasons.ts';
import type { ConnectionId } from '../shared/ids.ts';
import type { BulkResult, ListedRow } from '../shared/ipc/contract/connection-list.ts';
import type { AuthorizationStep, TestStep } from '../shared/ipc/contract.ts';
import type { VaultStatus } from '../shared/vault.ts';

export interface CoreEventMap {
  /** Network, vault, notices or the number of running jobs: what a status line shows. */
  readonly stateChanged: undefined;
  readonly tenantsChanged: undefined;
  readonly vaultChanged: VaultStatus;
  /** The network has come or gone. */
  readonly networkChanged: undefined;
  readonly connectionsChanged: { readonly changed: readonly Connection[]; readonly removed: readonly ConnectionId[] };
  /** Connections were imported: what is shown of the list is read anew. */
  readonly connectionsImported: undefined;
  /** Rows of the list that look different although their connection is as it was: tags, failures that left the last 24 hours. */
  readonly rowsChanged: readonly ListedRow[];
  /** Jobs of a connection, apart from their runs; null: jobs of any connection. */
  readonly jobsChanged: ConnectionId | null;
  /** A run has come forward. */
  readonly runProgressed: Execution;
  /** A run has begun or ended. */
  readonly runChanged: Execution;
  /** The provider says that an authorization has ended. */
  readonly accessLost: {
    readonly id: ConnectionId;
    readonly reason: DisconnectReason;
    /** What the system answered, without secrets. */
    readonly detail: string;
    /** Given when a run has found it. */
    readonly failure?: Failure | undefined;
  };
  readonly authorizationStep: AuthorizationStep;
  readonly testStep: { readonly testId: string; readonly step: TestStep };
  readonly bulkStep: { readonly bulkId: string; readonly results: readonly BulkResult[] };
  readonly reminderChosen: Connection;
}

type Listener<T> = (payload: T) => void;

/** Typed events. A listener that throws is logged and keeps neither the others nor the one who tells from going on. */
export class CoreEvents {
  readonly #listeners = new Map<keyof CoreEventMap, Set<Listener<never>>>();
  readonly #onError: (text: string, error: unknown) => void;

  constructor(onError: (text: string, error: unknown) => void) {
    this.#onError = onError;
  }

  /** Listeners are called in the order in which they subscribed. @returns what ends the subscription */
  on<N extends keyof CoreEventMap>(name: N, listener: Listener<CoreEventMap[N]>): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  emit<N extends keyof CoreEventMap>(name: N, payload: CoreEventMap[N]): void {
    for (const listener of this.#listeners.get(name) ?? []) {
      try {
        (listener as Listener<CoreEventMap[N]>)(payload);
      } catch (error) {
        this.#onError(`A listener of ${name} failed`, error);
      }
    }
  }
}
