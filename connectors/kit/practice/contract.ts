/**
 * A practice server: a local HTTP server with one system's real paths, paging, authorization, limits and error bodies, on
 * the seeded data of one believable company. Used by the connector's tests and by the practice tenant. It shares no code
 * with the connector it is for.
 */
export interface PracticeOptions {
  /** 0 = any free port. */
  readonly port: number;
  /** How many records of the main object; default a few hundred. Large values must be generated on the fly. */
  readonly records?: number | undefined;
  /** Delay of each data answer, milliseconds; default 0. */
  readonly latencyMs?: number | undefined;
  /**
   * A file (0600 JSON) in which grants and tokens are kept across restarts; absent = in memory only. The practice tenant's
   * connections must still work after the app was closed or killed.
   */
  readonly stateFile?: string | undefined;
  /** Access-token life, seconds; default as the vendor's. */
  readonly accessTokenLifeSeconds?: number | undefined;
}

export interface PracticeUser {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

/** What somebody needs to connect to a running practice server. All of it is made up; none of it opens anything real. */
export interface PracticeSamples {
  /** Values for the connection's non-secret fields. */
  readonly fields: Readonly<Record<string, string | number | boolean>>;
  /** Values for its secret fields. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly authMethodId: string;
  readonly oauthApp?: { readonly clientId: string; readonly clientSecret?: string | undefined } | undefined;
  /** A long-lived access token for calls without a log-in. */
  readonly token?: string | undefined;
  readonly users: readonly PracticeUser[];
  /** For the Advanced section; loopback needs `allowPrivateNetwork`. */
  readonly apiBaseUrl: string;
  readonly loginBaseUrl?: string | undefined;
}

/**
 * Makes a running server misbehave or change, the way the real one does. A server that does not know a command throws.
 * Common ones: deactivateUser(email), changePassword(email), revokeGrants(), expireAccessTokens(), denyObject(object, email),
 * withholdScope(scope), endLicence(), rateLimit({requests, perSeconds}), failNext({status, body, headers, times}), htmlInstead({times}), setRecords(n).
 */
export type PracticeCommand =
  | { readonly kind: 'deactivateUser'; readonly email: string }
  | { readonly kind: 'changePassword'; readonly email: string }
  | { readonly kind: 'revokeGrants' }
  | { readonly kind: 'expireAccessTokens' }
  | { readonly kind: 'denyObject'; readonly object: string; readonly email?: string | undefined }
  | { readonly kind: 'denyField'; readonly object: string; readonly field: string; readonly email?: string | undefined }
  /** As when an admin narrows the OAuth app: grants of new log-ins come without it. */
  | { readonly kind: 'withholdScope'; readonly scope: string }
  | { readonly kind: 'endLicence' }
  | { readonly kind: 'restore' }
  | { readonly kind: 'rateLimit'; readonly requests: number; readonly perSeconds: number }
  | {
      readonly kind: 'failNext';
      readonly status: number;
      readonly body?: string | undefined;
      readonly headers?: Readonly<Record<string, string>> | undefined;
      readonly times: number;
    }
  | { readonly kind: 'latency'; readonly ms: number }
  | { readonly kind: 'setRecords'; readonly count: number }
  /** Every object gets so many more fields with long names, as orgs have them after some years. */
  | { readonly kind: 'addFields'; readonly count: number }
  /** Query locators, cursors and the like are no longer known, as after their life has ended. */
  | { readonly kind: 'forgetCursors' };

export interface PracticeRequestLog {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly status: number;
  readonly atMs: number;
}

export interface RunningPractice {
  readonly connectorId: string;
  readonly baseUrl: string;
  readonly samples: PracticeSamples;
  /** Requests answered so far, oldest first, at most the last 10 000; no bodies, no headers. */
  readonly requests: readonly PracticeRequestLog[];
  command(command: PracticeCommand): void;
  /** Records written to it (destinations), by object name, in order of arrival; a copy. */
  written(object: string): readonly Readonly<Record<string, unknown>>[];
  /** Records of an object as the source holds them now; a copy. */
  records(object: string): readonly Readonly<Record<string, unknown>>[];
  close(): Promise<void>;
}

export interface PracticeDefinition {
  readonly connectorId: string;
  start(options: PracticeOptions): Promise<RunningPractice>;
}
