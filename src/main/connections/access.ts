/**
 * Hands out the right to call a system and renews it: one refresh per connection at a time, the new pair stored durably
 * before anybody uses it, a refusal that is final asked once.
 */
import { AppError } from '../../shared/app-error.ts';
import type { Connection } from '../../shared/connection/connection.ts';
import type { DisconnectReason } from '../../shared/connection/reasons.ts';
import type { ConnectionId, TenantId } from '../../shared/ids.ts';
import { RefreshBackoff } from '../oauth/backoff.ts';
import { isSameClient, type OAuthClient, oauthClient } from '../oauth/client.ts';
import type { Moment } from '../oauth/flow.ts';
import { Freshness } from '../oauth/freshness.ts';
import { fingerprint, type Grant, type GrantStore } from '../oauth/grants.ts';
import { keyCredentials } from '../oauth/keys.ts';
import {
  type Access,
  type AccessProvider,
  type AuthMethod,
  type Connector,
  ConnectorError,
  type OAuthCodeMethod,
  type Transport,
} from '../oauth/kit.ts';
import { disconnectReason, isTransient } from '../oauth/refusal.ts';
import { revokeGrant } from '../oauth/revoke.ts';
import { refreshTokens, type TokenAnswer } from '../oauth/tokens.ts';

const MAX_ATTEMPTS = 3;
/** Pauses longer than this are left to the caller, who gets `retryAfterMs`. */
const LONGEST_WAIT_MS = 15_000;
/** What must be left of an access token's life to begin a request with it. */
const USABLE_MS = 5000;

export interface AccessPorts {
  readonly grants: GrantStore;
  /** The connection as stored now; null when it is gone. */
  readonly loadConnection: (id: ConnectionId) => Connection | null;
  readonly loadOAuthApp: (
    tenantId: TenantId,
    connectorId: string,
    methodId: string,
  ) => { readonly clientId: string } | null;
  readonly connectorById: (id: string) => Connector | undefined;
  readonly transport: Transport;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly monotonic: () => number;
  /** 0 to 1. */
  readonly random: () => number;
  readonly wait: (ms: number) => Promise<void>;
  /** Told once per lost grant. */
  readonly onLost: (id: ConnectionId, reason: DisconnectReason, detail: string) => void;
  /** Facts that a refresh changed, host list checked. */
  readonly onLearned: (id: ConnectionId, learned: Readonly<Record<string, string>>) => void;
  /** A line for the log, without a secret. */
  readonly log: (line: string) => void;
}

/** An access that can be told from the next one without comparing secrets, also across a process boundary. */
export interface StampedAccess extends Access {
  readonly fingerprint: string;
}

interface Target {
  readonly connection: Connection;
  readonly connector: Connector;
  readonly method: AuthMethod;
}

/** A pair that was received and could not be stored: the old one may be dead, so this one is stored at the next occasion. */
interface Unsaved {
  readonly before: Grant;
  readonly answer: TokenAnswer;
}

interface Lost {
  readonly refreshToken: string;
  readonly error: ConnectorError;
}

export class AccessService {
  readonly #ports: AccessPorts;
  readonly #flights = new Map<ConnectionId, Promise<StampedAccess>>();
  readonly #lost = new Map<ConnectionId, Lost>();
  readonly #unsaved = new Map<ConnectionId, Unsaved>();
  readonly #freshness = new Freshness();
  readonly #backoff: RefreshBackoff;

  constructor(ports: AccessPorts) {
    this.#ports = ports;
    this.#backoff = new RefreshBackoff(ports.random);
  }

  /**
   * The access to use now; refreshed first when it is about to expire.
   * @throws ConnectorError credential_missing, reauthorize_* when it is lost, or a passing failure with `retryAfterMs`
   */
  async current(id: ConnectionId): Promise<StampedAccess> {
    const target = this.#target(id);
    if (target.method.kind === 'key') return this.#keyAccess(target);
    const grant = await this.#read(id);
    if (grant.refreshToken === null || this.#freshness.isFresh(id, grant, this.#at()))
      return this.#stamp(target.connection, grant);
    try {
      return await this.#refreshOnce(id, fingerprint(grant.accessToken));
    } catch (error) {
      // It was renewed ahead of time: while the server cannot, the old one still serves.
      const isUsable = this.#freshness.remainingMs(id, grant, this.#at()) > USABLE_MS;
      if (isUsable && error instanceof ConnectorError && isTransient(error))
        return this.#stamp(target.connection, grant);
      throw error;
    }
  }

  /**
   * Another access than the one that the system refused.
   * @throws ConnectorError when there is none
   */
  async renew(id: ConnectionId, refused: string): Promise<StampedAccess> {
    const target = this.#target(id);
    if (target.method.kind === 'key') {
      const access = await this.#keyAccess(target);
      if (access.fingerprint !== refused) return access;
      throw new ConnectorError(
        'reauthorize_password',
        `${target.connector.manifest.name} no longer accepts the key of “${target.connection.name}”.`,
      );
    }
    const grant = await this.#read(id);
    if (fingerprint(grant.accessToken) !== refused) return this.#stamp(target.connection, grant);
    if (grant.refreshToken === null) {
      throw new ConnectorError(
        'reauthorize_expired',
        `${target.connector.manifest.name} no longer accepts the authorization of “${target.connection.name}”, and gave none to renew it with.`,
      );
    }
    const renewed = await this.#refreshOnce(id, refused);
    // The flight may have been the one that had brought the refused access.
    return renewed.fingerprint === refused ? this.#refreshOnce(id, refused) : renewed;
  }

  /** The same as an {@link AccessProvider} for the connector kit. */
  provider(id: ConnectionId): AccessProvider {
    return { current: () => this.current(id), renew: (refused) => this.renew(id, fingerprintOf(refused)) };
  }

  /** Everything remembered of a connection that is gone. */
  forget(id: ConnectionId): void {
    this.#lost.delete(id);
    this.#unsaved.delete(id);
    this.#freshness.forget(id);
    this.#backoff.succeeded(id);
  }

  #at(): Moment {
    return { wallMs: this.#ports.now(), monotonicMs: this.#ports.monotonic() };
  }

  #target(id: ConnectionId): Target {
    const connection = this.#ports.loadConnection(id);
    if (connection === null) throw new ConnectorError('cancelled', 'The connection was deleted.');
    if (connection.state.kind === 'revoked')
      throw new ConnectorError('reauthorize_expired', `The authorization of “${connection.name}” was revoked here.`);
    const connector = this.#ports.connectorById(connection.connectorId);
    const method = connector?.manifest.auth.find((one) => one.id === connection.authMethodId);
    if (connector === undefined || method === undefined)
      throw new ConnectorError('internal', `This version has no way to authorize “${connection.name}”.`);
    return { connection, connector, method };
  }

  #stamp(connection: Connection, grant: Grant, learned: Readonly<Record<string, string>> = {}): StampedAccess {
    return {
      credentials: { accessToken: grant.accessToken },
      expiresAtMs: grant.expiresAtMs,
      learned: { ...connection.learned, ...learned },
      fingerprint: fingerprint(grant.accessToken),
    };
  }

  async #keyAccess({ connection, connector, method }: Target): Promise<StampedAccess> {
    if (method.kind !== 'key') throw new ConnectorError('internal', 'This connection has no key.');
    const credentials = await this.#fromVault(connection.id, () =>
      keyCredentials(this.#ports.grants, connection, connector.manifest, method),
    );
    const access: Access = { credentials, expiresAtMs: null, learned: connection.learned };
    return { ...access, fingerprint: fingerprintOf(access) };
  }

  #read(id: ConnectionId): Promise<Grant> {
    return this.#fromVault(id, () => this.#ports.grants.read(id));
  }

  /** A missing or unreadable secret disconnects; a locked vault does not: it opens again. */
  async #fromVault<T>(id: ConnectionId, read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const missing = new ConnectorError(
        'credential_missing',
        error.code === 'not_found' ? 'The credential of this connection is not stored on this machine.' : error.message,
        { cause: error },
      );
      const isGone = this.#ports.loadConnection(id) === null;
      if (!isGone && (error.code === 'not_found' || error.code === 'secret_unreadable'))
        this.#ports.onLost(id, 'credential_missing', missing.message);
      throw missing;
    }
  }

  #refreshOnce(id: ConnectionId, stale: string): Promise<StampedAccess> {
    const running = this.#flights.get(id);
    if (running !== undefined) return running;
    const flight = this.#refresh(id, stale).finally(() => this.#flights.delete(id));
    this.#flights.set(id, flight);
    return flight;
  }

  async #refresh(id: ConnectionId, stale: string): Promise<StampedAccess> {
    const { connection, connector, method } = this.#target(id);
    if (method.kind !== 'oauth-code')
      throw new ConnectorError('internal', 'This connection has no authorization to renew.');
    const edition = this.#ports.grants.edition(id);
    const grant = await this.#read(id);
    // Somebody stored another one while this call waited for its turn.
    if (fingerprint(grant.accessToken) !== stale || grant.refreshToken === null) return this.#stamp(connection, grant);
    const refreshToken = grant.refreshToken;
    const lost = this.#lost.get(id);
    if (lost?.refreshToken === fingerprint(refreshToken)) throw lost.error;
    const client = await this.#client(connection, connector, method);
    try {
      const unsaved = this.#unsaved.get(id);
      const isWaiting = unsaved !== undefined && isSameToken(unsaved.before.refreshToken, refreshToken);
      const answer = isWaiting ? unsaved.answer : await this.#ask(id, client, refreshToken, edition);
      return await this.#keep(client, grant, answer, edition);
    } catch (error) {
      return this.#afterFailure(id, client, grant, error);
    }
  }

  async #client(connection: Connection, { manifest }: Connector, method: OAuthCodeMethod): Promise<OAuthClient> {
    const { grants, loadOAuthApp, transport } = this.#ports;
    const app = loadOAuthApp(connection.tenantId, connection.connectorId, method.id);
    if (app === null)
      throw new ConnectorError(
        'credential_missing',
        `The OAuth app for ${manifest.name} is gone. Enter its client id in Settings, OAuth apps.`,
      );
    const clientSecret = await this.#fromVault(connection.id, () =>
      grants.clientSecret(connection.tenantId, connection.connectorId, method.id),
    );
    if (method.clientSecret === 'required' && clientSecret === null) {
      throw new ConnectorError(
        'credential_missing',
        `The client secret of the OAuth app for ${manifest.name} is not stored on this machine. Enter it in Settings, OAuth apps.`,
      );
    }
    return oauthClient({ connection, manifest, method, clientId: app.clientId, clientSecret, transport });
  }

  /** Sends the refresh, again after a passing failure, never during a pause that an earlier failure asked for. */
  async #ask(
    id: ConnectionId,
    client: OAuthClient,
    refreshToken: Grant['accessToken'],
    edition: number,
  ): Promise<TokenAnswer> {
    const { manifest } = client;
    for (let attempt = 1; ; attempt += 1) {
      const pauseMs = this.#backoff.remainingMs(id, this.#ports.monotonic());
      if (pauseMs > LONGEST_WAIT_MS || (pauseMs > 0 && attempt > MAX_ATTEMPTS)) {
        throw new ConnectorError(
          'server_error',
          `${manifest.name} has failed to renew the authorization; it is asked again in ${Math.ceil(pauseMs / 1000)} seconds.`,
          { retryAfterMs: Math.ceil(pauseMs) },
        );
      }
      if (pauseMs > 0) await this.#ports.wait(pauseMs);
      if (!this.#isWanted(client) || edition !== this.#ports.grants.edition(id)) throw superseded();
      try {
        const answer = await refreshTokens(client, refreshToken);
        this.#backoff.succeeded(id);
        return answer;
      } catch (error) {
        if (!(error instanceof ConnectorError) || !isTransient(error)) throw error;
        const nextMs = this.#backoff.failed(id, this.#ports.monotonic(), error.retryAfterMs);
        if (attempt >= MAX_ATTEMPTS) throw withRetryAfter(error, nextMs);
      }
    }
  }

  /** Stores the new pair before anybody sees it. */
  async #keep(client: OAuthClient, before: Grant, answer: TokenAnswer, edition: number): Promise<StampedAccess> {
    const { connection } = client;
    const at = this.#at();
    const grant: Grant = {
      accessToken: answer.accessToken,
      refreshToken: answer.refreshToken ?? before.refreshToken,
      expiresAtMs: answer.expiresInSeconds === null ? null : at.wallMs + answer.expiresInSeconds * 1000,
    };
    this.#unsaved.set(connection.id, { before, answer });
    const isStored = await this.#ports.grants.write(connection.id, grant, () => this.#isWanted(client), edition);
    this.#unsaved.delete(connection.id);
    if (!isStored) {
      await this.#withdrawOrphan(client, grant);
      throw superseded();
    }
    this.#lost.delete(connection.id);
    this.#freshness.received(connection.id, grant, answer.expiresInSeconds, at);
    if (answer.refusedFact !== null) throw answer.refusedFact;
    const hasNews = Object.entries(answer.learned).some(([name, value]) => connection.learned[name] !== value);
    if (hasNews) this.#ports.onLearned(connection.id, answer.learned);
    return this.#stamp(connection, grant, answer.learned);
  }

  /** Whether the connection still is what the refresh was begun for. */
  #isWanted(client: OAuthClient): boolean {
    const now = this.#ports.loadConnection(client.connection.id);
    if (now === null || now.state.kind === 'revoked' || now.authMethodId !== client.method.id) return false;
    const app = this.#ports.loadOAuthApp(now.tenantId, now.connectorId, now.authMethodId);
    if (app === null) return false;
    const { manifest, method, clientSecret, transport } = client;
    return isSameClient(
      client,
      oauthClient({ connection: now, manifest, method, clientId: app.clientId, clientSecret, transport }),
    );
  }

  /** A pair that came too late for a deleted or revoked connection must not live on at the provider. */
  async #withdrawOrphan(client: OAuthClient, grant: Grant): Promise<void> {
    const now = this.#ports.loadConnection(client.connection.id);
    if (now !== null && now.state.kind !== 'revoked') return;
    const outcome = await revokeGrant(client, grant);
    // A revocation that waits for the network needs the newest pair, not the one it has replaced.
    if (outcome.kind === 'pending' && now !== null) await this.#ports.grants.replace(now.id, grant);
    const result =
      outcome.kind === 'pending' || outcome.kind === 'failed'
        ? `${outcome.kind}: ${outcome.error.message}`
        : outcome.kind;
    this.#ports.log(
      `A renewed authorization arrived after connection ${client.connection.id} had ended; its revocation: ${result}`,
    );
  }

  #afterFailure(id: ConnectionId, client: OAuthClient, grant: Grant, error: unknown): StampedAccess {
    if (!(error instanceof ConnectorError)) throw error;
    const reason = disconnectReason(error.failureClass);
    if (reason !== null && grant.refreshToken !== null) {
      this.#lost.set(id, { refreshToken: fingerprint(grant.refreshToken), error });
      if (this.#isWanted(client)) this.#ports.onLost(id, reason, error.message);
    }
    throw error;
  }
}

function isSameToken(a: Grant['refreshToken'], b: Grant['refreshToken']): boolean {
  return a !== null && b !== null && fingerprint(a) === fingerprint(b);
}

function superseded(): ConnectorError {
  return new ConnectorError(
    'cancelled',
    'The connection was changed, revoked or deleted while its authorization was renewed.',
  );
}

function withRetryAfter(error: ConnectorError, retryAfterMs: number): ConnectorError {
  const { failureClass, message, status, vendorCode } = error;
  return new ConnectorError(failureClass, message, { status, vendorCode, retryAfterMs: Math.ceil(retryAfterMs) });
}

/** Names an access by its values, in a fixed order. */
export function fingerprintOf(access: Access): string {
  const { accessToken } = access.credentials;
  if (accessToken !== undefined) return fingerprint(accessToken);
  const names = Object.keys(access.credentials).sort();
  return names
    .map((name) => `${name}=${fingerprint(access.credentials[name] as NonNullable<Access['credentials'][string]>)}`)
    .join(';');
}
