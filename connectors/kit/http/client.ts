/**
 * The one way to the network for connectors: authorized, limited, retried, host-guarded, size-capped. Everything here runs
 * on the caller's thread and touches no socket; the {@link Transport} does that, perhaps on another thread.
 */

import { isBrokenOff } from '../../../src/shared/failure/rules.ts';
import { accessHeaders } from '../auth.ts';
import type {
  Access,
  AccessProvider,
  HttpClient,
  HttpRequest,
  HttpResponse,
  HttpStream,
  UrlContext,
} from '../contract.ts';
import { ConnectorError } from '../contract.ts';
import { judge, parseLoosely, type Verdict } from '../errors.ts';
import { parseJson } from '../json.ts';
import type { ApplyAccess, ErrorBody, ErrorRule, RateLimit } from '../manifest.ts';
import { mask, secretSpellings } from '../mask.ts';
import { checkUrl, parseUrl, refused } from './hosts.ts';
import { type RateLimiter, sleep } from './rate-limit.ts';
import { isIdempotent, requestBody, requestUrl } from './request-url.ts';
import { backoffMs, isSensibleWait, MAX_ATTEMPTS, MAX_RETRY_AFTER_MS, MAX_WAIT_MS, parseRetryAfter } from './retry.ts';
import {
  cancelledError,
  type Transport,
  type WirePolicy,
  type WireRequest,
  type WireResponse,
  type WireStream,
} from './transport.ts';

export const DEFAULT_TIMEOUT_MS = 60_000;
export const DEFAULT_MAX_BODY_BYTES = 50_000_000;
export const MAX_REDIRECTS = 5;
/** An access that ends within this time is renewed before it is used. */
const EXPIRY_MARGIN_MS = 2_000;
/** Accesses that one call has renewed, one after the other, because they were refused. */
const MAX_REFUSALS = 3;
const MAX_ERROR_BODY_BYTES = 1_000_000;
const USER_AGENT = 'Patchbay';

export interface ClientOptions {
  readonly transport: Transport;
  readonly policy: WirePolicy;
  readonly urls: UrlContext;
  /** Base of relative addresses as known now, without a trailing slash; asked again for every attempt. */
  readonly apiBase: () => string;
  /** Told the facts of the access that the coming attempt carries: a renewed one may name another address of the API. */
  readonly onLearned?: ((learned: Access['learned']) => void) | undefined;
  readonly apply: ApplyAccess;
  readonly access: AccessProvider;
  readonly limiter: RateLimiter;
  readonly waitMs?: RateLimit['waitMs'] | undefined;
  readonly quota?: RateLimit['quota'] | undefined;
  readonly errors: readonly ErrorRule[];
  readonly errorBody?: ErrorBody | undefined;
  readonly signal: AbortSignal;
  readonly now: () => number;
  readonly log: (line: string) => void;
  readonly random?: (() => number) | undefined;
}

/** How one exchange is made; `send` and `stream` differ in nothing else. */
type Exchange<T> = (wire: WireRequest) => Promise<T>;

export function createHttpClient(options: ClientOptions): HttpClient {
  return {
    async send(request) {
      const { answer, url } = await withRetries(
        options,
        request,
        (wire) => options.transport.send(wire, options.signal),
        readWhole,
      );
      return parsed.get(answer) ?? toResponse(answer, url);
    },
    async stream(unbounded): Promise<HttpStream> {
      const request = { maxBodyBytes: Number.POSITIVE_INFINITY, ...unbounded };
      const { answer } = await withRetries(
        options,
        request,
        (wire) => options.transport.stream(wire, options.signal),
        readErrorBody,
      );
      return answer;
    },
  };
}

/** Answers whose JSON was needed to tell whether they are errors: a page is parsed once. */
const parsed = new WeakMap<object, HttpResponse>();

/** Whether the vendor says inside a good status that the call failed. */
function saysFailed({ errorBody }: ClientOptions, answer: Answer, url: string): boolean {
  if (errorBody?.failed === undefined || !(answer.body instanceof Uint8Array) || answer.body.byteLength === 0)
    return false;
  if (!isJson(answer.headers['content-type'])) return false;
  const whole = { ...answer, body: answer.body };
  const response = toResponse(whole, url);
  const value = response.json();
  parsed.set(answer, { ...response, json: () => value });
  return errorBody.failed(value);
}

function isJson(type: string | undefined): boolean {
  return type !== undefined && /[/+]json\b/i.test(type);
}

function toResponse(answer: WireResponse, url: string): HttpResponse {
  return {
    status: answer.status,
    headers: answer.headers,
    body: answer.body,
    url,
    text: () => textOf(answer.body),
    json: () => parseJson(answer.body, new URL(url).host),
  };
}

function textOf(body: Uint8Array): string {
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
}

const readWhole = async (answer: WireResponse): Promise<string> => textOf(answer.body);

async function readErrorBody(answer: WireStream): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size > MAX_ERROR_BODY_BYTES) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}

type Answer = WireResponse | WireStream;
interface Answered<T> {
  readonly answer: T;
  readonly url: string;
}

/** Attempts until there is an answer, a refusal that no repetition helps, or nothing left to try. */
async function withRetries<T extends Answer>(
  options: ClientOptions,
  request: HttpRequest,
  exchange: Exchange<T>,
  readText: (answer: T) => Promise<string>,
): Promise<Answered<T>> {
  checkedUrl(options, request);
  /** Accesses refused since the last answer of another kind. */
  let refusals = 0;
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await attemptOnce(options, request, exchange, readText);
    if ('answered' in outcome) return outcome.answered;
    const { failure, access, verdict } = outcome;
    if (verdict?.rule.renewAccess === true && access !== null) {
      if (isSystemsWord(access, refusals, options.now())) throw failure;
      if (refusals >= MAX_REFUSALS) throw refusesAll(failure);
      // A refused access was never acted upon, so even a call that may not be repeated may be sent with a new one.
      refusals += 1;
      if ((await options.access.renew(access)) === access) throw failure;
      attempt -= 1;
      continue;
    }
    refusals = 0;
    const waitMs = waitBeforeRetry(options, request, outcome, attempt);
    if (waitMs === null) throw failure;
    options.log(
      `${failure.message} Trying again in ${Math.max(1, Math.round(waitMs / 1000))} s (attempt ${attempt + 1} of ${MAX_ATTEMPTS}).`,
    );
    if (failure.retryAfterMs === undefined) await sleep(waitMs, options.signal);
  }
}

function checkedUrl(options: ClientOptions, request: HttpRequest): URL {
  const url = requestUrl(request, options.apiBase);
  checkUrl(url, options.policy);
  return url;
}

/** Accesses that a system has taken since this process got them; whoever asks for the access in use gets the same object. */
const taken = new WeakSet<Access>();

/**
 * Whether a refusal says that the authorization is lost. An access that was in use may have expired, whatever became known of
 * its life; only one that is new and was never taken is refused for what it is.
 */
function isSystemsWord(access: Access, refusals: number, nowMs: number): boolean {
  if (taken.has(access) || (access.expiresAtMs !== null && access.expiresAtMs <= nowMs)) return false;
  return access.isNew?.() ?? refusals > 0;
}

/** New accesses are refused, but each so late that it may have expired on its way: that proves nothing. */
function refusesAll({ message, status, vendorCode, about }: ConnectorError): ConnectorError {
  return new ConnectorError(
    'server_error',
    `${message} ${MAX_REFUSALS + 1} accesses in a row were refused, each some seconds after it was issued; they may expire too soon.`,
    { status, vendorCode, about },
  );
}

type Outcome<T> = { readonly answered: Answered<T> } | Failed;
interface Failed {
  readonly failure: ConnectorError;
  readonly access: Access | null;
  readonly verdict: Verdict | null;
}

async function attemptOnce<T extends Answer>(
  options: ClientOptions,
  request: HttpRequest,
  exchange: Exchange<T>,
  readText: (answer: T) => Promise<string>,
): Promise<Outcome<T>> {
  const slot = await options.limiter.acquire(request.bucket ?? 'default', options.signal);
  let access: Access | null = null;
  try {
    // Behind the wait for a slot, so that the access is fresh at the moment it is used.
    access = request.isAnonymous === true ? null : await freshAccess(options);
    if (access !== null) options.onLearned?.(access.learned);
    const wire = toWire(options, request, checkedUrl(options, request), access);
    const { answer, finalUrl } = await followRedirects(options, request, wire, exchange);
    options.limiter.report(answer.status >= 500 ? 'failed' : 'answered');
    const quota = options.quota?.(answer);
    if (quota !== undefined && quota.left <= 0 && isSensibleWait(quota.resetMs))
      options.limiter.pause(request.bucket ?? 'default', Math.min(quota.resetMs, MAX_RETRY_AFTER_MS));
    if (isAccepted(request, answer.status) && !(answer.status < 300 && saysFailed(options, answer, finalUrl))) {
      if (access !== null && answer.status < 300) taken.add(access);
      return { answered: { answer, url: finalUrl } };
    }
    return { access, ...(await judgeAnswer(options, request, answer, finalUrl, access, readText)) };
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    if (isBrokenOff(error.failureClass)) options.limiter.report('failed');
    return { failure: error, access: null, verdict: null };
  } finally {
    slot.release();
  }
}

async function freshAccess(options: ClientOptions): Promise<Access> {
  const access = await options.access.current();
  if (access.expiresAtMs === null || access.expiresAtMs > options.now() + EXPIRY_MARGIN_MS) return access;
  return options.access.renew(access);
}

function toWire(options: ClientOptions, request: HttpRequest, url: URL, access: Access | null): WireRequest {
  const headers: Record<string, string> = { accept: 'application/json', 'user-agent': USER_AGENT };
  const { body, type } = requestBody(request);
  if (type !== undefined) headers['content-type'] = type;
  for (const name in request.headers) headers[name.toLowerCase()] = request.headers[name] ?? '';
  if (access !== null) Object.assign(headers, accessHeaders(options.apply, access, options.urls));
  return {
    url: url.href,
    method: request.method ?? 'GET',
    headers,
    ...(body === undefined ? {} : { body }),
    timeoutMs: request.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    maxBodyBytes: request.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES,
    policy: options.policy,
  };
}

/** Redirects are followed by hand: same origin only, so that no credential travels; reads only; at most five. */
async function followRedirects<T extends Answer>(
  options: ClientOptions,
  request: HttpRequest,
  first: WireRequest,
  exchange: Exchange<T>,
): Promise<{ answer: T; finalUrl: string }> {
  let wire = first;
  for (let hops = 0; ; hops += 1) {
    const answer = await exchange(wire);
    const location = answer.headers.location;
    const isRedirect = answer.status >= 300 && answer.status < 400 && answer.status !== 304 && location !== undefined;
    if (!isRedirect || isAccepted(request, answer.status)) return { answer, finalUrl: wire.url };
    await discard(answer);
    const from = new URL(wire.url);
    const to = resolveLocation(location, from);
    if (to === null || to.origin !== from.origin)
      throw refused(
        to?.host ?? 'of a redirect',
        `${from.host} redirected there, and redirects to another host are not followed`,
      );
    if (wire.method !== 'GET' && wire.method !== 'HEAD')
      throw refused(from.host, 'it redirected a call that sends data');
    if (hops >= MAX_REDIRECTS)
      throw new ConnectorError('invalid_response', `${from.host} redirected more than ${MAX_REDIRECTS} times.`);
    checkUrl(to, options.policy);
    wire = { ...wire, url: to.href };
  }
}

function resolveLocation(location: string, from: URL): URL | null {
  try {
    return new URL(location, from);
  } catch {
    // The caller refuses it by name.
    return null;
  }
}

async function discard(answer: Answer): Promise<void> {
  if (answer.body instanceof Uint8Array) return;
  for await (const _chunk of answer.body) break;
}

function isAccepted(request: HttpRequest, status: number): boolean {
  return (status >= 200 && status < 300) || request.acceptStatus?.includes(status) === true;
}

async function judgeAnswer<T extends Answer>(
  options: ClientOptions,
  request: HttpRequest,
  answer: T,
  url: string,
  access: Access | null,
  readText: (answer: T) => Promise<string>,
): Promise<{ failure: ConnectorError; verdict: Verdict }> {
  const text = await readText(answer);
  const spellings = secretSpellings(access);
  const verdict = judge(
    { status: answer.status, text, host: parseUrl(url).host, about: request.about },
    options.errors,
    options.errorBody?.codes,
  );
  const retryAfterMs = learnWait(options, request, answer, verdict, text);
  const failure = new ConnectorError(verdict.rule.class, mask(verdict.message, spellings), {
    status: answer.status,
    vendorCode: verdict.vendorCode === undefined ? undefined : mask(verdict.vendorCode, spellings),
    retryAfterMs,
    about: request.about,
  });
  return { failure, verdict };
}

/** What the system asks to wait holds for the whole bucket: the other requests of the connection would only be refused too. */
function learnWait(
  options: ClientOptions,
  request: HttpRequest,
  answer: Answer,
  verdict: Verdict,
  text: string,
): number | undefined {
  const named = options.errorBody?.waitMs;
  const asked =
    options.waitMs?.(answer) ?? named?.(parseLoosely(text)) ?? parseRetryAfter(answer.headers, options.now());
  if (asked === undefined || !isSensibleWait(asked)) return undefined;
  const retryAfterMs = Math.min(asked, MAX_RETRY_AFTER_MS);
  if (verdict.rule.retry === true && retryAfterMs <= MAX_WAIT_MS)
    options.limiter.pause(request.bucket ?? 'default', retryAfterMs);
  return retryAfterMs;
}

/** @returns milliseconds, or null when this failure is final */
function waitBeforeRetry(
  options: ClientOptions,
  request: HttpRequest,
  { failure, verdict }: Failed,
  attempt: number,
): number | null {
  const mayRetry = verdict === null ? isBrokenOff(failure.failureClass) : verdict.rule.retry === true;
  if (options.signal.aborted) throw cancelledError();
  if (!mayRetry || !isIdempotent(request) || attempt >= MAX_ATTEMPTS) return null;
  if (failure.retryAfterMs === undefined) return backoffMs(attempt, options.random);
  // Longer than a call may hang: the caller is told how long and waits by itself.
  return failure.retryAfterMs > MAX_WAIT_MS ? null : failure.retryAfterMs;
}
