/** Main's events -> stores. */
import { events } from '../bridge.ts';
import { reportElsewhere } from '../frame/report.ts';
import { runMenuCommand } from '../menu-commands.ts';
import { parseRoute } from '../routes.ts';
import { clearActivity, onActivityChanged, onProgress } from './activity.ts';
import { clearConnections, loadConnections, onConnectionsChanged, useConnections } from './connections.ts';
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

/** @returns its own undoing */
export function subscribeToMain(): () => void {
  const ends = [
    events.app.menuChosen(({ command }) => runMenuCommand(command)),
    events.app.stateChanged((app) => useSession.setState({ app })),
    events.tenants.changed(() => void onTenantsChanged()),
    events.vault.changed(setVault),
    events.connections.changed(onConnectionsChanged),
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
