/** When and how long to wait before an attempt is repeated. */

/** Attempts in all, the first included. */
export const MAX_ATTEMPTS = 5;
/** Longest wait inside one call; what the system asks beyond it is given to the caller to wait out. Milliseconds. */
export const MAX_WAIT_MS = 120_000;
/** Longest wait ever reported to a caller: a system that asks for ten years is asked again tomorrow. */
export const MAX_RETRY_AFTER_MS = 24 * 3_600_000;
const BASE_MS = 500;
const CAP_MS = 30_000;

/** Shorter waits are none: a client that obeyed them would only ask faster. Milliseconds. */
const SHORTEST_WAIT_MS = 100;

/** Whether a wait that a system asks for is one: not zero, not in the past, no garbage. Otherwise the own backoff holds. */
export function isSensibleWait(waitMs: number): boolean {
  return Number.isFinite(waitMs) && waitMs >= SHORTEST_WAIT_MS;
}

/**
 * Retry-After in both forms (RFC 9110, section 10.2.3): seconds or an HTTP date. A date is compared with the answer's own Date,
 * so that a clock that is wrong on either side makes no difference.
 * @param headers lower-case names
 * @returns milliseconds from now, capped at {@link MAX_RETRY_AFTER_MS}; undefined for garbage and for waits that make no sense
 */
export function parseRetryAfter(headers: Readonly<Record<string, string>>, nowMs: number): number | undefined {
  const waitMs = askedWait(headers['retry-after']?.trim() ?? '', headers.date, nowMs);
  return waitMs === undefined || !isSensibleWait(waitMs) ? undefined : Math.min(waitMs, MAX_RETRY_AFTER_MS);
}

function askedWait(text: string, date: string | undefined, nowMs: number): number | undefined {
  if (/^\d{1,15}(?:\.\d{1,6})?$/.test(text)) return Number(text) * 1000;
  const untilMs = httpDate(text);
  return untilMs === undefined ? undefined : untilMs - (httpDate(date?.trim() ?? '') ?? nowMs);
}

function httpDate(text: string): number | undefined {
  if (!/^[A-Za-z]{3,9},? [\w: ,+-]{10,40}$/.test(text)) return undefined;
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? undefined : atMs;
}

/**
 * Full jitter: any moment between now and an exponentially growing limit.
 * @param attempt 1 after the first failure
 */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  return random() * Math.min(CAP_MS, BASE_MS * 2 ** (attempt - 1));
}
