import { AppError } from '../../shared/app-error.ts';
import type { Authorization, Connection } from '../../shared/connection/connection.ts';
import { nextState, type RemoteRevocation } from '../../shared/connection/state.ts';
import type { ConnectionId } from '../../shared/ids.ts';
import type { EditPreview } from '../../shared/ipc/contract/credentials.ts';
import type { ConnectionInput } from '../../shared/ipc/contract.ts';
import { settingsFromTemplate } from '../jobs/templates.ts';
import { accessParts, authorizationChanges, connectionValues, diff, secretChanges } from './changes.ts';
import type { ConnectionAccess, ConnectionJobs, ConnectorLookup } from './collaborators.ts';
import type { ConnectionRecords } from './connection-records.ts';
import type { CheckedForm } from './form.ts';
import type { ConnectionForms } from './forms.ts';
import type { KeyedLock } from './keyed-lock.ts';
import { refuseFullSlot } from './limits.ts';
import { refuseOtherOrg } from './rules.ts';

/** What an edit does to the credential that is stored. */
interface Consequence {
  readonly needsAuthorization: boolean;
  /** What somebody has to know before saving; empty when nothing follows. */
  readonly why: string;
  /** Why it cannot be saved at all. */
  readonly refusal?: AppError;
}

const NOTHING: Consequence = { needsAuthorization: false, why: '' };

export interface ConnectionEditingParts {
  readonly records: ConnectionRecords;
  readonly lock: KeyedLock<ConnectionId>;
  readonly forms: ConnectionForms;
  readonly connectors: ConnectorLookup;
  readonly access: ConnectionAccess;
  readonly jobs: ConnectionJobs;
}

/** Creates connections and changes what they are made of. */
export class ConnectionEditing {
  readonly #records: ConnectionRecords;
  readonly #lock: KeyedLock<ConnectionId>;
  readonly #forms: ConnectionForms;
  readonly #connectors: ConnectorLookup;
  readonly #access: ConnectionAccess;
  readonly #jobs: ConnectionJobs;

  constructor(parts: ConnectionEditingParts) {
    this.#records = parts.records;
    this.#lock = parts.lock;
    this.#forms = parts.forms;
    this.#connectors = parts.connectors;
    this.#access = parts.access;
    this.#jobs = parts.jobs;
  }

  async create(input: ConnectionInput): Promise<Connection> {
    const descriptor = this.#connectors.descriptor(input.connectorId);
    const { manifest } = this.#connectors.connector(input.connectorId);
    refuseFullSlot(this.#records, this.#connectors, input.connectorId);
    const form = await this.#forms.check(input, new Set());
    this.#records.refuseTakenName(input.name, null);
    const draft = this.#forms.blank(input, form);
    const tried = form.method.interactive ? null : await this.#forms.tryKeys(draft, form, false);
    await this.#forms.storeSecrets(draft.id, form);
    const connection = tried === null ? draft : authorized(draft, tried.authorization, draft.createdAt);
    const changes = [
      ...diff({}, connectionValues(connection, descriptor)),
      ...secretChanges(Object.keys(form.secrets), descriptor, ['not set', 'set']),
      ...authorizationChanges(draft, connection),
    ];
    const jobs = manifest.jobs.map((template) => settingsFromTemplate(template, connection));
    try {
      this.#records.insert(connection, jobs, { action: 'Connection created', changes });
    } catch (error) {
      this.#forms.eraseSecrets(connection.id);
      throw error;
    }
    return connection;
  }

  async update(
    id: ConnectionId,
    version: number,
    input: ConnectionInput,
  ): Promise<{ connection: Connection; needsAuthorization: boolean }> {
    const before = this.#records.get(id);
    this.#assertVersion(id, version);
    const form = await this.#checkEdit(before, input);
    this.#records.refuseTakenName(input.name, id);
    const draft: Connection = { ...this.#forms.applied(before, input.name, form), updatedAt: this.#records.now() };
    const consequence = this.#consequenceOf(before, draft, form);
    if (consequence.refusal !== undefined) throw consequence.refusal;
    return this.#lock.hold(id, async () => {
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
      const change = changes.length === 0 ? null : { action: 'Connection edited', changes };
      const saved = this.#records.save(connection, change);
      const needsAuthorization = consequence.needsAuthorization && form.method.interactive;
      return { connection: saved, needsAuthorization };
    });
  }

  /** What a save would change and what would follow; nothing is sent, nothing is stored. */
  async preview(id: ConnectionId, input: ConnectionInput): Promise<EditPreview> {
    const before = this.#records.get(id);
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
        `${this.#connectors.descriptor(before.connectorId).name} could not be asked whether it accepts the new key. The stored key was kept and nothing was saved; try again when it can be reached.`,
      );
    }
    const { authorization, losses } = tried;
    refuseOtherOrg(before, authorization.orgId, authorization.org);
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

  #assertVersion(id: ConnectionId, version: number): void {
    if (this.#records.get(id).version === version) return;
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
    const descriptor = this.#connectors.descriptor(before.connectorId);
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
    const { endpoints } = this.#connectors.connector(before.connectorId).manifest;
    const was = endpoints.orgOf?.(before.fields) ?? null;
    const is = endpoints.orgOf?.(after.fields) ?? null;
    if (before.authorization === null || was === null || is === null || was === is) return null;
    const { fields } = this.#connectors.descriptor(before.connectorId);
    const changed = fields.find(({ name }) => before.fields[name] !== after.fields[name]);
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
    this.#access.cancelLogIn(before.id);
    await this.#jobs.stop(before.id, why);
    const remote = await this.#access.revokeRemotely(before);
    if (remote === 'pending') await this.#access.deferred.keep(before);
    this.#forms.eraseSecrets(before.id);
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
