/** What the palette offers: pages, actions, connections with their own actions. */

import { ACTION_NAMES, type ConnectionAction, offer } from '../../shared/connection/actions.ts';
import { STATE_NAMES } from '../../shared/connection/state-names.ts';
import type { ListedRow } from '../../shared/ipc/contract/connection-list.ts';
import { foldForSearch } from '../../shared/search-fold.ts';
import { reportElsewhere } from '../frame/report.ts';
import { runConnectionAction } from '../pages/connections/list/actions.ts';
import { MENU_ORDER } from '../pages/connections/list/menu-order.ts';
import { go, PAGE_TITLES, PAGES, type PageName, type Route, SETTINGS_SECTIONS, SETTINGS_TITLES } from '../routes.ts';
import { matchesSearch, searchWords } from '../stores/connection-search.ts';
import { revealConnection } from '../stores/connections.ts';
import { openDialog } from '../stores/dialogs.ts';
import { useSession } from '../stores/session.ts';
import { selectTenant } from '../stores/subscriptions.ts';
import { safeText } from '../text/safe-text.ts';

export interface Command {
  readonly id: string;
  readonly label: string;
  readonly detail: string;
  readonly run: () => void;
}

const MOST_CONNECTIONS = 12;
/** With this few connections left, their own actions are offered as well. */
const FEW = 3;

const HOME: Readonly<Record<PageName, Route>> = {
  connections: { page: 'connections' },
  jobs: { page: 'jobs' },
  activity: { page: 'activity', tab: 'executions' },
  data: { page: 'data' },
  settings: { page: 'settings', section: 'general' },
};

function fixedCommands(): Command[] {
  return [
    ...PAGES.map((page) => ({
      id: `page-${page}`,
      label: PAGE_TITLES[page],
      detail: 'Page',
      run: () => go(HOME[page]),
    })),
    {
      id: 'create-connection',
      label: 'Create Connection',
      detail: 'Action',
      run: () => openDialog({ kind: 'createConnection' }),
    },
    { id: 'create-job', label: 'Create Job', detail: 'Action', run: () => openDialog({ kind: 'createJob' }) },
    {
      id: 'failed',
      label: 'Failed in the last 24 hours',
      detail: 'Activities',
      run: () => go({ page: 'activity', tab: 'executions', failedLast24Hours: true }),
    },
    {
      id: 'updates',
      label: 'Update Activities',
      detail: 'Activities',
      run: () => go({ page: 'activity', tab: 'updates' }),
    },
    { id: 'trash', label: 'Trash', detail: 'Deleted connections', run: () => openDialog({ kind: 'trash' }) },
    ...(useSession.getState().tenant?.kind === 'practice'
      ? [{ id: 'rehearse', label: 'Rehearse', detail: 'Practice', run: () => openDialog({ kind: 'rehearse' }) }]
      : []),
    { id: 'add-tenant', label: 'Add your tenant', detail: 'Action', run: () => openDialog({ kind: 'addTenant' }) },
    {
      id: 'export-connections',
      label: 'Export connections',
      detail: 'Action',
      run: () => openDialog({ kind: 'exportConnections' }),
    },
    {
      id: 'import-connections',
      label: 'Import connections',
      detail: 'Action',
      run: () => openDialog({ kind: 'importConnections' }),
    },
    ...SETTINGS_SECTIONS.map((section) => ({
      id: `settings-${section}`,
      label: SETTINGS_TITLES[section],
      detail: 'Settings',
      run: () => go({ page: 'settings', section }),
    })),
    ...otherTenants(),
    { id: 'shortcuts', label: 'Keyboard shortcuts', detail: 'Help', run: () => openDialog({ kind: 'shortcuts' }) },
  ];
}

function otherTenants(): Command[] {
  const { tenants, tenant } = useSession.getState();
  return tenants
    .filter((each) => each.id !== tenant?.id)
    .map((each) => ({
      id: `tenant-${each.id}`,
      label: `Switch to ${safeText(each.name, 120)}`,
      detail: each.kind === 'practice' ? 'Practice tenant' : 'Tenant',
      run: () => void selectTenant(each.id).catch(reportElsewhere),
    }));
}

function show(row: ListedRow): void {
  go({ page: 'connections' });
  revealConnection(row.connection.id);
}

function actionsOf(row: ListedRow): Command[] {
  const { connection } = row;
  return MENU_ORDER.filter((action) => offer(connection.state.kind, action).offered).map(
    (action: ConnectionAction) => ({
      id: `${connection.id}-${action}`,
      label: `${ACTION_NAMES[action]}: ${safeText(connection.name, 120)}`,
      detail: row.connectorName,
      run: () => runConnectionAction(row, action),
    }),
  );
}

/** Fixed commands whose words match, then connections, then the actions of the few that are left. */
export function commandsFor(search: string, rows: Iterable<ListedRow>): Command[] {
  const words = searchWords(search);
  const fixed = fixedCommands().filter((command) => {
    const text = foldForSearch(`${command.label} ${command.detail}`);
    return words.every((word) => text.includes(word));
  });
  if (words.length === 0) return fixed;
  const found: ListedRow[] = [];
  for (const row of rows) {
    if (matchesSearch(row, words)) found.push(row);
    if (found.length >= MOST_CONNECTIONS) break;
  }
  const connections = found.map((row) => ({
    id: row.connection.id,
    label: safeText(row.connection.name, 120),
    detail: `${row.connectorName}, ${STATE_NAMES[row.connection.state.kind]}`,
    run: () => show(row),
  }));
  return [...fixed, ...connections, ...(found.length <= FEW ? found.flatMap(actionsOf) : [])];
}
