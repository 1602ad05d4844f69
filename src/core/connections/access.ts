/** Hands out the right to call a system, at the moment of use, and another one when the system has refused it. */

import {
  type Access,
  type AccessProvider,
  type AuthMethod,
  type Connector,
  ConnectorError,
  NEW_ACCESS_MS,
  type OAuthCodeMethod,
  type Secret,
} from '../../../connectors/kit/doors/authorization.ts';
import { AppError } from '../../shared/app-error.ts';
import type { Connection } from '../../shared/connection/connection.ts';
import type { ConnectionId } from '../../shared/ids.ts';
import { type OAuthClient, oauthClient } from '../oauth/client.ts';
import type { Moment } from '../oauth/flow.ts';
import { Freshness } from '../oauth/freshness.ts';
import { fingerprint, type Grant } from '../oauth/grants.ts';
import { keyCredentials } from '../oauth/keys.ts';
import { GrantRefresher, type RefresherPorts } from '../oauth/refresher.ts';
import { isTransient } from '../oauth/refusal.ts';
import { TokenIssuer } from '../oauth/token-issuer.ts';
import { accessFromKeys } from './form-access.ts';

/** What must be left of an access token's life to begin a request with it. */
const USABLE_MS = 5000;

export interface AccessPorts extends RefresherPorts {
  readonly connectorById: (id: string) => Connector | undefined;
}

/** An access that can be told from the next one without comparing secrets, also across a process boundary. */
export interface StampedAccess extends Access {
  readonly fingerprint: string;
  /** Milliseconds since it was asked for at the token endpoint; null = not by this process. */
  readonly ageMs: () => number | null;
}

interface Target {
  readonly connection: Connection;
  readonly connector: Connector;
  readonly method: AuthMethod;
}

export class AccessService {
  readonly #ports: AccessPorts;
  readonly #freshness = new Freshness();
  readonly #refresher: GrantRefresher;
  /** The same object as long as the access is the same: what became of it is remembered by it. */
  readonly #stamps = new Map<ConnectionId, StampedAccess>();
  /** Facts that came with the grant in use; they hold whether or not they could be stored. */
  readonly #news = new Map<ConnectionId, { readonly fingerprint: string; readonly learned: Access['learned'] }>();

  readonly #issuers = new Map<ConnectionId, { readonly name: string; readonly issuer: TokenIssuer }>();

  constructor(ports: AccessPorts) {
    this.#ports = ports;
    this.#refresher = new GrantRefresher(ports, this.#freshness);
  }

  /**
   * The access to use now; refreshed first when it is about to expire.
   * @throws ConnectorError credential_missing, reauthorize_* when it is lost, or a passing failure with `retryAfterMs`
   * @throws AppError when a new one could not be stored
   */
  async current(id: ConnectionId): Promise<StampedAccess> {
    const { connection, connector, method } = this.#target(id);
    if (method.kind === 'key') return this.#keyAccess(id);
    if (method.kind === 'token') return (await this.#tokens(id)).current();
    const grant = await this.#read(id);
    const at = this.#at();
    if (grant.refreshToken === null || this.#freshness.isFresh(id, grant, at)) return this.#stamp(connection, grant);
    try {
      return await this.#refresh(connection, connector, method, fingerprint(grant.accessToken));
    } catch (error) {
      // It was renewed ahead of time: while the server cannot, the old one still serves.
      const isUsable = this.#freshness.remainingMs(id, grant, at) > USABLE_MS;
      if (isUsable && error instanceof ConnectorError && isTransient(error)) return this.#stamp(connection, grant);
      throw error;
    }
  }

  /**
   * Another access than the one that the system refused.
   * @param refused its fingerprint @throws as {@link current}, also when there is none
   */
  async renew(id: ConnectionId, refused: string): Promise<StampedAccess> {
    const { connection, connector, method } = this.#target(id);
    const { name } = connector.manifest;
    if (method.kind === 'key') {
      const access = await this.#keyAccess(id);
      if (access.fingerprint !== refused) return access;
      throw new ConnectorError('reauthorize_password', `${name} no longer accepts the key of “${connection.name}”.`);
    }
    if (method.kind === 'token') return (await this.#tokens(id)).renew(refused);
    const grant = await this.#read(id);
    // Renewed since, for another caller; by now that one may have expired as well.
    if (fingerprint(grant.accessToken) !== refused) return this.current(id);
    if (grant.refreshToken === null) {
      throw new ConnectorError(
        'reauthorize_expired',
        `${name} no longer accepts the authorization of “${connection.name}”, and gave nothing to renew it with.`,
      );
    }
    const renewed = await this.#refresh(connection, connector, method, refused);
    // The flight that was joined may have been the one that had brought the refused access.
    return renewed.fingerprint === refused ? this.#refresh(connection, connector, method, refused) : renewed;
  }

  /** The same as an {@link AccessProvider} for the connector kit. */
  provider(id: ConnectionId): AccessProvider {
    return { current: () => this.current(id), renew: (refused) => this.renew(id, fingerprintOf(refused)) };
  }

  /** Access by credentials that are not stored yet, for a trial. Keys are what they are; a token method is asked for an access. */
  fromCredentials(connection: Connection, secrets: Readonly<Record<string, Secret>>): AccessProvider {
    const { connector, method } = this.#targetOf(connection);
    if (method.kind !== 'token') return accessFromKeys(secrets, connection.learned);
    const { transport, now, monotonic } = this.#ports;
    const credentials = async () => secrets;
    const issuer = new TokenIssuer({ connection, connector, method, credentials, transport, now, monotonic });
    return { current: () => issuer.current(), renew: (refused) => issuer.renew(fingerprintOf(refused)) };
  }

  /** Drops everything remembered of a connection that is gone. */
  forget(id: ConnectionId): void {
    this.#freshness.forget(id);
    this.#refresher.forget(id);
    this.#stamps.delete(id);
    this.#news.delete(id);
    this.#issuers.delete(id);
  }

  #at(): Moment {
    return { wallMs: this.#ports.now(), monotonicMs: this.#ports.monotonic() };
  }

  #target(id: ConnectionId): Target {
    const connection = this.#ports.loadConnection(id);
    if (connection === null) throw new ConnectorError('cancelled', 'The connection was deleted.');
    if (connection.state.kind === 'revoked') {
      throw new ConnectorError('reauthorize_expired', `The authorization of “${connection.name}” was revoked here.`);
    }
    return this.#targetOf(connection);
  }

  #targetOf(connection: Connection): Target {
    const connector = this.#ports.connectorById(connection.connectorId);
    const method = connector?.manifest.auth.find((one) => one.id === connection.authMethodId);
    if (connector === undefined || method === undefined) {
      throw new ConnectorError('internal', `This version has no way to authorize “${connection.name}”.`);
    }
    return { connection, connector, method };
  }

  async #refresh(
    connection: Connection,
    connector: Connector,
    method: OAuthCodeMethod,
    stale: string,
  ): Promise<StampedAccess> {
    const { id } = connection;
    const { grant, learned } = await this.#refresher.refresh(id, stale, {
      read: () => this.#read(id),
      client: () => this.#client(connection, connector, method),
    });
    if (Object.keys(learned).length > 0) this.#news.set(id, { fingerprint: fingerprint(grant.accessToken), learned });
    return this.#stamp(connection, grant);
  }

  /** The issuer of a connection: the same one as long as its credentials and addresses are the same. */
  async #tokens(id: ConnectionId): Promise<TokenIssuer> {
    const { connection, connector, method } = this.#target(id);
    if (method.kind !== 'token') throw new ConnectorError('internal', 'This connection has no token endpoint.');
    const { grants, transport, now, monotonic } = this.#ports;
    const secrets = await this.#fromVault(id, () => keyCredentials(grants, connection, connector.manifest, method));
    const { fields, overrides } = connection;
    const name = JSON.stringify([method.id, fields, overrides, fingerprintOf({ credentials: secrets })]);
    const before = this.#issuers.get(id);
    if (before?.name === name) return before.issuer;
    const credentials = async () => secrets;
    const onLearned = (learned: Access['learned']): void => {
      const hasNews = Object.entries(learned).some(([fact, value]) => connection.learned[fact] !== value);
      if (hasNews) this.#ports.onLearned(id, learned);
    };
    const issuer = new TokenIssuer({
      connection,
      connector,
      method,
      credentials,
      transport,
      now,
      monotonic,
      onLearned,
    });
    this.#issuers.set(id, { name, issuer });
    return issuer;
  }

  async #keyAccess(id: ConnectionId): Promise<StampedAccess> {
    const { connection, connector, method } = this.#target(id);
    if (method.kind !== 'key') throw new ConnectorError('internal', 'This connection has no key.');
    const { grants } = this.#ports;
    const credentials = await this.#fromVault(id, () => keyCredentials(grants, connection, connector.manifest, method));
    const access: Access = { credentials, expiresAtMs: null, learned: connection.learned };
    return { ...access, fingerprint: fingerprintOf(access), ageMs: () => null };
  }

  #stamp(connection: Connection, grant: Grant): StampedAccess {
    const { id } = connection;
    const { expiresAtMs } = grant;
    const name = fingerprint(grant.accessToken);
    const news = this.#news.get(id);
    const learned = { ...connection.learned, ...(news?.fingerprint === name ? news.learned : {}) };
    const ageMs = (): number | null => this.#freshness.ageMs(id, grant, this.#at());
    const isNew = (): boolean => (ageMs() ?? Number.POSITIVE_INFINITY) < NEW_ACCESS_MS;
    const credentials = { accessToken: grant.accessToken };
    const stamp = { credentials, expiresAtMs, learned, fingerprint: name, ageMs, isNew };
    const before = this.#stamps.get(id);
    if (before !== undefined && isSame(before, stamp)) return before;
    this.#stamps.set(id, stamp);
    return stamp;
  }

  #read(id: ConnectionId): Promise<Grant> {
    return this.#fromVault(id, () => this.#ports.grants.read(id));
  }

  async #client(connection: Connection, { manifest }: Connector, method: OAuthCodeMethod): Promise<OAuthClient> {
    const { grants, loadOAuthApp, transport } = this.#ports;
    const { tenantId, connectorId } = connection;
    const app = loadOAuthApp(tenantId, connectorId, method.id);
    if (app === null) throw appMissing(`The OAuth app for ${manifest.name} is gone. Enter its client id`);
    const clientSecret = await this.#fromVault(connection.id, () =>
      grants.clientSecret(connection, manifest, method, true),
    );
    if (method.clientSecret === 'required' && clientSecret === null) {
      throw appMissing(`The client secret of the OAuth app for ${manifest.name} is not on this machine. Enter it`);
    }
    return oauthClient({ connection, manifest, method, clientId: app.clientId, clientSecret, transport });
  }

  /** A missing or unreadable secret disconnects; a locked vault does not: it opens again. */
  async #fromVault<T>(id: ConnectionId, read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      // A secret that belongs to another host is there, and nothing is wrong with the authorization.
      const failureClass = error.code === 'invalid_input' ? 'host_refused' : 'credential_missing';
      const missing = new ConnectorError(failureClass, error.message, { cause: error });
      const isForGood = error.code === 'not_found' || error.code === 'secret_unreadable';
      const isGone = this.#ports.loadConnection(id) === null;
      if (isForGood && !isGone) this.#ports.onLost(id, 'credential_missing', missing.message);
      throw missing;
    }
  }
}

function appMissing(what: string): ConnectorError {
  return new ConnectorError('credential_missing', `${what} in Settings, OAuth apps.`);
}

function isSame(one: StampedAccess, other: StampedAccess): boolean {
  return (
    one.fingerprint === other.fingerprint &&
    one.expiresAtMs === other.expiresAtMs &&
    JSON.stringify(one.learned) === JSON.stringify(other.learned)
  );
}

/** Names an access by its values, in a fixed order. */
export function fingerprintOf({ credentials }: Pick<Access, 'credentials'>): string {
  const { accessToken } = credentials;
  if (accessToken !== undefined) return fingerprint(accessToken);
  const named = Object.entries(credentials) as [string, Secret][];
  return named
    .map(([name, secret]) => `${name}=${fingerprint(secret)}`)
    .sort()
    .join(';');
}
