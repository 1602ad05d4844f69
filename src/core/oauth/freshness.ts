/** When an access token counts as expired: by either clock, a little before the server thinks so. */

import type { Moment } from './flow.ts';
import { fingerprint, type Grant } from './grants.ts';

const LARGEST_MARGIN_MS = 60_000;
/** Of a short life only a tenth is given away, so that a token of a few seconds is still used. */
const MARGIN_SHARE = 0.1;

interface Known {
  readonly fingerprint: string;
  /** Infinity where the server does not say. */
  readonly lifeMs: number;
  readonly receivedAtMonotonicMs: number;
  readonly askedAtMonotonicMs: number;
}

/**
 * The wall clock catches machines that slept, the monotonic one catches clocks that were set back. A clock that jumps ahead
 * costs one refresh, whose answer is dated by the new time. The server's 401 beats all of this.
 */
export class Freshness {
  readonly #known = new Map<string, Known>();

  /** Notes a token that has just been received. @param askedAtMonotonicMs when the server was asked for it */
  received(id: string, grant: Grant, lifeSeconds: number | null, at: Moment, askedAtMonotonicMs: number): void {
    this.#known.set(id, {
      fingerprint: fingerprint(grant.accessToken),
      lifeMs: lifeSeconds === null ? Number.POSITIVE_INFINITY : lifeSeconds * 1000,
      receivedAtMonotonicMs: at.monotonicMs,
      askedAtMonotonicMs,
    });
  }

  /** @returns milliseconds since the token was asked for, no less than its age; null where this process has not done that */
  ageMs(id: string, grant: Grant, { monotonicMs }: Moment): number | null {
    const known = this.#known.get(id);
    if (known?.fingerprint !== fingerprint(grant.accessToken)) return null;
    return Math.max(0, monotonicMs - known.askedAtMonotonicMs);
  }

  /** @returns how long the token can still be used, milliseconds; Infinity where only a 401 can tell */
  remainingMs(id: string, grant: Grant, at: Moment): number {
    const known = this.#known.get(id);
    const isKnown = known !== undefined && known.fingerprint === fingerprint(grant.accessToken);
    const byWall = grant.expiresAtMs === null ? Number.POSITIVE_INFINITY : grant.expiresAtMs - at.wallMs;
    const byMonotonic = isKnown
      ? known.receivedAtMonotonicMs + known.lifeMs - at.monotonicMs
      : Number.POSITIVE_INFINITY;
    return Math.min(byWall, byMonotonic);
  }

  isFresh(id: string, grant: Grant, at: Moment): boolean {
    return this.remainingMs(id, grant, at) > this.#marginMs(id);
  }

  forget(id: string): void {
    this.#known.delete(id);
  }

  #marginMs(id: string): number {
    const known = this.#known.get(id);
    return known === undefined ? LARGEST_MARGIN_MS : Math.min(LARGEST_MARGIN_MS, known.lifeMs * MARGIN_SHARE);
  }
}
