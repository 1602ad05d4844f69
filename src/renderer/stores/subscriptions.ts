/** Main's events -> stores. */

import type { ConnectionId } from '../../shared/ids.ts';
import { events } from '../bridge.ts';
import { reportElsewhere } from '../frame/report.ts';
import { runMenuCommand } from '../menu-commands.ts';
import { go, parseRoute } from '../routes.ts';
import { clearActivity, onActivityChanged, onProgress } from './activity.ts';
import {
  clearConnections,
  loadConnections,
  onConnectionsChanged,
  revealConnection,
  useConnections,
} from './connections.ts';
import { openDialog } from './dialogs.ts';
import { clearDrafts, loadDrafts } from './drafts.ts';
import { clearJobs, needJobs, reloadJobsSoon } from './jobs.ts';
import { reloadConnectors, reloadTenants, setVault, useSession } from './session.ts';

/** With at most this many jobs they are fetched once the list is there, so that the first click on Jobs waits for nothing. */
const FEW_JOBS = 2000;

/** Asks again for everything that belongs to a tenant. */
export async function loadTenantData(): Promise<void> {
  await loadConnections();
  loadDrafts().catch(reportElsewhere);
  const jobs = useConnections.getState().counts?.jobs ?? 0;
  if (jobs <= FEW_JOBS || parseRoute(window.location.hash).page !== 'connections') needJobs();
}

async function onTenantsChanged(): Promise<void> {
  const before = useSession.getState().tenant?.id;
  await reloadTenants();
  const after = useSession.getState().tenant?.id;
  if (before === after) return;
  clearConnections();
  clearJobs();
  clearActivity();
  clearDrafts();
  await Promise.all([reloadConnectors(), after === undefined ? undefined : loadTenantData()]);
}

/** The system's reminder of a revoked connection was followed: main has selected its tenant before it said so. */
async function onReminderChosen(id: ConnectionId): Promise<void> {
  await onTenantsChanged();
  go({ page: 'connections' });
  revealConnection(id);
  // Authorized or deleted since: then the list says so.
  if (useConnections.getState().rows.get(id)?.connection.state.kind === 'revoked')
    openDialog({ kind: 'authorizeConnection', id });
}

/** @returns its own undoing */
export function subscribeToMain(): () => void {
  const ends = [
    events.app.menuChosen(({ command }) => runMenuCommand(command)),
    events.app.stateChanged((app) => useSession.setState({ app })),
    events.tenants.changed(() => void onTenantsChanged()),
    events.vault.changed(setVault),
    events.connections.changed(onConnectionsChanged),
    events.connections.reminderChosen(({ id }) => void onReminderChosen(id).catch(reportElsewhere)),
    events.jobs.changed(reloadJobsSoon),
    events.activity.progress(onProgress),
    events.activity.changed(onActivityChanged),
  ];
  return () => {
    for (const end of ends) end();
  };
}

/** After a call that selects another tenant: does not wait for the event. */
export const followTenant = onTenantsChanged;
