/** What the log-in window lets a page do, as data: no Electron here. */

import { ConnectorError, checkUrl, type WirePolicy } from '../../../connectors/kit/doors/authorization.ts';
import { isRedirect, parse } from '../../core/oauth/redirect.ts';
import { cleanWords } from '../../core/oauth/words.ts';
import { AppError } from '../../shared/app-error.ts';

export interface WindowRules {
  readonly redirectUri: string;
  readonly policy: WirePolicy;
  /** "host:port" of hosts that the person allowed for this one log-in. */
  readonly allowedByPerson: ReadonlySet<string>;
}

export type NavigationVerdict =
  /** The awaited answer: it goes to the app and never to the network. */
  | { readonly kind: 'redirect' }
  | { readonly kind: 'allow' }
  /** Another host, which may well be the company's single sign-on: a person decides. */
  | { readonly kind: 'ask'; readonly host: string }
  | { readonly kind: 'block'; readonly host: string; readonly why: string };

/** Judges where the whole window wants to go. */
export function judgeNavigation(address: string, rules: WindowRules): NavigationVerdict {
  if (isRedirect(address, rules.redirectUri)) return { kind: 'redirect' };
  const url = parse(address);
  if (url === null) return { kind: 'block', host: '', why: 'it is not a web address' };
  const entry = hostEntry(url);
  const why = refusalOf(url, { ...rules.policy, allowedHosts: [entry] });
  if (why !== null) return { kind: 'block', host: url.host, why };
  if (rules.allowedByPerson.has(entry) || refusalOf(url, rules.policy) === null) return { kind: 'allow' };
  return { kind: 'ask', host: url.host };
}

/**
 * Judges what a page loads beside itself: log-in pages draw scripts, fonts and captchas from many hosts, so any public
 * https host will do, and private ones only where the connection allows them.
 */
export function mayLoad(address: string, rules: WindowRules): boolean {
  const url = parse(address);
  if (url === null) return false;
  if (url.protocol === 'data:' || url.protocol === 'blob:') return true;
  if (isRedirect(address, rules.redirectUri)) return false;
  const web = new URL(url.href.replace(/^ws(s?):/, 'http$1:'));
  return refusalOf(web, { ...rules.policy, allowedHosts: [hostEntry(web)] }) === null;
}

export function hostEntry(url: URL): string {
  const port = url.port === '' ? (url.protocol === 'http:' || url.protocol === 'ws:' ? '80' : '443') : url.port;
  return `${url.hostname.toLowerCase().replace(/\.$/, '')}:${port}`;
}

function refusalOf(url: URL, policy: WirePolicy): string | null {
  const isLocalName = url.hostname === 'localhost' || url.hostname.endsWith('.localhost');
  if (isLocalName && !policy.allowPrivate) return 'it is this machine, which the connection does not allow';
  try {
    checkUrl(url, policy);
    return null;
  } catch (error) {
    if (error instanceof ConnectorError) return error.message;
    throw error;
  }
}

/** The window's title: the host of the page that is really shown, first, so that it is never cut off. */
export function windowTitle(address: string, connectionName: string): string {
  const url = parse(address);
  const host =
    url === null || url.host === '' ? 'No page' : `${url.protocol === 'https:' ? '' : 'Not encrypted: '}${url.host}`;
  return `${host} – log in for ${cleanWords(connectionName)}`;
}

/** ERR_ABORTED (replaced by another navigation, or turned into a download) and ERR_BLOCKED_BY_CLIENT (blocked by us). */
const HARMLESS: ReadonlySet<number> = new Set([-3, -20]);

/**
 * A page that did not load, in words. Codes: Chromium's net/base/net_error_list.h.
 * @returns null when nothing is wrong
 */
export function loadFailure(code: number, name: string, address: string): AppError | null {
  if (code === 0 || HARMLESS.has(code)) return null;
  const host = parse(address)?.host ?? 'the log-in page';
  const what = cleanWords(name);
  if ((code <= -200 && code > -300) || code === -107 || code === -113) {
    return new AppError(
      'tls_failed',
      `${host} could not prove who it is (${what}), so the log-in was stopped. Check this machine’s clock; a company proxy may need its certificate added in Settings, Network.`,
    );
  }
  if (code <= -100 && code > -200) {
    return new AppError(
      'unreachable',
      `${host} could not be reached (${what}). Check the network, the proxy and the login address of the connection, then authorize again.`,
    );
  }
  return new AppError(
    code === -7 ? 'unreachable' : 'authorization_failed',
    `${host} could not be shown (${what}). Authorize again, or use the browser instead.`,
  );
}
