/**
 * Grants that are to be revoked although their connection has gone on: re-authorized while a revocation was waiting, edited
 * to another host, or removed. Each has a place of its own in the vault and remembers the hosts it belongs to.
 */
import { z } from 'zod';
import { AppError } from '../../shared/app-error.ts';
import { type Connection, connectionSchema } from '../../shared/connection/connection.ts';
import type { RemoteRevocation } from '../../shared/connection/state.ts';
import type { ConnectionId } from '../../shared/ids.ts';
import type { Grant, GrantStore } from './grants.ts';

const KEY = 'revocations.aside';
const deferredSchema = z.array(z.strictObject({ connection: connectionSchema, of: z.string() }));
type DeferredRevocation = z.infer<typeof deferredSchema>[number];

export interface DeferredRevocationPorts {
  readonly grants: Pick<GrantStore, 'read' | 'write'>;
  readonly settings: {
    get<T>(key: string, schema: z.ZodType<T>): T | null;
    set(key: string, value: unknown): void;
  };
  readonly removeSecrets: (id: ConnectionId) => void;
  readonly revokeRemotely: (connection: Connection) => Promise<RemoteRevocation>;
  /** The provider has been told, or will not be: for the Update activity of the connection it was of. */
  readonly onEnded: (connection: Connection, remote: RemoteRevocation) => void;
  readonly newId: () => string;
}

export class DeferredRevocations {
  readonly #ports: DeferredRevocationPorts;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(ports: DeferredRevocationPorts) {
    this.#ports = ports;
  }

  /** Does nothing where there is no grant. @throws AppError when it could be neither read nor kept */
  async keep(connection: Connection): Promise<void> {
    const grant = await this.#read(connection.id);
    if (grant === null) return;
    const id = this.#ports.newId() as ConnectionId;
    // Listed before it is stored: a kill between the two leaves an entry without a grant, never a grant without an entry.
    this.#save([...this.#list(), { connection: { ...connection, id }, of: connection.id }]);
    await this.#ports.grants.write(id, grant);
  }

  get isEmpty(): boolean {
    return this.#list().length === 0;
  }

  /** Asks the providers once more, one after the other. */
  retry(): Promise<void> {
    const next = this.#turn.then(() => this.#retryAll());
    this.#turn = next.catch(() => undefined);
    return next;
  }

  async #retryAll(): Promise<void> {
    for (const deferred of this.#list()) {
      const remote = await this.#ports.revokeRemotely(deferred.connection);
      if (remote === 'pending') continue;
      this.#ports.removeSecrets(deferred.connection.id);
      this.#save(this.#list().filter(({ connection }) => connection.id !== deferred.connection.id));
      this.#ports.onEnded({ ...deferred.connection, id: deferred.of as ConnectionId }, remote);
    }
  }

  async #read(id: ConnectionId): Promise<Grant | null> {
    try {
      return await this.#ports.grants.read(id);
    } catch (error) {
      if (error instanceof AppError && error.code === 'not_found') return null;
      throw error;
    }
  }

  #list(): DeferredRevocation[] {
    return this.#ports.settings.get(KEY, deferredSchema) ?? [];
  }

  #save(list: readonly DeferredRevocation[]): void {
    this.#ports.settings.set(KEY, list);
  }
}
