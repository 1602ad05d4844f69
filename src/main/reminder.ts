import type { TenantService } from '../core/tenants/service.ts';
import type { ConnectionId, TenantId } from '../shared/ids.ts';
import type { Push } from './ipc/events.ts';

export interface ReminderPorts {
  readonly tenants: Pick<TenantService, 'list' | 'select'>;
  readonly focus: () => void;
  readonly push: Push;
}

/** A reminder is about a connection, and that may belong to another tenant than the window shows. */
export function followReminder(
  { tenants, focus, push }: ReminderPorts,
  { id, tenantId }: { readonly id: ConnectionId; readonly tenantId: TenantId },
): void {
  focus();
  const { tenants: all, selected } = tenants.list();
  // Removed since: the window alone is what can be shown.
  if (!all.some((tenant) => tenant.id === tenantId)) return;
  if (selected !== tenantId) tenants.select(tenantId);
  push('connections.reminderChosen', { id });
}
