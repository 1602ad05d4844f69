/** A vault passphrase that nobody knows any more: what goes with it, and how the app is got working again. */
import type { Secret } from '../../../connectors/catalog.ts';
import type { Connection } from '../../shared/connection/connection.ts';
import { AppError } from '../../shared/errors.ts';
import type { ConnectionId } from '../../shared/ids.ts';
import type { ForgottenImpact } from '../../shared/ipc/contract/settings.ts';
import type { Tenant } from '../../shared/tenant.ts';
import { FORGET_WORD, type VaultStatus } from '../../shared/vault.ts';
import { connectionOwner, oauthAppOwner } from '../oauth/grants.ts';
import type { OAuthAppRecord } from '../tenants/oauth-apps.ts';
import type { SecretOwner } from './contract.ts';

export interface ForgottenPorts {
  readonly tenants: () => readonly Tenant[];
  readonly connections: (tenantId: Tenant['id']) => readonly Connection[];
  readonly oauthApps: (tenantId: Tenant['id']) => readonly OAuthAppRecord[];
  readonly connectorName: (id: string) => string;
  readonly vault: {
    ownersUnderPassphrase(): SecretOwner[];
    replaceForgottenPassphrase(passphrase: Secret): Promise<VaultStatus>;
  };
  /** Disconnects a connection whose credential is gone. */
  readonly markDisconnected: (id: ConnectionId, detail: string) => Promise<void>;
}

const keyOf = ({ kind, id }: SecretOwner): string => `${kind} ${id}`;

export class ForgottenPassphrase {
  readonly #ports: ForgottenPorts;

  constructor(ports: ForgottenPorts) {
    this.#ports = ports;
  }

  impact(): ForgottenImpact {
    const { connectorName } = this.#ports;
    return {
      connections: this.#connections().map(({ tenant, connection }) => ({
        tenantName: tenant.name,
        name: connection.name,
      })),
      oauthApps: this.#oauthApps().map(({ tenant, app }) => ({
        tenantName: tenant.name,
        name: connectorName(app.connectorId),
      })),
    };
  }

  /** @throws AppError invalid_input unless the word was typed, not_allowed while the vault is open */
  async replace(passphrase: Secret, typed: string): Promise<VaultStatus> {
    if (typed.trim().toLowerCase() !== FORGET_WORD)
      throw new AppError('invalid_input', `Type "${FORGET_WORD}" to give up what the old passphrase protects.`, {
        field: 'typed',
      });
    const affected = this.#connections();
    const status = await this.#ports.vault.replaceForgottenPassphrase(passphrase);
    for (const { connection } of affected)
      await this.#ports.markDisconnected(connection.id, 'The vault passphrase was forgotten and replaced.');
    return status;
  }

  #connections(): { tenant: Tenant; connection: Connection }[] {
    const lost = this.#lostOwners();
    return this.#ports.tenants().flatMap((tenant) =>
      this.#ports
        .connections(tenant.id)
        .filter(({ id }) => lost.has(keyOf(connectionOwner(id))))
        .map((connection) => ({ tenant, connection })),
    );
  }

  #oauthApps(): { tenant: Tenant; app: OAuthAppRecord }[] {
    const lost = this.#lostOwners();
    return this.#ports.tenants().flatMap((tenant) =>
      this.#ports
        .oauthApps(tenant.id)
        .filter((app) => lost.has(keyOf(oauthAppOwner(tenant.id, app.connectorId, app.authMethodId))))
        .map((app) => ({ tenant, app })),
    );
  }

  #lostOwners(): Set<string> {
    return new Set(this.#ports.vault.ownersUnderPassphrase().map(keyOf));
  }
}
