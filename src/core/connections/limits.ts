import type { Connection } from '../../shared/connection/connection.ts';
import type { ConnectorDescriptor } from '../../shared/connector.ts';
import { AppError } from '../../shared/errors.ts';
import { fullSlotFor, limitSentence } from '../../shared/limits.ts';
import type { Tenant } from '../../shared/tenant.ts';

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
