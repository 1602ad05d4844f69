/** The limits of a tenant as lines that can be changed, and back. */
import { CATEGORY_NAMES, type Category, type ConnectorDescriptor } from '../../../shared/connector.ts';
import { DEFAULT_LIMITS, type TenantLimits } from '../../../shared/tenant.ts';

export interface LimitLine {
  /** "category crm" or "connector salesforce" */
  readonly key: string;
  readonly name: string;
  readonly most: number;
  /** Names of the connections that hold slots. */
  readonly heldBy: readonly string[];
  /** What counts where nothing was set; undefined = no limit. */
  readonly own: number | undefined;
}

interface Holder {
  readonly name: string;
  readonly connectorId: string;
}

type Descriptor = Pick<ConnectorDescriptor, 'id' | 'name' | 'category' | 'maxPerTenant'>;

/** Categories that are limited, then connectors that are, by their own rule or the tenant's; `changed` stands before both. */
export function limitLines(
  limits: TenantLimits,
  connectors: readonly Descriptor[],
  connections: readonly Holder[],
  changed: ReadonlyMap<string, number>,
): LimitLine[] {
  const categoryOf = new Map<string, string>(connectors.map(({ id, category }) => [id, category]));
  const categories = Object.entries({ ...DEFAULT_LIMITS.perCategory, ...limits.perCategory }).map(([id, most]) => ({
    key: `category ${id}`,
    name: CATEGORY_NAMES[id as Category] ?? id,
    most: changed.get(`category ${id}`) ?? most,
    own: DEFAULT_LIMITS.perCategory[id],
    heldBy: connections.filter((one) => categoryOf.get(one.connectorId) === id).map(({ name }) => name),
  }));
  const own = connectors.flatMap(({ id, name, maxPerTenant }) => {
    const most = changed.get(`connector ${id}`) ?? limits.perConnector[id] ?? maxPerTenant;
    if (most === undefined) return [];
    const heldBy = connections.filter(({ connectorId }) => connectorId === id).map((one) => one.name);
    return [{ key: `connector ${id}`, name, most, own: maxPerTenant, heldBy }];
  });
  return [...categories, ...own];
}

/** What is stored: a connector's line only where it differs from the connector's own rule. Limits of unknown connectors stay. */
export function limitsOf(before: TenantLimits, lines: readonly LimitLine[]): TenantLimits {
  const perCategory: Record<string, number> = { ...before.perCategory };
  const perConnector: Record<string, number> = { ...before.perConnector };
  for (const { key, most, own } of lines) {
    const [kind = '', id = ''] = key.split(' ');
    if (kind === 'category') perCategory[id] = most;
    else if (most === own) delete perConnector[id];
    else perConnector[id] = most;
  }
  return { perCategory, perConnector };
}
