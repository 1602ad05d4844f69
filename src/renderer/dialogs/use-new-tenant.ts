import { useState } from 'react';
import { type NewTenant, newTenantSchema, type Tenant } from '../../shared/tenant.ts';
import { calls, toAppError } from '../bridge.ts';
import type { TenantErrors, TenantValues } from '../components/TenantForm.tsx';
import { followTenant } from '../stores/subscriptions.ts';

const EMPTY: TenantValues = { name: '', domain: '', products: [] };
const CONTROLS = ['name', 'domain', 'products'] as const;

function controlOf(field: string | undefined): keyof TenantErrors {
  return CONTROLS.find((control) => control === field?.split('.')[0]) ?? 'form';
}

/** What is wrong with a tenant's form, by control; null when nothing is. */
export function tenantProblems(values: TenantValues): TenantErrors | null {
  const parsed = newTenantSchema.safeParse(values);
  if (parsed.success) return null;
  const errors: Partial<Record<keyof TenantErrors, string>> = {};
  for (const issue of parsed.error.issues) errors[controlOf(issue.path.join('.'))] ??= issue.message;
  return errors;
}

export function tenantFailure(thrown: unknown): TenantErrors {
  const error = toAppError(thrown);
  return { [controlOf(error.field)]: error.message };
}

/** The form that adds a tenant. */
export function useNewTenant() {
  const [values, setValues] = useState(EMPTY);
  const [errors, setErrors] = useState<TenantErrors>({});
  const [isBusy, setBusy] = useState(false);

  /** @returns the tenant, or null when the form says why there is none */
  const add = async (): Promise<Tenant | null> => {
    const problems = tenantProblems(values);
    if (problems) {
      setErrors(problems);
      return null;
    }
    setBusy(true);
    try {
      const tenant = await calls.tenants.create({ ...values, products: [...values.products] } satisfies NewTenant);
      await calls.tenants.select({ id: tenant.id });
      await followTenant();
      return tenant;
    } catch (thrown) {
      setErrors(tenantFailure(thrown));
      return null;
    } finally {
      setBusy(false);
    }
  };

  const change = (next: TenantValues): void => {
    setValues(next);
    setErrors({});
  };
  return { values, errors, isBusy, change, add };
}
