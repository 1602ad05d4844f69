/** Main's events -> stores. */
import type { ConnectionId, TenantId } from '../../shared/ids.ts';
import { calls, events } from '../bridge.ts';
import { reportElsewhere } from '../frame/report.ts';
import { runMenuCommand } from '../menu-commands.ts';
import { go, parseRoute, withoutIds } from '../routes.ts';
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
import { dismissNextStep } from './next-step.ts';
import { reloadConnectors, setVault, useSession, withTenants } from './session.ts';

/** With at most this many jobs they are fetched once the list is there, so that the first click on Jobs waits for nothing. */
const FEW_JOBS = 2000;

/** Asks again for everything that belongs to a tenant. */
export async function loadTenantData(): Promise<void> {
  await loadConnections();
  loadDrafts().catch(reportElsewhere);
  const jobs = useConnections.getState().counts?.jobs ?? 0;
  if (jobs <= FEW_JOBS || parseRoute(window.location.hash).page !== 'connections') needJobs();
}

/** What belongs to the tenant that was selected last, on its way. */
let following: Promise<unknown> = Promise.resolve();

async function onTenantsChanged(): Promise<void> {
  const answer = withTenants(await calls.tenants.list({}));
  const before = useSession.getState().tenant?.id;
  const after = answer.tenant?.id;
  if (before === after) {
    useSession.setState(answer);
    await following;
    return;
  }
  // Before anything is drawn for it: an address may hold ids of the tenant that was left.
  go(after === undefined ? { page: 'connections' } : withoutIds(parseRoute(window.location.hash)), 'replace');
  clearConnections();
  clearJobs();
  clearActivity();
  clearDrafts();
  dismissNextStep();
  useSession.setState(answer);
  following = Promise.all([reloadConnectors(), after === undefined ? undefined : loadTenantData()]);
  await following;
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

export async function selectTenant(id: TenantId): Promise<void> {
  await calls.tenants.select({ id });
  await followTenant();
}
