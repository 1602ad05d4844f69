import type { Update } from '../../shared/activity/activity.ts';
import { AppError } from '../../shared/errors.ts';
import type { TenantId } from '../../shared/ids.ts';
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
    return this.#add({ ...input, kind: 'real' }, 'Tenant added');
  }

  /** The one practice tenant of this profile, made at the first call. */
  practice(): Tenant {
    const existing = this.#ports.list().find((tenant) => tenant.kind === 'practice');
    if (existing === undefined)
      return this.#add(
        { name: PRACTICE_TENANT_NAME, domain: 'acme.practice.invalid', products: [], kind: 'practice' },
        'Practice tenant opened',
      );
    this.select(existing.id);
    return existing;
  }

  select(id: TenantId): Tenant {
    const tenant = this.get(id);
    this.#ports.select(tenant.id);
    this.#ports.onChanged();
    return tenant;
  }

  update(id: TenantId, change: Partial<NewTenant> & { limits?: TenantLimits | undefined }): Tenant {
    const before = this.get(id);
    if (change.name !== undefined) this.#refuseTakenName(change.name, id);
    const after: Tenant = {
      ...before,
      ...(change.name === undefined ? {} : { name: change.name }),
      ...(change.domain === undefined ? {} : { domain: change.domain }),
      ...(change.products === undefined ? {} : { products: change.products }),
      ...(change.limits === undefined ? {} : { limits: change.limits }),
    };
    const changes = diff(
      { name: before.name, domain: before.domain, products: before.products, limits: before.limits },
      { name: after.name, domain: after.domain, products: after.products, limits: after.limits },
    );
    if (changes.length === 0) return before;
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
        diff({}, { name: tenant.name, domain: tenant.domain, products: tenant.products }),
      ),
    );
    this.select(tenant.id);
    return tenant;
  }

  #refuseTakenName(name: string, except: TenantId | null): void {
    const taken = this.#ports
      .list()
      .some((tenant) => tenant.id !== except && tenant.name.toLowerCase() === name.trim().toLowerCase());
    if (taken) throw new AppError('conflict', `There is a tenant named "${name.trim()}" already.`, { field: 'name' });
  }
}
