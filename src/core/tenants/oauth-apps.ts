import type { Secret } from '../../../connectors/catalog.ts';
import type { Update } from '../../shared/activity/activity.ts';
import { AppError } from '../../shared/errors.ts';
import type { ConnectorId, TenantId } from '../../shared/ids.ts';
import type { OAuthApp } from '../../shared/ipc/contract.ts';
import type { LoginPlace } from '../oauth/secret-hosts.ts';

/** What is stored of an app beside its secret. */
export interface OAuthAppRecord {
  readonly id: string;
  readonly tenantId: TenantId;
  readonly connectorId: ConnectorId;
  readonly authMethodId: string;
  readonly clientId: string;
  readonly updatedAt: string;
}

export interface OAuthAppPorts {
  readonly list: (tenantId: TenantId) => OAuthAppRecord[];
  readonly find: (tenantId: TenantId, connectorId: string, methodId: string) => OAuthAppRecord | null;
  readonly save: (app: OAuthAppRecord, update: Update | null) => void;
  readonly remove: (id: string, update: Update) => void;
  readonly secret: {
    /** Null when none is stored. */
    readonly info: (app: OAuthAppRecord) => { readonly setAt: string; readonly isReadable: boolean } | null;
    /** Stores it as entered for one place; the same value as before is good for the places before too. */
    readonly put: (app: OAuthAppRecord, clientSecret: Secret, place: LoginPlace | null) => Promise<void>;
    /** Whether none is stored, or this one. */
    readonly isMissingOr: (app: OAuthAppRecord, clientSecret: Secret) => Promise<boolean>;
    readonly remove: (app: OAuthAppRecord) => void;
  };
  readonly connectorName: (id: ConnectorId) => string;
  readonly newId: () => string;
  readonly newUpdate: (tenantId: TenantId, subject: string, action: string, changes: Update['changes']) => Update;
  readonly now: () => string;
}

/** The client registrations of a tenant: one per connector and way of authentication, its secret in the vault. */
export class OAuthAppService {
  readonly #ports: OAuthAppPorts;

  constructor(ports: OAuthAppPorts) {
    this.#ports = ports;
  }

  list(tenantId: TenantId): OAuthApp[] {
    return this.#ports.list(tenantId).map((record) => this.#shown(record));
  }

  /**
   * Saves the app; a client secret left out or blank keeps the stored one.
   * @param place the connection form it was entered in, whose log-in host it is for; null for the vendor's own hosts
   * @throws AppError not_found for a connector that is not there, before anything is stored
   */
  async save(
    tenantId: TenantId,
    input: Pick<OAuthAppRecord, 'connectorId' | 'authMethodId' | 'clientId'>,
    clientSecret: Secret | null,
    place: LoginPlace | null = null,
  ): Promise<OAuthApp> {
    const { connectorId, authMethodId, clientId } = input;
    const connectorName = this.#ports.connectorName(connectorId);
    const before = this.#ports.find(tenantId, connectorId, authMethodId);
    const record = {
      ...input,
      id: before?.id ?? this.#ports.newId(),
      tenantId,
      updatedAt: this.#ports.now(),
    };
    // The secret first: without it, an app would be there that cannot log in, and nothing on the page would say why.
    if (clientSecret !== null) await this.#ports.secret.put(record, clientSecret, place);
    const changes = [
      ...(before?.clientId === clientId
        ? []
        : [{ field: 'Client id', before: before?.clientId ?? '', after: clientId }]),
      ...(clientSecret === null ? [] : [{ field: 'Client secret', before: '', after: 'set' }]),
    ];
    this.#ports.save(
      record,
      changes.length === 0 ? null : this.#ports.newUpdate(tenantId, connectorName, 'OAuth app saved', changes),
    );
    return this.#shown(this.#found(tenantId, connectorId, authMethodId));
  }

  remove(tenantId: TenantId, connectorId: ConnectorId, authMethodId: string): void {
    const record = this.#found(tenantId, connectorId, authMethodId);
    const changes = [{ field: 'Client id', before: record.clientId, after: '' }];
    const connectorName = this.#ports.connectorName(connectorId);
    this.#ports.secret.remove(record);
    this.#ports.remove(record.id, this.#ports.newUpdate(tenantId, connectorName, 'OAuth app removed', changes));
  }

  /** Removes the secrets of all apps of a tenant that goes. */
  forgetSecrets(tenantId: TenantId): void {
    for (const record of this.#ports.list(tenantId)) this.#ports.secret.remove(record);
  }

  /** Gives the practice tenant the app its practice server knows; what a person has changed stays. */
  async prefill(
    tenantId: TenantId,
    input: Pick<OAuthAppRecord, 'connectorId' | 'authMethodId' | 'clientId'>,
    clientSecret: Secret | null,
    place: LoginPlace,
  ): Promise<void> {
    const { connectorId, authMethodId, clientId } = input;
    let record = this.#ports.find(tenantId, connectorId, authMethodId);
    if (record === null) {
      record = { ...input, id: this.#ports.newId(), tenantId, updatedAt: this.#ports.now() };
      this.#ports.save(record, null);
    }
    if (
      clientSecret !== null &&
      record.clientId === clientId &&
      (await this.#ports.secret.isMissingOr(record, clientSecret))
    )
      await this.#ports.secret.put(record, clientSecret, place);
  }

  #found(tenantId: TenantId, connectorId: string, authMethodId: string): OAuthAppRecord {
    const found = this.#ports.find(tenantId, connectorId, authMethodId);
    if (found === null) throw new AppError('not_found', 'There is no OAuth app for this connector yet.');
    return found;
  }

  #shown(record: OAuthAppRecord): OAuthApp {
    const { connectorId, authMethodId, clientId, updatedAt } = record;
    const secret = this.#ports.secret.info(record);
    return {
      connectorId,
      authMethodId,
      clientId,
      updatedAt,
      hasClientSecret: secret !== null,
      clientSecretSetAt: secret?.setAt ?? null,
      isClientSecretReadable: secret?.isReadable ?? false,
    };
  }
}
