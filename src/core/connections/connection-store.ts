import type { Connection } from '../../shared/connection/connection.ts';
import type { JobId, TenantId } from '../../shared/ids.ts';
import type { Store } from '../../store/store.ts';
import type { ConnectionStore } from './ports.ts';

/** The connection service's view of the store: every change together with the Update activity that describes it. */
export function connectionStore(
  store: Pick<Store, 'connections' | 'jobs' | 'change'>,
  parts: { readonly tenants: () => readonly TenantId[]; readonly newId: () => string },
): ConnectionStore {
  const { connections, jobs } = store;
  return {
    get: (id) => connections.get(id),
    list: (id) => connections.list(id),
    insert: (connection, settings, update) =>
      void store.change(() => {
        connections.insert(connection);
        for (const one of settings)
          jobs.insert({
            ...one,
            id: parts.newId() as JobId,
            tenantId: connection.tenantId,
            origin: 'outOfTheBox',
            createdAt: connection.createdAt,
            updatedAt: connection.createdAt,
            version: 1,
          });
      }, update),
    save: (connection, update) => store.change(() => connections.save(connection), update),
    remove: (id, update) => void store.change(() => connections.remove(id), update),
    trash: (connection, deletedAt, update) => store.change(() => connections.trash(connection, deletedAt), update),
    restore: (connection, update) => store.change(() => connections.restore(connection), update),
    trashed: (id) => connections.getTrashed(id),
    listTrashed: () => connections.listTrashed(),
    revoking: () =>
      [
        ...parts.tenants().flatMap((id) => connections.listInState(id, 'revoked')),
        ...connections.listTrashed().map(({ connection }) => connection),
      ].filter(isRevoking),
  };
}

function isRevoking({ state }: Connection): boolean {
  return state.kind === 'revoked' && state.remote === 'pending';
}
