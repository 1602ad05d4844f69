import { useMemo } from 'react';
import { IconActivity, IconDatabase, IconListCheck, IconPlugConnected, IconSettings } from '../components/icons.ts';
import { Logo } from '../components/Logo.tsx';
import { hrefOf, PAGE_TITLES, type PageName, type Route, useRoute } from '../routes.ts';
import { totalsOf, useConnections } from '../stores/connections.ts';
import { useJobs } from '../stores/jobs.ts';
import { formatCount, formatThings } from '../text/format.ts';
import classes from './Sidebar.module.css';
import { StatusLine } from './StatusLine.tsx';
import { TenantButton } from './TenantButton.tsx';

const ICONS = {
  connections: IconPlugConnected,
  jobs: IconListCheck,
  activity: IconActivity,
  data: IconDatabase,
  settings: IconSettings,
} as const;
const HOME: Readonly<Record<PageName, Route>> = {
  connections: { page: 'connections' },
  jobs: { page: 'jobs' },
  activity: { page: 'activity', tab: 'executions' },
  data: { page: 'data' },
  settings: { page: 'settings', section: 'general' },
};

interface Count {
  readonly value: number;
  readonly words: string;
  readonly isBad?: boolean;
}

function useCounts(): Partial<Record<PageName, Count>> {
  const rows = useConnections((state) => state.rows);
  const counts = useConnections((state) => state.counts);
  const isPartial = useConnections((state) => state.isPartial);
  const loadedJobs = useJobs((state) => (state.status === 'ready' ? state.rows.length : null));
  return useMemo(() => {
    const totals = totalsOf({ rows, counts, isPartial });
    const { connections, failures } = totals;
    const jobs = loadedJobs ?? totals.jobs;
    return {
      connections: { value: connections, words: formatThings(connections, 'connection') },
      jobs: { value: jobs, words: formatThings(jobs, 'job') },
      ...(failures > 0
        ? { activity: { value: failures, words: `${formatCount(failures)} failed in the last 24 hours`, isBad: true } }
        : {}),
    };
  }, [rows, counts, isPartial, loadedJobs]);
}

export function Sidebar() {
  const { page } = useRoute();
  const counts = useCounts();
  return (
    <aside className={classes.side} aria-label="Patchbay">
      <div className={classes.brand}>
        <Logo />
        <span className={classes.folds}>Patchbay</span>
      </div>
      <TenantButton />
      <nav className={classes.nav} aria-label="Main">
        {(['connections', 'jobs', 'activity', 'data'] as const).map((name) => (
          <PageLink key={name} name={name} isCurrent={page === name} count={counts[name]} />
        ))}
        <span className={classes.gap} />
        <PageLink name="settings" isCurrent={page === 'settings'} count={undefined} />
      </nav>
      <StatusLine />
    </aside>
  );
}

function PageLink({ name, isCurrent, count }: { name: PageName; isCurrent: boolean; count: Count | undefined }) {
  const Icon = ICONS[name];
  return (
    <a
      className={classes.link}
      href={hrefOf(HOME[name])}
      aria-current={isCurrent ? 'page' : undefined}
      title={count?.words ?? PAGE_TITLES[name]}
    >
      <Icon size={18} stroke={1.8} aria-hidden="true" />
      <span className={classes.folds}>{PAGE_TITLES[name]}</span>
      {count && count.value > 0 && (
        <span className={classes.count} aria-hidden="true" data-bad={count.isBad || undefined}>
          {formatCount(count.value)}
        </span>
      )}
    </a>
  );
}
