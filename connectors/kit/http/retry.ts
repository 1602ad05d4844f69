/** When and how long to wait before an attempt is repeated. */

/** Attempts in all, the first included. */
export const MAX_ATTEMPTS = 5;
/** Longest wait inside one call; what the system asks beyond it is given to the caller to wait out. Milliseconds. */
export const MAX_WAIT_MS = 120_000;
/** Longest wait ever reported to a caller: a system that asks for ten years is asked again tomorrow. */
export const MAX_RETRY_AFTER_MS = 24 * 3_600_000;
const BASE_MS = 500;
const CAP_MS = 30_000;

/**
 * Retry-After in both forms (RFC 9110, section 10.2.3): seconds or an HTTP date.
 * @returns milliseconds from `nowMs`, capped at {@link MAX_RETRY_AFTER_MS}; undefined for garbage
 */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  const text = value?.trim() ?? '';
  if (/^\d{1,15}(?:\.\d{1,6})?$/.test(text)) return Math.min(Number(text) * 1000, MAX_RETRY_AFTER_MS);
  if (!/^[A-Za-z]{3,9},? [\w: ,+-]{10,40}$/.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.min(Math.max(at - nowMs, 0), MAX_RETRY_AFTER_MS);
}

/**
 * Full jitter: any moment between now and an exponentially growing limit.
 * @param attempt 1 after the first failure
 */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  return random() * Math.min(CAP_MS, BASE_MS * 2 ** (attempt - 1));
}
