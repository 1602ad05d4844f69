/**
 * What a connector is, in types: everything else in the kit turns a manifest (data) into these. Connectors are stateless
 * values; whatever belongs to one connection comes in with the {@link ConnectorContext}.
 */
import type { FailureClass } from '../../src/shared/activity/activity.ts';
import type { FieldValue } from '../../src/shared/connection/connection.ts';
import type { SourceField, SourceObject } from '../../src/shared/connector.ts';
import type { DateRule } from '../../src/shared/job/time-text.ts';
import type { Secret } from './secret.ts';

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };
export type SourceRecord = Readonly<Record<string, unknown>>;

/** The short-lived right to call a system: an access token, a key, an AWS key pair. Never a refresh token. */
export interface Access {
  /** By the names the auth recipe expects: `accessToken`, `accessKey`, `accessKeyId`, `secretAccessKey` ... */
  readonly credentials: Readonly<Record<string, Secret>>;
  /** Milliseconds since the epoch; null = the system does not say, a 401 tells. */
  readonly expiresAtMs: number | null;
  /** Non-secret facts learnt from the authorization, e.g. `instanceUrl`. */
  readonly learned: Readonly<Record<string, string>>;
  /**
   * Whether it was issued within the last seconds, so that a refusal is about the authorization and not about its age. Absent
   * where nobody knows: then the access that follows a refused one counts as new.
   */
  readonly isNew?: (() => boolean) | undefined;
}

/** Gives access at use, never earlier; after a refusal `renew` asks for another (one refresh per connection at a time). */
export interface AccessProvider {
  current(): Promise<Access>;
  /**
   * Another access than the refused one: the current one where that has been renewed meanwhile, else a new one. Asked once for
   * each refused access, however many calls carried it.
   * @param refused the access the system answered 401 to, or one that has expired
   * @throws ConnectorError when there is no other
   */
  renew(refused: Access): Promise<Access>;
}

/** What the URL rules of a manifest may look at. */
export interface UrlContext {
  readonly fields: Readonly<Record<string, FieldValue>>;
  readonly learned: Readonly<Record<string, string>>;
  /** Overrides of the Advanced section, without a trailing slash. */
  readonly apiBaseUrl?: string | undefined;
  readonly loginBaseUrl?: string | undefined;
}

export interface HttpRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | undefined;
  /** A path below the API base URL ("/services/data/v62.0/limits") or an absolute URL on an allowed host. */
  readonly url: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>> | undefined;
  readonly body?: Uint8Array | undefined;
  /** Whether a repetition does no harm. Default: true for GET, HEAD, PUT and DELETE; false for POST and PATCH. */
  readonly isIdempotent?: boolean | undefined;
  /** Whole exchange, milliseconds; default 60 000. */
  readonly timeoutMs?: number | undefined;
  /** Largest accepted body after decompression, bytes; default 50 MB. */
  readonly maxBodyBytes?: number | undefined;
  /** Statuses that are an answer and not an error, besides 2xx. */
  readonly acceptStatus?: readonly number[] | undefined;
  /** Set for calls that carry no authorization (version lists, token endpoints with their own client authentication). */
  readonly isAnonymous?: boolean | undefined;
  /** Names the object a permission failure is about, for the message. */
  readonly about?: string | undefined;
  /** Name of the rate-limit bucket; default "default". */
  readonly bucket?: string | undefined;
}

export interface HttpResponse {
  readonly status: number;
  /** Lower-case names; repeated headers joined with ", ". */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly url: string;
  text(): string;
  /**
   * Numbers that a double would change come as ExactNumber.
   * @throws ConnectorError invalid_response when the body is not JSON, is HTML, or would pollute a prototype
   */
  json(): unknown;
}

export interface HttpStream {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array>;
}

/** The one way to the network: authorized, rate-limited, retried, host-guarded, size-capped. */
export interface HttpClient {
  /** @throws ConnectorError for every status that is neither 2xx nor accepted, classified by the manifest's error rules */
  send(request: HttpRequest): Promise<HttpResponse>;
  /** The same for bodies too large for memory. `maxBodyBytes` is unlimited unless given. */
  stream(request: HttpRequest): Promise<HttpStream>;
}

export interface ConnectorContext {
  readonly http: HttpClient;
  readonly access: AccessProvider;
  readonly urls: UrlContext;
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  now(): number;
  /** A line of the activity's log; must hold no secret and no record values. */
  log(line: string): void;
}

/** Whose account a grant or key belongs to. */
export interface Identity {
  readonly accountId: string;
  /** For people: user name, e-mail, or a shortened key. */
  readonly account: string;
  /** Compared on re-authorization; two connections to the same org have the same id. */
  readonly orgId: string;
  readonly org: string;
  readonly isActive: boolean;
}

export interface FilterCondition {
  readonly field: string;
  readonly operator: 'eq' | 'ne' | 'lt' | 'lte' | 'gt' | 'gte' | 'contains' | 'isNull' | 'isNotNull';
  readonly value: string;
}

export interface ReadRequest {
  readonly object: string;
  /** Source field paths the mapping needs; a source may return more. */
  readonly fields: readonly string[];
  readonly filter: readonly FilterCondition[];
  /** Read only what changed since: the cursor field and the value to begin at (inclusive, look-back already applied). */
  readonly since: { readonly field: string; readonly value: string } | null;
  /** Where an interrupted run goes on: the `checkpoint` of the last stored page, or null. */
  readonly checkpoint: JsonValue;
  /**
   * The `checkpoint` of the last page of this job's last completed run with the same settings, where there was one. Lets an
   * incremental read pass over what it has seen within the look-back (files by key and ETag).
   */
  readonly previous?: JsonValue | undefined;
}

export interface Page {
  readonly records: readonly SourceRecord[];
  /** Hands this back in {@link ReadRequest.checkpoint} to go on behind this page. */
  readonly checkpoint: JsonValue;
  /** Bytes received for this page. */
  readonly bytes: number;
  /** Total number of records, where the source says it. */
  readonly total?: number | undefined;
  /**
   * Records that the source says are deleted, with at least their key fields: their rows are marked as deleted at once, in incremental
   * runs too. A record that is also in `records` is there.
   */
  readonly deleted?: readonly SourceRecord[] | undefined;
  /** Records the source itself could not deliver whole, e.g. a broken CSV row. */
  readonly rejected?: readonly SourceRejection[] | undefined;
  /**
   * Parts of the object that could not be read while others can: a file, a partition, a site. The run goes on, ends as
   * partial, names them, and marks no row as gone. Each read tries every one of them again, also one that goes on behind a
   * checkpoint, and names it again where it fails again: the checkpoint never counts a part as read that was not. When no part
   * at all can be read, throw the first one's error instead of ending the last page.
   */
  readonly unread?: readonly UnreadPart[] | undefined;
}

export interface UnreadPart {
  /** The part's name at the source: "exports/usage-2026-07-14.csv". One name, one part. */
  readonly part: string;
  /** Why, and what helps, in a sentence for people that holds no secret and no record value. */
  readonly reason: string;
}

export interface SourceRejection {
  /** Where: "accounts.csv, row 17". */
  readonly where: string;
  readonly reason: string;
}

export interface WriteBatch {
  readonly object: string;
  readonly keys: readonly string[];
  readonly records: readonly Readonly<Record<string, string | number | boolean | null>>[];
  /** How text in these fields is read as a date, and the zone whose day a date takes; ISO 8601 and UTC where nothing is said. */
  readonly dates?: Readonly<Record<string, DateRule>> | undefined;
}

export type WriteResult =
  | { readonly ok: true; readonly id?: string | undefined }
  | { readonly ok: false; readonly reason: string };

export interface Destination {
  /** Largest batch {@link Destination.write} takes. */
  readonly maxBatch: number;
  objects(context: ConnectorContext): Promise<SourceObject[]>;
  fields(context: ConnectorContext, object: string): Promise<SourceField[]>;
  /**
   * Writes a batch; the answer has one result per record, in order. A repetition of the same batch changes nothing.
   * @throws ConnectorError when nothing at all could be written (network, authorization, quota)
   */
  write(context: ConnectorContext, batch: WriteBatch): Promise<WriteResult[]>;
}

/** The parts a connector may write in code, where its manifest cannot say it. */
export interface ConnectorCode {
  identify?(context: ConnectorContext): Promise<Identity>;
  check?(context: ConnectorContext): Promise<void>;
  objects?(context: ConnectorContext): Promise<SourceObject[]>;
  fields?(context: ConnectorContext, object: string): Promise<SourceField[]>;
  read?(context: ConnectorContext, request: ReadRequest): AsyncIterable<Page>;
  /**
   * The member that tells apart the records of `read`. With it a read ends as a failure when page after page brings nothing
   * new; absent only where the read knows its end beforehand, as with files that were listed.
   */
  readonly recordKey?: string | undefined;
  /**
   * Asked once when an operation ended in a `reauthorize_*` failure; may find the truer reason with one more call (a
   * suspended user whose token is merely "invalid"). Gives the same error back when it learns nothing; never throws.
   */
  explain?(context: ConnectorContext, error: ConnectorError): Promise<ConnectorError>;
  destination?: Destination;
}

/** A failed call, classified. The message is for people and holds no secret and no record value. */
export class ConnectorError extends Error {
  readonly failureClass: FailureClass;
  readonly status: number | undefined;
  readonly vendorCode: string | undefined;
  /** Wait asked for by the system, milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** What it was asked for: an object, a file. */
  readonly about: string | undefined;

  constructor(
    failureClass: FailureClass,
    message: string,
    options: {
      status?: number | undefined;
      vendorCode?: string | undefined;
      retryAfterMs?: number | undefined;
      about?: string | undefined;
      cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ConnectorError';
    this.failureClass = failureClass;
    this.status = options.status;
    this.vendorCode = options.vendorCode;
    this.retryAfterMs = options.retryAfterMs;
    this.about = options.about;
  }
}
