/** The pages and what each one's address holds. Addresses live in the hash, so that back, forward and reload work. */
import { useSyncExternalStore } from 'react';

export const PAGES = ['connections', 'jobs', 'activity', 'data', 'settings'] as const;
export type PageName = (typeof PAGES)[number];
export const PAGE_TITLES: Readonly<Record<PageName, string>> = {
  connections: 'Connections',
  jobs: 'Jobs',
  activity: 'Activity',
  data: 'Data',
  settings: 'Settings',
};

export const SETTINGS_SECTIONS = ['general', 'tenant', 'oauth-apps', 'vault', 'network', 'data', 'about'] as const;
export type SettingsSection = (typeof SETTINGS_SECTIONS)[number];

export const SETTINGS_TITLES: Readonly<Record<SettingsSection, string>> = {
  general: 'General',
  tenant: 'Tenant',
  'oauth-apps': 'OAuth apps',
  vault: 'Vault',
  network: 'Network',
  data: 'Data and backup',
  about: 'About',
};

export type Route =
  | { page: 'connections' }
  | { page: 'jobs'; connectionId?: string | undefined }
  | {
      page: 'activity';
      tab: 'executions' | 'updates';
      connectionId?: string | undefined;
      jobId?: string | undefined;
      status?: string | undefined;
      failedLast24Hours?: boolean | undefined;
      /** The execution whose detail is open. */
      id?: string | undefined;
    }
  | { page: 'data'; jobId?: string | undefined }
  | { page: 'settings'; section: SettingsSection };

function isOneOf<T extends string>(values: readonly T[], value: string | undefined): value is T {
  return value !== undefined && (values as readonly string[]).includes(value);
}

export function parseRoute(hash: string): Route {
  const [path = '', queryText = ''] = hash.replace(/^#\/?/, '').split('?');
  const [page, part] = path.split('/');
  const query = new URLSearchParams(queryText);
  const connectionId = query.get('connection') ?? undefined;
  const jobId = query.get('job') ?? undefined;
  switch (page) {
    case 'jobs':
      return { page, connectionId };
    case 'activity':
      return {
        page,
        tab: part === 'updates' ? 'updates' : 'executions',
        connectionId,
        jobId,
        status: query.get('status') ?? undefined,
        failedLast24Hours: query.get('failed') === '24h' ? true : undefined,
        id: query.get('open') ?? undefined,
      };
    case 'data':
      return { page, jobId };
    case 'settings':
      return { page, section: isOneOf(SETTINGS_SECTIONS, part) ? part : 'general' };
    default:
      return { page: 'connections' };
  }
}

/** The same page without what belongs to one tenant. */
export function withoutIds(route: Route): Route {
  switch (route.page) {
    case 'jobs':
    case 'data':
      return { page: route.page };
    case 'activity':
      return { ...route, connectionId: undefined, jobId: undefined, id: undefined };
    default:
      return route;
  }
}

function pathOf(route: Route): string {
  if (route.page === 'activity') return `activity/${route.tab}`;
  if (route.page === 'settings') return `settings/${route.section}`;
  return route.page;
}

export function hrefOf(route: Route): string {
  const query = new URLSearchParams();
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined) query.set(name, value);
  };
  if (route.page === 'jobs' || route.page === 'activity') add('connection', route.connectionId);
  if (route.page === 'activity' || route.page === 'data') add('job', route.jobId);
  if (route.page === 'activity') {
    add('status', route.status);
    add('failed', route.failedLast24Hours ? '24h' : undefined);
    add('open', route.id);
  }
  const text = query.toString();
  return `#/${pathOf(route)}${text ? `?${text}` : ''}`;
}

export function go(route: Route, how: 'push' | 'replace' = 'push'): void {
  const href = hrefOf(route);
  if (how === 'push') {
    window.location.hash = href;
    return;
  }
  window.history.replaceState(null, '', href);
  window.dispatchEvent(new HashChangeEvent('hashchange'));
}

function onHashChange(listener: () => void): () => void {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
}

let known: { hash: string; route: Route } | undefined;
function currentRoute(): Route {
  const { hash } = window.location;
  if (known?.hash !== hash) known = { hash, route: parseRoute(hash) };
  return known.route;
}

export function useRoute(): Route {
  return useSyncExternalStore(onHashChange, currentRoute);
}
