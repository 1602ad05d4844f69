import {
  type AccessProvider,
  type ConnectorContext,
  ConnectorError,
  type Secret,
  toFailure,
} from '../../../connectors/catalog.ts';
import type { Failure } from '../../shared/activity/activity.ts';
import { type ConnectionAction, offer } from '../../shared/connection/actions.ts';
import type { Connection } from '../../shared/connection/connection.ts';
import { type DisconnectReason, REASON_TEXTS } from '../../shared/connection/reasons.ts';
import { nextState } from '../../shared/connection/state.ts';
import type { SourceField, SourceObject } from '../../shared/connector.ts';
import { AppError, type ErrorCode } from '../../shared/errors.ts';
import type { ConnectionId } from '../../shared/ids.ts';
import type { AuthorizationOutcome, ConnectionInput, ConnectionRow, TestStep } from '../../shared/ipc/contract.ts';
import { settingsFromTemplate } from '../jobs/templates.ts';
import { connectionValues, diff, secretChanges } from './changes.ts';
import { type CheckedForm, checkForm } from './form.ts';
import { accessFromForm } from './form-access.ts';
import { GrantConfirmations } from './grant-confirmations.ts';
import { checkLimits } from './limits.ts';
import type { Authorization, ConnectionPorts, Identity, PendingGrant } from './ports.ts';
import { identifyAndCheck, testConnection } from './test-connection.ts';

const REASON_OF_CLASS: Partial<Record<Failure['class'], DisconnectReason>> = {
  reauthorize_expired: 'authorization_expired',
  reauthorize_permission: 'permission_missing',
  reauthorize_deactivated: 'user_deactivated',
  reauthorize_password: 'password_changed',
  licence_expired: 'licence_ended',
  credential_missing: 'credential_missing',
};
const CODE_OF_CLASS: Partial<Record<Failure['class'], ErrorCode>> = {
  network: 'unreachable',
  timeout: 'timed_out',
  tls: 'tls_failed',
  host_refused: 'host_refused',
  rate_limited: 'rate_limited',
  quota_exceeded: 'quota_exceeded',
  invalid_response: 'invalid_response',
  not_found: 'not_found',
  credential_missing: 'secret_unreadable',
  cancelled: 'cancelled',
};
/** Failures that say nothing about the keys: a connection may be saved as a draft and authorized later. */
const SAYS_NOTHING: ReadonlySet<Failure['class']> = new Set([
  'network',
  'timeout',
  'server_error',
  'rate_limited',
  'quota_exceeded',
]);

/** Which reason a failure gives a connection, or null when it says nothing about its authorization. */
export function reasonOf(failureClass: Failure['class']): DisconnectReason | null {
  return REASON_OF_CLASS[failureClass] ?? null;
}

/** What runs of a lost connection end with. */
function failureOf(reason: DisconnectReason, detail: string): Failure {
  const [failureClass] = Object.entries(REASON_OF_CLASS).find(([, one]) => one === reason) ?? ['reauthorize_expired'];
  const message = detail.trim() === '' ? `${REASON_TEXTS[reason].what}.` : detail;
  return toFailure(new ConnectorError(failureClass as Failure['class'], message));
}

/** A failed call as the error a form or dialog shows. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (!(error instanceof ConnectorError)) throw error;
  const failure = toFailure(error);
  const code =
    CODE_OF_CLASS[failure.class] ?? (reasonOf(failure.class) === null ? 'source_error' : 'authorization_failed');
  return new AppError(code, `${failure.message} ${failure.advice}`.trim(), {
    details: { class: failure.class },
    cause: error,
  });
}

/** Decides and writes everything that happens to a connection. */
export class ConnectionService {
  readonly #ports: ConnectionPorts;
  readonly #confirmations = new GrantConfirmations();
  readonly #tests = new Map<string, AbortController>();
  /** Connections with an authorization, revocation or removal under way. */
  readonly #busy = new Set<ConnectionId>();

  constructor(ports: ConnectionPorts) {
    this.#ports = ports;
  }

  get(id: ConnectionId): Connection {
    const connection = this.#ports.store.get(id);
    if (connection === null) throw new AppError('not_found', 'This connection no longer exists.');
    return connection;
  }

  list(): Connection[] {
    return this.#ports.store.list(this.#ports.currentTenant().id);
  }

  secretsOf(id: ConnectionId): { name: string; setAt: string; isReadable: boolean }[] {
    return this.#ports.secrets
      .names(this.get(id).id)
      .filter(({ name }) => !['accessToken', 'refreshToken', 'expiresAt'].includes(name));
  }

  async create(input: ConnectionInput): Promise<ConnectionRow> {
    const { store } = this.#ports;
    const tenant = this.#ports.currentTenant();
    const descriptor = this.#ports.descriptor(input.connectorId);
    const connector = this.#ports.connector(input.connectorId);
    checkLimits(
      tenant,
      descriptor,
      store
        .list(tenant.id)
        .map((connection) => ({ connection, descriptor: this.#ports.descriptor(connection.connectorId) })),
    );
    const form = await this.#check(input, new Set());
    this.#refuseTakenName(input.name, null);
    const at = this.#ports.now();
    const draft: Connection = {
      id: this.#ports.newId() as ConnectionId,
      tenantId: tenant.id,
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
    const authorization = form.method.interactive ? null : await this.#tryKeys(draft, form);
    if (Object.keys(form.secrets).length > 0) await this.#ports.secrets.put(draft.id, form.secrets);
    const connection: Connection =
      authorization === null
        ? draft
        : { ...draft, authorization, state: nextState(draft.state, { kind: 'authorized', at }) };
    const update = this.#update(connection, 'Connection created', [
      ...diff({}, connectionValues(connection)),
      ...secretChanges(Object.keys(form.secrets)).map((change) => ({ ...change, before: 'not set', after: 'set' })),
    ]);
    try {
      store.insert(
        connection,
        connector.manifest.jobs.map((template) => settingsFromTemplate(template, connection)),
        update,
      );
    } catch (error) {
      this.#ports.secrets.remove(connection.id);
      throw error;
    }
    this.#ports.onChanged([connection], []);
    return this.#ports.row(connection);
  }

  async update(
    id: ConnectionId,
    version: number,
    input: ConnectionInput,
  ): Promise<{ row: ConnectionRow; needsAuthorization: boolean }> {
    const before = this.get(id);
    if (before.version !== version)
      throw new AppError(
        'conflict',
        'This connection was changed meanwhile. Close the dialog and open it again to see the current values.',
      );
    if (before.connectorId !== input.connectorId)
      throw new AppError(
        'invalid_input',
        'The connector of a connection cannot be changed. Create another connection instead.',
        { field: 'connectorId' },
      );
    const form = await this.#check(input, new Set(this.#ports.secrets.names(id).map(({ name }) => name)));
    this.#refuseTakenName(input.name, id);
    const draft: Connection = {
      ...before,
      name: input.name,
      authMethodId: form.method.id,
      fields: form.fields,
      overrides: form.overrides,
      updatedAt: this.#ports.now(),
    };
    const touchesAccess =
      JSON.stringify([before.authMethodId, before.fields, before.overrides]) !==
        JSON.stringify([draft.authMethodId, draft.fields, draft.overrides]) || Object.keys(form.secrets).length > 0;
    let connection = draft;
    let needsAuthorization = false;
    if (touchesAccess && form.method.interactive)
      needsAuthorization = before.state.kind !== 'draft' && before.authMethodId !== draft.authMethodId;
    if (touchesAccess && !form.method.interactive) {
      const authorization = await this.#tryKeys(draft, form);
      if (authorization !== null) {
        this.#refuseOtherOrg(before, authorization.orgId, authorization.org);
        connection = {
          ...draft,
          authorization,
          state: nextState(draft.state, { kind: 'authorized', at: draft.updatedAt }),
        };
      }
    }
    if (needsAuthorization)
      connection = {
        ...connection,
        state: nextState(connection.state, {
          kind: 'authorizationLost',
          at: draft.updatedAt,
          reason: 'authorization_expired',
          detail: 'The way of authentication was changed.',
        }),
      };
    if (Object.keys(form.secrets).length > 0) await this.#ports.secrets.put(id, form.secrets);
    const changes = [
      ...diff(connectionValues(before), connectionValues(connection)),
      ...secretChanges(Object.keys(form.secrets)),
    ];
    const saved = this.#ports.store.save(
      connection,
      changes.length === 0 ? null : this.#update(connection, 'Connection edited', changes),
    );
    this.#ports.onChanged([saved], []);
    return { row: this.#ports.row(saved), needsAuthorization };
  }

  /** Authorize and Re-Authorize: nothing stored changes until the new grant has shown whose it is and that it works. */
  async authorize(input: {
    id: ConnectionId;
    way?: 'window' | 'browser' | undefined;
    secrets?: Record<string, string> | undefined;
    confirmFlowId?: string | undefined;
  }): Promise<AuthorizationOutcome> {
    const connection = this.get(input.id);
    this.#assertOffered(connection, connection.state.kind === 'draft' ? 'authorize' : 'reAuthorize');
    if (input.confirmFlowId !== undefined) {
      const { grant, authorization } = this.#confirmations.take(input.confirmFlowId, connection.id);
      return this.#finish(connection.id, grant, authorization);
    }
    return this.#exclusively(connection.id, async () => {
      this.#ports.secrets.assertUsable();
      const granted = await this.#obtainGrant(connection, input);
      if (granted === null) return { kind: 'cancelled' };
      return this.#judgeGrant(connection, granted);
    });
  }

  cancelAuthorization(id: ConnectionId): void {
    this.#ports.cancelLogIn(id);
  }

  /** At once here; at the provider as soon as it can be reached. */
  async revoke(id: ConnectionId): Promise<ConnectionRow> {
    this.#assertOffered(this.get(id), 'revoke');
    return this.#exclusively(id, async () => {
      this.#ports.cancelLogIn(id);
      const before = this.get(id);
      const at = this.#ports.now();
      const revoked: Connection = {
        ...before,
        updatedAt: at,
        state: nextState(before.state, { kind: 'revoked', at, remote: 'pending' }),
      };
      const saved = this.#ports.store.save(
        revoked,
        this.#update(revoked, 'Connection revoked', [{ field: 'State', before: 'Connected', after: 'Revoked' }]),
      );
      this.#ports.onChanged([saved], []);
      await this.#ports.stopJobsOf(id, 'The connection was revoked.');
      return this.#ports.row(await this.completeRevocation(id));
    });
  }

  /** Tries the provider's side of a revocation; called at once, at start, and when the network returns. */
  async completeRevocation(id: ConnectionId): Promise<Connection> {
    const connection = this.get(id);
    if (connection.state.kind !== 'revoked' || connection.state.remote !== 'pending') return connection;
    const remote = await this.#ports.revokeRemotely(connection);
    const current = this.get(id);
    if (current.state.kind !== 'revoked') return current;
    if (remote !== 'pending') this.#ports.secrets.remove(id);
    if (remote === current.state.remote) return current;
    const after: Connection = {
      ...current,
      updatedAt: this.#ports.now(),
      state: nextState(current.state, { kind: 'remoteRevocationKnown', remote }),
    };
    const text = remote === 'done' ? 'done' : 'not offered by this system';
    const saved = this.#ports.store.save(
      after,
      this.#update(after, 'Revocation at the provider', [{ field: 'At the provider', before: 'pending', after: text }]),
    );
    this.#ports.onChanged([saved], []);
    return saved;
  }

  removalImpact(id: ConnectionId): {
    jobs: string[];
    cachedRows: number;
    executions: number;
    dependentJobs: string[];
    needsTypedName: boolean;
  } {
    const impact = this.#ports.impact(this.get(id).id);
    return {
      ...impact,
      needsTypedName: impact.cachedRows > 0 || impact.executions > 0 || impact.dependentJobs.length > 0,
    };
  }

  async remove(id: ConnectionId, typedName: string): Promise<void> {
    const connection = this.get(id);
    if (this.removalImpact(id).needsTypedName && typedName.trim() !== connection.name)
      throw new AppError('invalid_input', `Type "${connection.name}" to delete it.`, { field: 'typedName' });
    await this.#exclusively(id, async () => {
      this.#ports.cancelLogIn(id);
      await this.#ports.stopJobsOf(id, 'The connection was deleted.');
      const remote =
        connection.state.kind === 'active' || connection.state.kind === 'disconnected'
          ? await this.#ports.revokeRemotely(connection)
          : 'none';
      const atProvider =
        remote === 'done'
          ? 'done'
          : remote === 'pending'
            ? 'could not be reached; withdraw the grant there by hand'
            : 'not offered or not needed';
      const current = this.get(id);
      this.#ports.secrets.remove(id);
      this.#ports.store.remove(
        id,
        this.#update(current, 'Connection deleted', [
          { field: 'Revocation at the provider', before: '', after: atProvider },
        ]),
      );
      this.#ports.onChanged([], [id]);
      await this.#ports.dropJobsOf(id);
    });
  }

  /** Tests what a form holds, or a stored connection as it is. */
  async test(
    input: { testId: string; id?: ConnectionId | undefined; input?: ConnectionInput | undefined },
    onStep: (step: TestStep) => void,
  ): Promise<{ steps: TestStep[]; passed: boolean }> {
    const stored = input.id === undefined ? null : this.get(input.id);
    const connectorId = input.input?.connectorId ?? stored?.connectorId;
    if (connectorId === undefined)
      throw new AppError('invalid_input', 'Choose a connector first.', { field: 'connectorId' });
    const controller = new AbortController();
    this.#tests.set(input.testId, controller);
    try {
      const context =
        input.input === undefined && stored !== null
          ? this.#openStored(stored, controller.signal)
          : await this.#openForm(input.input as ConnectionInput, stored, controller.signal);
      return await testConnection({
        connector: this.#ports.connector(connectorId),
        context,
        onStep,
        monotonic: () => performance.now(),
      });
    } finally {
      this.#tests.delete(input.testId);
    }
  }

  cancelTest(testId: string): void {
    this.#tests.get(testId)?.abort();
  }

  async objects(id: ConnectionId, role: 'source' | 'destination'): Promise<SourceObject[]> {
    return this.#call(id, (connector, context) =>
      role === 'source' ? connector.objects(context) : this.#destination(connector).objects(context),
    );
  }

  async fields(id: ConnectionId, role: 'source' | 'destination', object: string): Promise<SourceField[]> {
    return this.#call(id, (connector, context) =>
      role === 'source' ? connector.fields(context, object) : this.#destination(connector).fields(context, object),
    );
  }

  /**
   * A call or run learnt that the credential no longer works. The connection's other runs end as failed, for the same cause.
   * @param failure as the run that learnt it was told
   */
  async lost(id: ConnectionId, reason: DisconnectReason, detail: string, failure?: Failure): Promise<void> {
    const before = this.#ports.store.get(id);
    if (before === null) return;
    const state = nextState(before.state, { kind: 'authorizationLost', at: this.#ports.now(), reason, detail });
    if (state === before.state) return;
    const after: Connection = { ...before, updatedAt: this.#ports.now(), state };
    const saved = this.#ports.store.save(
      after,
      this.#update(after, 'Connection disconnected', [
        { field: 'State', before: 'Connected', after: `Disconnected: ${REASON_TEXTS[reason].what}` },
      ]),
    );
    this.#ports.onChanged([saved], []);
    await this.#ports.stopJobsOf(
      id,
      `The connection was disconnected: ${REASON_TEXTS[reason].what}.`,
      failure ?? failureOf(reason, detail),
    );
  }

  /** After the vault could be opened again: connections whose secret is readable now go on. */
  credentialsFound(ids: readonly ConnectionId[]): void {
    for (const id of ids) {
      const before = this.#ports.store.get(id);
      if (before === null) continue;
      const state = nextState(before.state, { kind: 'credentialFound', at: this.#ports.now() });
      if (state === before.state) continue;
      const after: Connection = { ...before, updatedAt: this.#ports.now(), state };
      this.#ports.onChanged(
        [
          this.#ports.store.save(
            after,
            this.#update(after, 'Credential readable again', [
              { field: 'State', before: 'Disconnected', after: 'Connected' },
            ]),
          ),
        ],
        [],
      );
    }
  }

  async #obtainGrant(
    connection: Connection,
    input: { way?: 'window' | 'browser' | undefined; secrets?: Record<string, string> | undefined },
  ): Promise<PendingGrant | null> {
    const method = this.#ports
      .descriptor(connection.connectorId)
      .authMethods.find((one) => one.id === connection.authMethodId);
    if (method?.interactive === true) {
      const logIn = await this.#ports.logIn(connection, input.way, this.#ports.onStep);
      return logIn.kind === 'granted' ? logIn.grant : null;
    }
    const stored = new Set(this.#ports.secrets.names(connection.id).map(({ name }) => name));
    const form = await this.#check({ ...connection, secrets: input.secrets ?? {} }, stored);
    return {
      access: await this.#formAccess(form, connection),
      scopes: [],
      missingScopes: [],
      learned: {},
      commit: () => this.#ports.secrets.put(connection.id, form.secrets),
      discard: async () => {},
    };
  }

  async #judgeGrant(connection: Connection, grant: PendingGrant): Promise<AuthorizationOutcome> {
    const host = '';
    const step = (kind: 'identifying' | 'failed', message: string): void =>
      this.#ports.onStep({ flowId: connection.id, connectionId: connection.id, step: kind, host, message });
    step('identifying', 'Asking whose account this is');
    try {
      const connector = this.#ports.connector(connection.connectorId);
      const context = this.#ports.open(
        { ...connection, learned: { ...connection.learned, ...grant.learned } },
        grant.access,
        AbortSignal.timeout(60_000),
      );
      const identity = await identifyAndCheck(connector, context);
      if (!identity.isActive)
        throw new AppError(
          'authorization_failed',
          `${identity.account} is not active in ${identity.org}. Log in as an active user.`,
        );
      this.#refuseOtherOrg(connection, identity.orgId, identity.org);
      const authorization = this.#authorization(identity, grant);
      const before = connection.authorization;
      if (before !== null && before.accountId !== authorization.accountId) {
        return {
          kind: 'confirm',
          flowId: this.#confirmations.hold(connection.id, grant, authorization, this.#ports.newId()),
          before,
          after: authorization,
        };
      }
      return await this.#finish(connection.id, grant, authorization);
    } catch (error) {
      const failure = toAppError(error);
      step('failed', failure.message);
      await grant
        .discard()
        .catch((cause: unknown) => this.#ports.warn('A grant that is not used could not be withdrawn', cause));
      throw failure;
    }
  }

  async #finish(id: ConnectionId, grant: PendingGrant, authorization: Authorization): Promise<AuthorizationOutcome> {
    await grant.commit();
    const before = this.get(id);
    const at = this.#ports.now();
    const after: Connection = {
      ...before,
      learned: { ...before.learned, ...grant.learned },
      authorization,
      updatedAt: at,
      state: nextState(before.state, { kind: 'authorized', at }),
    };
    const action = before.authorization === null ? 'Connection authorized' : 'Connection re-authorized';
    const changes = diff(
      {
        'Authorized by': before.authorization?.account,
        Org: before.authorization?.org,
        Scopes: before.authorization?.scopes.join(' '),
      },
      { 'Authorized by': authorization.account, Org: authorization.org, Scopes: authorization.scopes.join(' ') },
    );
    const saved = this.#ports.store.save(after, this.#update(after, action, changes));
    this.#ports.onChanged([saved], []);
    this.#ports.onStep({
      flowId: id,
      connectionId: id,
      step: 'done',
      host: '',
      message: `Authorized by ${authorization.account} for ${authorization.org}`,
    });
    return { kind: 'authorized', authorization };
  }

  /** Keys of a form: who they belong to, or null when the system could not be asked now. @throws AppError when refused */
  async #tryKeys(connection: Connection, form: CheckedForm): Promise<Authorization | null> {
    this.#ports.secrets.assertUsable();
    const context = this.#ports.open(connection, await this.#formAccess(form, connection), AbortSignal.timeout(60_000));
    try {
      const identity = await identifyAndCheck(this.#ports.connector(connection.connectorId), context);
      return this.#authorization(identity, { scopes: [], missingScopes: [] });
    } catch (error) {
      if (error instanceof ConnectorError && SAYS_NOTHING.has(error.failureClass)) return null;
      throw toAppError(error);
    }
  }

  #authorization(identity: Identity, grant: Pick<PendingGrant, 'scopes' | 'missingScopes'>): Authorization {
    return {
      account: identity.account,
      accountId: identity.accountId,
      org: identity.org,
      orgId: identity.orgId,
      scopes: [...grant.scopes],
      missingScopes: [...grant.missingScopes],
      grantedAt: this.#ports.now(),
    };
  }

  async #check(
    input: Pick<ConnectionInput, 'connectorId' | 'authMethodId' | 'fields' | 'secrets' | 'overrides'>,
    storedSecrets: ReadonlySet<string>,
  ): Promise<CheckedForm> {
    const connector = this.#ports.connector(input.connectorId);
    const prefilled = await this.#ports.practiceSecrets(this.#ports.currentTenant(), input.connectorId);
    const typed = Object.fromEntries(
      Object.entries(input.secrets).filter(([name, value]) => value.trim() !== '' || !(name in prefilled)),
    );
    const secrets = storedSecrets.size > 0 ? typed : { ...prefilled, ...typed };
    return checkForm(
      { ...input, secrets },
      {
        descriptor: this.#ports.descriptor(input.connectorId),
        storedSecrets,
        refuseHost: (host) => connector.manifest.endpoints.refuseHost?.(host) ?? null,
      },
    );
  }

  async #openForm(input: ConnectionInput, stored: Connection | null, signal: AbortSignal): Promise<ConnectorContext> {
    const names = new Set(stored === null ? [] : this.#ports.secrets.names(stored.id).map(({ name }) => name));
    const form = await this.#check(input, names);
    const at = this.#ports.now();
    const tenant = this.#ports.currentTenant();
    const base: Connection = stored ?? {
      id: this.#ports.newId() as ConnectionId,
      tenantId: tenant.id,
      connectorId: input.connectorId,
      name: input.name,
      authMethodId: form.method.id,
      fields: {},
      overrides: form.overrides,
      state: { kind: 'draft' },
      authorization: null,
      learned: {},
      createdAt: at,
      updatedAt: at,
      version: 0,
    };
    const connection = { ...base, authMethodId: form.method.id, fields: form.fields, overrides: form.overrides };
    if (form.method.interactive && stored?.authorization == null)
      throw new AppError(
        'not_allowed',
        'Authorize the connection first: until somebody has logged in there is nothing to test.',
      );
    return this.#ports.open(
      connection,
      form.method.interactive ? this.#ports.storedAccess(connection.id) : await this.#formAccess(form, connection),
      signal,
    );
  }

  #openStored(connection: Connection, signal: AbortSignal): ConnectorContext {
    if (connection.state.kind === 'draft' || connection.state.kind === 'revoked')
      throw new AppError('not_allowed', 'Authorize the connection first: there is no credential to test with.');
    return this.#ports.open(connection, this.#ports.storedAccess(connection.id), signal);
  }

  /** Access made of what the form holds, with stored secrets where it was left blank. */
  async #formAccess(form: CheckedForm, connection: Connection): Promise<AccessProvider> {
    const secrets: Record<string, Secret> = { ...form.secrets };
    for (const { name } of this.#ports.secrets.names(connection.id))
      secrets[name] ??= await this.#ports.secrets.get(connection.id, name);
    return accessFromForm(form, secrets, connection.learned);
  }

  async #call<T>(
    id: ConnectionId,
    work: (connector: ReturnType<ConnectionPorts['connector']>, context: ConnectorContext) => Promise<T>,
  ): Promise<T> {
    const connection = this.get(id);
    if (connection.state.kind !== 'active')
      throw new AppError('not_allowed', `"${connection.name}" is not connected. Authorize it first.`);
    try {
      return await work(
        this.#ports.connector(connection.connectorId),
        this.#ports.open(connection, this.#ports.storedAccess(id), AbortSignal.timeout(60_000)),
      );
    } catch (error) {
      throw toAppError(error);
    }
  }

  #destination(connector: ReturnType<ConnectionPorts['connector']>): NonNullable<typeof connector.destination> {
    if (connector.destination === undefined)
      throw new AppError('not_allowed', `${connector.manifest.name} cannot be a destination.`);
    return connector.destination;
  }

  #assertOffered(connection: Connection, action: ConnectionAction): void {
    const offered = offer(connection.state.kind, action);
    if (!offered.offered) throw new AppError('not_allowed', offered.reason);
  }

  #refuseOtherOrg(connection: Connection, orgId: string, org: string): void {
    const before = connection.authorization;
    if (before !== null && before.orgId !== orgId) {
      throw new AppError(
        'different_org',
        `This log-in belongs to ${org}, but "${connection.name}" is for ${before.org}. Its jobs and rows belong to that org; create another connection for ${org} instead. Nothing was changed.`,
        { details: { before: before.org, after: org } },
      );
    }
  }

  #refuseTakenName(name: string, except: ConnectionId | null): void {
    const taken = this.list().some(
      (connection) => connection.id !== except && connection.name.toLowerCase() === name.trim().toLowerCase(),
    );
    if (taken)
      throw new AppError('conflict', `There is a connection named "${name.trim()}" already.`, { field: 'name' });
  }

  #update(
    connection: Connection,
    action: string,
    changes: { field: string; before: string; after: string }[],
  ): ReturnType<ConnectionPorts['newUpdate']> {
    return this.#ports.newUpdate({
      tenantId: connection.tenantId,
      connectionId: connection.id,
      subject: connection.name,
      action,
      changes,
    });
  }

  async #exclusively<T>(id: ConnectionId, work: () => Promise<T>): Promise<T> {
    if (this.#busy.has(id))
      throw new AppError(
        'busy',
        'Another authorization, revocation or deletion of this connection is under way. Wait until it has ended, or cancel it.',
      );
    this.#busy.add(id);
    try {
      return await work();
    } finally {
      this.#busy.delete(id);
    }
  }
}
