import type { AccessProvider } from '../../../connectors/catalog.ts';
import type { Connection } from '../../shared/connection/connection.ts';

/** A grant or set of keys that works but is not stored yet. */
export interface PendingGrant {
  readonly access: AccessProvider;
  readonly scopes: readonly string[];
  readonly missingScopes: readonly string[];
  readonly learned: Readonly<Record<string, string>>;
  /** The connection with the form values that belong to keys (an access key id, an e-mail address); absent after a log-in. */
  readonly applied?: ((connection: Connection) => Connection) | undefined;
  /** Puts the secrets into the vault, durably, in place of the old ones. */
  commit(): Promise<void>;
  /** Withdraws a grant that is not going to be used. */
  discard(): Promise<void>;
}

export type LogIn = { kind: 'granted'; grant: PendingGrant } | { kind: 'cancelled' };
