/**
 * One authorization as a value: what was sent, where it stands, and what an answer means. Pure: clock and randomness come
 * in as arguments, windows and sockets are elsewhere.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import {
  AuthorizationResponseError,
  type AuthorizationServer,
  OperationProcessingError,
  UnsupportedOperationError,
  validateAuthResponse,
} from 'oauth4webapi';
import { Secret } from '../../../connectors/kit/doors/authorization.ts';
import { AppError } from '../../shared/app-error.ts';
import { isRedirect, parse } from './redirect.ts';
import { cleanWords } from './words.ts';

/** How long an answer is awaited. */
export const FLOW_LIFE_MS = 600_000;
const MAX_CALLBACK_LENGTH = 16_000;
const SECRET_BYTES = 32;

/** Both clocks: the wall clock runs while the machine sleeps, the monotonic one cannot be set back. */
export interface Moment {
  readonly wallMs: number;
  readonly monotonicMs: number;
}

/** What is known before the provider is asked. */
export interface FlowPlan {
  readonly flowId: string;
  readonly connectionId: string;
  /** For messages. */
  readonly connectorName: string;
  /** The authorization endpoint. */
  readonly authorizeUrl: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly scopeSeparator: string;
  readonly usesPkce: boolean;
  readonly params: Readonly<Record<string, string>>;
  readonly redirectUri: string;
  /** The issuer that the server promises to name in its answer (RFC 9207); null where it promises nothing. */
  readonly issuer: string | null;
}

interface FlowBase {
  readonly plan: FlowPlan;
  readonly startedAt: Moment;
}

interface OpenFlow extends FlowBase {
  readonly state: Secret;
  readonly verifier: Secret;
}

/** Made, nothing shown yet. */
export type StartedFlow = OpenFlow & { readonly kind: 'started' };
/** The log-in page is open somewhere. Only now can an answer be valid. */
export type WaitingFlow = OpenFlow & { readonly kind: 'waiting'; readonly way: 'window' | 'browser' };
/** A valid answer has come; its state value is used up. */
export type ReturnedFlow = OpenFlow & { readonly kind: 'returned'; readonly answer: URLSearchParams };
/** The one request with the code is on its way. */
export type ExchangingFlow = OpenFlow & { readonly kind: 'exchanging'; readonly answer: URLSearchParams };
export type FailedFlow = FlowBase & { readonly kind: 'failed'; readonly error: AppError };
export type CancelledFlow = FlowBase & { readonly kind: 'cancelled' };
export type Flow = StartedFlow | WaitingFlow | ReturnedFlow | ExchangingFlow | FailedFlow | CancelledFlow;

/** @param random cryptographically strong bytes: 256 bits each for state and verifier */
export function startFlow(plan: FlowPlan, startedAt: Moment, random: (bytes: number) => Uint8Array): StartedFlow {
  const text = (): Secret => new Secret(Buffer.from(random(SECRET_BYTES)).toString('base64url'));
  return { kind: 'started', plan, startedAt, state: text(), verifier: text() };
}

/** The address of the log-in page. A manifest's extra parameters can add to the protocol's own but never replace them. */
export function authorizationUrl(flow: StartedFlow | WaitingFlow): string {
  const { plan } = flow;
  const url = new URL(plan.authorizeUrl);
  for (const [name, value] of Object.entries(plan.params)) url.searchParams.set(name, value);
  url.searchParams.set('response_type', 'code');
  url.searchParams.set('client_id', plan.clientId);
  url.searchParams.set('redirect_uri', plan.redirectUri);
  if (plan.scopes.length > 0) url.searchParams.set('scope', plan.scopes.join(plan.scopeSeparator));
  url.searchParams.set('state', flow.state.reveal());
  if (plan.usesPkce) {
    url.searchParams.set('code_challenge', challengeOf(flow.verifier));
    url.searchParams.set('code_challenge_method', 'S256');
  }
  return url.href;
}

function challengeOf(verifier: Secret): string {
  return createHash('sha256').update(verifier.reveal(), 'ascii').digest('base64url');
}

export function waitFor(flow: StartedFlow, way: 'window' | 'browser'): WaitingFlow {
  return { ...flow, kind: 'waiting', way };
}

export function beginExchange(flow: ReturnedFlow): ExchangingFlow {
  return { ...flow, kind: 'exchanging' };
}

/** Ends a flow; one that has ended already stays as it ended. Secrets of the flow are dropped with it. */
export function fail(flow: Flow, error: AppError): Flow {
  return hasEnded(flow) ? flow : { kind: 'failed', plan: flow.plan, startedAt: flow.startedAt, error };
}

export function cancel(flow: Flow): Flow {
  return hasEnded(flow) ? flow : { kind: 'cancelled', plan: flow.plan, startedAt: flow.startedAt };
}

export function hasEnded(flow: Flow): flow is FailedFlow | CancelledFlow {
  return flow.kind === 'failed' || flow.kind === 'cancelled';
}

/** By whichever clock is further on. */
export function hasExpired(flow: Flow, at: Moment): boolean {
  const elapsed = Math.max(at.wallMs - flow.startedAt.wallMs, at.monotonicMs - flow.startedAt.monotonicMs);
  return elapsed >= FLOW_LIFE_MS;
}

export function timedOut(flow: Flow): AppError {
  const minutes = FLOW_LIFE_MS / 60_000;
  return new AppError(
    'authorization_timed_out',
    `Nobody finished the log-in at ${flow.plan.connectorName} within ${minutes} minutes. Authorize again.`,
  );
}

/** A request that arrived at, or was on its way to, the redirect address. */
export interface Callback {
  readonly method: string;
  readonly url: string;
}

export type Verdict =
  | { readonly kind: 'code'; readonly flow: ReturnedFlow }
  /** The answer belongs to this flow and ends it. */
  | { readonly kind: 'refused'; readonly flow: Flow; readonly error: AppError }
  /** Nothing proves that it belongs to this flow: anybody can send such a request, so it ends nothing. */
  | { readonly kind: 'foreign'; readonly why: string };

/**
 * Judges a callback. Only the request that carries this flow's own state value can end the flow, and only once: a flow
 * that is not waiting takes no answer.
 */
export function judgeCallback(flow: Flow, callback: Callback, at: Moment): Verdict {
  const foreign = (why: string): Verdict => ({ kind: 'foreign', why });
  if (flow.kind !== 'waiting') return foreign('no answer is awaited');
  if (callback.method !== 'GET') return foreign('the method is not GET');
  if (callback.url.length > MAX_CALLBACK_LENGTH) return foreign('the address is too long');
  if (!isRedirect(callback.url, flow.plan.redirectUri)) return foreign('the address is not the redirect address');
  const url = parse(callback.url);
  if (url === null) return foreign('the address cannot be read');
  if (callback.url.includes('#')) return foreign('the answer stands in the fragment');
  if (hasRepeatedName(url.searchParams)) return foreign('a parameter occurs twice');
  const state = url.searchParams.get('state');
  if (state === null) return foreign('the state value is missing');
  if (!isSameText(state, flow.state.reveal())) return foreign('the state value is not the one that was sent');
  if (hasExpired(flow, at)) return refused(flow, timedOut(flow));
  return judgeAnswer(flow, url.searchParams);
}

function judgeAnswer(flow: WaitingFlow, parameters: URLSearchParams): Verdict {
  const { issuer, authorizeUrl, clientId, connectorName } = flow.plan;
  const server: AuthorizationServer = {
    issuer: issuer ?? new URL(authorizeUrl).origin,
    authorization_response_iss_parameter_supported: issuer !== null,
  };
  const relevant = new URLSearchParams(parameters);
  // A server that has not promised an issuer may name one in a form that is not on record; the path per connector guards.
  if (issuer === null) relevant.delete('iss');
  try {
    const answer = validateAuthResponse(server, { client_id: clientId }, relevant, flow.state.reveal());
    if ((answer.get('code') ?? '') === '')
      return refused(flow, failed(`${connectorName} sent an answer without an authorization code.`));
    return { kind: 'code', flow: { ...flow, kind: 'returned', answer } };
  } catch (error) {
    return refused(flow, explain(flow, relevant, error));
  }
}

function explain(flow: WaitingFlow, parameters: URLSearchParams, error: unknown): AppError {
  const { connectorName, issuer } = flow.plan;
  if (error instanceof AuthorizationResponseError)
    return refusalOf(connectorName, error.error, error.error_description, [flow.state, flow.verifier]);
  if (error instanceof OperationProcessingError || error instanceof UnsupportedOperationError) {
    const iss = parameters.get('iss');
    if (issuer !== null && iss !== issuer) {
      const named =
        iss === null ? 'does not say which server it comes from' : `comes from another server (${cleanWords(iss)})`;
      return failed(
        `The answer to the log-in ${named}, not from ${cleanWords(issuer)}. It was not used. Authorize again; if this repeats, tell your security team.`,
      );
    }
    return failed(`${connectorName} sent an answer that does not follow the protocol: ${cleanWords(error.message)}.`);
  }
  return failed(`The answer of ${connectorName} could not be read.`);
}

/** What people are told for the error codes of RFC 6749, 4.1.2.1; the provider's own words follow. */
const REFUSALS: Readonly<Record<string, string>> = {
  access_denied: 'did not give access: the consent was refused, or the user may not give it',
  unauthorized_client: 'does not let this OAuth app log users in. Check the app’s settings there',
  invalid_scope: 'does not know or allow a scope that was asked for. Check the scopes of the OAuth app there',
  invalid_request:
    'did not understand the request. Check the client id and the redirect address of the OAuth app there',
  unsupported_response_type: 'does not allow the authorization code flow for this OAuth app',
  server_error: 'failed while it authorized. Try again later',
  temporarily_unavailable: 'is overloaded or under maintenance. Try again later',
  login_required: 'wants a new log-in',
  consent_required: 'wants a new consent',
};

function refusalOf(
  connectorName: string,
  code: string,
  words: string | undefined,
  secrets: readonly Secret[],
): AppError {
  const known = Object.hasOwn(REFUSALS, code) ? REFUSALS[code] : undefined;
  const what = known ?? `refused the authorization (${cleanWords(code, secrets)})`;
  const quote = words === undefined || words === '' ? '' : ` It says: ${cleanWords(words, secrets)}`;
  return new AppError('authorization_refused', `${connectorName} ${what}.${quote}`, {
    details: { providerCode: cleanWords(code, secrets) },
  });
}

function failed(message: string): AppError {
  return new AppError('authorization_failed', message);
}

function refused(flow: Flow, error: AppError): Verdict {
  return { kind: 'refused', flow: fail(flow, error), error };
}

function hasRepeatedName(parameters: URLSearchParams): boolean {
  const names = [...parameters.keys()];
  return new Set(names).size < names.length;
}

/** In constant time, whatever the lengths. */
function isSameText(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
