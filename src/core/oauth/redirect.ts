/** The redirect address of one authorization: how it is made and what counts as a hit on it. */
import type { OAuthCodeMethod } from '../../../connectors/kit/doors/authorization.ts';

/** Registered by admins where a manifest names no ports of its own. */
export const DEFAULT_REDIRECT_PORTS: readonly number[] = [42_813, 42_814, 42_815];

export function redirectPath(connectorId: string): string {
  return `/oauth/callback/${connectorId}`;
}

/** Ports in the order in which they are tried. */
export function redirectPorts(method: OAuthCodeMethod): readonly number[] {
  return method.redirect.ports.length > 0 ? method.redirect.ports : DEFAULT_REDIRECT_PORTS;
}

/** One address per connector, so that the answer of one provider can never arrive as that of another (RFC 8252, 8.10). */
export function redirectUri(method: OAuthCodeMethod, connectorId: string, port: number): string {
  return `http://${method.redirect.host}:${port}${redirectPath(connectorId)}`;
}

/**
 * Whether a request is aimed at the redirect address, by its parsed parts and never by a text prefix. The query is the
 * answer and a fragment is judged later; user information makes it another address.
 */
export function isRedirect(url: string, redirect: string): boolean {
  const actual = parse(url);
  const expected = parse(redirect);
  if (actual === null || expected === null) return false;
  return (
    actual.protocol === expected.protocol &&
    actual.hostname === expected.hostname &&
    actual.port === expected.port &&
    actual.pathname === expected.pathname &&
    actual.username === '' &&
    actual.password === ''
  );
}

export function parse(url: string): URL | null {
  try {
    return new URL(url);
  } catch {
    // Not an address at all; every caller treats that as "not ours".
    return null;
  }
}
