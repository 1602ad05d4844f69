/** Follows what the vault can open: connections whose credential went or came back say so. */
import type { Connection } from '../../shared/connection/connection.ts';
import type { ConnectionStateKind } from '../../shared/connection/state.ts';
import type { ConnectionId } from '../../shared/ids.ts';
import type { VaultStatus } from '../../shared/vault.ts';

export interface CredentialWatchPorts {
  /** Those of all tenants in one kind of state. */
  readonly connections: (kind: ConnectionStateKind) => readonly Connection[];
  readonly secrets: (id: ConnectionId) => readonly { readonly isReadable: boolean }[];
  readonly markDisconnected: (id: ConnectionId, detail: string) => Promise<void>;
  readonly found: (ids: readonly ConnectionId[]) => void;
  readonly warn: (text: string, error: unknown) => void;
}

export class CredentialWatch {
  readonly #ports: CredentialWatchPorts;
  /** What is done about one status is finished before the next is looked at. */
  #turn: Promise<void> = Promise.resolve();

  constructor(ports: CredentialWatchPorts) {
    this.#ports = ports;
  }

  /** A locked vault says nothing: it opens again. An open one tells which secrets another key has sealed. */
  follow(status: VaultStatus): Promise<void> {
    if (status.state !== 'unlocked') return this.#turn;
    return this.#inTurn(async () => {
      const disconnected = this.#ports.connections('disconnected');
      this.#ports.found(disconnected.filter((one) => this.#isBack(one)).map(({ id }) => id));
      if (status.unreadable === 0) return;
      for (const { id } of this.#ports.connections('active'))
        if (this.#ports.secrets(id).some(({ isReadable }) => !isReadable))
          await this.#ports.markDisconnected(id, 'The credential was stored with another keyring or passphrase.');
    });
  }

  #isBack({ id, state }: Connection): boolean {
    if (state.kind !== 'disconnected' || state.reason !== 'credential_missing') return false;
    const secrets = this.#ports.secrets(id);
    return secrets.length > 0 && secrets.every(({ isReadable }) => isReadable);
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn
      .then(work)
      .catch((error: unknown) => this.#ports.warn('The connections could not follow the vault', error));
    return this.#turn;
  }
}
