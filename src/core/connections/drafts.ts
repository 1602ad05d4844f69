import { z } from 'zod';
import type { ConnectorDescriptor } from '../../shared/connector.ts';
import { AppError } from '../../shared/errors.ts';
import type { ConnectionId, ConnectorId, TenantId } from '../../shared/ids.ts';
import { type ConnectionDraft, connectionDraftSchema, type DraftValues } from '../../shared/ipc/contract/drafts.ts';

/** Most drafts of a tenant; the oldest makes room. */
const MOST = 40;
const storedSchema = z.array(connectionDraftSchema);

export interface DraftPorts {
  readonly settings: {
    get<T>(key: string, schema: z.ZodType<T>): T | null;
    set(key: string, value: unknown): void;
    remove(key: string): void;
  };
  /** @throws AppError not_found */
  readonly descriptor: (id: ConnectorId) => ConnectorDescriptor;
  readonly isThere: (id: ConnectionId) => boolean;
  readonly now: () => string;
}

/** Connection forms that were begun and not saved, per tenant, so that a quit or a crash costs nothing that was typed. */
export class ConnectionDrafts {
  readonly #ports: DraftPorts;

  constructor(ports: DraftPorts) {
    this.#ports = ports;
  }

  /** Newest first; without those of connections that are gone. */
  list(tenantId: TenantId): ConnectionDraft[] {
    const drafts = this.#ports.settings.get(keyOf(tenantId), storedSchema) ?? [];
    return drafts.filter(({ key }) => key.startsWith('new:') || this.#ports.isThere(key as ConnectionId));
  }

  /** @throws AppError invalid_input when a field is one that holds a secret: drafts lie in the clear */
  keep(tenantId: TenantId, draft: Omit<ConnectionDraft, 'keptAt'>): void {
    for (const values of [draft.values, draft.base]) this.#refuseSecrets(values);
    const others = this.list(tenantId).filter(({ key }) => key !== draft.key);
    this.#put(tenantId, [{ ...draft, keptAt: this.#ports.now() }, ...others].slice(0, MOST));
  }

  discard(tenantId: TenantId, key: ConnectionDraft['key']): void {
    const before = this.list(tenantId);
    const after = before.filter((draft) => draft.key !== key);
    if (after.length < before.length) this.#put(tenantId, after);
  }

  /** With the tenant they belong to. */
  forget(tenantId: TenantId): void {
    this.#ports.settings.remove(keyOf(tenantId));
  }

  #put(tenantId: TenantId, drafts: readonly ConnectionDraft[]): void {
    if (drafts.length === 0) this.forget(tenantId);
    else this.#ports.settings.set(keyOf(tenantId), drafts);
  }

  #refuseSecrets({ connectorId, fields }: DraftValues): void {
    const { fields: own, authMethods } = this.#ports.descriptor(connectorId);
    const secret = [...own, ...authMethods.flatMap((method) => method.fields)].find(
      ({ name, kind }) => (kind === 'secret' || kind === 'multilineSecret') && fields[name] !== undefined,
    );
    if (secret !== undefined)
      throw new AppError('invalid_input', `${secret.label} is a secret and is not kept in a draft.`, {
        field: secret.name,
      });
  }
}

function keyOf(tenantId: TenantId): string {
  return `connection-drafts ${tenantId}`;
}
