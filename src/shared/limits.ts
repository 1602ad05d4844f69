/** How many connections a tenant may have, and who holds the slots: one rule for the form that warns and for main that refuses. */
import { CATEGORY_NAMES, type Category, type ConnectorDescriptor } from './connector.ts';
import { DEFAULT_LIMITS, type Tenant } from './tenant.ts';

/** A limit that allows no further connection. */
export interface FullSlot {
  readonly by: 'connector' | 'category';
  /** Of what there may be so many: "Zendesk", "Support". */
  readonly what: string;
  readonly most: number;
  /** Names of the connections that hold the slots. */
  readonly heldBy: readonly string[];
}

interface Held {
  readonly name: string;
  readonly connectorId: string;
  /** Undefined for a connector this version does not know. */
  readonly category: Category | undefined;
}

/** @returns the limit in the way of one more connection of the connector, or null */
export function fullSlotFor(
  limits: Tenant['limits'],
  connector: Pick<ConnectorDescriptor, 'id' | 'name' | 'category' | 'maxPerTenant'>,
  existing: readonly Held[],
): FullSlot | null {
  const { id, name, category, maxPerTenant } = connector;
  const full = (
    by: FullSlot['by'],
    what: string,
    most: number | undefined,
    holders: readonly Held[],
  ): FullSlot | null =>
    most === undefined || holders.length < most ? null : { by, what, most, heldBy: holders.map((one) => one.name) };
  return (
    full(
      'connector',
      name,
      limits.perConnector[id] ?? maxPerTenant,
      existing.filter((one) => one.connectorId === id),
    ) ??
    full(
      'category',
      CATEGORY_NAMES[category],
      limits.perCategory[category] ?? DEFAULT_LIMITS.perCategory[category],
      existing.filter((one) => one.category === category),
    )
  );
}

const MOST_NAMES = 3;

/** "…" holds the slot. */
export function holdersOf({ heldBy }: FullSlot): string {
  const names = heldBy.slice(0, MOST_NAMES).map((name) => `"${name}"`);
  const more = heldBy.length > MOST_NAMES ? ` and ${heldBy.length - MOST_NAMES} more` : '';
  return `${names.join(', ')}${more} ${heldBy.length === 1 ? 'holds the slot' : 'hold the slots'}`;
}

/** What the limit is, who holds it, and what can be done. */
export function limitSentence(tenantName: string, slot: FullSlot): string {
  const { by, what, most, heldBy } = slot;
  const may = `${tenantName} may have ${most === 0 ? 'no' : most} ${what} ${most === 1 ? 'connection' : 'connections'}`;
  const held = heldBy.length === 0 ? '' : `; ${holdersOf(slot)}`;
  const instead = by === 'connector' && heldBy.length > 0 ? ' Edit it instead, or delete it first.' : '';
  return `${may}${held}.${instead} Gainsight support can raise the limit; it is then changed in Settings > Tenant with the support case.`;
}
