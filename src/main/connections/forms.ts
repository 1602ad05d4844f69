import type { AccessProvider, ConnectorContext, Secret } from '../../../connectors/catalog.ts';
import { AppError } from '../../shared/app-error.ts';
import type { Authorization, Connection } from '../../shared/connection/connection.ts';
import type { ConnectionId } from '../../shared/ids.ts';
import type { ConnectionInput } from '../../shared/ipc/contract.ts';
import type { ConnectionDesk } from './desk.ts';
import { saysNothingOfKeys, toAppError } from './failures.ts';
import { type CheckedForm, checkForm } from './form.ts';
import { accessFromForm, noAccess } from './form-access.ts';
import { movedHost } from './hosts.ts';
import type { Identity, PendingGrant } from './ports.ts';
import { identifyAndCheck } from './test-connection.ts';

const PATIENCE_MS = 60_000;

export interface OpenedForm {
  readonly context: ConnectorContext;
  /** Why there is no credential that may be used, as a sentence; null when there is one. */
  readonly noCredential: string | null;
}

/** What a connection form holds: checked, with stored and practice secrets where it was left blank, and tried out. */
export class ConnectionForms {
  readonly #desk: ConnectionDesk;

  constructor(desk: ConnectionDesk) {
    this.#desk = desk;
  }

  /** @throws AppError invalid_input with the field that is wrong */
  async check(
    input: Pick<ConnectionInput, 'connectorId' | 'authMethodId' | 'fields' | 'secrets' | 'overrides'>,
    storedSecrets: ReadonlySet<string>,
  ): Promise<CheckedForm> {
    const { ports } = this.#desk;
    const connector = ports.connector(input.connectorId);
    const prefilled = await ports.practiceSecrets(ports.currentTenant(), input.connectorId);
    const typed = Object.fromEntries(
      Object.entries(input.secrets).filter(([name, value]) => value.trim() !== '' || !(name in prefilled)),
    );
    const secrets = storedSecrets.size > 0 ? typed : { ...prefilled, ...typed };
    return checkForm(
      { ...input, secrets },
      {
        descriptor: ports.descriptor(input.connectorId),
        storedSecrets,
        refuseHost: (host) => connector.manifest.endpoints.refuseHost?.(host) ?? null,
      },
    );
  }

  storedNames(id: ConnectionId): Set<string> {
    return new Set(this.#desk.ports.secrets.names(id).map(({ name }) => name));
  }

  /** The connection as it would be with what the form holds. */
  applied(before: Connection, name: string, form: CheckedForm): Connection {
    return { ...before, name, authMethodId: form.method.id, fields: form.fields, overrides: form.overrides };
  }

  /**
   * Where a stored credential would have gone before and would go now, when these differ; null when nothing stored moves.
   * A signed request (AWS) shows the host nothing that opens anything, so it does not count.
   */
  movedCredential(before: Connection, after: Connection): { from: string; to: string } | null {
    const connector = this.#desk.ports.connector(before.connectorId);
    const method = connector.manifest.auth.find((one) => one.id === after.authMethodId);
    if (method === undefined || method.apply.kind === 'aws') return null;
    return movedHost(connector, before, after);
  }

  /** @throws AppError invalid_input at the first secret field that would take an old value to another host */
  refuseMovedKeys(before: Connection, after: Connection, form: CheckedForm): void {
    const moved = this.movedCredential(before, after);
    if (moved === null) return;
    const stored = this.storedNames(before.id);
    const { fields } = this.#desk.ports.descriptor(before.connectorId);
    const kept = [...fields, ...form.method.fields].find(
      ({ name, kind }) =>
        (kind === 'secret' || kind === 'multilineSecret') && stored.has(name) && form.secrets[name] === undefined,
    );
    if (kept === undefined) return;
    throw new AppError(
      'invalid_input',
      `${kept.label} was entered for ${moved.from}. Enter it again to have it sent to ${moved.to}.`,
      { field: kept.name },
    );
  }

  /** Access made of what the form holds, with stored secrets where it was left blank. */
  async access(form: CheckedForm, connection: Connection): Promise<AccessProvider> {
    const secrets: Record<string, Secret> = { ...form.secrets };
    for (const { name } of this.#desk.ports.secrets.names(connection.id))
      secrets[name] ??= await this.#desk.ports.secrets.get(connection.id, name);
    return accessFromForm(form, secrets, connection.learned);
  }

  /** Keys of a form: who they belong to, or null when the system could not be asked now. @throws AppError when refused */
  async tryKeys(connection: Connection, form: CheckedForm): Promise<Authorization | null> {
    const { ports } = this.#desk;
    ports.secrets.assertUsable();
    const context = ports.open(connection, await this.access(form, connection), AbortSignal.timeout(PATIENCE_MS));
    try {
      const identity = await identifyAndCheck(ports.connector(connection.connectorId), context);
      return this.authorization(identity, { scopes: [], missingScopes: [] });
    } catch (error) {
      if (saysNothingOfKeys(error)) return null;
      throw toAppError(error);
    }
  }

  authorization(identity: Identity, grant: Pick<PendingGrant, 'scopes' | 'missingScopes'>): Authorization {
    return {
      account: identity.account,
      accountId: identity.accountId,
      org: identity.org,
      orgId: identity.orgId,
      scopes: [...grant.scopes],
      missingScopes: [...grant.missingScopes],
      grantedAt: this.#desk.ports.now(),
    };
  }

  /** A context for what a form holds, with the credential that may be used for it. @throws AppError invalid_input */
  async open(input: ConnectionInput, stored: Connection | null, signal: AbortSignal): Promise<OpenedForm> {
    const { ports } = this.#desk;
    const form = await this.check(input, stored === null ? new Set() : this.storedNames(stored.id));
    const base = stored ?? this.blank(input, form);
    const connection = this.applied(base, base.name, form);
    if (!form.method.interactive) {
      if (stored !== null) this.refuseMovedKeys(stored, connection, form);
      return { context: ports.open(connection, await this.access(form, connection), signal), noCredential: null };
    }
    const noCredential = this.#whyNoGrant(stored, connection);
    const access = noCredential === null ? ports.storedAccess(connection.id) : noAccess(noCredential);
    return { context: ports.open(connection, access, signal), noCredential };
  }

  /** Why no log-in may be used for what the form makes of a connection; null when one may. */
  #whyNoGrant(stored: Connection | null, after: Connection): string | null {
    if (stored?.state.kind === 'revoked') return 'Not tried: the authorization was revoked.';
    if (stored?.authorization == null || stored.state.kind === 'draft')
      return 'Not tried: nobody has logged in yet. Authorize the connection to test the rest.';
    if (stored.authMethodId !== after.authMethodId)
      return 'Not tried: the way of authentication was changed. Save, authorize again, then test.';
    const moved = this.movedCredential(stored, after);
    return moved === null
      ? null
      : `Not tried: the authorization was given for ${moved.from} and is not sent to ${moved.to}. Save, authorize again, then test.`;
  }

  /** A connection that nobody has stored yet. */
  blank(input: ConnectionInput, form: CheckedForm): Connection {
    const { ports } = this.#desk;
    const at = ports.now();
    return {
      id: ports.newId() as ConnectionId,
      tenantId: ports.currentTenant().id,
      connectorId: input.connectorId,
      name: input.name,
      authMethodId: form.method.id,
      fields: form.fields,
      overrides: form.overrides,
      state: { kind: 'draft' },
      authorization: null,
      learned: {},
      createdAt: at,
      updatedAt: at,
      version: 1,
    };
  }
}
