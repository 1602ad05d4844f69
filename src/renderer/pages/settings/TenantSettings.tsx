import { Button } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { Tenant } from '../../../shared/tenant.ts';
import { calls } from '../../bridge.ts';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { type TenantErrors, TenantFields, type TenantValues } from '../../components/TenantForm.tsx';
import { tenantFailure, tenantProblems } from '../../dialogs/use-new-tenant.ts';
import { openDialog } from '../../stores/dialogs.ts';
import { reloadTenants, useSession } from '../../stores/session.ts';
import classes from './SettingsPage.module.css';
import { TenantLimits } from './TenantLimits.tsx';

export function TenantSettings() {
  const tenant = useSession((state) => state.tenant);
  return tenant ? <TenantEditor key={tenant.id} tenant={tenant} /> : null;
}

function TenantEditor({ tenant }: { tenant: Tenant }) {
  const [values, setValues] = useState<TenantValues>({
    name: tenant.name,
    domain: tenant.domain,
    products: tenant.products,
  });
  const [errors, setErrors] = useState<TenantErrors>({});
  const [state, setState] = useState<'idle' | 'saving' | 'saved'>('idle');
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const problems = tenantProblems(values);
    setErrors(problems ?? {});
    if (problems) return;
    setState('saving');
    try {
      await calls.tenants.update({
        id: tenant.id,
        name: values.name,
        domain: values.domain,
        products: [...values.products],
      });
      await reloadTenants();
      setState('saved');
    } catch (thrown) {
      setErrors(tenantFailure(thrown));
      setState('idle');
    }
  };
  return (
    <div className={classes.section}>
      <form onSubmit={(event) => void save(event)} noValidate className={classes.section}>
        <TenantFields
          values={values}
          errors={errors}
          onChange={(next) => {
            setValues(next);
            setState('idle');
          }}
        />
        {errors.form && <ErrorNote message={errors.form} />}
        <div className={classes.buttons}>
          <Button type="submit" loading={state === 'saving'}>
            Save
          </Button>
          <span role="status" className={classes.dim}>
            {state === 'saved' ? 'Saved' : ''}
          </span>
        </div>
      </form>
      <TenantLimits tenant={tenant} />
      <div className={classes.danger}>
        <div className={classes.buttons}>
          <Button variant="default" onClick={() => openDialog({ kind: 'addTenant' })}>
            Add another tenant
          </Button>
          <Button variant="default" color="red" onClick={() => openDialog({ kind: 'removeTenant', id: tenant.id })}>
            Remove this tenant
          </Button>
        </div>
      </div>
    </div>
  );
}
