import type { AccessProvider, ConnectorContext, Identity, Secret } from '../../../connectors/catalog.ts';
import { AppError } from '../../shared/app-error.ts';
import type { Authorization, Connection, FieldValue } from '../../shared/connection/connection.ts';
import { isSecretField } from '../../shared/connector/form.ts';
import type { ConnectionId } from '../../shared/ids.ts';
import type { GrantLoss } from '../../shared/ipc/contract/credentials.ts';
import type { ConnectionInput } from '../../shared/ipc/contract.ts';
import { newId } from '../../store/profile.ts';
import type { ConnectionSecrets } from '../vault/open-secrets.ts';
import { findRegressions } from './access-regressions.ts';
import { accessParts } from './changes.ts';
import type { ConnectionAccess, ConnectionJobs, ConnectorLookup, PracticeSecrets } from './collaborators.ts';
import type { ConnectionRecords } from './connection-records.ts';
import { saysNothingOfKeys, toAppError } from './failures.ts';
import { type CheckedForm, checkForm } from './form.ts';
import { noAccess } from './form-access.ts';
import { movedHost } from './hosts.ts';
import type { PendingGrant } from './pending-grant.ts';
import { identifyAndCheck } from './test-connection.ts';

const PATIENCE_MS = 60_000;

export interface OpenedForm {
  readonly context: ConnectorContext;
  /** Why there is no credential that may be used, as a sentence; null when there is one. */
  readonly noCredential: string | null;
  /** The form holds nothing else than what is stored. */
  readonly isAsStored: boolean;
}

type FormInput = Pick<
  ConnectionInput,
  'connectorId' | 'authMethodId' | 'fields' | 'secrets' | 'removedSecrets' | 'overrides'
>;

export interface ConnectionFormsParts {
  readonly records: ConnectionRecords;
  readonly connectors: ConnectorLookup;
  readonly secrets: ConnectionSecrets;
  readonly access: ConnectionAccess;
  readonly jobs: ConnectionJobs;
  readonly practice: PracticeSecrets;
}

/** What a connection form holds: checked, with stored and practice secrets where it was left blank, and tried out. */
export class ConnectionForms {
  readonly #records: ConnectionRecords;
  readonly #connectors: ConnectorLookup;
  readonly #secrets: ConnectionSecrets;
  readonly #access: ConnectionAccess;
  readonly #jobs: ConnectionJobs;
  readonly #practice: PracticeSecrets;

  constructor(parts: ConnectionFormsParts) {
    this.#records = parts.records;
    this.#connectors = parts.connectors;
    this.#secrets = parts.secrets;
    this.#access = parts.access;
    this.#jobs = parts.jobs;
    this.#practice = parts.practice;
  }

  /**
   * @param stored names of secrets that are stored already; null = the connection is revoked: it has none, and needs none
   * @throws AppError invalid_input with the field that is wrong
   */
  async check(input: FormInput, stored: ReadonlySet<string> | null): Promise<CheckedForm> {
    const connector = this.#connectors.connector(input.connectorId);
    const prefilled = await this.#practice.secretsFor(this.#records.currentTenant(), input.connectorId);
    const typed = Object.fromEntries(
      Object.entries(input.secrets).filter(([name, value]) => value.trim() !== '' || !(name in prefilled)),
    );
    const secrets = stored?.size === 0 ? { ...prefilled, ...typed } : typed;
    return checkForm(
      { ...input, secrets },
      {
        descriptor: this.#connectors.descriptor(input.connectorId),
        storedSecrets: stored ?? new Set(),
        mayLackSecrets: stored === null,
        refuseHost: (host) => connector.manifest.endpoints.refuseHost?.(host) ?? null,
      },
    );
  }

  storedNames(id: ConnectionId): Set<string> {
    return new Set(this.#secrets.names(id).map(({ name }) => name));
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
    const connector = this.#connectors.connector(before.connectorId);
    const method = connector.manifest.auth.find((one) => one.id === after.authMethodId);
    if (method === undefined || method.apply.kind === 'aws') return null;
    return movedHost(connector, before, after);
  }

  /** @throws AppError invalid_input at the first secret field that would take an old value to another host */
  refuseMovedKeys(before: Connection, after: Connection, form: CheckedForm): void {
    const moved = this.movedCredential(before, after);
    if (moved === null) return;
    const stored = this.storedNames(before.id);
    const { fields } = this.#connectors.descriptor(before.connectorId);
    const kept = [...fields, ...form.method.fields].find(
      ({ name, kind }) =>
        isSecretField({ kind }) && stored.has(name) && form.secrets[name] === undefined && !form.removed.includes(name),
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
    for (const { name } of this.#secrets.names(connection.id))
      if (!form.removed.includes(name)) secrets[name] ??= await this.#secrets.get(connection.id, name);
    return this.#access.fromCredentials(
      { ...connection, authMethodId: form.method.id, fields: form.fields, overrides: form.overrides },
      secrets,
    );
  }

  /** The keys of a form as a grant that can be tried; of the other values, only those of the method itself count. */
  async keyGrant(
    connection: Connection,
    { fields = {}, ...typed }: Partial<Pick<ConnectionInput, 'fields' | 'secrets' | 'removedSecrets'>>,
  ): Promise<PendingGrant> {
    const names = this.#valueNames(connection);
    const asked = { ...connection.fields, ...picked(fields, names) };
    const form = await this.check(
      { ...connection, fields: asked, secrets: typed.secrets ?? {}, removedSecrets: typed.removedSecrets },
      this.storedNames(connection.id),
    );
    const applied = (to: Connection): Connection => {
      const others = Object.entries(to.fields).filter(([name]) => !names.includes(name));
      return { ...to, fields: { ...Object.fromEntries(others), ...picked(form.fields, names) } };
    };
    this.refuseMovedKeys(connection, applied(connection), form);
    return {
      access: await this.access(form, connection),
      scopes: [],
      missingScopes: [],
      learned: {},
      applied,
      commit: () => this.storeSecrets(connection.id, form),
      discard: async () => {},
    };
  }

  /** Puts what was typed into the vault, durably, and erases what is to go. */
  async storeSecrets(id: ConnectionId, { secrets, removed }: CheckedForm): Promise<void> {
    if (Object.keys(secrets).length > 0) await this.#secrets.put(id, secrets);
    if (removed.length > 0) this.#secrets.remove(id, removed);
  }

  eraseSecrets(id: ConnectionId): void {
    this.#secrets.remove(id);
  }

  /** @throws AppError vault_locked | vault_unavailable when nothing could be stored now */
  assertStorable(): void {
    this.#secrets.assertUsable();
  }

  /** Whether the form holds other keys than those that are stored. */
  changesKeys(before: Connection, after: Connection, form: CheckedForm): boolean {
    const names = this.#valueNames(after);
    return (
      before.authMethodId !== after.authMethodId ||
      Object.keys(form.secrets).length > 0 ||
      form.removed.length > 0 ||
      names.some((name) => before.fields[name] !== after.fields[name])
    );
  }

  /**
   * Keys of a form: who they belong to, and (where asked for) what cannot be read with them of what jobs use; null when the
   * system could not be asked now. @throws AppError when refused
   */
  async tryKeys(
    connection: Connection,
    form: CheckedForm,
    wantsRegressions: boolean,
  ): Promise<{ authorization: Authorization; losses: GrantLoss[] } | null> {
    this.assertStorable();
    const context = this.#access.open(
      connection,
      await this.access(form, connection),
      AbortSignal.timeout(PATIENCE_MS),
    );
    try {
      const identity = await identifyAndCheck(this.#connectors.connector(connection.connectorId), context);
      const authorization = this.authorization(identity, { scopes: [], missingScopes: [] });
      return {
        authorization,
        losses: wantsRegressions ? await findRegressions(this.#connectors, this.#jobs, connection, context) : [],
      };
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
      grantedAt: this.#records.now(),
    };
  }

  /** A context for what a form holds, with the credential that may be used for it. @throws AppError invalid_input */
  async open(input: ConnectionInput, stored: Connection | null, signal: AbortSignal): Promise<OpenedForm> {
    // Another way of authentication begins without what was stored for the one before.
    const isSameWay = stored !== null && stored.authMethodId === input.authMethodId;
    const form = await this.check(input, isSameWay ? this.storedNames(stored.id) : new Set());
    const base = stored ?? this.blank(input, form);
    const connection = this.applied(base, base.name, form);
    const isAsStored =
      stored !== null && accessParts(stored) === accessParts(connection) && !this.changesKeys(stored, connection, form);
    if (!form.method.interactive) {
      if (stored !== null) this.refuseMovedKeys(stored, connection, form);
      return {
        context: this.#access.open(connection, await this.access(form, connection), signal),
        noCredential: null,
        isAsStored,
      };
    }
    const noCredential = this.#whyNoGrant(stored, connection);
    const access = noCredential === null ? this.#access.stored(connection.id) : noAccess(noCredential);
    return { context: this.#access.open(connection, access, signal), noCredential, isAsStored };
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

  /** Names of the values, not secret, that belong to the connection's method: an access key id, an e-mail address. */
  #valueNames({ connectorId, authMethodId }: Connection): string[] {
    const method = this.#connectors.descriptor(connectorId).authMethods.find(({ id }) => id === authMethodId);
    return (method?.fields ?? []).filter((field) => !isSecretField(field)).map(({ name }) => name);
  }

  /** A connection that nobody has stored yet. */
  blank(input: ConnectionInput, form: CheckedForm): Connection {
    const at = this.#records.now();
    return {
      id: newId() as ConnectionId,
      tenantId: this.#records.currentTenant().id,
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

function picked(values: Readonly<Record<string, FieldValue>>, names: readonly string[]): Record<string, FieldValue> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)));
}
