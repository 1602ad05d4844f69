/** Whose a client secret is: it goes to the log-in hosts that it was entered for, and to no other. */
import { z } from 'zod';
import { allowedHostsOf, isAllowedHost, type Manifest } from '../../../connectors/kit/doors/authorization.ts';
import { AppError } from '../../shared/app-error.ts';
import type { Connection } from '../../shared/connection/connection.ts';
import { loginBase, urlContext } from './client.ts';

/** What a connection's log-in host is made of. */
export type LoginPlace = Pick<Connection, 'fields' | 'overrides' | 'learned'>;

/** The vendor's own hosts, as the manifest names them, are one owner: production, sandboxes, a tenant's subdomain. */
export const VENDOR = 'vendor';
const ownersSchema = z.array(z.string());

/** `vendor`, or scheme, host and port of another log-in server. The ports of this machine are one owner. */
export function ownerOf(manifest: Manifest, place: LoginPlace): string {
  const url = loginUrl(manifest, place);
  const hosts = allowedHostsOf(manifest.endpoints, {}, {});
  if (isAllowedHost(url, hosts)) return VENDOR;
  return isThisMachine(url) ? `${url.protocol}//${url.hostname}` : url.origin;
}

function loginUrl(manifest: Manifest, place: LoginPlace): URL {
  const address = loginBase(manifest, urlContext(place));
  try {
    return new URL(address);
  } catch (cause) {
    throw new AppError('invalid_input', 'The log-in address of the connection is not a web address.', {
      field: 'loginBaseUrl',
      cause,
    });
  }
}

function isThisMachine({ hostname }: URL): boolean {
  return hostname === '127.0.0.1' || hostname === '[::1]' || hostname === 'localhost';
}

export const writeOwners = (owners: readonly string[]): string => JSON.stringify([...new Set(owners)]);
export const readOwners = (text: string): string[] => ownersSchema.parse(JSON.parse(text));

/**
 * @param owners of the stored secret; null for one that version 0.1.0 stored without: it is the vendor's, or of the server that the
 *   connection has a grant of
 * @throws AppError invalid_input (field "clientSecret") with both names
 */
export function refuseOtherOwner(
  manifest: Manifest,
  place: LoginPlace,
  owners: readonly string[] | null,
  hasGrant: boolean,
): void {
  const owner = ownerOf(manifest, place);
  if (owners === null ? owner === VENDOR || hasGrant : owners.includes(owner)) return;
  const to = loginUrl(manifest, place).host;
  const from = (owners ?? [VENDOR]).map((one) => (one === VENDOR ? manifest.name : new URL(one).host)).join(', ');
  throw new AppError(
    'invalid_input',
    `The client secret of your OAuth app was entered for ${from}, and this connection logs in at ${to}. Nothing was sent. If ${to} may have it, edit the connection and enter the client secret again.`,
    { field: 'clientSecret' },
  );
}
