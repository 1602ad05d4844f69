/** What an authorization server's error answer means for the connection. */

import {
  ConnectorError,
  type ErrorRule,
  judge,
  looksLikeHtml,
  parseRetryAfter,
  Secret,
  type WireResponse,
} from '../../../connectors/kit/doors/authorization.ts';
import type { FailureClass } from '../../shared/activity/activity.ts';
import { passesSoon } from '../../shared/failure/rules.ts';
import type { OAuthClient } from './client.ts';
import { cleanWords } from './words.ts';

const LARGEST_ERROR_BYTES = 20_000;

interface OAuthErrorBody {
  readonly error: string | undefined;
  readonly words: string | undefined;
}

/** What a token or revocation endpoint was asked for: the same refusal means something else for each. */
export type TokenRequest = 'exchange' | 'refresh' | 'revoke' | 'issue';

interface Terminal {
  readonly class: FailureClass;
  readonly message: string;
}

const UNKNOWN_APP: Terminal = {
  class: 'reauthorize_password',
  message: 'does not accept the client id or client secret of the OAuth app',
};
const ENDED: Readonly<Record<string, Terminal>> = {
  invalid_grant: {
    class: 'reauthorize_expired',
    message: 'no longer accepts the authorization: it expired, was used elsewhere or was withdrawn',
  },
  invalid_client: UNKNOWN_APP,
  unauthorized_client: { class: 'reauthorize_expired', message: 'no longer lets this OAuth app use the authorization' },
};

/** RFC 6749, 5.2: codes after which the same request can never succeed. */
const TERMINAL_CODES: Readonly<Record<TokenRequest, Readonly<Record<string, Terminal>>>> = {
  exchange: {
    invalid_grant: {
      class: 'reauthorize_expired',
      message:
        'did not complete the log-in: the code it gave has expired, was used before, or belongs to another OAuth app or redirect address. Authorize again',
    },
    invalid_client: UNKNOWN_APP,
    unauthorized_client: { class: 'reauthorize_expired', message: 'does not let this OAuth app log users in' },
  },
  refresh: ENDED,
  revoke: ENDED,
  issue: {
    invalid_client: { class: 'reauthorize_password', message: 'does not accept the client id or client secret' },
    invalid_grant: { class: 'reauthorize_password', message: 'does not accept the signed request for an access' },
    unauthorized_client: {
      class: 'reauthorize_permission',
      message: 'does not let this client get an access without a log-in',
    },
    invalid_scope: { class: 'reauthorize_permission', message: 'does not give this client the scopes it asks for' },
  },
};

/** What the endpoint was doing, for sentences about failures that say nothing of the grant. */
const DOING: Readonly<Record<TokenRequest, string>> = {
  exchange: 'while it completed the log-in',
  refresh: 'while it renewed the authorization',
  revoke: 'while it revoked the authorization',
  issue: 'while it issued an access',
};

/** Worth another try later: nothing was said about the grant itself. */
export function isTransient(error: ConnectorError): boolean {
  return passesSoon(error.failureClass);
}

/**
 * Classifies an error answer of a token or revocation endpoint. A manifest's own rows come first where they name a vendor
 * code or text; its rows for bare statuses are about the API and say nothing of grants.
 */
export function classify(
  client: Pick<OAuthClient, 'manifest'>,
  what: TokenRequest,
  host: string,
  wire: WireResponse,
  sent: readonly string[],
): ConnectorError {
  const { status } = wire;
  const text = Buffer.from(
    wire.body.buffer,
    wire.body.byteOffset,
    Math.min(wire.body.byteLength, LARGEST_ERROR_BYTES),
  ).toString('utf8');
  const secrets = sent.map((value) => new Secret(value));
  const body = readErrorBody(text);
  const words = body.words === undefined ? '' : ` It says: ${cleanWords(body.words, secrets)}`;
  const { name } = client.manifest;
  const make = (failureClass: FailureClass, sentence: string): ConnectorError =>
    new ConnectorError(
      failureClass,
      `${sentence} (${host} answered HTTP ${status}${body.error === undefined ? '' : `, ${cleanWords(body.error, secrets)}`}).${words}`,
      {
        status,
        vendorCode: body.error === undefined ? undefined : cleanWords(body.error, secrets),
        retryAfterMs: parseRetryAfter(wire.headers, Date.now()),
      },
    );
  if (status === 429) return make('rate_limited', `${name} asks for fewer requests`);
  if (status >= 500) return make('server_error', `${name} failed ${DOING[what]}`);
  const specific = client.manifest.errors.filter((rule) => isAbout(rule, what));
  const { rule } = judge({ status, text, host }, specific);
  if (specific.includes(rule)) return make(rule.class, rule.message.replace(/\.$/, ''));
  const codes = TERMINAL_CODES[what];
  const known = body.error !== undefined && Object.hasOwn(codes, body.error) ? codes[body.error] : undefined;
  if (known !== undefined) return make(known.class, `${name} ${known.message}`);
  // A page of a proxy or firewall is not the provider's word on the credentials.
  if (what === 'issue' && status === 401 && !looksLikeHtml(text))
    return make('reauthorize_password', `${name} does not accept the credentials`);
  if (status >= 300 && status < 400)
    return make('invalid_response', `${name} answered the token request with a redirect, which is not followed`);
  if (body.error === undefined) return make('invalid_response', `${name} sent something other than a token answer`);
  return make('bad_request', `${name} refused the token request`);
}

/** A manifest's words for `invalid_grant` are about an authorization that has ended; a code that is exchanged was none yet. */
function isAbout(rule: ErrorRule, what: TokenRequest): boolean {
  if (rule.vendorCode === undefined && rule.contains === undefined) return false;
  const isAboutGrants = [rule.vendorCode].flat().includes('invalid_grant');
  const isEnd = rule.class === 'reauthorize_expired' || rule.class === 'reauthorize_password';
  return what !== 'exchange' || !isAboutGrants || !isEnd;
}

/** Some servers refuse with 200: an error by name and nothing that could be stored. */
export function isErrorAnswer(wire: WireResponse): boolean {
  if (wire.body.byteLength > LARGEST_ERROR_BYTES) return false;
  const text = Buffer.from(wire.body.buffer, wire.body.byteOffset, wire.body.byteLength).toString('utf8');
  if (/"(?:access|refresh)_token"/.test(text) || !text.includes('"error"')) return false;
  return readErrorBody(text).error !== undefined;
}

/** The two members of RFC 6749, 5.2, and the places where vendors put the same. */
function readErrorBody(text: string): OAuthErrorBody {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // Not JSON: the status alone is judged, and a page's text is nobody's message.
    return { error: undefined, words: undefined };
  }
  if (typeof parsed !== 'object' || parsed === null) return { error: undefined, words: undefined };
  const members = parsed as Readonly<Record<string, unknown>>;
  return {
    error: textOf(members.error) ?? textOf(members.code),
    words: textOf(members.error_description) ?? textOf(members.message) ?? textOf(members.description),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
