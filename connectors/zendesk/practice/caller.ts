/** Who calls: the bearer of an OAuth token, or an admin with an API token; and what the caller may do. */
import type { Authenticated, OAuthPractice, PracticeRequest } from '../../kit/practice/index.ts';
import { ACCOUNT_ENDED, FORBIDDEN, INVALID_TOKEN, missingScope, NOT_AUTHENTICATED, refuse } from './answers.ts';

/** Made up; every admin may use it with their own email. */
export const API_TOKEN = 'practice-api-token-0000000000000000000001';

export interface Caller {
  readonly email: string;
  /** null = an API token, which may do all that its user may. */
  readonly scopes: readonly string[] | null;
  readonly isSuspended: boolean;
  readonly grant: Extract<Authenticated, { grant: unknown }>['grant'] | null;
}

export interface CallerRules {
  readonly oauth: OAuthPractice;
  readonly isLicenceEnded: () => boolean;
  readonly isApiTokenAlive: () => boolean;
}

/** @returns null for an anonymous caller: a Basic login that is wrong. @throws PracticeRefusal for a bad bearer token */
export function callerOf(
  request: PracticeRequest,
  { oauth, isLicenceEnded, isApiTokenAlive }: CallerRules,
): Caller | null {
  if (isLicenceEnded()) throw refuse(ACCOUNT_ENDED);
  const basic = /^Basic ([A-Za-z0-9+/=]+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (basic !== undefined) {
    const [user = '', token = ''] = Buffer.from(basic, 'base64').toString('utf8').split(':');
    const email = /^(.+)\/token$/.exec(user)?.[1] ?? '';
    const person = oauth.people.find(email);
    if (person === undefined || token !== API_TOKEN || !isApiTokenAlive()) return null;
    return { email: person.email, scopes: null, isSuspended: !person.isActive, grant: null };
  }
  const found = oauth.authenticate(request);
  if ('refusal' in found) throw refuse(found.refusal === 'missing_token' ? NOT_AUTHENTICATED : INVALID_TOKEN);
  const person = oauth.people.find(found.email);
  return { email: found.email, scopes: found.grant.scopes, isSuspended: person?.isActive !== true, grant: found.grant };
}

/** @throws PracticeRefusal unless the caller may read the resource */
export function admit(
  caller: Caller | null,
  resource: string,
  { people }: OAuthPractice,
  needsAdmin: boolean,
  isAdmin: boolean,
): Caller {
  if (caller === null) throw refuse(NOT_AUTHENTICATED);
  if (caller.isSuspended) throw refuse(INVALID_TOKEN);
  const { scopes } = caller;
  if (scopes !== null && !scopes.includes('read') && !scopes.includes(`${resource}:read`))
    throw refuse(missingScope('read'));
  if (needsAdmin && !isAdmin) throw refuse(FORBIDDEN);
  if (!people.mayRead(caller.email, resource)) throw refuse(FORBIDDEN);
  return caller;
}
