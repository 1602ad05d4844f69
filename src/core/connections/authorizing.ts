import type { Authorization, Connection, FieldValue } from '../../shared/connection/connection.ts';
import { nextState } from '../../shared/connection/state.ts';
import type { ConnectionId } from '../../shared/ids.ts';
import type { GrantLoss } from '../../shared/ipc/contract/credentials.ts';
import type { AuthorizationOutcome, AuthorizationStep } from '../../shared/ipc/contract.ts';
import { newId } from '../../store/profile.ts';
import type { CoreEvents } from '../events.ts';
import type { AppLog } from '../log.ts';
import { findRegressions } from './access-regressions.ts';
import { accessParts, authorizationChanges, connectionValues, diff } from './changes.ts';
import type { ConnectionAccess, ConnectionJobs, ConnectorLookup } from './collaborators.ts';
import type { ConnectionRecords } from './connection-records.ts';
import { toAppError } from './failures.ts';
import type { ConnectionForms } from './forms.ts';
import { GrantConfirmations } from './grant-confirmations.ts';
import type { KeyedLock } from './keyed-lock.ts';
import type { PendingGrant } from './pending-grant.ts';
import type { ProviderRevocations } from './provider-revocations.ts';
import { assertOffered, refuseOtherOrg } from './rules.ts';
import { identifyAndCheck } from './test-connection.ts';

/** Whose grant it is must be known soon; reading every object that jobs use may take longer. */
const PATIENCE_MS = 180_000;

export interface AuthorizeInput {
  readonly id: ConnectionId;
  readonly way?: 'window' | 'browser' | undefined;
  readonly fields?: Record<string, FieldValue> | undefined;
  readonly secrets?: Record<string, string> | undefined;
  readonly removedSecrets?: string[] | undefined;
  readonly confirmFlowId?: string | undefined;
}

export interface ConnectionAuthorizingParts {
  readonly records: ConnectionRecords;
  readonly lock: KeyedLock<ConnectionId>;
  readonly forms: ConnectionForms;
  readonly connectors: ConnectorLookup;
  readonly access: ConnectionAccess;
  readonly jobs: ConnectionJobs;
  readonly provider: ProviderRevocations;
  readonly events: CoreEvents;
  readonly log: Pick<AppLog, 'error'>;
}

/** Authorize and Re-Authorize: nothing stored changes until the new grant has shown whose it is and what it can read. */
export class ConnectionAuthorizing {
  readonly #records: ConnectionRecords;
  readonly #lock: KeyedLock<ConnectionId>;
  readonly #forms: ConnectionForms;
  readonly #connectors: ConnectorLookup;
  readonly #access: ConnectionAccess;
  readonly #jobs: ConnectionJobs;
  readonly #provider: ProviderRevocations;
  readonly #events: CoreEvents;
  readonly #log: Pick<AppLog, 'error'>;
  readonly #confirmations: GrantConfirmations;
  /** Grants that are being tried, to be given up when the person cancels. */
  readonly #trials = new Map<ConnectionId, AbortController>();
  /** Grants that are in the vault: whatever fails afterwards, they are not given back. */
  readonly #kept = new WeakSet<PendingGrant>();

  constructor(parts: ConnectionAuthorizingParts) {
    this.#records = parts.records;
    this.#lock = parts.lock;
    this.#forms = parts.forms;
    this.#connectors = parts.connectors;
    this.#access = parts.access;
    this.#jobs = parts.jobs;
    this.#provider = parts.provider;
    this.#events = parts.events;
    this.#log = parts.log;
    this.#confirmations = new GrantConfirmations((text, error) => this.#log.error(text, error));
  }

  async authorize(input: AuthorizeInput): Promise<AuthorizationOutcome> {
    const connection = this.#records.get(input.id);
    assertOffered(connection, connection.state.kind === 'draft' ? 'authorize' : 'reAuthorize');
    return this.#lock.hold(connection.id, async () => {
      // Before anything is taken or shown: what could not be stored in the end is not begun.
      this.#forms.assertStorable();
      if (input.confirmFlowId !== undefined) {
        const { grant, authorization, losses } = this.#confirmations.take(input.confirmFlowId, connection);
        return this.#finish(connection.id, grant, authorization, losses);
      }
      // A grant that still waits for an answer would be given back later, and some providers then end the newer one too.
      this.#confirmations.refuse(connection.id);
      const granted = await this.#obtainGrant(connection, input);
      if (granted === null) return { kind: 'cancelled' };
      return this.#tryOut(connection.id, granted);
    });
  }

  /** Ends a log-in that is open, gives up a grant that is being tried, and gives back one that waits for a confirmation. */
  cancel(id: ConnectionId): void {
    this.#access.cancelLogIn(id);
    this.#trials.get(id)?.abort();
    this.#confirmations.refuse(id);
  }

  async #obtainGrant(connection: Connection, input: AuthorizeInput): Promise<PendingGrant | null> {
    const method = this.#connectors
      .descriptor(connection.connectorId)
      .authMethods.find((one) => one.id === connection.authMethodId);
    if (method?.interactive === true) {
      const logIn = await this.#access.logIn(connection, input.way, this.#tell);
      return logIn.kind === 'granted' ? logIn.grant : null;
    }
    return this.#forms.keyGrant(connection, input);
  }

  async #tryOut(id: ConnectionId, grant: PendingGrant): Promise<AuthorizationOutcome> {
    const trial = new AbortController();
    const limit = AbortSignal.timeout(PATIENCE_MS);
    const giveUp = (): void => trial.abort(limit.reason);
    limit.addEventListener('abort', giveUp);
    this.#trials.set(id, trial);
    try {
      return await this.#judge(this.#records.get(id), grant, trial.signal);
    } catch (error) {
      if (!this.#kept.has(grant))
        await grant
          .discard()
          .catch((cause: unknown) => this.#log.error('A grant that is not used could not be withdrawn', cause));
      if (trial.signal.aborted && !limit.aborted) {
        this.#step(id, 'cancelled', 'The log-in was cancelled. Nothing was changed.');
        return { kind: 'cancelled' };
      }
      const failure = toAppError(error);
      this.#step(id, 'failed', failure.message);
      throw failure;
    } finally {
      this.#trials.delete(id);
      limit.removeEventListener('abort', giveUp);
    }
  }

  /** Whose grant it is, for which org, and what it can read. Nothing of it is stored unless all is as before. */
  async #judge(stored: Connection, grant: PendingGrant, signal: AbortSignal): Promise<AuthorizationOutcome> {
    const connection = grant.applied?.(stored) ?? stored;
    this.#step(connection.id, 'identifying', 'Asking whose account this is');
    const connector = this.#connectors.connector(connection.connectorId);
    const learned = { ...connection.learned, ...grant.learned };
    const context = this.#access.open({ ...connection, learned }, grant.access, signal);
    const identity = await identifyAndCheck(connector, context);
    refuseOtherOrg(connection, identity.orgId, identity.org);
    const authorization = this.#forms.authorization(identity, grant);
    const before = connection.authorization;
    const reading = (object: string): void =>
      this.#step(connection.id, 'identifying', `Reading ${object} with the new authorization`);
    const losses =
      before === null ? [] : await findRegressions(this.#connectors, this.#jobs, connection, context, reading);
    signal.throwIfAborted();
    const lostScopes = before?.scopes.filter((scope) => !authorization.scopes.includes(scope)) ?? [];
    const isSame = before?.accountId === authorization.accountId && losses.length === 0 && lostScopes.length === 0;
    if (before === null || isSame) return this.#finish(connection.id, grant, authorization, []);
    const held = { connectionId: connection.id, basis: accessParts(stored), grant, authorization, losses };
    const flowId = this.#confirmations.hold(held, newId());
    return { kind: 'confirm', flowId, before, after: authorization, losses, lostScopes };
  }

  async #finish(
    id: ConnectionId,
    grant: PendingGrant,
    authorization: Authorization,
    losses: readonly GrantLoss[],
  ): Promise<AuthorizationOutcome> {
    // A revocation that still waits needs the old tokens: they are put aside before the new ones take their place.
    await this.#provider.deferWaiting(id);
    await grant.commit();
    this.#kept.add(grant);
    const before = this.#records.get(id);
    const at = this.#records.now();
    const after: Connection = {
      ...(grant.applied?.(before) ?? before),
      learned: { ...before.learned, ...grant.learned },
      authorization,
      updatedAt: at,
      state: nextState(before.state, { kind: 'authorized', at }),
    };
    const action = before.authorization === null ? 'Connection authorized' : 'Connection re-authorized';
    this.#records.save(after, { action, changes: this.#changes(before, after, losses) });
    this.#step(id, 'done', `Authorized by ${authorization.account} for ${authorization.org}`);
    return { kind: 'authorized', authorization };
  }

  #changes(before: Connection, after: Connection, losses: readonly GrantLoss[]): ReturnType<typeof diff> {
    const descriptor = this.#connectors.descriptor(before.connectorId);
    const changes = [
      ...authorizationChanges(before, after),
      ...diff(connectionValues(before, descriptor), connectionValues(after, descriptor)),
    ];
    if (losses.length > 0)
      changes.push({
        field: 'Can no longer be read',
        before: '',
        after: losses
          .map(({ object, refusal, lostFields }) => (refusal === null ? `${object}: ${lostFields.join(', ')}` : object))
          .join('; '),
      });
    return changes;
  }

  readonly #tell = (step: AuthorizationStep): void => this.#events.emit('authorizationStep', step);

  #step(id: ConnectionId, step: 'identifying' | 'failed' | 'cancelled' | 'done', message: string): void {
    this.#tell({ flowId: id, connectionId: id, step, host: '', message });
  }
}
