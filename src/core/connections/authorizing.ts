import type { Connection, FieldValue } from '../../shared/connection/connection.ts';
import { nextState } from '../../shared/connection/state.ts';
import type { ConnectionId } from '../../shared/ids.ts';
import type { GrantLoss } from '../../shared/ipc/contract/credentials.ts';
import type { AuthorizationOutcome } from '../../shared/ipc/contract.ts';
import { accessParts, authorizationChanges, connectionValues, diff } from './changes.ts';
import type { ConnectionDesk } from './desk.ts';
import { toAppError } from './failures.ts';
import type { ConnectionForms } from './forms.ts';
import { GrantConfirmations } from './grant-confirmations.ts';
import { lossesOf } from './losses.ts';
import type { Authorization, PendingGrant } from './ports.ts';
import type { ConnectionRevoking } from './revoking.ts';
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

/** Authorize and Re-Authorize: nothing stored changes until the new grant has shown whose it is and what it can read. */
export class ConnectionAuthorizing {
  readonly #desk: ConnectionDesk;
  readonly #forms: ConnectionForms;
  readonly #revoking: ConnectionRevoking;
  readonly #confirmations: GrantConfirmations;
  /** Grants that are being tried, to be given up when the person cancels. */
  readonly #trials = new Map<ConnectionId, AbortController>();
  /** Grants that are in the vault: whatever fails afterwards, they are not given back. */
  readonly #kept = new WeakSet<PendingGrant>();

  constructor(desk: ConnectionDesk, forms: ConnectionForms, revoking: ConnectionRevoking) {
    this.#desk = desk;
    this.#forms = forms;
    this.#revoking = revoking;
    this.#confirmations = new GrantConfirmations(desk.ports.warn);
  }

  async authorize(input: AuthorizeInput): Promise<AuthorizationOutcome> {
    const connection = this.#desk.get(input.id);
    this.#desk.assertOffered(connection, connection.state.kind === 'draft' ? 'authorize' : 'reAuthorize');
    return this.#desk.exclusively(connection.id, async () => {
      // Before anything is taken or shown: what could not be stored in the end is not begun.
      this.#desk.ports.secrets.assertUsable();
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
    this.#desk.ports.cancelLogIn(id);
    this.#trials.get(id)?.abort();
    this.#confirmations.refuse(id);
  }

  async #obtainGrant(connection: Connection, input: AuthorizeInput): Promise<PendingGrant | null> {
    const { ports } = this.#desk;
    const method = ports
      .descriptor(connection.connectorId)
      .authMethods.find((one) => one.id === connection.authMethodId);
    if (method?.interactive === true) {
      const logIn = await ports.logIn(connection, input.way, ports.onStep);
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
      return await this.#judge(this.#desk.get(id), grant, trial.signal);
    } catch (error) {
      if (!this.#kept.has(grant))
        await grant
          .discard()
          .catch((cause: unknown) => this.#desk.ports.warn('A grant that is not used could not be withdrawn', cause));
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
    const { ports } = this.#desk;
    const connector = ports.connector(connection.connectorId);
    const learned = { ...connection.learned, ...grant.learned };
    const context = ports.open({ ...connection, learned }, grant.access, signal);
    const identity = await identifyAndCheck(connector, context);
    this.#desk.refuseOtherOrg(connection, identity.orgId, identity.org);
    const authorization = this.#forms.authorization(identity, grant);
    const before = connection.authorization;
    const reading = (object: string): void =>
      this.#step(connection.id, 'identifying', `Reading ${object} with the new authorization`);
    const losses = before === null ? [] : await lossesOf(ports, connection, context, reading);
    signal.throwIfAborted();
    const lostScopes = before?.scopes.filter((scope) => !authorization.scopes.includes(scope)) ?? [];
    const isSame = before?.accountId === authorization.accountId && losses.length === 0 && lostScopes.length === 0;
    if (before === null || isSame) return this.#finish(connection.id, grant, authorization, []);
    const held = { connectionId: connection.id, basis: accessParts(stored), grant, authorization, losses };
    const flowId = this.#confirmations.hold(held, ports.newId());
    return { kind: 'confirm', flowId, before, after: authorization, losses, lostScopes };
  }

  async #finish(
    id: ConnectionId,
    grant: PendingGrant,
    authorization: Authorization,
    losses: readonly GrantLoss[],
  ): Promise<AuthorizationOutcome> {
    // A revocation that still waits needs the old tokens: they are put aside before the new ones take their place.
    await this.#revoking.putAside(id);
    await grant.commit();
    this.#kept.add(grant);
    const before = this.#desk.get(id);
    const at = this.#desk.ports.now();
    const after: Connection = {
      ...(grant.applied?.(before) ?? before),
      learned: { ...before.learned, ...grant.learned },
      authorization,
      updatedAt: at,
      state: nextState(before.state, { kind: 'authorized', at }),
    };
    const action = before.authorization === null ? 'Connection authorized' : 'Connection re-authorized';
    this.#desk.save(after, action, this.#changes(before, after, losses));
    this.#step(id, 'done', `Authorized by ${authorization.account} for ${authorization.org}`);
    return { kind: 'authorized', authorization };
  }

  #changes(before: Connection, after: Connection, losses: readonly GrantLoss[]): ReturnType<typeof diff> {
    const descriptor = this.#desk.ports.descriptor(before.connectorId);
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

  #step(id: ConnectionId, step: 'identifying' | 'failed' | 'cancelled' | 'done', message: string): void {
    this.#desk.ports.onStep({ flowId: id, connectionId: id, step, host: '', message });
  }
}
