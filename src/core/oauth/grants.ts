/**
 * Where grants rest: the vault, with the rule that nobody overwrites a grant that is newer than the one he started from.
 * Secret names of a connection: `accessToken`, `refreshToken`, `expiresAt`; keys under their field names.
 */
import { createHash } from 'node:crypto';
import { type Manifest, type OAuthCodeMethod, Secret } from '../../../connectors/kit/doors/authorization.ts';
import { AppError } from '../../shared/app-error.ts';
import type { Connection } from '../../shared/connection/connection.ts';
import type { ConnectionId, TenantId } from '../../shared/ids.ts';
import { CLIENT_SECRET_HOSTS, type SecretOwner, type Vault } from '../vault/contract.ts';
import { type LoginPlace, ownerOf, readOwners, refuseOtherOwner, VENDOR, writeOwners } from './secret-hosts.ts';

export const GRANT_NAMES = ['accessToken', 'refreshToken', 'expiresAt'] as const;
/** Stored instead of a value that is not there, so that one write replaces the whole grant. No token looks like it. */
const NONE = '-';

export interface Grant {
  readonly accessToken: Secret;
  readonly refreshToken: Secret | null;
  /** Milliseconds since the epoch; null where the server does not say. */
  readonly expiresAtMs: number | null;
}

interface AppKey {
  readonly tenantId: TenantId;
  readonly connectorId: string;
  readonly authMethodId: string;
}

/** How often the grant of a connection was written since the program started. */
export type GrantEdition = number;

export function connectionOwner(id: ConnectionId): SecretOwner {
  return { kind: 'connection', id };
}

export function oauthAppOwner(tenantId: TenantId, connectorId: string, methodId: string): SecretOwner {
  return { kind: 'oauthApp', id: `${tenantId}:${connectorId}:${methodId}` };
}

/** Tells two tokens apart without keeping either; the same token gives the same text. */
export function fingerprint(secret: Secret): string {
  return createHash('sha256').update(secret.reveal()).digest('base64url').slice(0, 22);
}

export class GrantStore {
  readonly #vault: Pick<Vault, 'get' | 'put' | 'has' | 'remove'>;
  readonly #editions = new Map<ConnectionId, GrantEdition>();
  readonly #writes = new Map<ConnectionId, Promise<unknown>>();

  constructor(vault: Pick<Vault, 'get' | 'put' | 'has' | 'remove'>) {
    this.#vault = vault;
  }

  edition(id: ConnectionId): GrantEdition {
    return this.#editions.get(id) ?? 0;
  }

  /** @throws AppError not_found | secret_unreadable | vault_locked | vault_unavailable */
  async read(id: ConnectionId): Promise<Grant> {
    const owner = connectionOwner(id);
    for (;;) {
      await this.#writes.get(id);
      const edition = this.edition(id);
      const accessToken = await this.#vault.get(owner, 'accessToken');
      const refreshToken = await this.#optional(owner, 'refreshToken');
      const expiresAt = await this.#optional(owner, 'expiresAt');
      // Half of the old and half of the new grant fit no lock: read again what was written meanwhile.
      if (edition !== this.edition(id) || this.#writes.has(id)) continue;
      const at = expiresAt === null ? Number.NaN : Date.parse(expiresAt.reveal());
      return { accessToken, refreshToken, expiresAtMs: Number.isNaN(at) ? null : at };
    }
  }

  /**
   * Stores a whole grant durably before it answers.
   * @param isWanted asked before and after: false = the connection or its authorization is gone, nothing may stay behind
   * @param since the edition the grant was made from; a newer one in the store wins
   * @returns false when the grant was dropped
   */
  async write(
    id: ConnectionId,
    grant: Grant,
    isWanted: () => boolean = () => true,
    since?: GrantEdition,
  ): Promise<boolean> {
    return this.#inTurn(id, async () => {
      if (!isWanted() || (since !== undefined && since !== this.edition(id))) return false;
      const owner = connectionOwner(id);
      this.#editions.set(id, this.edition(id) + 1);
      await this.#vault.put(owner, {
        accessToken: grant.accessToken,
        refreshToken: grant.refreshToken ?? new Secret(NONE),
        expiresAt: new Secret(grant.expiresAtMs === null ? NONE : new Date(grant.expiresAtMs).toISOString()),
      });
      if (isWanted()) return true;
      // Deleted or revoked while the vault wrote: what was written now belongs to nobody.
      this.#vault.remove(owner, GRANT_NAMES);
      return false;
    });
  }

  /** Stores a grant only where one still is. */
  async replace(id: ConnectionId, grant: Grant): Promise<boolean> {
    return this.write(id, grant, () => this.#vault.has(connectionOwner(id), 'accessToken'));
  }

  /** A key field of a connection; null when there is none. @throws AppError secret_unreadable | vault_locked | vault_unavailable */
  async key(id: ConnectionId, name: string): Promise<Secret | null> {
    return this.#optional(connectionOwner(id), name);
  }

  /**
   * The secret of a tenant's own OAuth app, for the log-in host of a connection; null when the app has none, or its way of log-in
   * takes none. `hasGrant`: the host has given the connection what is renewed or withdrawn with it.
   * @throws AppError invalid_input when the secret was entered for another host
   */
  async clientSecret(
    connection: Connection,
    manifest: Manifest,
    method: Pick<OAuthCodeMethod, 'id' | 'clientSecret'>,
    hasGrant: boolean,
  ): Promise<Secret | null> {
    const owner = oauthAppOwner(connection.tenantId, connection.connectorId, method.id);
    if (method.clientSecret === 'none') return null;
    const secret = await this.#optional(owner, 'clientSecret');
    if (secret === null) return null;
    const hosts = await this.#optional(owner, CLIENT_SECRET_HOSTS);
    refuseOtherOwner(manifest, connection, hosts === null ? null : readOwners(hosts.reveal()), hasGrant);
    return secret;
  }

  /**
   * Stores the secret of an OAuth app for the log-in host of a place, or for the vendor's own. The same secret as before stays good
   * for the hosts it was entered for before.
   */
  async putClientSecret(
    app: AppKey,
    manifest: Manifest,
    clientSecret: Secret,
    place: LoginPlace | null,
  ): Promise<void> {
    const owner = oauthAppOwner(app.tenantId, app.connectorId, app.authMethodId);
    const before = (await this.isClientSecret(app, clientSecret, false)) ? await this.#owners(owner) : [];
    const owners = [...before, place === null ? VENDOR : ownerOf(manifest, place)];
    await this.#vault.put(owner, { clientSecret, [CLIENT_SECRET_HOSTS]: new Secret(writeOwners(owners)) });
  }

  /** Whether an app's stored secret is this one. `whenNone`: what to answer where none is stored. */
  async isClientSecret(app: AppKey, clientSecret: Secret, whenNone: boolean): Promise<boolean> {
    const owner = oauthAppOwner(app.tenantId, app.connectorId, app.authMethodId);
    if (!this.#vault.has(owner, 'clientSecret')) return whenNone;
    try {
      return (await this.#vault.get(owner, 'clientSecret')).reveal() === clientSecret.reveal();
    } catch (error) {
      // One that cannot be read is replaced, and says nothing of the hosts it was for.
      if (error instanceof AppError && error.code === 'secret_unreadable') return false;
      throw error;
    }
  }

  async #owners(owner: SecretOwner): Promise<readonly string[]> {
    const hosts = await this.#optional(owner, CLIENT_SECRET_HOSTS);
    return hosts === null ? [VENDOR] : readOwners(hosts.reveal());
  }

  async #optional(owner: SecretOwner, name: string): Promise<Secret | null> {
    if (!this.#vault.has(owner, name)) return null;
    const secret = await this.#vault.get(owner, name);
    return secret.reveal() === NONE ? null : secret;
  }

  async #inTurn<T>(id: ConnectionId, work: () => Promise<T>): Promise<T> {
    const before = this.#writes.get(id) ?? Promise.resolve();
    const mine = before.then(work);
    // The next one waits for the end, however it ended; the caller gets the error itself.
    const settled = mine.then(
      () => undefined,
      () => undefined,
    );
    this.#writes.set(id, settled);
    try {
      return await mine;
    } finally {
      if (this.#writes.get(id) === settled) this.#writes.delete(id);
    }
  }
}
