import { AppError } from '../../shared/app-error.ts';
import type { Authorization, Connection } from '../../shared/connection/connection.ts';
import { nextState, type RemoteRevocation } from '../../shared/connection/state.ts';
import type { ConnectionId } from '../../shared/ids.ts';
import type { ConnectionInput, ConnectionRow } from '../../shared/ipc/contract.ts';
import type { EditPreview } from '../../shared/ipc/lifecycle-contract.ts';
import { settingsFromTemplate } from '../jobs/templates.ts';
import { connectionValues, diff, secretChanges } from './changes.ts';
import type { ConnectionDesk } from './desk.ts';
import type { CheckedForm } from './form.ts';
import type { ConnectionForms } from './forms.ts';
import { checkLimits } from './limits.ts';

/** What an edit does to the credential that is stored. */
interface Consequence {
  readonly needsAuthorization: boolean;
  /** One sentence; empty when nothing follows. */
  readonly why: string;
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
    const authorization = form.method.interactive ? null : await this.#forms.tryKeys(draft, form);
    const secretNames = Object.keys(form.secrets);
    if (secretNames.length > 0) await ports.secrets.put(draft.id, form.secrets);
    const connection = authorization === null ? draft : authorized(draft, authorization, draft.createdAt);
    const update = this.#desk.describe(connection, 'Connection created', [
      ...diff({}, connectionValues(connection, descriptor)),
      ...secretChanges(secretNames, descriptor).map((change) => ({ ...change, before: 'not set', after: 'set' })),
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
    return this.#desk.exclusively(id, async () => {
      let connection = draft;
      let isAuthorized = false;
      if (!form.method.interactive && touchesAccess(before, draft, form)) {
        this.#forms.refuseMovedKeys(before, draft, form);
        const authorization = await this.#forms.tryKeys(draft, form);
        if (authorization !== null) {
          this.#desk.refuseOtherOrg(before, authorization.orgId, authorization.org);
          connection = authorized(draft, authorization, draft.updatedAt);
          isAuthorized = true;
        }
      }
      // The system was asked meanwhile: nothing is replaced for an edit that comes too late.
      this.#assertVersion(id, version);
      let retired: RemoteRevocation | null = null;
      if (consequence.needsAuthorization) {
        retired = await this.#retire(before, consequence.why);
        if (!isAuthorized) connection = withoutGrant(connection, consequence.why, retired);
      }
      const secretNames = Object.keys(form.secrets);
      if (secretNames.length > 0) await ports.secrets.put(id, form.secrets);
      const changes = this.#changes(before, connection, secretNames);
      if (retired !== null)
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
    return { changes: this.#changes(before, after, Object.keys(form.secrets)), needsAuthorization, why };
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
    return this.#forms.check({ ...input, overrides }, this.#forms.storedNames(before.id));
  }

  #changes(before: Connection, after: Connection, secretNames: readonly string[]): ReturnType<typeof diff> {
    const descriptor = this.#desk.ports.descriptor(before.connectorId);
    return [
      ...diff(connectionValues(before, descriptor), connectionValues(after, descriptor)),
      ...secretChanges(secretNames, descriptor),
    ];
  }

  #consequenceOf(before: Connection, after: Connection, form: CheckedForm): Consequence {
    if (before.state.kind === 'draft') return NOTHING;
    if (before.authMethodId !== after.authMethodId)
      return { needsAuthorization: true, why: 'The way of authentication was changed.' };
    const moved = this.#forms.movedCredential(before, after);
    if (moved === null) return NOTHING;
    if (form.method.interactive)
      return {
        needsAuthorization: true,
        why: `The authorization was given for ${moved.from} and is never sent to ${moved.to}.`,
      };
    const isTypedAgain = Object.keys(form.secrets).length > 0;
    return {
      needsAuthorization: false,
      why: isTypedAgain ? '' : `The key was entered for ${moved.from}: enter it again to have it sent to ${moved.to}.`,
    };
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

function touchesAccess(before: Connection, after: Connection, form: CheckedForm): boolean {
  const parts = ({ authMethodId, fields, overrides }: Connection): string =>
    JSON.stringify([authMethodId, fields, overrides]);
  return parts(before) !== parts(after) || Object.keys(form.secrets).length > 0;
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
