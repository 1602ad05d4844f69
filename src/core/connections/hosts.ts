/** Which hosts a connection's credential goes to: a change of them must never take an old credential along. */
import type { Connector } from '../../../connectors/catalog.ts';
import type { Connection } from '../../shared/connection/connection.ts';

type Placed = Pick<Connection, 'fields' | 'overrides' | 'learned'>;

/** Scheme, host and port of the API and of the log-in server, as overrides, fields and learnt facts make them. */
export interface Hosts {
  readonly api: string;
  readonly login: string;
}

export function hostsOf({ manifest }: Connector, { fields, overrides, learned }: Placed): Hosts {
  const urls = { fields, learned, apiBaseUrl: overrides.apiBaseUrl, loginBaseUrl: overrides.loginBaseUrl };
  const { endpoints } = manifest;
  return {
    api: originOf(urls.apiBaseUrl ?? endpoints.api(urls)),
    login: originOf(urls.loginBaseUrl ?? endpoints.login?.(urls) ?? urls.apiBaseUrl ?? endpoints.api(urls)),
  };
}

/**
 * The first host that would be another after a change, or null. What was learnt at the log-in before counts as it is: it was
 * checked against the hosts of that time.
 */
export function movedHost(connector: Connector, before: Placed, after: Placed): { from: string; to: string } | null {
  const was = hostsOf(connector, before);
  const is = hostsOf(connector, { ...after, learned: before.learned });
  if (was.login !== is.login) return { from: was.login, to: is.login };
  return was.api === is.api ? null : { from: was.api, to: is.api };
}

/** What a manifest makes of a half-filled form need not be an address; it is compared as the text it is. */
function originOf(base: string): string {
  try {
    const { protocol, host } = new URL(base);
    return `${protocol}//${host}`;
  } catch {
    return base.trim().toLowerCase();
  }
}
