import type { Failure } from '../../shared/activity/activity.ts';
import type { Connection } from '../../shared/connection/connection.ts';
import type { DisconnectReason } from '../../shared/connection/reasons.ts';
import type { RemoteRevocation } from '../../shared/connection/state.ts';
import type { SourceField, SourceObject } from '../../shared/connector.ts';
import type { ConnectionId, TenantId } from '../../shared/ids.ts';
import type { EditPreview, TrashEntry } from '../../shared/ipc/contract/credentials.ts';
import type { AuthorizationOutcome, ConnectionInput, ConnectionRow, TestStep } from '../../shared/ipc/contract.ts';
import type { CoreEvents } from '../events.ts';
import type { AppLog } from '../log.ts';
import type { ConnectionSecrets } from '../vault/open-secrets.ts';
import { type AuthorizeInput, ConnectionAuthorizing } from './authorizing.ts';
import type { ConnectionAccess, ConnectionJobs, ConnectorLookup, PracticeSecrets } from './collaborators.ts';
import type { ConnectionRecords } from './connection-records.ts';
import { ConnectionDisconnecting } from './disconnecting.ts';
import { ConnectionEditing } from './editing.ts';
import { ConnectionForms } from './forms.ts';
import { KeyedLock } from './keyed-lock.ts';
import { ConnectionProbing } from './probing.ts';
import { ProviderRevocations } from './provider-revocations.ts';
import { ConnectionRevoking } from './revoking.ts';
import type { ConnectionRows } from './rows.ts';
import { ConnectionTrash, type RemovalImpact } from './trash.ts';

/** What the connection service works with. */
export interface ConnectionCollaborators {
  readonly records: ConnectionRecords;
  readonly connectors: ConnectorLookup;
  readonly access: ConnectionAccess;
  readonly secrets: ConnectionSecrets;
  readonly jobs: ConnectionJobs;
  readonly practice: PracticeSecrets;
  readonly rows: Pick<ConnectionRows, 'row'>;
  readonly events: CoreEvents;
  readonly log: Pick<AppLog, 'error'>;
}

const BUSY =
  'Another authorization, revocation or deletion of this connection is under way. Wait until it has ended, or cancel it.';

/** Gives each part of the service what it works with. */
export function connectionService(all: ConnectionCollaborators): ConnectionService {
  const { records, secrets, rows, jobs } = all;
  const lock = new KeyedLock<ConnectionId>(BUSY);
  const forms = new ConnectionForms(all);
  const provider = new ProviderRevocations({ ...all, lock });
  const disconnecting = new ConnectionDisconnecting(records, jobs);
  return new ConnectionService({
    records,
    secrets,
    rows,
    provider,
    disconnecting,
    editing: new ConnectionEditing({ ...all, lock, forms }),
    revoking: new ConnectionRevoking({ ...all, lock, provider }),
    authorizing: new ConnectionAuthorizing({ ...all, lock, forms, provider }),
    trash: new ConnectionTrash({ ...all, lock }),
    probing: new ConnectionProbing({ ...all, forms, disconnecting }),
  });
}

interface ServiceParts {
  readonly records: ConnectionRecords;
  readonly secrets: ConnectionSecrets;
  readonly rows: Pick<ConnectionRows, 'row'>;
  readonly editing: ConnectionEditing;
  readonly revoking: ConnectionRevoking;
  readonly provider: ProviderRevocations;
  readonly authorizing: ConnectionAuthorizing;
  readonly trash: ConnectionTrash;
  readonly disconnecting: ConnectionDisconnecting;
  readonly probing: ConnectionProbing;
}

/** Decides and writes everything that happens to a connection; each part in a file of its own. */
export class ConnectionService {
  readonly #parts: ServiceParts;

  constructor(parts: ServiceParts) {
    this.#parts = parts;
  }

  get(id: ConnectionId): Connection {
    return this.#parts.records.get(id);
  }

  list(): Connection[] {
    return this.#parts.records.list();
  }

  secretsOf(id: ConnectionId): { name: string; setAt: string; isReadable: boolean }[] {
    return this.#parts.secrets
      .names(this.get(id).id)
      .filter(({ name }) => !['accessToken', 'refreshToken', 'expiresAt'].includes(name));
  }

  async create(input: ConnectionInput): Promise<ConnectionRow> {
    return this.#row(await this.#parts.editing.create(input));
  }

  async update(
    id: ConnectionId,
    version: number,
    input: ConnectionInput,
  ): Promise<{ row: ConnectionRow; needsAuthorization: boolean }> {
    const { connection, needsAuthorization } = await this.#parts.editing.update(id, version, input);
    return { row: this.#row(connection), needsAuthorization };
  }

  previewUpdate(id: ConnectionId, input: ConnectionInput): Promise<EditPreview> {
    return this.#parts.editing.preview(id, input);
  }

  authorize(input: AuthorizeInput): Promise<AuthorizationOutcome> {
    return this.#parts.authorizing.authorize(input);
  }

  cancelAuthorization(id: ConnectionId): void {
    this.#parts.authorizing.cancel(id);
  }

  async revoke(id: ConnectionId, until?: string): Promise<ConnectionRow> {
    return this.#row(await this.#parts.revoking.revoke(id, until));
  }

  /** @param until null: it stays revoked, and nobody is reminded */
  setReminder(id: ConnectionId, until: string | null): void {
    this.#parts.revoking.setReminder(id, until);
  }

  retryRevocation(id: ConnectionId): Promise<RemoteRevocation> {
    return this.#parts.provider.retry(id);
  }

  /** At start, when the network returns, and now and then. */
  completeRevocations(): Promise<void> {
    return this.#parts.provider.completeAll();
  }

  removalImpact(id: ConnectionId): RemovalImpact {
    return this.#parts.trash.impact(id);
  }

  remove(id: ConnectionId, typedName: string): Promise<RemoteRevocation | null> {
    return this.#parts.trash.remove(id, typedName);
  }

  trashed(): TrashEntry[] {
    return this.#parts.trash.list();
  }

  restore(id: ConnectionId): Connection {
    return this.#parts.trash.restore(id);
  }

  removeForGood(id: ConnectionId): Promise<void> {
    return this.#parts.trash.removeForGood(id);
  }

  /** What has been in the trash for 30 days. */
  purgeTrash(): Promise<void> {
    return this.#parts.trash.purge();
  }

  emptyTrash(tenantId: TenantId): Promise<void> {
    return this.#parts.trash.empty(tenantId);
  }

  test(
    input: { testId: string; id?: ConnectionId | undefined; input?: ConnectionInput | undefined },
    onStep: (step: TestStep) => void,
  ): Promise<{ steps: TestStep[]; passed: boolean }> {
    return this.#parts.probing.test(input, onStep);
  }

  cancelTest(testId: string): void {
    this.#parts.probing.cancelTest(testId);
  }

  objects(id: ConnectionId, role: 'source' | 'destination'): Promise<SourceObject[]> {
    return this.#parts.probing.objects(id, role);
  }

  fields(id: ConnectionId, role: 'source' | 'destination', object: string): Promise<SourceField[]> {
    return this.#parts.probing.fields(id, role, object);
  }

  markDisconnected(id: ConnectionId, reason: DisconnectReason, detail: string, failure?: Failure): Promise<void> {
    return this.#parts.disconnecting.markDisconnected(id, reason, detail, failure);
  }

  credentialsFound(ids: readonly ConnectionId[]): void {
    this.#parts.disconnecting.credentialsFound(ids);
  }

  #row(connection: Connection): ConnectionRow {
    return this.#parts.rows.row(connection);
  }
}
