/**
 * The manifest: what a connector is, as data. A function stands only where data cannot say it, and every vendor fact
 * carries the address of the public page it comes from in a comment beside it.
 */
import type { FailureClass } from '../../src/shared/activity/activity.ts';
import type { Category, ColumnType, FieldDescriptor, SourceField } from '../../src/shared/connector.ts';
import type { FieldMapping } from '../../src/shared/job/job.ts';
import type { Product } from '../../src/shared/tenant.ts';
import type {
  FilterCondition,
  HttpRequest,
  HttpResponse,
  Identity,
  JsonValue,
  Page,
  ReadRequest,
  SourceRecord,
  UrlContext,
} from './contract.ts';

export interface Manifest {
  /** The folder's name. */
  readonly id: string;
  /** As the Connections page calls it. */
  readonly name: string;
  readonly category: Category;
  /** Only for Gainsight's own products. */
  readonly product?: Product | undefined;
  /** One sentence for the picker. */
  readonly summary: string;
  readonly monogram: string;
  /** The icon from simple-icons (`import { siZendesk } from 'simple-icons'`), so that a bundle holds only those used. */
  readonly logo?: { readonly path: string } | undefined;
  readonly docsUrl: string;
  /** How many connections of this connector a tenant may have unless it has its own limit; absent = any number. */
  readonly maxPerTenant?: number | undefined;
  readonly fields: readonly FieldDescriptor[];
  readonly auth: readonly AuthMethod[];
  readonly endpoints: Endpoints;
  readonly rateLimit: RateLimit;
  /** Rows asked first; the kit's default table (kit/errors.ts) stands behind them. */
  readonly errors: readonly ErrorRule[];
  /** What error bodies of this vendor look like, where they are unlike most others'. */
  readonly errorBody?: ErrorBody | undefined;
  /** How identity and check are asked, for REST systems; else ConnectorCode has them. */
  readonly identity?: IdentityCall | undefined;
  readonly check?: ((urls: UrlContext) => HttpRequest) | undefined;
  /** Objects known beforehand; systems with discovery write `objects` and `fields` in code. */
  readonly objects?: readonly ObjectDefinition[] | undefined;
  readonly jobs: readonly JobTemplate[];
}

export interface Endpoints {
  /** Base of relative request URLs, without a trailing slash. `urls.apiBaseUrl`, when set, has been honoured by the kit already. */
  api(urls: UrlContext): string;
  /** Base of the authorization server. */
  login?(urls: UrlContext): string;
  /**
   * Hosts requests may go to: exact ("login.salesforce.com") or a suffix with a leading dot (".salesforce.com", which does
   * not match "salesforce.com.evil.test"), or "{name}": the host an admin typed into that field. Default ports only.
   * Overrides of the Advanced section add their own host and port. Hosts learnt from answers must match one of these.
   */
  readonly allowedHosts: readonly string[];
  /** Says why a typed host is wrong, e.g. a Lightning address; null = fine. */
  refuseHost?(hostname: string): string | null;
  /**
   * What the form's values say of the org (a subdomain, a bucket), null where they leave it open. Two different answers are two
   * orgs: an edit from one to the other is refused, as a connection's jobs and rows belong to its org.
   */
  orgOf?(fields: UrlContext['fields']): string | null;
}

export type AuthMethod = OAuthCodeMethod | KeyMethod | TokenMethod;

export interface KeyMethod {
  readonly kind: 'key';
  readonly id: string;
  readonly label: string;
  /** Secret and other fields of this method; the secret ones become the {@link Access} credentials by the same names. */
  readonly fields: readonly FieldDescriptor[];
  readonly apply: ApplyAccess;
  /**
   * No system is told when a key is no longer used here: `reason` says so, and how to end it there, in the vendor's words.
   * Absent = a sentence of the kit's own.
   */
  readonly revocation?: { readonly kind: 'none'; readonly reason: string } | undefined;
}

/**
 * A method without a log-in whose credentials buy a short-lived access: client credentials, a signed assertion, a key pair. The
 * credentials stay in the vault and with the process that holds it; whoever calls the API gets the access only, as `accessToken`.
 */
export interface TokenMethod {
  readonly kind: 'token';
  readonly id: string;
  readonly label: string;
  /** Client id, client secret, private key ...: the secret ones go to the vault. */
  readonly fields: readonly FieldDescriptor[];
  /** Says how the access is had now: asked for, or made here (a key-pair JWT that is itself the access). */
  issue(input: TokenInput): TokenCall | LocalToken;
  /** Non-secret facts to keep from a token answer; values that are URLs are checked against allowedHosts by the kit. */
  learn?(tokenAnswer: Readonly<Record<string, unknown>>): Record<string, string>;
  readonly apply: ApplyAccess;
  readonly revocation?: { readonly kind: 'none'; readonly reason: string } | undefined;
}

/** What a token recipe may look at. */
export interface TokenInput {
  /** A secret or other field by its name. @throws ConnectorError credential_missing when it is blank */
  credential(name: string): string;
  readonly urls: UrlContext;
  /** Base of the authorization server, without a trailing slash. */
  readonly login: string;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
}

/** A POST to the token endpoint; the answer is that of RFC 6749, section 5.1. One of `form` and `json`. */
export interface TokenCall {
  /** Whole address, on an allowed host. */
  readonly url: string;
  readonly form?: Readonly<Record<string, string>> | undefined;
  readonly json?: unknown;
  /** Client authentication by HTTP Basic; where the vendor wants it in the body, it stands in `form`. */
  readonly basic?: { readonly user: string; readonly password: string } | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

export interface LocalToken {
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly expiresAtMs: number;
}

/** How an access is put on a request. `aws` is signed by the AWS client instead and may not be sent by the kit's http. */
export type ApplyAccess =
  /** `Authorization: <scheme> <credential>`; the scheme is "Bearer" where none is named ("Zoho-oauthtoken"). */
  | { readonly kind: 'bearer'; readonly credential: string; readonly scheme?: string | undefined }
  | { readonly kind: 'header'; readonly name: string; readonly credential: string }
  /** Several headers, each with a credential of its own: a key and its secret. */
  | { readonly kind: 'headers'; readonly headers: readonly { readonly name: string; readonly credential: string }[] }
  | {
      readonly kind: 'basic';
      readonly user: (credential: (name: string) => string, urls: UrlContext) => string;
      readonly password: (credential: (name: string) => string) => string;
    }
  | { readonly kind: 'aws' };

export interface OAuthCodeMethod {
  readonly kind: 'oauth-code';
  readonly id: string;
  readonly label: string;
  readonly fields: readonly FieldDescriptor[];
  /** `browser` where the provider refuses embedded windows; `wayReason` says why, for people. */
  readonly defaultWay: 'window' | 'browser';
  readonly wayReason: string;
  authorizeUrl(login: string): string;
  tokenUrl(login: string): string;
  readonly scopes: readonly string[];
  /** The scopes asked for where fields of the form decide ("session:role:<role>"); `scopes` is then what the form shows. */
  scopesFor?(urls: UrlContext): readonly string[];
  /** `refused` where the vendor refuses a log-in with PKCE; absent = PKCE with S256. */
  readonly pkce?: 'refused' | undefined;
  /** What separates scopes in the request; default one space. */
  readonly scopeSeparator?: string | undefined;
  readonly authorizeParams?: Readonly<Record<string, string>> | undefined;
  /** Extra members of the code exchange and the refresh. */
  readonly tokenParams?: Readonly<Record<string, string | number>> | undefined;
  readonly tokenBody: 'form' | 'json';
  readonly clientSecret: 'required' | 'optional' | 'none';
  /** Where an admin finds what the vendor made for the OAuth app, in the vendor's words. */
  readonly appHelp: { readonly clientId: string; readonly clientSecret: string };
  readonly clientAuthentication: 'body' | 'basic';
  readonly redirect: {
    /** "localhost" where the provider wants the name, else "127.0.0.1". */
    readonly host: '127.0.0.1' | 'localhost';
    /** Ports registered at the provider, tried in order; empty = any free port. */
    readonly ports: readonly number[];
  };
  /** Whether a refresh answers with a new refresh token that replaces the old one. */
  readonly rotatesRefreshToken: boolean;
  /** Where the server promises `iss` in its answer (RFC 9207), the issuer to compare with. */
  readonly issuer?: ((login: string) => string) | undefined;
  readonly revocation:
    | { readonly kind: 'rfc7009'; url(login: string): string }
    /**
     * The vendor's own way, sent with the access token. Where `lookup` is there it is sent first and its JSON answer is
     * handed to `request` (systems that revoke by the id of a token); undefined when there was none.
     */
    | {
        readonly kind: 'request';
        lookup?(urls: UrlContext): HttpRequest;
        request(urls: UrlContext, found: unknown): HttpRequest;
      }
    | { readonly kind: 'none'; readonly reason: string };
  /** Non-secret facts to keep from a token answer; values that are URLs are checked against allowedHosts by the kit. */
  learn?(tokenAnswer: Readonly<Record<string, unknown>>): Record<string, string>;
  readonly apply: ApplyAccess;
}

export interface RateWindow {
  readonly requests: number;
  readonly perMs: number;
}

export interface RateLimit {
  /**
   * Buckets by name; "default" must be there. A request names its bucket. `also` holds the other windows of the same bucket: 100 in
   * 10 seconds and 250,000 a day.
   */
  readonly buckets: Readonly<Record<string, RateWindow & { readonly also?: readonly RateWindow[] | undefined }>>;
  /** Requests of one connection under way at once. */
  readonly maxConcurrent: number;
  /**
   * What an answer, also a good one, says of the quota: requests left, and milliseconds until it is full again. With none left the
   * bucket rests for that long. Undefined = it says nothing.
   */
  quota?(response: {
    readonly headers: Readonly<Record<string, string>>;
  }): { readonly left: number; readonly resetMs: number } | undefined;
  /** Reads the wait out of a 429/503 beyond Retry-After, milliseconds. */
  waitMs?(response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
  }): number | undefined;
}

/** Where a vendor says that a call failed, and why. */
export interface ErrorBody {
  /** Paths of the vendor's code in an error body, tried before the usual places; numbers count ("reasons.0.code"). */
  readonly codes?: readonly string[] | undefined;
  /**
   * Whether a 2xx answer is an error all the same ({"success": false}). Its rows in {@link Manifest.errors} match by code or text;
   * only whole JSON answers are asked, not streams.
   */
  failed?(answer: unknown): boolean;
  /** The wait that an error body names, milliseconds; asked after {@link RateLimit.waitMs} and before Retry-After. */
  waitMs?(answer: unknown): number | undefined;
}

/** First matching row wins. `body` is the answer parsed as JSON where it is JSON, else its text. */
export interface ErrorRule {
  readonly status?: number | readonly number[] | undefined;
  /** Vendor code in the body, found by {@link ErrorBody.codes} or in the usual places; a number is compared as text. */
  readonly vendorCode?: string | readonly string[] | undefined;
  /** Lower-case text that the answer must contain. */
  readonly contains?: string | undefined;
  readonly class: FailureClass;
  /**
   * The class where the call was about one object ({@link HttpRequest.about}) and the vendor does not say that the whole access is
   * meant: `object_denied` fails the job, and the connection stays connected.
   */
  readonly ofObject?: FailureClass | undefined;
  /** What happened, for people. */
  readonly message: string;
  /** True when a new access may help once (an expired token). */
  readonly renewAccess?: boolean | undefined;
  /** True when the same request may be tried again after a pause. */
  readonly retry?: boolean | undefined;
  /** True where the system's own words name schema things only, never a record value: they are then quoted. */
  readonly quotesVendor?: boolean | undefined;
}

export interface IdentityCall {
  request(urls: UrlContext): HttpRequest;
  read(answer: unknown, urls: UrlContext, response: HttpResponse): Identity;
}

export interface ObjectDefinition {
  readonly name: string;
  readonly label: string;
  readonly description?: string | undefined;
  readonly fields: readonly SourceField[];
  /** First request of a read; the paginator makes the following ones. `nowMs`: some systems refuse a start too close to now. */
  request(read: ReadRequest, urls: UrlContext, nowMs: number): HttpRequest;
  readonly pages: Paginator;
  /** Whether a record is one that the source says is deleted ("IsDeleted", "@odata.deletedEntity", "status": "deleted"). */
  isDeleted?(record: SourceRecord): boolean;
  /** Statuses by which the vendor says that there are no rows: 204, 304, or a 404 that is documented so. */
  readonly noRows?: readonly number[] | undefined;
  /** Operators the source filters itself; others are refused at job editing. */
  readonly filterOperators?: readonly FilterCondition['operator'][] | undefined;
}

/** Turns answers into records and next requests. Values, not base classes: kit/http/pages has the usual ones. */
export interface Paginator {
  page(
    answer: unknown,
    response: HttpResponse,
    request: HttpRequest,
  ): { records: readonly SourceRecord[]; next: HttpRequest | null; checkpoint: JsonValue; total?: number | undefined };
  /** Rebuilds the next request from a stored checkpoint. */
  resume(checkpoint: JsonValue, first: HttpRequest): HttpRequest | null;
}

/** An out-of-the-box job, made with the connection. */
export interface JobTemplate {
  readonly id: string;
  /** Name before "_<connection name>", as the original names them. */
  readonly name: string;
  readonly sourceObject: string;
  /** The Gainsight object it is meant for: "Company", "Company Person", "Case". */
  readonly destinationObject: string;
  readonly keyColumn: string;
  readonly mapping: readonly FieldMapping[];
  readonly mode: 'full' | 'incremental';
  readonly cursorField: string | null;
  readonly lookbackSeconds: number;
  readonly isEnabled: boolean;
}

export type { ColumnType, FieldDescriptor, FieldMapping, Page, SourceField };
