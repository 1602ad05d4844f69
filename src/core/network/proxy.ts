/** What the operating system says about proxies, in the words of a proxy configuration script. */
import { ConnectorError } from '../../../connectors/kit/doors/authorization.ts';

const SCHEMES: Readonly<Record<string, string>> = { PROXY: 'http', HTTP: 'http', HTTPS: 'https', SOCKS5: 'socks5' };
const PLACE = /^(?:\[[0-9a-f:]{2,45}\]|[a-z0-9._-]{1,253}):\d{1,5}$/i;

/**
 * The first way of an answer such as "PROXY proxy.acme.com:8080; DIRECT".
 * @returns URL of the proxy, or null for the direct way
 * @throws ConnectorError network when the system names only kinds of proxies that cannot be used
 */
export function proxyOf(answer: string): string | null {
  const ways = answer
    .split(';')
    .map((way) => way.trim())
    .filter(Boolean);
  for (const way of ways) {
    const [kind = '', place = ''] = way.split(/\s+/);
    if (kind.toUpperCase() === 'DIRECT') return null;
    const scheme = SCHEMES[kind.toUpperCase()];
    if (scheme !== undefined && PLACE.test(place)) return `${scheme}://${place.toLowerCase()}`;
  }
  if (ways.length === 0) return null;
  throw new ConnectorError(
    'network',
    'The system names a proxy of a kind Patchbay cannot use. Set an HTTP or SOCKS5 proxy in the system’s network settings.',
  );
}
