import { AppError } from '../../shared/app-error.ts';
import type { Authorization, Connection } from '../../shared/connection/connection.ts';
import { nextState, type RemoteRevocation } from '../../shared/connection/state.ts';
import type { ConnectionId } from '../../shared/ids.ts';
import type { EditPreview } from '../../shared/ipc/contract/credentials.ts';
import type { ConnectionInput, ConnectionRow } from '../../shared/ipc/contract.ts';
import { settingsFromTemplate } from '../jobs/templates.ts';
import { accessParts, authorizationChanges, connectionValues, diff, secretChanges } from './changes.ts';
import type { ConnectionDesk } from './desk.ts';
import type { CheckedForm } from './form.ts';
import type { ConnectionForms } from './forms.ts';
import { checkLimits } from './limits.ts';

/** What an edit does to the credential that is stored. */
interface Consequence {
  readonly needsAuthorization: boolean;
  /** What somebody has to know before saving; empty when nothing follows. */
  readonly why: string;
  /** Why it cannot be saved at all. */
  readonly refusal?: AppError;
}

const NOTHING: Consequence = { needsAuthorization: false, why: '' };

/** Creates connections and changes what they are made of. */
export class ConnectionEditing {
  readonly #desk: ConnectionDesk;
  readonly #forms: ConnectionForms;

  constructor(desk: ConnectionDesk, forms: ConnectionForms) {
    this.#desk = desk;
    this.#forms = forms;
  }

  async create(input: ConnectionInput): Promise<ConnectionRow> {
    const { ports } = this.#desk;
    const descriptor = ports.descriptor(input.connectorId);
    const { manifest } = ports.connector(input.connectorId);
    this.assertSlot(input.connectorId);
    const form = await this.#forms.check(input, new Set());
    this.#desk.refuseTakenName(input.name, null);
    const draft = this.#forms.blank(input, form);
    const tried = form.method.interactive ? null : await this.#forms.tryKeys(draft, form, false);
    await this.#forms.storeSecrets(draft.id, form);
    const connection = tried === null ? draft : authorized(draft, tried.authorization, draft.createdAt);
    const update = this.#desk.describe(connection, 'Connection created', [
      ...diff({}, connectionValues(connection, descriptor)),
      ...secretChanges(Object.keys(form.secrets), descriptor, ['not set', 'set']),
      ...authorizationChanges(draft, connection),
    ]);
    try {
      ports.store.insert(
        connection,
        manifest.jobs.map((template) => settingsFromTemplate(template, connection)),
        update,
      );
    } catch (error) {
      ports.secrets.remove(connection.id);
      throw error;
    }
    ports.onChanged([connection], []);
    return ports.row(connection);
  }

  async update(
    id: ConnectionId,
    version: number,
    input: ConnectionInput,
  ): Promise<{ row: ConnectionRow; needsAuthorization: boolean }> {
    const { ports } = this.#desk;
    const before = this.#desk.get(id);
    this.#assertVersion(id, version);
    const form = await this.#checkEdit(before, input);
    this.#desk.refuseTakenName(input.name, id);
    const draft: Connection = { ...this.#forms.applied(before, input.name, form), updatedAt: ports.now() };
    const consequence = this.#consequenceOf(before, draft, form);
    if (consequence.refusal !== undefined) throw consequence.refusal;
    return this.#desk.exclusively(id, async () => {
      const judged = form.method.interactive ? null : await this.#judgeKeys(before, draft, form);
      let connection = judged ?? draft;
      // The system was asked meanwhile: nothing is replaced for an edit that comes too late.
      this.#assertVersion(id, version);
      let retired: RemoteRevocation | null = null;
      const hadSecrets = this.#forms.storedNames(id).size > 0;
      if (consequence.needsAuthorization) {
        retired = await this.#retire(before, consequence.why);
        if (judged === null) connection = withoutGrant(connection, consequence.why, retired);
      }
      await this.#forms.storeSecrets(id, form);
      const changes = [...this.#changes(before, connection, form), ...authorizationChanges(before, connection)];
      if (retired !== null && hadSecrets)
        changes.push({ field: 'Authorization before', before: 'stored', after: `erased here; ${RETIRED[retired]}` });
      const saved = this.#desk.save(connection, 'Connection edited', changes.length === 0 ? null : changes);
      const needsAuthorization = consequence.needsAuthorization && form.method.interactive;
      return { row: ports.row(saved), needsAuthorization };
    });
  }

  /** What a save would change and what would follow; nothing is sent, nothing is stored. */
  async preview(id: ConnectionId, input: ConnectionInput): Promise<EditPreview> {
    const before = this.#desk.get(id);
    const form = await this.#checkEdit(before, input);
    const after = this.#forms.applied(before, input.name, form);
    const { needsAuthorization, why } = this.#consequenceOf(before, after, form);
    return { changes: this.#changes(before, after, form), needsAuthorization, why };
  }

  /**
   * The connection as the system's answer to the keys makes it; null when they were not tried. Who a connection is authorized
   * by, and what it can read, is never changed in passing: that is what Re-Authorize asks about.
   * @throws AppError not_allowed, unreachable, different_org, or what the system answered
   */
  async #judgeKeys(before: Connection, after: Connection, form: CheckedForm): Promise<Connection | null> {
    const { kind } = before.state;
    const hasOtherKeys = this.#forms.changesKeys(before, after, form);
    if (!hasOtherKeys && accessParts(before) === accessParts(after)) return null;
    this.#forms.refuseMovedKeys(before, after, form);
    // Only Re-Authorize brings a revoked one back, and the keys of a lost one have nothing new to say.
    if (kind === 'revoked' || (kind === 'disconnected' && !hasOtherKeys)) return null;
    // Another way of authentication is a choice of its own, and its consequence has been shown.
    const isAsked = hasOtherKeys && kind !== 'draft' && before.authMethodId === after.authMethodId;
    const tried = await this.#forms.tryKeys(after, form, isAsked);
    if (tried === null) {
      if (kind !== 'active' || !hasOtherKeys) return null;
      throw new AppError(
        'unreachable',
        `${this.#desk.ports.descriptor(before.connectorId).name} could not be asked whether it accepts the new key. The stored key was kept and nothing was saved; try again when it can be reached.`,
      );
    }
    const { authorization, losses } = tried;
    this.#desk.refuseOtherOrg(before, authorization.orgId, authorization.org);
    const known = before.authorization;
    if (!hasOtherKeys && known !== null)
      return { ...after, authorization: { ...authorization, grantedAt: known.grantedAt } };
    if (isAsked && known !== null && known.accountId !== authorization.accountId)
      throw asksForReAuthorize(`This is the authorization of ${authorization.account}, not of ${known.account}.`);
    if (losses.length > 0) {
      const objects = losses.map(({ object }) => object).join(', ');
      throw asksForReAuthorize(`With it, not all that jobs use can be read any more: ${objects}.`);
    }
    return authorized(after, authorization, after.updatedAt);
  }

  /** @throws AppError limit_reached, saying who holds the slot */
  assertSlot(connectorId: Connection['connectorId']): void {
    const { ports } = this.#desk;
    const tenant = ports.currentTenant();
    checkLimits(
      tenant,
      ports.descriptor(connectorId),
      ports.store
        .list(tenant.id)
        .map((connection) => ({ connection, descriptor: ports.descriptor(connection.connectorId) })),
    );
  }

  #assertVersion(id: ConnectionId, version: number): void {
    if (this.#desk.get(id).version === version) return;
    throw new AppError(
      'conflict',
      'This connection was changed meanwhile. Close the dialog and open it again to see the current values.',
    );
  }

  async #checkEdit(before: Connection, input: ConnectionInput): Promise<CheckedForm> {
    if (before.connectorId !== input.connectorId)
      throw new AppError(
        'invalid_input',
        'The connector of a connection cannot be changed. Create another connection instead.',
        { field: 'connectorId' },
      );
    // The form has no control for it: what the tenant's package allows is set elsewhere.
    const { requestsPerMinute } = before.overrides;
    const overrides = { ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }), ...input.overrides };
    // Another way of authentication begins without what was stored for the one before.
    const stored = before.authMethodId === input.authMethodId ? this.#forms.storedNames(before.id) : new Set<string>();
    return this.#forms.check({ ...input, overrides }, before.state.kind === 'revoked' ? null : stored);
  }

  #changes(before: Connection, after: Connection, form: CheckedForm): ReturnType<typeof diff> {
    const descriptor = this.#desk.ports.descriptor(before.connectorId);
    return [
      ...diff(connectionValues(before, descriptor), connectionValues(after, descriptor)),
      ...secretChanges(Object.keys(form.secrets), descriptor),
      ...secretChanges(form.removed, descriptor, ['set', 'not set']),
    ];
  }

  #consequenceOf(before: Connection, after: Connection, form: CheckedForm): Consequence {
    if (before.state.kind === 'draft') return NOTHING;
    const refusal = this.#otherOrg(before, after);
    if (refusal !== null) return { needsAuthorization: false, why: refusal.message, refusal };
    if (before.authMethodId !== after.authMethodId)
      return { needsAuthorization: true, why: `The way of authentication was changed.${sameOrgAgain(before)}` };
    const moved = this.#forms.movedCredential(before, after);
    const isTypedAgain = Object.keys(form.secrets).length > 0;
    if (before.state.kind === 'revoked' && isTypedAgain)
      return { needsAuthorization: false, why: 'It stays revoked: Re-Authorize tries the new key and uses it.' };
    if (moved === null) return NOTHING;
    if (form.method.interactive)
      return {
        needsAuthorization: true,
        why: `The authorization was given for ${moved.from} and is never sent to ${moved.to}.${sameOrgAgain(before)}`,
      };
    return {
      needsAuthorization: false,
      why: isTypedAgain ? '' : `The key was entered for ${moved.from}: enter it again to have it sent to ${moved.to}.`,
    };
  }

  /** Why an edit is refused whose own values name another org than the one that the jobs and rows belong to. */
  #otherOrg(before: Connection, after: Connection): AppError | null {
    const { connector, descriptor } = this.#desk.ports;
    const { endpoints } = connector(before.connectorId).manifest;
    const was = endpoints.orgOf?.(before.fields) ?? null;
    const is = endpoints.orgOf?.(after.fields) ?? null;
    if (before.authorization === null || was === null || is === null || was === is) return null;
    const changed = descriptor(before.connectorId).fields.find(
      ({ name }) => before.fields[name] !== after.fields[name],
    );
    return new AppError(
      'different_org',
      `"${before.name}" is for ${before.authorization.org}, and its jobs and rows belong to that org. A connection cannot move to another one: create a new connection instead.`,
      changed === undefined ? {} : { field: changed.name },
    );
  }

  /**
   * Ends a credential whose connection is about to point elsewhere: runs stop, it is withdrawn at its own provider, and it is
   * erased here before the new address is stored, so that nothing can send it there.
   * @returns what happened at the provider
   */
  async #retire(before: Connection, why: string): Promise<RemoteRevocation> {
    const { ports } = this.#desk;
    ports.cancelLogIn(before.id);
    await ports.stopJobsOf(before.id, why);
    const remote = await ports.revokeRemotely(before);
    if (remote === 'pending') await ports.asides.keep(before);
    ports.secrets.remove(before.id);
    return remote;
  }
}

const RETIRED = {
  done: 'withdrawn at the provider',
  pending: 'is withdrawn at the provider when it can be reached',
  failed: 'the provider did not withdraw it: do it there by hand',
  none: 'nothing to withdraw at the provider',
} as const;

/** What the next log-in has to be for, said before the present authorization is ended for it. */
function sameOrgAgain({ authorization }: Connection): string {
  return authorization === null
    ? ''
    : ` The new authorization has to be for ${authorization.org} too: for another org, create a new connection.`;
}

/** `details.remedy` names the action that the form offers. */
function asksForReAuthorize(what: string): AppError {
  return new AppError(
    'not_allowed',
    `${what} Nothing was saved. Use Re-Authorize: it shows what changes, and keeps the keys before until you decide.`,
    { details: { remedy: 'reAuthorize' } },
  );
}

function authorized(connection: Connection, authorization: Authorization, at: string): Connection {
  return { ...connection, authorization, state: nextState(connection.state, { kind: 'authorized', at }) };
}

/** Facts learnt from the old grant go with it: they name hosts. */
function withoutGrant(connection: Connection, why: string, retired: RemoteRevocation): Connection {
  const at = connection.updatedAt;
  const { state } = connection;
  // One that is kept aside is no longer this state's matter.
  if (state.kind === 'revoked')
    return { ...connection, learned: {}, state: { ...state, remote: retired === 'pending' ? 'none' : retired } };
  const lost = { kind: 'authorizationLost', at, reason: 'authorization_expired', detail: why } as const;
  return { ...connection, learned: {}, state: nextState(state, lost) };
}
