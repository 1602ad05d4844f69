/**
 * Renews grants: one refresh per connection at a time, the new pair stored durably before anybody sees it, a final refusal
 * asked once, a failing server asked ever more rarely.
 */

import { ConnectorError, type Secret, type Transport } from '../../../connectors/kit/doors/authorization.ts';
import type { Connection } from '../../shared/connection/connection.ts';
import type { DisconnectReason } from '../../shared/connection/reasons.ts';
import { reasonOf } from '../../shared/failure/rules.ts';
import type { ConnectionId, TenantId } from '../../shared/ids.ts';
import { RefreshBackoff } from './backoff.ts';
import { isSameClient, type OAuthClient, oauthClient } from './client.ts';
import type { Moment } from './flow.ts';
import type { Freshness } from './freshness.ts';
import { fingerprint, type Grant, type GrantEdition, type GrantStore } from './grants.ts';
import { isTransient } from './refusal.ts';
import { revokeGrant } from './revoke.ts';
import { refreshTokens, type TokenAnswer } from './tokens.ts';

const MAX_ATTEMPTS = 3;
/** Pauses longer than this are left to the caller, who gets `retryAfterMs`. */
const LONGEST_WAIT_MS = 15_000;
/** A system that named an address which may not be used is not asked for another one before, milliseconds. */
const FLAW_REST_MS = 30_000;

export interface RefresherPorts {
  readonly grants: GrantStore;
  /** The connection as stored now; null when it is gone. */
  readonly loadConnection: (id: ConnectionId) => Connection | null;
  readonly loadOAuthApp: (
    tenantId: TenantId,
    connectorId: string,
    methodId: string,
  ) => { readonly clientId: string } | null;
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

/** What a refresh begins with. */
export interface RefreshTarget {
  /** Reads the stored grant; throws what the caller wants thrown when it cannot be read. */
  readonly read: () => Promise<Grant>;
  readonly client: () => Promise<OAuthClient>;
}

export interface Renewed {
  readonly grant: Grant;
  readonly learned: Readonly<Record<string, string>>;
}

/** A pair that was received and could not be stored: the old one may be dead, so this one is stored at the next occasion. */
interface Unsaved {
  readonly replaces: string;
  readonly received: Received;
}

interface Received {
  readonly answer: TokenAnswer;
  /** By the monotonic clock, milliseconds. */
  readonly askedAt: number;
}

/** An access token that works only in part, and why; asked for again after a while. */
interface Flawed {
  readonly accessToken: string;
  readonly error: ConnectorError;
  readonly untilMonotonicMs: number;
}

interface Lost {
  readonly refreshToken: string;
  readonly error: ConnectorError;
}

export class GrantRefresher {
  readonly #ports: RefresherPorts;
  readonly #freshness: Freshness;
  readonly #backoff: RefreshBackoff;
  readonly #flights = new Map<ConnectionId, Promise<Renewed>>();
  readonly #lost = new Map<ConnectionId, Lost>();
  readonly #unsaved = new Map<ConnectionId, Unsaved>();
  readonly #flawed = new Map<ConnectionId, Flawed>();

  constructor(ports: RefresherPorts, freshness: Freshness) {
    this.#ports = ports;
    this.#freshness = freshness;
    this.#backoff = new RefreshBackoff(ports.random);
  }

  /**
   * @param stale fingerprint of the access token to be replaced; when another one is stored already, that one is given
   * @throws ConnectorError, the same one to all who wait
   */
  refresh(id: ConnectionId, stale: string, target: RefreshTarget): Promise<Renewed> {
    const running = this.#flights.get(id);
    if (running !== undefined) return running;
    const flight = this.#run(id, stale, target).finally(() => this.#flights.delete(id));
    this.#flights.set(id, flight);
    return flight;
  }

  forget(id: ConnectionId): void {
    this.#lost.delete(id);
    this.#unsaved.delete(id);
    this.#flawed.delete(id);
    this.#backoff.succeeded(id);
  }

  async #run(id: ConnectionId, stale: string, target: RefreshTarget): Promise<Renewed> {
    const edition = this.#ports.grants.edition(id);
    const grant = await target.read();
    const { refreshToken } = grant;
    // Somebody stored another one while this call waited for its turn.
    if (fingerprint(grant.accessToken) !== stale || refreshToken === null) return { grant, learned: {} };
    const spent = fingerprint(refreshToken);
    const lost = this.#lost.get(id);
    if (lost?.refreshToken === spent) throw lost.error;
    const flawed = this.#flawed.get(id);
    if (flawed?.accessToken === stale && flawed.untilMonotonicMs > this.#ports.monotonic()) throw flawed.error;
    const client = await target.client();
    try {
      const unsaved = this.#unsaved.get(id);
      const isUnsaved = unsaved?.replaces === spent;
      const received = isUnsaved ? unsaved.received : await this.#ask(client, refreshToken, edition);
      return await this.#keep(client, { ...grant, refreshToken }, received, edition);
    } catch (error) {
      this.#noteLoss(client, spent, error);
      throw error;
    }
  }

  /** Sends the refresh, again after a passing failure, never during a pause that an earlier failure asked for. */
  async #ask(client: OAuthClient, refreshToken: Secret, edition: GrantEdition): Promise<Received> {
    const { id } = client.connection;
    for (let attempt = 1; ; attempt += 1) {
      const pauseMs = this.#backoff.remainingMs(id, edition, this.#ports.monotonic());
      if (pauseMs > LONGEST_WAIT_MS) throw pausing(client.manifest.name, pauseMs);
      if (pauseMs > 0) await this.#ports.wait(pauseMs);
      if (!this.#isWanted(client) || edition !== this.#ports.grants.edition(id)) throw superseded();
      try {
        const askedAt = this.#ports.monotonic();
        const answer = await refreshTokens(client, refreshToken);
        this.#backoff.succeeded(id);
        return { answer, askedAt };
      } catch (error) {
        if (!(error instanceof ConnectorError) || !isTransient(error)) throw error;
        const nextMs = this.#backoff.failed(id, edition, this.#ports.monotonic(), error.retryAfterMs);
        if (attempt >= MAX_ATTEMPTS) throw withRetryAfter(error, nextMs);
      }
    }
  }

  /** Stores what came before anybody sees it, and before it is judged: the old refresh token may be dead by now. */
  async #keep(client: OAuthClient, spent: SpentGrant, received: Received, edition: GrantEdition): Promise<Renewed> {
    const { connection, manifest } = client;
    const { answer, askedAt } = received;
    const at: Moment = { wallMs: this.#ports.now(), monotonicMs: this.#ports.monotonic() };
    const grant = renewedGrant(spent, answer, at);
    this.#unsaved.set(connection.id, { replaces: fingerprint(spent.refreshToken), received });
    const isStored = await this.#ports.grants.write(connection.id, grant, () => this.#isWanted(client), edition);
    this.#unsaved.delete(connection.id);
    if (!isStored) {
      await this.#withdrawOrphan(client, grant);
      throw superseded();
    }
    this.#lost.delete(connection.id);
    if (answer.ignored.length > 0) this.#ports.log(`${manifest.name}: ${ignoredWords(answer.ignored)}`);
    if (answer.flaw !== null) throw this.#noteFlaw(connection.id, answer, at);
    this.#freshness.received(connection.id, grant, answer.expiresInSeconds, at, askedAt);
    const hasNews = Object.entries(answer.learned).some(([name, value]) => connection.learned[name] !== value);
    if (hasNews) this.#tellNews(connection.id, answer.learned);
    return { grant, learned: answer.learned };
  }

  /** The caller gets the news whatever becomes of them here: a full disk must not send a new token to an old address. */
  #tellNews(id: ConnectionId, learned: Readonly<Record<string, string>>): void {
    try {
      this.#ports.onLearned(id, learned);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#ports.log(`A new address of connection ${id} could not be stored: ${why}`);
    }
  }

  #noteFlaw(id: ConnectionId, { accessToken, flaw }: TokenAnswer, { monotonicMs }: Moment): ConnectorError | null {
    if (accessToken !== null && flaw !== null)
      this.#flawed.set(id, {
        accessToken: fingerprint(accessToken),
        error: flaw,
        untilMonotonicMs: monotonicMs + FLAW_REST_MS,
      });
    return flaw;
  }

  /** Whether the connection still is what the refresh was begun for. */
  #isWanted(client: OAuthClient): boolean {
    const now = this.#ports.loadConnection(client.connection.id);
    if (now === null || now.state.kind === 'revoked' || now.authMethodId !== client.method.id) return false;
    const app = this.#ports.loadOAuthApp(now.tenantId, now.connectorId, now.authMethodId);
    return app !== null && isSameClient(client, oauthClient({ ...client, connection: now, clientId: app.clientId }));
  }

  /** A pair that came too late for a deleted or revoked connection must not live on at the provider. */
  async #withdrawOrphan(client: OAuthClient, grant: Grant): Promise<void> {
    const now = this.#ports.loadConnection(client.connection.id);
    if (now !== null && now.state.kind !== 'revoked') return;
    const outcome = await revokeGrant(client, grant);
    // A revocation that waits for the network needs the newest pair, not the one it has replaced.
    if (outcome.kind === 'pending' && now !== null) await this.#ports.grants.replace(now.id, grant);
    const detail = outcome.kind === 'pending' || outcome.kind === 'failed' ? `: ${outcome.error.message}` : '';
    this.#ports.log(
      `A renewed authorization came after connection ${client.connection.id} had ended; revocation ${outcome.kind}${detail}`,
    );
  }

  #noteLoss(client: OAuthClient, spent: string, error: unknown): void {
    const reason = error instanceof ConnectorError ? reasonOf(error.failureClass) : null;
    if (reason === null || !(error instanceof ConnectorError)) return;
    const { id } = client.connection;
    this.#lost.set(id, { refreshToken: spent, error });
    this.#backoff.succeeded(id);
    if (this.#isWanted(client)) this.#ports.onLost(id, reason, error.message);
  }
}

type SpentGrant = Grant & { readonly refreshToken: Secret };

/** Where no access token came that can be used, the old one stays and counts as expired. */
function renewedGrant(spent: SpentGrant, answer: TokenAnswer, { wallMs }: Moment): Grant {
  const { accessToken, expiresInSeconds } = answer;
  const refreshToken = answer.refreshToken ?? spent.refreshToken;
  if (accessToken === null) return { accessToken: spent.accessToken, refreshToken, expiresAtMs: 0 };
  return {
    accessToken,
    refreshToken,
    expiresAtMs: expiresInSeconds === null ? null : wallMs + expiresInSeconds * 1000,
  };
}

function ignoredWords(names: readonly string[]): string {
  return `a token answer had values that make no sense and were ignored (${names.join(', ')}). Its tokens were stored.`;
}

function superseded(): ConnectorError {
  return new ConnectorError(
    'cancelled',
    'The connection was changed, revoked or deleted while its authorization was renewed.',
  );
}

function pausing(name: string, pauseMs: number): ConnectorError {
  const seconds = Math.ceil(pauseMs / 1000);
  return new ConnectorError(
    'server_error',
    `${name} has failed to renew the authorization; it is asked again in ${seconds} seconds.`,
    { retryAfterMs: Math.ceil(pauseMs) },
  );
}

function withRetryAfter(error: ConnectorError, retryAfterMs: number): ConnectorError {
  const { failureClass, message, status, vendorCode } = error;
  return new ConnectorError(failureClass, message, { status, vendorCode, retryAfterMs: Math.ceil(retryAfterMs) });
}
