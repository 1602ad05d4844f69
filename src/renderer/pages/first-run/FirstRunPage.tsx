import { Button } from '@mantine/core';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { calls, toAppError } from '../../bridge.ts';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { Logo } from '../../components/Logo.tsx';
import { TenantFields } from '../../components/TenantForm.tsx';
import { useNewTenant } from '../../dialogs/use-new-tenant.ts';
import { Banners } from '../../frame/Banners.tsx';
import { hrefOf } from '../../routes.ts';
import { followTenant } from '../../stores/subscriptions.ts';
import classes from './FirstRunPage.module.css';

/** The first start: rehearse on the practice tenant, or begin with one's own. */
export function FirstRunPage() {
  const [isAdding, setAdding] = useState(false);
  return (
    <div className={classes.page}>
      <Banners />
      <main className={classes.main}>
        <header className={classes.head}>
          <Logo size={36} />
          <h1>Patchbay</h1>
          <p>The connections of your Gainsight, what their jobs do, and what to do when one fails.</p>
        </header>
        {isAdding ? <AddTenant onBack={() => setAdding(false)} /> : <Choice onAdd={() => setAdding(true)} />}
        <p className={classes.settings}>
          <a href={hrefOf({ page: 'settings', section: 'general' })}>Settings</a>
          <span>Network, vault, and the restore of a backup</span>
        </p>
      </main>
    </div>
  );
}

function Choice({ onAdd }: { onAdd: () => void }) {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const openPractice = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      await calls.tenants.openPractice({});
      await followTenant();
    } catch (error) {
      setProblem(toAppError(error).message);
      setBusy(false);
    }
  };
  return (
    <>
      <div className={classes.choices}>
        <section className={classes.choice}>
          <p>Rehearse every step on this machine, with practice systems and made-up data.</p>
          <Button loading={isBusy} onClick={() => void openPractice()} fullWidth>
            Open the practice tenant
          </Button>
        </section>
        <section className={classes.choice}>
          <p>Work with the real connections of your own Gainsight org.</p>
          <Button variant="default" onClick={onAdd} fullWidth>
            Add your tenant
          </Button>
        </section>
      </div>
      {problem && <ErrorNote message={problem} />}
    </>
  );
}

function AddTenant({ onBack }: { onBack: () => void }) {
  const { values, errors, isBusy, change, add } = useNewTenant();
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector('input')?.focus(), []);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void add();
  };
  return (
    <form ref={form} className={classes.form} onSubmit={submit} noValidate aria-label="Add your tenant">
      <h2>Add your tenant</h2>
      <TenantFields values={values} errors={errors} onChange={change} />
      {errors.form && <ErrorNote message={errors.form} />}
      <div className={classes.buttons}>
        <Button variant="default" onClick={onBack}>
          Back
        </Button>
        <Button type="submit" loading={isBusy}>
          Add tenant
        </Button>
      </div>
    </form>
  );
}
