import type { Connection } from '../../shared/connection/connection.ts';
import type { ConnectorDescriptor } from '../../shared/connector.ts';
import { AppError } from '../../shared/errors.ts';
import { fullSlotFor, limitSentence } from '../../shared/limits.ts';
import type { Tenant } from '../../shared/tenant.ts';
import type { ConnectorLookup } from './collaborators.ts';
import type { ConnectionRecords } from './connection-records.ts';

/** @throws AppError limit_reached when the current tenant has no room for another connection, saying who holds the slot */
export function refuseFullSlot(
  records: Pick<ConnectionRecords, 'currentTenant' | 'list'>,
  connectors: Pick<ConnectorLookup, 'descriptor'>,
  connectorId: Connection['connectorId'],
): void {
  const held = records
    .list()
    .map((connection) => ({ connection, descriptor: connectors.descriptor(connection.connectorId) }));
  checkLimits(records.currentTenant(), connectors.descriptor(connectorId), held);
}

interface Held {
  readonly connection: Pick<Connection, 'name' | 'connectorId'>;
  readonly descriptor: ConnectorDescriptor | undefined;
}

/**
 * Refuses a connection that would exceed the tenant's limits, and says who holds the slot.
 * @throws AppError limit_reached
 */
export function checkLimits(tenant: Tenant, descriptor: ConnectorDescriptor, existing: readonly Held[]): void {
  const held = existing.map((one) => ({ ...one.connection, category: one.descriptor?.category }));
  const slot = fullSlotFor(tenant.limits, descriptor, held);
  if (slot !== null) throw new AppError('limit_reached', limitSentence(tenant.name, slot), { field: 'connectorId' });
}
