import type { Connection } from '../../shared/connection/connection.ts';
import { CATEGORY_NAMES, type ConnectorDescriptor } from '../../shared/connector.ts';
import { AppError } from '../../shared/errors.ts';
import { DEFAULT_LIMITS, type Tenant } from '../../shared/tenant.ts';

interface Held {
  readonly connection: Pick<Connection, 'name' | 'connectorId'>;
  readonly descriptor: ConnectorDescriptor | undefined;
}

function names(held: readonly Held[]): string {
  return held
    .slice(0, 3)
    .map(({ connection }) => `"${connection.name}"`)
    .join(', ');
}

/**
 * Refuses a connection that would exceed the tenant's limits, and says who holds the slot.
 * @throws AppError limit_reached
 */
export function checkLimits(tenant: Tenant, descriptor: ConnectorDescriptor, existing: readonly Held[]): void {
  const perConnector = tenant.limits.perConnector[descriptor.id] ?? descriptor.maxPerTenant;
  const same = existing.filter(({ connection }) => connection.connectorId === descriptor.id);
  if (perConnector !== undefined && same.length >= perConnector) {
    throw new AppError(
      'limit_reached',
      `${tenant.name} may have ${perConnector} ${descriptor.name} ${perConnector === 1 ? 'connection' : 'connections'}; ${names(same)} ${same.length === 1 ? 'holds the slot' : 'hold the slots'}. Edit it instead, or delete it first.`,
      { field: 'connectorId' },
    );
  }
  const perCategory = tenant.limits.perCategory[descriptor.category] ?? DEFAULT_LIMITS.perCategory[descriptor.category];
  const alike = existing.filter((one) => one.descriptor?.category === descriptor.category);
  if (perCategory !== undefined && alike.length >= perCategory) {
    const category = CATEGORY_NAMES[descriptor.category];
    throw new AppError(
      'limit_reached',
      `${tenant.name} may have ${perCategory} ${category} ${perCategory === 1 ? 'connection' : 'connections'}; ${names(alike)} ${alike.length === 1 ? 'holds the slot' : 'hold the slots'}. Gainsight support can raise the limit; it is then changed in Settings.`,
      { field: 'connectorId' },
    );
  }
}
