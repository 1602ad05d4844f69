import { useRef, useState } from 'react';
import type { Tenant } from '../../shared/tenant.ts';
import { calls } from '../bridge.ts';
import { ActionMenu, type MenuAction } from '../components/ActionMenu.tsx';
import { IconBuilding, IconChevronDown } from '../components/icons.ts';
import { go } from '../routes.ts';
import { openDialog } from '../stores/dialogs.ts';
import { useSession } from '../stores/session.ts';
import { followTenant, selectTenant } from '../stores/subscriptions.ts';
import { safeText } from '../text/safe-text.ts';
import { reportElsewhere } from './report.ts';
import classes from './TenantButton.module.css';

async function openPractice(): Promise<void> {
  await calls.tenants.openPractice({});
  await followTenant();
}

function menuItems(tenants: readonly Tenant[], current: Tenant | null): MenuAction[] {
  const items: MenuAction[] = tenants.map((tenant) => ({
    id: tenant.id,
    label: `${safeText(tenant.name)}${tenant.kind === 'practice' ? ' (practice)' : ''}`,
    isChecked: tenant.id === current?.id,
    onSelect: () => void selectTenant(tenant.id).catch(reportElsewhere),
  }));
  if (!tenants.some((tenant) => tenant.kind === 'practice')) {
    items.push({
      id: 'practice',
      label: 'Open the practice tenant',
      startsGroup: true,
      onSelect: () => void openPractice().catch(reportElsewhere),
    });
  }
  items.push({
    id: 'add',
    label: 'Add your tenant',
    startsGroup: tenants.some((tenant) => tenant.kind === 'practice'),
    onSelect: () => openDialog({ kind: 'addTenant' }),
  });
  if (current?.kind === 'practice')
    items.push({ id: 'rehearse', label: 'Rehearse…', onSelect: () => openDialog({ kind: 'rehearse' }) });
  if (current)
    items.push({
      id: 'settings',
      label: 'Tenant settings',
      onSelect: () => go({ page: 'settings', section: 'tenant' }),
    });
  return items;
}

/** The tenant's name; opens the tenant menu. */
export function TenantButton() {
  const tenants = useSession((state) => state.tenants);
  const tenant = useSession((state) => state.tenant);
  const button = useRef<HTMLButtonElement>(null);
  const [isOpen, setOpen] = useState(false);
  if (!tenant) return null;
  const name = safeText(tenant.name);
  return (
    <>
      <button
        ref={button}
        type="button"
        className={classes.button}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        title={`${tenant.kind === 'practice' ? 'Practice tenant, ' : ''}${safeText(tenant.domain)}`}
        onClick={() => setOpen(true)}
      >
        <IconBuilding size={18} aria-hidden="true" className={classes.small} />
        <span className={classes.words}>
          <span className={classes.kind} aria-hidden="true">
            Tenant
            {tenant.kind === 'practice' && <span className={classes.badge}>Practice</span>}
          </span>
          <bdi className={classes.name}>{name}</bdi>
        </span>
        <IconChevronDown size={16} aria-hidden="true" className={classes.chevron} />
      </button>
      {isOpen && button.current && (
        <ActionMenu
          label="Tenants"
          anchor={{ kind: 'element', element: button.current }}
          items={menuItems(tenants, tenant)}
          returnFocusTo={button.current}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}
