import { type Connector, type ConnectorContext, ConnectorError, toFailure } from '../../../connectors/catalog.ts';
import { AppError } from '../../shared/app-error.ts';
import type { Connection } from '../../shared/connection/connection.ts';
import type { SourceField, SourceObject } from '../../shared/connector.ts';
import { reasonOf } from '../../shared/failure/rules.ts';
import type { ConnectionId } from '../../shared/ids.ts';
import type { ConnectionInput, TestStep } from '../../shared/ipc/contract.ts';
import type { ConnectionAccess, ConnectorLookup } from './collaborators.ts';
import type { ConnectionRecords } from './connection-records.ts';
import type { ConnectionDisconnecting } from './disconnecting.ts';
import { toAppError } from './failures.ts';
import type { ConnectionForms } from './forms.ts';
import { testConnection, testWithoutCredential } from './test-connection.ts';

export interface ConnectionProbingParts {
  readonly records: ConnectionRecords;
  readonly forms: ConnectionForms;
  readonly connectors: ConnectorLookup;
  readonly access: ConnectionAccess;
  readonly disconnecting: ConnectionDisconnecting;
}

/** Asks a system without changing anything: tests in named steps, lists of objects and fields. */
export class ConnectionProbing {
  readonly #records: ConnectionRecords;
  readonly #forms: ConnectionForms;
  readonly #connectors: ConnectorLookup;
  readonly #access: ConnectionAccess;
  readonly #disconnecting: ConnectionDisconnecting;
  readonly #tests = new Map<string, AbortController>();

  constructor(parts: ConnectionProbingParts) {
    this.#records = parts.records;
    this.#forms = parts.forms;
    this.#connectors = parts.connectors;
    this.#access = parts.access;
    this.#disconnecting = parts.disconnecting;
  }

  /** Tests what a form holds, or a stored connection as it is. */
  async test(
    input: { testId: string; id?: ConnectionId | undefined; input?: ConnectionInput | undefined },
    onStep: (step: TestStep) => void,
  ): Promise<{ steps: TestStep[]; passed: boolean }> {
    const stored = input.id === undefined ? null : this.#records.get(input.id);
    const connectorId = input.input?.connectorId ?? stored?.connectorId;
    // The stored credential is the other connector's, and its test would be of something else.
    if (stored !== null && connectorId !== stored.connectorId)
      throw new AppError('invalid_input', 'This form belongs to another connector than the connection.', {
        field: 'connectorId',
      });
    if (connectorId === undefined)
      throw new AppError('invalid_input', 'Choose a connector first.', { field: 'connectorId' });
    const controller = new AbortController();
    this.#tests.set(input.testId, controller);
    try {
      const { context, noCredential, isAsStored } =
        input.input === undefined && stored !== null
          ? { context: this.#openStored(stored, controller.signal), noCredential: null, isAsStored: true }
          : await this.#forms.open(input.input as ConnectionInput, stored, controller.signal);
      const connector = this.#connectors.connector(connectorId);
      // What a form holds says nothing of the keys that are stored.
      const onFailure = async (error: ConnectorError): Promise<void> => {
        if (stored !== null && isAsStored) await this.#loseIfDead(stored.id, error);
      };
      const test = { connector, context, onStep, monotonic: () => performance.now() };
      return noCredential === null
        ? await testConnection({ ...test, onFailure })
        : await testWithoutCredential(test, noCredential);
    } finally {
      this.#tests.delete(input.testId);
    }
  }

  cancelTest(testId: string): void {
    this.#tests.get(testId)?.abort();
  }

  async objects(id: ConnectionId, role: 'source' | 'destination'): Promise<SourceObject[]> {
    return this.#call(id, (connector, context) => sideOf(connector, role).objects(context));
  }

  async fields(id: ConnectionId, role: 'source' | 'destination', object: string): Promise<SourceField[]> {
    return this.#call(id, (connector, context) => sideOf(connector, role).fields(context, object));
  }

  #openStored(connection: Connection, signal: AbortSignal): ConnectorContext {
    if (connection.state.kind === 'draft' || connection.state.kind === 'revoked')
      throw new AppError('not_allowed', 'Authorize the connection first: there is no credential to test with.');
    return this.#access.open(connection, this.#access.stored(connection.id), signal);
  }

  async #call<T>(id: ConnectionId, work: (connector: Connector, context: ConnectorContext) => Promise<T>): Promise<T> {
    const connection = this.#records.get(id);
    if (connection.state.kind !== 'active')
      throw new AppError('not_allowed', `"${connection.name}" is not connected. Authorize it first.`);
    const connector = this.#connectors.connector(connection.connectorId);
    const context = this.#access.open(connection, this.#access.stored(id), AbortSignal.timeout(60_000));
    try {
      return await work(connector, context);
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw toAppError(error);
      const explained = await connector.explain(context, error);
      await this.#loseIfDead(id, explained);
      throw toAppError(explained);
    }
  }

  /** The connection says so when a call was refused for a reason that ends its authorization. */
  async #loseIfDead(id: ConnectionId, error: ConnectorError): Promise<void> {
    const reason = reasonOf(error.failureClass);
    // One object that this user may not see is no reason to end what works for the others.
    if (reason !== null && reason !== 'permission_missing')
      await this.#disconnecting.markDisconnected(id, reason, error.message, toFailure(error));
  }
}

function sideOf(connector: Connector, role: 'source' | 'destination'): Pick<Connector, 'objects' | 'fields'> {
  if (role === 'source') return connector;
  if (connector.destination === undefined)
    throw new AppError('not_allowed', `${connector.manifest.name} cannot be a destination.`);
  return connector.destination;
}
