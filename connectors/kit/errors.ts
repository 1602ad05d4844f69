/** What a failed call means: the manifest's rows first, then this table. What each class means: src/shared/failure. */
import type { Failure } from '../../src/shared/activity/activity.ts';
import { AppError } from '../../src/shared/errors.ts';
import { CAUSES } from '../../src/shared/failure/causes.ts';
import { adviceOf, classOfCode } from '../../src/shared/failure/rules.ts';
import { ConnectorError } from './contract.ts';
import { pick } from './http/pages/parts.ts';
import { looksLikeHtml } from './json.ts';
import type { ErrorRule } from './manifest.ts';

/** Rows for systems without their own; statuses as in RFC 9110. */
export const DEFAULT_ERROR_RULES: readonly ErrorRule[] = [
  {
    status: 401,
    class: 'reauthorize_expired',
    message: 'The system no longer accepts the authorization',
    renewAccess: true,
  },
  {
    status: 402,
    class: 'licence_expired',
    ofObject: 'object_denied',
    message: 'The system asks for a paid licence',
  },
  {
    status: 403,
    class: 'reauthorize_permission',
    ofObject: 'object_denied',
    message: 'The authorized user may not do this',
  },
  { status: [404, 410], class: 'not_found', message: CAUSES.not_found.what },
  { status: 407, class: 'network', message: 'The proxy asks for a log-in' },
  { status: 408, class: 'timeout', message: 'The system waited too long for the request', retry: true },
  { status: 429, class: 'rate_limited', message: CAUSES.rate_limited.what, retry: true },
  {
    status: [500, 502, 503, 504, 520, 521, 522, 523, 524],
    class: 'server_error',
    message: CAUSES.server_error.what,
    retry: true,
  },
];

/** An answer that is an error, as the table sees it. */
export interface FailedAnswer {
  readonly status: number;
  readonly text: string;
  readonly host: string;
  readonly about?: string | undefined;
}

export interface Verdict {
  readonly rule: ErrorRule;
  readonly vendorCode: string | undefined;
  /** For people, without a secret; the vendor's own words only where the rule says that they hold no record value. */
  readonly message: string;
}

/** @param codePaths where this vendor's code stands, before the usual places */
export function judge(answer: FailedAnswer, rules: readonly ErrorRule[], codePaths: readonly string[] = []): Verdict {
  const body = parseLoosely(answer.text);
  const vendorCode = codeAt(body, codePaths) ?? findVendorCode(body) ?? xmlCode(answer.text);
  const lower = answer.text.slice(0, 20_000).toLowerCase();
  const matches = (rule: ErrorRule): boolean =>
    includes(rule.status, answer.status) &&
    (rule.vendorCode === undefined || (vendorCode !== undefined && includes(rule.vendorCode, vendorCode))) &&
    (rule.contains === undefined || lower.includes(rule.contains));
  const found = rules.find(matches) ?? DEFAULT_ERROR_RULES.find(matches) ?? fallback(answer.status);
  const isOfObject = answer.about !== undefined && found.ofObject !== undefined;
  const rule = isOfObject ? { ...found, class: found.ofObject ?? found.class } : found;
  return { rule, vendorCode, message: sentence(rule, answer, vendorCode, body) };
}

function fallback(status: number): ErrorRule {
  // 501 and 505 say that it never will.
  if (status >= 500)
    return { class: 'server_error', message: CAUSES.server_error.what, retry: status !== 501 && status !== 505 };
  return { class: 'bad_request', message: CAUSES.bad_request.what };
}

function includes<T>(expected: T | readonly T[] | undefined, value: T): boolean {
  if (expected === undefined) return true;
  return Array.isArray(expected) ? expected.includes(value) : expected === value;
}

function sentence(rule: ErrorRule, answer: FailedAnswer, vendorCode: string | undefined, body: unknown): string {
  const about = answer.about === undefined ? '' : ` (${answer.about})`;
  const code = vendorCode === undefined ? `HTTP ${answer.status}` : `HTTP ${answer.status}, ${vendorCode}`;
  const page =
    looksLikeHtml(answer.text) && xmlCode(answer.text) === undefined ? ', with a web page instead of data' : '';
  const words = rule.quotesVendor === true ? findVendorMessage(body) : undefined;
  const quote = words === undefined ? '' : ` It says: ${words}`;
  return `${rule.message.replace(/\.$/, '')}${about}: ${answer.host} answered ${code}${page}.${quote}`;
}

/** A code at one of the vendor's own places; whole numbers count there. */
function codeAt(body: unknown, paths: readonly string[]): string | undefined {
  for (const path of paths) {
    const value = pick(body, path);
    const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
    if (typeof text === 'string' && CODE.test(text)) return text;
  }
  return undefined;
}

/** An error body as JSON where it is JSON, else its text. */
export function parseLoosely(text: string): unknown {
  const trimmed = text.trimStart();
  if (!trimmed.startsWith('{') && !trimmed.startsWith('[')) return text;
  try {
    return JSON.parse(trimmed) as unknown;
  } catch {
    // An error body that only looks like JSON is judged by its text.
    return text;
  }
}

const CODE = /^[\w.:' -]{1,80}$/;
const CODE_PLACES = [
  'errorCode',
  'error_code',
  'error.code',
  'code',
  'error',
  'error.title',
  'error.type',
  'errors.0.code',
  'errors.0.type',
  'type',
  'fault.code',
  'status.code',
];
const MESSAGE_PLACES = [
  'message',
  'error_description',
  'error.message',
  'description',
  'errorDesc',
  'detail',
  'errors.0.message',
  'error.title',
];

/** The vendor's machine-readable code, from the usual places; an array answer is looked at through its first member. */
export function findVendorCode(body: unknown): string | undefined {
  return firstMatch(body, CODE_PLACES, (text) => (CODE.test(text) ? text : undefined));
}

/** `<Error><Code>NoSuchKey</Code>...`, as S3 and its like answer. */
function xmlCode(text: string): string | undefined {
  return /^\s*(?:<\?xml[^>]{0,200}>\s*)?<Error[^>]{0,200}>[\s\S]{0,2000}?<Code>([\w.-]{1,80})<\/Code>/.exec(
    text.slice(0, 5000),
  )?.[1];
}

function findVendorMessage(body: unknown): string | undefined {
  return firstMatch(body, MESSAGE_PLACES, (text) => {
    const line = text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
    return line === '' ? undefined : line.slice(0, 300);
  });
}

function firstMatch(
  body: unknown,
  places: readonly string[],
  accept: (text: string) => string | undefined,
): string | undefined {
  const first: unknown = Array.isArray(body) ? body[0] : body;
  for (const place of places) {
    const value = pick(first, place);
    const accepted = typeof value === 'string' ? accept(value) : undefined;
    if (accepted !== undefined) return accepted;
  }
  return undefined;
}

/** Any exception as a {@link Failure} for an activity. Unknown ones keep their text out: it may hold anything. */
export function toFailure(error: unknown): Failure {
  if (error instanceof ConnectorError) {
    return {
      class: error.failureClass,
      message: error.message,
      advice: adviceOf(error.failureClass),
      ...(error.status === undefined ? {} : { status: error.status }),
      ...(error.vendorCode === undefined ? {} : { vendorCode: error.vendorCode }),
      ...(error.about === undefined ? {} : { about: error.about }),
    };
  }
  if (error instanceof AppError) {
    const failureClass = classOfCode(error.code);
    return { class: failureClass, message: error.message, advice: adviceOf(failureClass) };
  }
  if (error instanceof Error && error.name === 'AbortError')
    return { class: 'cancelled', message: `${CAUSES.cancelled.what}.`, advice: adviceOf('cancelled') };
  return {
    class: 'internal',
    message: `An unexpected error (${error instanceof Error ? error.name : typeof error}) stopped the call.`,
    advice: adviceOf('internal'),
  };
}
