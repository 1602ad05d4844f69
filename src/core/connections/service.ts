import type { Failure } from '../../shared/activity/activity.ts';
import type { Connection } from '../../shared/connection/connection.ts';
import type { DisconnectReason } from '../../shared/connection/reasons.ts';
import type { RemoteRevocation } from '../../shared/connection/state.ts';
import type { SourceField, SourceObject } from '../../shared/connector.ts';
import type { ConnectionId, TenantId } from '../../shared/ids.ts';
import type { EditPreview, TrashEntry } from '../../shared/ipc/contract/credentials.ts';
import type { AuthorizationOutcome, ConnectionInput, ConnectionRow, TestStep } from '../../shared/ipc/contract.ts';
import { type AuthorizeInput, ConnectionAuthorizing } from './authorizing.ts';
import { ConnectionDesk } from './desk.ts';
import { ConnectionEditing } from './editing.ts';
import { ConnectionForms } from './forms.ts';
import type { ConnectionPorts } from './ports.ts';
import { ConnectionProbing } from './probing.ts';
import { ConnectionRevoking } from './revoking.ts';
import { ConnectionTrash, type RemovalImpact } from './trash.ts';

/** Decides and writes everything that happens to a connection; each part in a file of its own. */
export class ConnectionService {
  readonly #desk: ConnectionDesk;
  readonly #editing: ConnectionEditing;
  readonly #revoking: ConnectionRevoking;
  readonly #authorizing: ConnectionAuthorizing;
  readonly #trash: ConnectionTrash;
  readonly #probing: ConnectionProbing;

  constructor(ports: ConnectionPorts) {
    const desk = new ConnectionDesk(ports);
    const forms = new ConnectionForms(desk);
    this.#desk = desk;
    this.#editing = new ConnectionEditing(desk, forms);
    this.#revoking = new ConnectionRevoking(desk);
    this.#authorizing = new ConnectionAuthorizing(desk, forms, this.#revoking);
    this.#trash = new ConnectionTrash(desk, this.#editing);
    this.#probing = new ConnectionProbing(desk, forms, this.#revoking);
  }

  get(id: ConnectionId): Connection {
    return this.#desk.get(id);
  }

  list(): Connection[] {
    return this.#desk.list();
  }

  secretsOf(id: ConnectionId): { name: string; setAt: string; isReadable: boolean }[] {
    return this.#desk.ports.secrets
      .names(this.get(id).id)
      .filter(({ name }) => !['accessToken', 'refreshToken', 'expiresAt'].includes(name));
  }

  create(input: ConnectionInput): Promise<ConnectionRow> {
    return this.#editing.create(input);
  }

  update(
    id: ConnectionId,
    version: number,
    input: ConnectionInput,
  ): Promise<{ row: ConnectionRow; needsAuthorization: boolean }> {
    return this.#editing.update(id, version, input);
  }

  previewUpdate(id: ConnectionId, input: ConnectionInput): Promise<EditPreview> {
    return this.#editing.preview(id, input);
  }

  authorize(input: AuthorizeInput): Promise<AuthorizationOutcome> {
    return this.#authorizing.authorize(input);
  }

  cancelAuthorization(id: ConnectionId): void {
    this.#authorizing.cancel(id);
  }

  async revoke(id: ConnectionId, until?: string): Promise<ConnectionRow> {
    return this.#desk.ports.row(await this.#revoking.revoke(id, until));
  }

  /** @param until null: it stays revoked, and nobody is reminded */
  setReminder(id: ConnectionId, until: string | null): void {
    this.#revoking.setReminder(id, until);
  }

  retryRevocation(id: ConnectionId): Promise<RemoteRevocation> {
    return this.#revoking.retry(id);
  }

  /** At start, when the network returns, and now and then. */
  completeRevocations(): Promise<void> {
    return this.#revoking.completeAll();
  }

  removalImpact(id: ConnectionId): RemovalImpact {
    return this.#trash.impact(id);
  }

  remove(id: ConnectionId, typedName: string): Promise<RemoteRevocation | null> {
    return this.#trash.remove(id, typedName);
  }

  trashed(): TrashEntry[] {
    return this.#trash.list();
  }

  restore(id: ConnectionId): Connection {
    return this.#trash.restore(id);
  }

  removeForGood(id: ConnectionId): Promise<void> {
    return this.#trash.removeForGood(id);
  }

  /** What has been in the trash for 30 days. */
  purgeTrash(): Promise<void> {
    return this.#trash.purge();
  }

  emptyTrash(tenantId: TenantId): Promise<void> {
    return this.#trash.empty(tenantId);
  }

  test(
    input: { testId: string; id?: ConnectionId | undefined; input?: ConnectionInput | undefined },
    onStep: (step: TestStep) => void,
  ): Promise<{ steps: TestStep[]; passed: boolean }> {
    return this.#probing.test(input, onStep);
  }

  cancelTest(testId: string): void {
    this.#probing.cancelTest(testId);
  }

  objects(id: ConnectionId, role: 'source' | 'destination'): Promise<SourceObject[]> {
    return this.#probing.objects(id, role);
  }

  fields(id: ConnectionId, role: 'source' | 'destination', object: string): Promise<SourceField[]> {
    return this.#probing.fields(id, role, object);
  }

  lost(id: ConnectionId, reason: DisconnectReason, detail: string, failure?: Failure): Promise<void> {
    return this.#revoking.lost(id, reason, detail, failure);
  }

  credentialsFound(ids: readonly ConnectionId[]): void {
    this.#revoking.credentialsFound(ids);
  }
}
