import type { LIST_CALLS } from '../../../shared/ipc/contract/connection-list.ts';
import type { HandlerParts } from '../handler-parts.ts';
import type { Handlers } from '../router.ts';

export function connectionListHandlers({ core }: HandlerParts): Pick<Handlers, keyof typeof LIST_CALLS> {
  const { tenants } = core.tenants;
  const { rows, listActions } = core.connections;
  return {
    'connections.list': () => ({ ...rows.first(tenants.list().selected), asOf: new Date().toISOString() }),
    'connections.listRest': ({ listing, offset, limit }) => rows.rest(tenants.list().selected, listing, offset, limit),
    'connections.changeTags': ({ ids, add, remove }) => listActions.tags.change(ids, add, remove),
    'connections.bulkImpact': ({ ids }) => listActions.bulk.impact(ids),
    'connections.bulk': (input) => listActions.bulk.run(input),
    'connections.cancelBulk': ({ bulkId }) => {
      listActions.bulk.cancel(bulkId);
      return {};
    },
  };
}
