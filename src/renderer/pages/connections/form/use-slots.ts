import { useMemo } from 'react';
import type { ConnectorDescriptor } from '../../../../shared/connector.ts';
import { type FullSlot, fullSlotFor } from '../../../../shared/limits.ts';
import { useConnections } from '../../../stores/connections.ts';
import { useSession } from '../../../stores/session.ts';

/** Which limit of the tenant is in the way of one more connection of a connector, before anything is filled in. */
export function useFullSlots(): (connector: ConnectorDescriptor) => FullSlot | null {
  const rows = useConnections((state) => state.rows);
  const connectorById = useSession((state) => state.connectorById);
  const tenant = useSession((state) => state.tenant);
  return useMemo(() => {
    const held = [...rows.values()].map(({ connection: { name, connectorId } }) => ({
      name,
      connectorId,
      category: connectorById.get(connectorId)?.category,
    }));
    return (connector) => (tenant === null ? null : fullSlotFor(tenant.limits, connector, held));
  }, [rows, connectorById, tenant]);
}
