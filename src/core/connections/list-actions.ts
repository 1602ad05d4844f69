import { randomBytes } from 'node:crypto';
import type { Update } from '../../shared/activity/activity.ts';
import { AppError } from '../../shared/app-error.ts';
import type { ConnectionId, TenantId } from '../../shared/ids.ts';
import type { Store } from '../../store/store.ts';
import type { CoreEvents } from '../events.ts';
import { BulkActions } from './bulk.ts';
import { methodOf, remoteSentence } from './remote-words.ts';
import type { ConnectionRows } from './rows.ts';
import type { ConnectionService } from './service.ts';
import { ConnectionTags } from './tags.ts';

/** How often failures that have left the last 24 hours are looked for, milliseconds. */
const ROLL_MS = 30_000;

export interface ListActionPorts {
  readonly store: Store;
  readonly connections: ConnectionService;
  readonly rows: ConnectionRows;
  readonly events: CoreEvents;
  readonly currentTenant: () => TenantId | null;
  readonly newUpdate: (
    input: Pick<Update, 'tenantId' | 'subject' | 'action' | 'changes'> & { connectionId?: ConnectionId },
  ) => Update;
  readonly log: (text: string, error: unknown) => void;
}

export interface ListActions {
  readonly bulk: BulkActions;
  readonly tags: ConnectionTags;
  /** Keeps the failures of the last 24 hours true as time goes by. @returns what ends it */
  readonly startRolling: () => () => void;
}

/** What is done to many rows of the list at once, made of the services for one. */
export function createListActions(ports: ListActionPorts): ListActions {
  const { store, connections, rows, events } = ports;
  const bulk = new BulkActions({
    nameOf: (id) => store.connections.get(id)?.name ?? 'A connection that is gone',
    work: {
      test: (id, signal) => test(connections, id, signal),
      revoke: async (id) => {
        const { state } = (await connections.revoke(id)).connection;
        return state.kind === 'revoked'
          ? `Revoked here. ${remoteSentence(state.remote, methodOf(rows, connections.get(id)))}`
          : 'Revoked.';
      },
      delete: async (id) => {
        const connection = connections.get(id);
        const remote = await connections.remove(id, connection.name);
        const said = remote === null ? '' : ` Revoked here. ${remoteSentence(remote, methodOf(rows, connection))}`;
        return `Moved to the trash.${said}`;
      },
    },
    impact: (id) => connections.removalImpact(id),
    onStep: (bulkId, results) => events.emit('bulkStep', { bulkId, results }),
    onUnexpected: (error) => ports.log('A step of a bulk action failed', error),
  });
  const tags = new ConnectionTags({
    tagged: (ids) => {
      const known = store.connectionList.tags(ids);
      return store.connectionList
        .rows(ids)
        .map(({ connection: { id, name } }) => ({ id, name, tags: known.get(id) ?? [] }));
    },
    save: (id, after, update) => store.change(() => store.connectionList.setTags(id, after), update),
    newUpdate: (connectionId, subject, changes) =>
      ports.newUpdate({
        tenantId: connections.get(connectionId).tenantId,
        connectionId,
        subject,
        action: 'Tags changed',
        changes,
      }),
    rows: (ids) => rowsOf(ids),
    onChanged: (changed) => events.emit('rowsChanged', changed),
  });
  const rowsOf = (ids: readonly ConnectionId[]) => {
    const tenantId = ports.currentTenant();
    return tenantId === null ? [] : rows.rows(tenantId, ids);
  };
  const roll = (): void => {
    const tenantId = ports.currentTenant();
    if (tenantId === null) return;
    const changed = rows.changedFailures(tenantId);
    if (changed.length > 0) events.emit('rowsChanged', rows.rows(tenantId, changed));
  };
  return {
    bulk,
    tags,
    startRolling: () => {
      const timer = setInterval(roll, ROLL_MS);
      return () => clearInterval(timer);
    },
  };
}

async function test(connections: ConnectionService, id: ConnectionId, signal: AbortSignal): Promise<string> {
  const testId = randomBytes(8).toString('hex');
  const stop = (): void => connections.cancelTest(testId);
  signal.addEventListener('abort', stop);
  try {
    const { steps, passed } = await connections.test({ testId, id }, () => undefined);
    const failed = steps.find(({ status }) => status === 'fail');
    if (failed !== undefined)
      throw new AppError('source_error', `${failed.name}: ${failed.seen} ${failed.advice}`.trim());
    const warning = steps.find(({ status }) => status === 'warn');
    return warning === undefined || !passed ? 'Passed.' : `Passed. ${warning.name}: ${warning.seen}`;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
