/** A grant that a log-in has brought and that nobody has stored yet: it can be tried, kept or given back. */

import { type Access, type AccessProvider, ConnectorError } from '../../../connectors/kit/doors/authorization.ts';
import { AppError } from '../../shared/app-error.ts';
import type { Connection } from '../../shared/connection/connection.ts';
import type { OAuthClient } from './client.ts';
import { fingerprint, type Grant, type GrantStore } from './grants.ts';
import { revokeGrant } from './revoke.ts';
import { refreshTokens, type TokenAnswer } from './tokens.ts';

export interface PendingGrantPorts {
  readonly grants: GrantStore;
  readonly loadConnection: (id: Connection['id']) => Connection | null;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export class OAuthPendingGrant {
  /** For identify and check, before anything is stored. */
  readonly access: AccessProvider;
  readonly scopes: readonly string[];
  readonly missingScopes: readonly string[];
  /** Facts of the answer, host list checked. */
  readonly learned: Readonly<Record<string, string>>;
  readonly #client: OAuthClient;
  readonly #ports: PendingGrantPorts;
  #grant: Grant;
  #renewal: Promise<void> | null = null;

  constructor(client: OAuthClient, answer: TokenAnswer, ports: PendingGrantPorts) {
    this.#client = client;
    this.#ports = ports;
    this.scopes = answer.scopes;
    this.missingScopes = answer.missingScopes;
    this.learned = answer.learned;
    this.#grant = this.#received(answer, null);
    this.access = { current: async () => this.#toAccess(this.#grant), renew: (refused) => this.#renew(refused) };
  }

  /**
   * Stores the grant durably in place of the one before.
   * @throws AppError not_found when the connection was deleted meanwhile; whatever the vault throws
   */
  async commit(): Promise<void> {
    await this.#renewal;
    const { id } = this.#client.connection;
    const isStored = await this.#ports.grants.write(id, this.#grant, () => this.#ports.loadConnection(id) !== null);
    if (!isStored)
      throw new AppError('not_found', 'The connection was deleted while the log-in was under way. Nothing was stored.');
  }

  /** Gives the grant back to the provider. @throws ConnectorError when that did not work; the grant is forgotten here anyway */
  async discard(): Promise<void> {
    const outcome = await revokeGrant(this.#client, this.#grant);
    if (outcome.kind === 'pending' || outcome.kind === 'failed') throw outcome.error;
  }

  #received(answer: TokenAnswer, before: Grant | null): Grant {
    const accessToken = answer.accessToken ?? before?.accessToken;
    if (accessToken === undefined) throw answer.flaw;
    return {
      accessToken,
      refreshToken: answer.refreshToken ?? before?.refreshToken ?? null,
      expiresAtMs: answer.expiresInSeconds === null ? null : this.#ports.now() + answer.expiresInSeconds * 1000,
    };
  }

  #toAccess(grant: Grant): Access {
    const { learned } = this.#client.connection;
    return {
      credentials: { accessToken: grant.accessToken },
      expiresAtMs: grant.expiresAtMs,
      learned: { ...learned, ...this.learned },
    };
  }

  async #renew(refused: Access): Promise<Access> {
    const token = refused.credentials.accessToken;
    if (token !== undefined && fingerprint(token) === fingerprint(this.#grant.accessToken)) {
      this.#renewal ??= this.#refresh().finally(() => {
        this.#renewal = null;
      });
      await this.#renewal;
    }
    return this.#toAccess(this.#grant);
  }

  async #refresh(): Promise<void> {
    const { refreshToken } = this.#grant;
    const { name } = this.#client.manifest;
    if (refreshToken === null)
      throw new ConnectorError('reauthorize_expired', `${name} does not accept the authorization it has just given.`);
    const answer = await refreshTokens(this.#client, refreshToken);
    this.#grant = this.#received(answer, this.#grant);
    if (answer.flaw !== null) throw answer.flaw;
  }
}
