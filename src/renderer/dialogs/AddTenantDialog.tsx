import { Button } from '@mantine/core';
import type { FormEvent } from 'react';
import { AppDialog } from '../components/AppDialog.tsx';
import { ErrorNote } from '../components/ErrorNote.tsx';
import { TenantFields } from '../components/TenantForm.tsx';
import { go } from '../routes.ts';
import type { DialogProps } from './dialog-props.ts';
import { useNewTenant } from './use-new-tenant.ts';

export function AddTenantDialog({ isTop, onClose }: DialogProps<'addTenant'>) {
  const { values, errors, isBusy, change, add } = useNewTenant();
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (!(await add())) return;
    onClose();
    go({ page: 'connections' });
  };
  return (
    <AppDialog
      title="Add your tenant"
      isTop={isTop}
      onClose={onClose}
      footer={
        <>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" form="add-tenant" loading={isBusy}>
            Add tenant
          </Button>
        </>
      }
    >
      <form id="add-tenant" onSubmit={(event) => void submit(event)} noValidate>
        <TenantFields values={values} errors={errors} onChange={change} />
        {errors.form && <ErrorNote message={errors.form} />}
      </form>
    </AppDialog>
  );
}
