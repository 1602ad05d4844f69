import type { Update } from '../../shared/activity/activity.ts';
import { CATEGORY_NAMES, type Category } from '../../shared/connector.ts';
import { AppError } from '../../shared/errors.ts';
import type { TenantId } from '../../shared/ids.ts';
import { PRODUCT_NAMES } from '../../shared/products.ts';
import { DEFAULT_LIMITS, type NewTenant, type Tenant, type TenantLimits } from '../../shared/tenant.ts';
import { diff } from '../connections/changes.ts';

export const PRACTICE_TENANT_NAME = 'Practice tenant (Acme)';

export interface TenantPorts {
  readonly list: () => Tenant[];
  readonly insert: (tenant: Tenant, update: Update) => void;
  readonly save: (tenant: Tenant, update: Update) => void;
  readonly remove: (id: TenantId) => void;
  readonly newId: () => string;
  readonly newUpdate: (tenantId: TenantId, subject: string, action: string, changes: Update['changes']) => Update;
  readonly now: () => string;
  readonly selected: () => TenantId | null;
  readonly select: (id: TenantId | null) => void;
  readonly onChanged: () => void;
  /** How many connections of a connector its manifest allows; undefined when it does not say. */
  readonly ownLimit: (connectorId: string) => number | undefined;
}

/** The tenants of this profile, and which one is looked at. */
export class TenantService {
  readonly #ports: TenantPorts;

  constructor(ports: TenantPorts) {
    this.#ports = ports;
  }

  list(): { tenants: Tenant[]; selected: TenantId | null } {
    const tenants = this.#ports.list();
    const selected = this.#ports.selected();
    return { tenants, selected: tenants.some((tenant) => tenant.id === selected) ? selected : null };
  }

  /** At a start: the tenant that was open last may be gone, for example when a backup of other tenants was restored. */
  selectAnother(): void {
    const { tenants, selected } = this.list();
    const next = tenants.find(({ kind }) => kind === 'real') ?? tenants[0];
    if (selected === null && next !== undefined) this.#ports.select(next.id);
  }

  /** @throws AppError not_found when no tenant is selected */
  current(): Tenant {
    const { tenants, selected } = this.list();
    const tenant = tenants.find((one) => one.id === selected);
    if (tenant === undefined)
      throw new AppError('not_found', 'No tenant is open. Open the practice tenant or add your own first.');
    return tenant;
  }

  get(id: TenantId): Tenant {
    const tenant = this.#ports.list().find((one) => one.id === id);
    if (tenant === undefined) throw new AppError('not_found', 'This tenant no longer exists.');
    return tenant;
  }

  create(input: NewTenant): Tenant {
    this.#refuseTakenName(input.name, null);
    return this.select(this.#add({ ...input, kind: 'real' }, 'Tenant added').id);
  }

  /** The one practice tenant of this profile, made at the first call. It is not selected: it has to be furnished first. */
  practice(): Tenant {
    const existing = this.#ports.list().find((tenant) => tenant.kind === 'practice');
    return (
      existing ??
      this.#add(
        { name: PRACTICE_TENANT_NAME, domain: 'acme.practice.invalid', products: [], kind: 'practice' },
        'Practice tenant opened',
      )
    );
  }

  select(id: TenantId): Tenant {
    const tenant = this.get(id);
    this.#ports.select(tenant.id);
    this.#ports.onChanged();
    return tenant;
  }

  /** @throws AppError invalid_input when a limit is raised without the support case it was raised by */
  update(
    id: TenantId,
    change: Partial<NewTenant> & { limits?: TenantLimits | undefined; supportCase?: string | undefined },
  ): Tenant {
    const before = this.get(id);
    if (change.name !== undefined) this.#refuseTakenName(change.name, id);
    const after: Tenant = {
      ...before,
      ...(change.name === undefined ? {} : { name: change.name }),
      ...(change.domain === undefined ? {} : { domain: change.domain }),
      ...(change.products === undefined ? {} : { products: change.products }),
      ...(change.limits === undefined ? {} : { limits: change.limits }),
    };
    const limitChanges = diff(limitValues(before.limits), limitValues(after.limits));
    const changes = [
      ...diff(
        { Name: before.name, Domain: before.domain, 'Owned products': productNames(before) },
        { Name: after.name, Domain: after.domain, 'Owned products': productNames(after) },
      ),
      ...limitChanges,
    ];
    if (changes.length === 0) return before;
    const supportCase = change.supportCase?.trim() ?? '';
    if (isRaised(before.limits, after.limits, this.#ports.ownLimit) && supportCase === '')
      throw new AppError('invalid_input', 'Enter the support case by which Gainsight raised the limit.', {
        field: 'supportCase',
      });
    if (limitChanges.length > 0 && supportCase !== '')
      changes.push({ field: 'Support case', before: '', after: supportCase });
    this.#ports.save(after, this.#ports.newUpdate(id, after.name, 'Tenant edited', changes));
    this.#ports.onChanged();
    return after;
  }

  /** @throws AppError invalid_input unless the tenant's name was typed */
  refuseWithoutName(id: TenantId, typedName: string): Tenant {
    const tenant = this.get(id);
    if (typedName.trim() !== tenant.name)
      throw new AppError('invalid_input', `Type "${tenant.name}" to remove it.`, { field: 'typedName' });
    return tenant;
  }

  /** Forgets a tenant whose connections are gone already. */
  forget(id: TenantId): void {
    this.#ports.remove(id);
    if (this.#ports.selected() === id) this.#ports.select(this.#ports.list()[0]?.id ?? null);
    this.#ports.onChanged();
  }

  #add(input: NewTenant & { kind: Tenant['kind'] }, action: string): Tenant {
    const tenant: Tenant = {
      ...input,
      id: this.#ports.newId() as TenantId,
      limits: DEFAULT_LIMITS,
      createdAt: this.#ports.now(),
    };
    this.#ports.insert(
      tenant,
      this.#ports.newUpdate(
        tenant.id,
        tenant.name,
        action,
        diff({}, { Name: tenant.name, Domain: tenant.domain, 'Owned products': productNames(tenant) }),
      ),
    );
    return tenant;
  }

  #refuseTakenName(name: string, except: TenantId | null): void {
    const taken = this.#ports
      .list()
      .some((tenant) => tenant.id !== except && tenant.name.toLowerCase() === name.trim().toLowerCase());
    if (taken) throw new AppError('conflict', `There is a tenant named "${name.trim()}" already.`, { field: 'name' });
  }
}

function productNames({ products }: Pick<Tenant, 'products'>): string {
  return products.map((product) => PRODUCT_NAMES[product]).join(', ');
}

/** Limits as an Update activity shows them, one field each. */
function limitValues({ perCategory, perConnector }: TenantLimits): Record<string, number> {
  return Object.fromEntries([
    ...Object.entries(perCategory).map(
      ([id, most]) => [`Limit: ${CATEGORY_NAMES[id as Category] ?? id}`, most] as const,
    ),
    ...Object.entries(perConnector).map(([id, most]) => [`Limit: connector ${id}`, most] as const),
  ]);
}

/** What a tenant may have where nobody changed it: a limit that is set for the first time is compared with this. */
type OwnLimit = (connectorId: string) => number | undefined;

function isRaised(before: TenantLimits, after: TenantLimits, ownLimit: OwnLimit): boolean {
  const unlimited = Number.POSITIVE_INFINITY;
  const categories = Object.entries(after.perCategory).some(
    ([id, most]) => most > (before.perCategory[id] ?? DEFAULT_LIMITS.perCategory[id] ?? unlimited),
  );
  const connectors = new Set([...Object.keys(before.perConnector), ...Object.keys(after.perConnector)]);
  return (
    categories ||
    [...connectors].some((id) => {
      const own = ownLimit(id) ?? unlimited;
      return (after.perConnector[id] ?? own) > (before.perConnector[id] ?? own);
    })
  );
}
