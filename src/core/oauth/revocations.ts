/** Withdraws at the provider what the vault holds for a connection. */

import { AppError } from '../../shared/app-error.ts';
import type { Connection } from '../../shared/connection/connection.ts';
import type { RemoteRevocation } from '../../shared/connection/state.ts';
import type { AuthorizationPorts } from './authorize.ts';
import { oauthClient } from './client.ts';
import { revokeGrant } from './revoke.ts';

export type RevocationPorts = Pick<AuthorizationPorts, 'grants' | 'loadOAuthApp' | 'connectorById' | 'transport'> & {
  /** A line for the log, without a secret. */
  readonly log: (line: string) => void;
};

/**
 * @returns `none` when there is nothing to withdraw or no way to; `pending` when it is worth another try with the same
 * secrets, which therefore must stay in the vault; `failed` when the provider will not
 */
export async function revokeRemotely(connection: Connection, ports: RevocationPorts): Promise<RemoteRevocation> {
  const manifest = ports.connectorById(connection.connectorId)?.manifest;
  const method = manifest?.auth.find((one) => one.id === connection.authMethodId);
  if (manifest === undefined || method?.kind !== 'oauth-code') return 'none';
  const app = ports.loadOAuthApp(connection.tenantId, connection.connectorId, method.id);
  if (app === null) return 'failed';
  try {
    const grant = await ports.grants.read(connection.id);
    const clientSecret = await ports.grants.clientSecret(connection, manifest, method, true);
    const client = oauthClient({
      connection,
      manifest,
      method,
      clientId: app.clientId,
      clientSecret,
      transport: ports.transport,
    });
    const outcome = await revokeGrant(client, grant);
    if (outcome.kind === 'pending' || outcome.kind === 'failed')
      ports.log(
        `Revocation of connection ${connection.id} at the provider is ${outcome.kind}: ${outcome.error.message}`,
      );
    return outcome.kind;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    ports.log(`Revocation of connection ${connection.id}: ${error.message}`);
    if (error.code === 'not_found') return 'none';
    return error.code === 'vault_locked' ? 'pending' : 'failed';
  }
}
