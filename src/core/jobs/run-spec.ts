/** What the worker needs to know for a run; nothing of it is secret. */

import type { ConnectionFacts, RunSpec } from '../../engine/messages.ts';
import type { Connection } from '../../shared/connection/connection.ts';
import type { RunOrder } from './service.ts';

export function runSpec(order: RunOrder, network: RunSpec['network']): RunSpec {
  return {
    activityId: order.execution.id,
    job: order.job,
    source: facts(order.connection),
    destination: order.destination === null ? null : facts(order.destination),
    isResumed: order.isResumed,
    network,
  };
}

function facts({ id, connectorId, authMethodId, fields, overrides, learned }: Connection): ConnectionFacts {
  return { connectionId: id, connectorId, authMethodId, fields, overrides, learned };
}
