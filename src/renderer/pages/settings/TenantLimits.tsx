import { Button, NumberInput, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { DEFAULT_LIMITS, type Tenant } from '../../../shared/tenant.ts';
import { calls, toAppError } from '../../bridge.ts';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { fieldError } from '../../components/FieldError.tsx';
import { PickOne } from '../../components/PickOne.tsx';
import { useConnections } from '../../stores/connections.ts';
import { reloadTenants, useSession } from '../../stores/session.ts';
import { safeText } from '../../text/safe-text.ts';
import { type LimitLine, limitLines, limitsOf } from './limits.ts';
import classes from './SettingsPage.module.css';

const MOST_HOLDERS = 3;

/** How many connections the tenant may have, who holds the slots, and by which support case a limit was raised. */
export function TenantLimits({ tenant }: { tenant: Tenant }) {
  const connectors = useSession((state) => state.connectors);
  const rows = useConnections((state) => state.rows);
  const [changed, setChanged] = useState<ReadonlyMap<string, number>>(new Map());
  const [supportCase, setSupportCase] = useState('');
  const [errors, setErrors] = useState<{ supportCase?: string; form?: string }>({});
  const [state, setState] = useState<'idle' | 'saving' | 'saved'>('idle');
  const connections = [...rows.values()].map(({ connection }) => connection);
  const lines = limitLines(tenant.limits, connectors, connections, changed);
  const shown = new Set(lines.map(({ key }) => key));
  const others = connectors
    .filter(({ id }) => !shown.has(`connector ${id}`))
    .map(({ id, name }) => ({ value: id as string, label: name }));

  const change = (key: string, most: number): void => {
    setChanged((before) => new Map(before).set(key, most));
    setState('idle');
  };
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setErrors({});
    setState('saving');
    try {
      await calls.tenants.update({ id: tenant.id, limits: limitsOf(tenant.limits, lines), supportCase });
      await reloadTenants();
      setChanged(new Map());
      setSupportCase('');
      setState('saved');
    } catch (thrown) {
      const error = toAppError(thrown);
      setErrors(error.field === 'supportCase' ? { supportCase: error.message } : { form: error.message });
      setState('idle');
    }
  };
  return (
    <form aria-labelledby="tenant-limits" className={classes.section} onSubmit={(event) => void save(event)} noValidate>
      <div>
        <h2 id="tenant-limits" className={classes.heading}>
          Limits
        </h2>
        <p className={classes.dim}>
          How many connections Gainsight allows this tenant: {DEFAULT_LIMITS.perCategory.crm} CRM and{' '}
          {DEFAULT_LIMITS.perCategory.support} Support connection by default. Gainsight support raises them.
        </p>
      </div>
      <ul className={classes.limits}>
        {lines.map((line) => (
          <LimitRow key={line.key} line={line} onChange={(most) => change(line.key, most)} />
        ))}
      </ul>
      {others.length > 0 && (
        <PickOne
          label="Add a limit for a connector"
          placeholder="Add a limit for a connector"
          choices={others}
          value={null}
          onChange={(id) => id !== null && change(`connector ${id}`, 1)}
          width={260}
        />
      )}
      <TextInput
        label="Support case"
        description="The number of the case by which Gainsight raised a limit. It is noted in the Update activity."
        value={supportCase}
        error={fieldError(errors.supportCase)}
        onChange={(event) => setSupportCase(event.currentTarget.value)}
        maxLength={120}
        autoComplete="off"
        spellCheck={false}
      />
      {errors.form && <ErrorNote message={errors.form} />}
      <div className={classes.buttons}>
        <Button type="submit" loading={state === 'saving'} disabled={changed.size === 0}>
          Save limits
        </Button>
        <span role="status" className={classes.dim}>
          {state === 'saved' ? 'Saved' : ''}
        </span>
      </div>
    </form>
  );
}

function LimitRow({ line, onChange }: { line: LimitLine; onChange: (most: number) => void }) {
  return (
    <li className={classes.limit}>
      <NumberInput
        label={line.name}
        value={line.most}
        min={0}
        max={1000}
        allowDecimal={false}
        allowNegative={false}
        clampBehavior="strict"
        w={140}
        onChange={(value) => typeof value === 'number' && onChange(value)}
      />
      <span className={classes.holders}>{holders(line)}</span>
    </li>
  );
}

function holders({ heldBy, most }: LimitLine): string {
  if (heldBy.length === 0) return 'No connection yet';
  const names = heldBy.slice(0, MOST_HOLDERS).map((name) => safeText(name, 80));
  const rest = heldBy.length - names.length;
  const list = rest > 0 ? `${names.join(', ')} and ${rest} more` : names.join(', ');
  const over = heldBy.length - most;
  return over > 0
    ? `${over} more than the limit: ${list}. Nothing is removed; no further one can be made`
    : `${heldBy.length} of ${most} taken: ${list}`;
}
