/** The pages of an authorization: log-in, consent, and the way back. Safe against forged posts, usable without script. */
import { randomBytes } from 'node:crypto';
import { errorNote, escapeHtml, hidden, page } from './html.ts';
import type { OAuthPracticeOptions, PracticeClient } from './oauth-options.ts';
import type { People, Person } from './people.ts';
import type { PracticeReply, PracticeRequest, PracticeRoute } from './routes.ts';

export interface LogInParts {
  readonly options: OAuthPracticeOptions;
  readonly people: People;
  isLicenceEnded(): boolean;
  issueCode(
    code: string,
    issued: {
      email: string;
      clientId: string;
      redirectUri: string;
      scopes: readonly string[];
      challenge: string | null;
    },
  ): void;
}

/** One authorization under way, bound to one browser by a cookie. */
interface Attempt {
  readonly client: PracticeClient;
  readonly redirectUri: string;
  readonly state: string | null;
  readonly scopes: readonly string[];
  readonly challenge: string | null;
  readonly cookie: string;
  readonly formToken: string;
  readonly startedAtMs: number;
  email: string | null;
}

const ATTEMPT_LIFE_MS = 15 * 60_000;
const LOG_IN_PATH = '/practice/log-in';
const CONSENT_PATH = '/practice/consent';

export function createLogInPages(parts: LogInParts): PracticeRoute[] {
  const { options, people } = parts;
  const attempts = new Map<string, Attempt>();

  const forget = (): void => {
    for (const [id, attempt] of attempts) {
      if (Date.now() - attempt.startedAtMs > ATTEMPT_LIFE_MS) attempts.delete(id);
    }
  };

  const authorize = (request: PracticeRequest): PracticeReply => {
    forget();
    const client = options.clients.find((candidate) => candidate.clientId === request.query.get('client_id'));
    const redirectUri = request.query.get('redirect_uri') ?? '';
    // Neither of these may be answered with a redirect: it would go to an address nobody has checked.
    if (client === undefined) return stop(options, 'The client id is not known here.');
    if (!isLoopbackRedirect(redirectUri))
      return stop(options, 'The redirect address is not registered for this client.');
    const problem = requestProblem(request, client, options);
    if (problem !== null) return redirect(redirectUri, { error: problem, state: request.query.get('state') });
    const attempt: Attempt = {
      client,
      redirectUri,
      state: request.query.get('state'),
      scopes: scopesOf(request, options),
      challenge: request.query.get('code_challenge'),
      cookie: randomBytes(18).toString('base64url'),
      formToken: randomBytes(18).toString('base64url'),
      startedAtMs: Date.now(),
      email: null,
    };
    const id = randomBytes(12).toString('base64url');
    attempts.set(id, attempt);
    return logInPage(options, people, id, attempt, null, cookieHeader(id, attempt));
  };

  /** The attempt a form belongs to: the right browser and the right page, or nothing. */
  const attemptOf = (request: PracticeRequest): { id: string; attempt: Attempt; form: URLSearchParams } | null => {
    const form = request.form();
    const id = form.get('attempt') ?? '';
    const attempt = attempts.get(id);
    if (attempt === undefined || form.get('form_token') !== attempt.formToken) return null;
    const cookies = (request.headers.cookie ?? '').split(/;\s*/);
    return cookies.includes(`${cookieName(id)}=${attempt.cookie}`) ? { id, attempt, form } : null;
  };

  const logIn = (request: PracticeRequest): PracticeReply => {
    const found = attemptOf(request);
    if (found === null) return stop(options, 'This log-in page is no longer valid. Start again in Patchbay.', 403);
    const { id, attempt, form } = found;
    const email = form.get('login') ?? '';
    const verdict = people.check(email, form.get('password') ?? '');
    if (verdict === 'wrong')
      return logInPage(
        options,
        people,
        id,
        attempt,
        `Check the ${options.loginLabel.toLowerCase()} and password. They do not match a user of this system.`,
      );
    if (verdict === 'inactive')
      return logInPage(options, people, id, attempt, 'This user is not active. Log in as another user.');
    if (parts.isLicenceEnded())
      return logInPage(
        options,
        people,
        id,
        attempt,
        'The licence of this org has ended. Contact your account executive.',
      );
    attempt.email = people.find(email)?.email ?? null;
    return consentPage(options, id, attempt);
  };

  const consent = (request: PracticeRequest): PracticeReply => {
    const found = attemptOf(request);
    if (found === null || found.attempt.email === null)
      return stop(options, 'This page is no longer valid. Start again in Patchbay.', 403);
    const { id, attempt, form } = found;
    attempts.delete(id);
    const iss = options.issuer?.(request.origin) ?? null;
    if (form.get('decision') !== 'allow') {
      return redirect(attempt.redirectUri, {
        error: 'access_denied',
        error_description: 'end-user denied authorization',
        state: attempt.state,
        iss,
      });
    }
    const code = randomBytes(24).toString('base64url');
    parts.issueCode(code, {
      email: found.attempt.email,
      clientId: attempt.client.clientId,
      redirectUri: attempt.redirectUri,
      scopes: attempt.scopes,
      challenge: attempt.challenge,
    });
    return redirect(attempt.redirectUri, { code, state: attempt.state, iss });
  };

  return [
    { method: 'GET', path: options.paths.authorize, isData: false, handle: authorize },
    { method: 'POST', path: LOG_IN_PATH, isData: false, handle: logIn },
    { method: 'POST', path: CONSENT_PATH, isData: false, handle: consent },
  ];
}

function requestProblem(
  request: PracticeRequest,
  client: PracticeClient,
  options: OAuthPracticeOptions,
): string | null {
  if (request.query.get('response_type') !== 'code') return 'unsupported_response_type';
  const challenge = request.query.get('code_challenge');
  const needsPkce = options.requiresPkce || client.clientSecret === undefined;
  if (challenge === null && needsPkce) return 'invalid_request';
  if (
    challenge !== null &&
    (request.query.get('code_challenge_method') !== 'S256' || !/^[A-Za-z0-9\-_]{43}$/.test(challenge))
  )
    return 'invalid_request';
  return scopesOf(request, options).every((scope) => Object.hasOwn(options.scopes, scope)) ? null : 'invalid_scope';
}

function scopesOf(request: PracticeRequest, options: OAuthPracticeOptions): readonly string[] {
  const asked = (request.query.get('scope') ?? '').split(/[ ,]+/).filter((scope) => scope !== '');
  return asked.length === 0 ? options.defaultScopes : asked;
}

/** Stands for the list an admin registers: Patchbay's way back on this machine, and nothing else. */
function isLoopbackRedirect(text: string): boolean {
  return /^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\]):\d{1,5}\/oauth\/callback(?:\/[a-z0-9-]{1,40})?$/.test(text);
}

function redirect(target: string, parameters: Readonly<Record<string, string | null>>): PracticeReply {
  const url = new URL(target);
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null) url.searchParams.set(name, value);
  }
  return {
    status: 302,
    headers: { location: url.href, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
  };
}

function stop(options: OAuthPracticeOptions, why: string, status = 400): PracticeReply {
  return page({ systemName: options.systemName, title: 'Authorization not possible', content: errorNote(why), status });
}

function cookieName(id: string): string {
  return `practice_${id}`;
}

function cookieHeader(id: string, attempt: Attempt): string {
  return `${cookieName(id)}=${attempt.cookie}; Path=/practice; HttpOnly; SameSite=Lax; Max-Age=${ATTEMPT_LIFE_MS / 1000}`;
}

function logInPage(
  options: OAuthPracticeOptions,
  people: People,
  id: string,
  attempt: Attempt,
  error: string | null,
  cookie?: string,
): PracticeReply {
  const ids = { attempt: id, form_token: attempt.formToken };
  const rows = people.all.map((person) => personRow(person, ids)).join('');
  const content = `${errorNote(error)}
<form method="post" action="${LOG_IN_PATH}" autocomplete="off">
${hidden(ids)}
<label for="login">${options.loginLabel}</label><input id="login" name="login" type="text" autocapitalize="none" spellcheck="false" required autofocus>
<label for="password">Password</label><input id="password" name="password" type="password" required>
<button type="submit">Log In</button>
</form>
<table><caption>Practice users</caption><tbody>${rows}</tbody></table>`;
  return page({ systemName: options.systemName, title: 'Log in', content, cookie });
}

/** A practice user with the credentials to type, and a button that submits them: an account chooser for rehearsals. */
function personRow({ name, email, password }: Person, ids: Readonly<Record<string, string>>): string {
  const [firstName = name] = name.split(' ');
  return `<tr><td><code>${escapeHtml(email)}</code><br><code>${escapeHtml(password)}</code></td><td>
<form method="post" action="${LOG_IN_PATH}">${hidden({ ...ids, login: email, password })}
<button type="submit" class="plain small">Log in as ${escapeHtml(firstName)}</button></form></td></tr>`;
}

function consentPage(options: OAuthPracticeOptions, id: string, attempt: Attempt): PracticeReply {
  const scopes = attempt.scopes.map((scope) => `<li>${escapeHtml(options.scopes[scope] ?? scope)}</li>`).join('');
  const content = `<p><strong>${escapeHtml(attempt.client.name)}</strong> asks to work as <strong>${escapeHtml(attempt.email ?? '')}</strong>:</p>
<ul>${scopes}</ul>
<form method="post" action="${CONSENT_PATH}">
${hidden({ attempt: id, form_token: attempt.formToken })}
<button type="submit" name="decision" value="allow">Allow</button>
<button type="submit" name="decision" value="deny" class="plain">Deny</button>
</form>`;
  // Browsers hold the redirect that follows a form to form-action too.
  return page({
    systemName: options.systemName,
    title: 'Allow access',
    content,
    formTarget: new URL(attempt.redirectUri).origin,
  });
}
