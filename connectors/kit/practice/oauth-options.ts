import type { PracticeUser } from './contract.ts';
import type { GrantStoreOptions, IssuedTokens } from './grants.ts';
import type { PracticeReply, PracticeRequest } from './routes.ts';

export interface PracticeClient {
  readonly clientId: string;
  /** Absent = a public client. */
  readonly clientSecret?: string | undefined;
  /** As the consent page calls it. */
  readonly name: string;
}

/** Why a token request or an API call is refused; the system's options say it in its own words. */
export type OAuthRefusal =
  | 'missing_token'
  | 'unknown_token'
  | 'expired_token'
  | 'revoked'
  | 'reused'
  | 'inactive_user'
  | 'password_changed'
  | 'licence_ended'
  | 'bad_code'
  | 'bad_verifier'
  | 'bad_redirect'
  | 'bad_client'
  | 'bad_request';

export interface OAuthPracticeOptions extends GrantStoreOptions {
  readonly systemName: string;
  readonly loginLabel: 'Email' | 'Username';
  readonly paths: { readonly authorize: string; readonly token: string; readonly revoke?: string | undefined };
  readonly clients: readonly PracticeClient[];
  readonly users: readonly PracticeUser[];
  /** What the consent page says of each scope; others are refused with invalid_scope. */
  readonly scopes: Readonly<Record<string, string>>;
  readonly defaultScopes: readonly string[];
  /** Whether confidential clients too must use PKCE; public ones always must. */
  readonly requiresPkce: boolean;
  readonly codeLifeSeconds?: number | undefined;
  /** An access token that works from the start, never expires by itself, and belongs to this user. */
  readonly sampleToken?: { readonly token: string; readonly email: string } | undefined;
  /** Sent as `iss` with the code (RFC 9207) where the system does so. */
  readonly issuer?: ((origin: string) => string) | undefined;
  /**
   * True where the tokens of a deactivated user stay alive and the API itself refuses the user; the practice server then
   * looks at `People` in its routes. Default: tokens end with the user.
   */
  readonly tokensOutliveUsers?: boolean | undefined;
  /** Members of the token answer besides the standard ones; `expires_in: undefined` leaves that out. */
  readonly tokenAnswer?:
    | ((tokens: IssuedTokens, request: PracticeRequest) => Readonly<Record<string, unknown>>)
    | undefined;
  /** The system's own words for a refused token request; default RFC 6749. */
  readonly refuseToken?: ((why: OAuthRefusal) => PracticeReply | undefined) | undefined;
}
