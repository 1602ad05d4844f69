/** Runs one log-in from the click to a grant that can be tried. It never touches the grant that is in use. */

import {
  type Connector,
  ConnectorError,
  checkUrl,
  type OAuthCodeMethod,
  type Transport,
} from '../../../connectors/kit/doors/authorization.ts';
import type { FailureClass } from '../../shared/activity/activity.ts';
import { AppError } from '../../shared/app-error.ts';
import type { Connection } from '../../shared/connection/connection.ts';
import type { ErrorCode } from '../../shared/errors.ts';
import { codeOf, speaksOf } from '../../shared/failure/rules.ts';
import type { ConnectionId, TenantId } from '../../shared/ids.ts';
import type { AuthorizationStep } from '../../shared/ipc/contract.ts';
import { type OAuthClient, oauthClient, scopesOf } from './client.ts';
import {
  authorizationUrl,
  beginExchange,
  type Callback,
  FLOW_LIFE_MS,
  type FlowPlan,
  judgeCallback,
  type Moment,
  type ReturnedFlow,
  startFlow,
  timedOut,
  type Verdict,
  type WaitingFlow,
  waitFor,
} from './flow.ts';
import type { GrantStore } from './grants.ts';
import type { AuthorizationWindow, AuthorizationWindowOptions } from './login-window.ts';
import { listenOnLoopback } from './loopback.ts';
import { OAuthPendingGrant } from './pending-grant.ts';
import { redirectPath, redirectPorts, redirectUri } from './redirect.ts';
import { revokeGrant } from './revoke.ts';
import { exchangeCode } from './tokens.ts';

export type Way = 'window' | 'browser';
export type LogInResult =
  | { readonly kind: 'granted'; readonly grant: OAuthPendingGrant }
  | { readonly kind: 'cancelled' };

export interface AuthorizationPorts {
  readonly grants: GrantStore;
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
  /** Cryptographically strong. */
  readonly randomBytes: (count: number) => Uint8Array;
  readonly openWindow: (options: AuthorizationWindowOptions) => AuthorizationWindow;
  /** Opens the system browser; https, or http to this machine. */
  readonly openBrowser: (url: string) => Promise<void>;
}

type Report = (step: AuthorizationStep['step'], host: string, message: string) => void;
/** What waiting in one way ended with; `browser` = go on in the other way. */
type Arrival =
  | { readonly kind: 'code'; readonly flow: ReturnedFlow }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'browser' };

interface Running {
  readonly abort: AbortController;
  window: AuthorizationWindow | null;
}

export class AuthorizationService {
  readonly #ports: AuthorizationPorts;
  readonly #running = new Map<ConnectionId, Running>();

  constructor(ports: AuthorizationPorts) {
    this.#ports = ports;
  }

  /**
   * @param way the person's choice; undefined = what the connector's manifest names
   * @throws AppError busy, invalid_input (no OAuth app), host_refused, authorization_*, unreachable, tls_failed ...
   */
  async logIn(
    connection: Connection,
    way: Way | undefined,
    onStep: (step: AuthorizationStep) => void,
  ): Promise<LogInResult> {
    const { id } = connection;
    const other = this.#running.get(id);
    if (other !== undefined) {
      other.window?.focus();
      throw new AppError('busy', 'A log-in for this connection is open already. Finish or cancel it first.');
    }
    const running: Running = { abort: new AbortController(), window: null };
    this.#running.set(id, running);
    const report: Report = (step, host, message) => onStep({ flowId: id, connectionId: id, step, host, message });
    try {
      const result = await this.#run(connection, way, running, report);
      if (result.kind === 'cancelled') report('cancelled', '', 'The log-in was cancelled. Nothing was changed.');
      return result;
    } catch (error) {
      if (running.abort.signal.aborted) {
        report('cancelled', '', 'The log-in was cancelled. Nothing was changed.');
        return { kind: 'cancelled' };
      }
      const failure = toAppError(error);
      report('failed', '', failure.message);
      throw failure;
    } finally {
      this.#running.delete(id);
    }
  }

  /** Does nothing when no log-in is open. */
  cancelLogIn(id: ConnectionId): void {
    const running = this.#running.get(id);
    running?.abort.abort();
    running?.window?.close();
  }

  /** The main window is closed: a log-in window must not stay as all there is of the app. */
  cancelAll(): void {
    for (const id of this.#running.keys()) this.cancelLogIn(id);
  }

  isRunning(id: ConnectionId): boolean {
    return this.#running.has(id);
  }

  async #run(connection: Connection, way: Way | undefined, running: Running, report: Report): Promise<LogInResult> {
    const client = await this.#client(connection);
    const authorizeUrl = client.method.authorizeUrl(client.login);
    checkUrl(new URL(authorizeUrl), client.policy);
    let arrival: Arrival = { kind: 'browser' };
    if ((way ?? client.method.defaultWay) === 'window') arrival = await this.#inWindow(client, running, report);
    if (arrival.kind === 'browser') arrival = await this.#inBrowser(client, running, report);
    if (arrival.kind !== 'code' || running.abort.signal.aborted) return { kind: 'cancelled' };
    const host = new URL(client.method.tokenUrl(client.login)).host;
    report('exchanging', host, `${client.manifest.name} has answered; the authorization is being fetched`);
    const answer = await exchangeCode(client, beginExchange(arrival.flow), running.abort.signal);
    if (answer.flaw !== null) {
      // Best effort: whether it worked changes nothing for the person, who is told what is wrong with the answer.
      if (answer.accessToken !== null)
        await revokeGrant(client, { ...answer, accessToken: answer.accessToken, expiresAtMs: null });
      throw answer.flaw;
    }
    const { grants, loadConnection, now } = this.#ports;
    return { kind: 'granted', grant: new OAuthPendingGrant(client, answer, { grants, loadConnection, now }) };
  }

  async #client(connection: Connection): Promise<OAuthClient> {
    const { connectorById, loadOAuthApp, grants, transport } = this.#ports;
    const manifest = connectorById(connection.connectorId)?.manifest;
    const method = manifest?.auth.find(
      (one): one is OAuthCodeMethod => one.kind === 'oauth-code' && one.id === connection.authMethodId,
    );
    if (manifest === undefined || method === undefined)
      throw new AppError('internal', 'This connection has no log-in step.');
    const app = loadOAuthApp(connection.tenantId, connection.connectorId, method.id);
    if (app === null)
      throw new AppError(
        'invalid_input',
        `Enter the client id of your OAuth app for ${manifest.name} in Settings, OAuth apps, then authorize again.`,
        { field: 'clientId' },
      );
    const clientSecret = await grants.clientSecret(connection, manifest, method, false);
    return oauthClient({ connection, manifest, method, clientId: app.clientId, clientSecret, transport });
  }

  #at(): Moment {
    return { wallMs: this.#ports.now(), monotonicMs: this.#ports.monotonic() };
  }

  #begin(client: OAuthClient, port: number, way: Way): { flow: WaitingFlow; url: string } {
    const { connection, manifest, method, login, clientId } = client;
    const plan: FlowPlan = {
      flowId: connection.id,
      connectionId: connection.id,
      connectorName: manifest.name,
      authorizeUrl: method.authorizeUrl(login),
      clientId,
      scopes: scopesOf(client),
      usesPkce: method.pkce !== 'refused',
      scopeSeparator: method.scopeSeparator ?? ' ',
      params: method.authorizeParams ?? {},
      redirectUri: redirectUri(method, connection.connectorId, port),
      issuer: method.issuer?.(login) ?? null,
    };
    const flow = waitFor(startFlow(plan, this.#at(), this.#ports.randomBytes), way);
    return { flow, url: authorizationUrl(flow) };
  }

  async #inWindow(client: OAuthClient, running: Running, report: Report): Promise<Arrival> {
    const { connection, manifest, method, policy } = client;
    // Nothing listens there: the window catches the redirect before it becomes a connection.
    const { flow, url } = this.#begin(client, redirectPorts(method)[0] ?? 0, 'window');
    const waiting = (host: string): void => report('waiting_for_window', host, `Waiting for the log-in at ${host}`);
    waiting(new URL(url).host);
    const window = this.#ports.openWindow({
      startUrl: url,
      redirectUri: flow.plan.redirectUri,
      connectionName: connection.name,
      connectorName: manifest.name,
      policy,
      onHost: waiting,
    });
    running.window = window;
    let hasTimedOut = false;
    const timer = setTimeout(() => {
      hasTimedOut = true;
      window.close();
    }, FLOW_LIFE_MS);
    try {
      const end = await window.ended;
      if (hasTimedOut) throw timedOut(flow);
      if (end.kind === 'failed') throw end.error;
      if (end.kind !== 'returned') return { kind: end.kind };
      return arrived(judgeCallback(flow, end.callback, this.#at()), manifest.name);
    } finally {
      clearTimeout(timer);
      running.window = null;
    }
  }

  async #inBrowser(client: OAuthClient, running: Running, report: Report): Promise<Arrival> {
    const { manifest, method, connection } = client;
    let judge: (callback: Callback) => boolean = () => false;
    const listener = await listenOnLoopback({
      host: method.redirect.host,
      // Where any port will do, the usual ones come first, then whatever is free.
      ports: method.redirect.ports.length > 0 ? method.redirect.ports : [...redirectPorts(method), 0],
      path: redirectPath(connection.connectorId),
      onCallback: (callback) => judge(callback),
    });
    try {
      const { flow, url } = this.#begin(client, listener.port, 'browser');
      const verdict = await new Promise<Verdict | null>((resolve, reject) => {
        let isOver = false;
        const settle = (value: Verdict | null): void => {
          isOver = true;
          resolve(value);
        };
        judge = (callback) => {
          const found = judgeCallback(flow, callback, this.#at());
          // The state value is good once: what comes after the first valid answer is as foreign as the rest.
          if (isOver || found.kind === 'foreign') return false;
          settle(found);
          return true;
        };
        const timer = setTimeout(() => reject(timedOut(flow)), FLOW_LIFE_MS);
        timer.unref();
        const { signal } = running.abort;
        if (signal.aborted) settle(null);
        signal.addEventListener('abort', () => settle(null), { once: true });
        report(
          'waiting_for_browser',
          new URL(url).host,
          `Go on in your browser: ${new URL(url).host} asks you to log in`,
        );
        this.#ports.openBrowser(url).catch((error: unknown) => reject(noBrowser(error)));
      });
      return verdict === null ? { kind: 'cancelled' } : arrived(verdict, manifest.name);
    } finally {
      await listener.close();
    }
  }
}

function arrived(verdict: Verdict, connectorName: string): Arrival {
  if (verdict.kind === 'code') return verdict;
  if (verdict.kind === 'refused') throw verdict.error;
  throw new AppError(
    'authorization_failed',
    `The answer that came back does not belong to this log-in at ${connectorName} (${verdict.why}). It was not used. Authorize again.`,
  );
}

/** What the system said is for the log: it may name programs and folders of this machine. */
function noBrowser(cause: unknown): AppError {
  return new AppError(
    'authorization_failed',
    'No browser could be opened on this machine. Authorize in a window of Patchbay instead, or set a default browser and authorize again.',
    { cause },
  );
}

/** A token endpoint that answers "not found" refuses the log-in; the code `not_found` means a deleted connection here. */
function logInCodeOf(failureClass: FailureClass): ErrorCode {
  return (speaksOf(failureClass, 'request') ? undefined : codeOf(failureClass)) ?? 'authorization_failed';
}

function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof ConnectorError)
    return new AppError(logInCodeOf(error.failureClass), error.message, { cause: error });
  return new AppError('internal', 'The log-in stopped with an unexpected error. Authorize again.', { cause: error });
}
