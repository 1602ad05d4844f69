import type { ActivityRoute } from './activity-route.ts';
import '../../theme/more-styles.ts';
import { Tabs } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { AsOf } from '../../components/AsOf.tsx';
import { Page } from '../../components/Page.tsx';
import { SearchBox } from '../../components/SearchBox.tsx';
import { go, useRoute } from '../../routes.ts';
import classes from './ActivityPage.module.css';
import { ExecutionFilters } from './ExecutionFilters.tsx';
import { Executions } from './Executions.tsx';
import { UpdateFilters } from './UpdateFilters.tsx';
import { Updates } from './Updates.tsx';

const ExecutionDrawer = lazy(async () => ({ default: (await import('./ExecutionDrawer.tsx')).ExecutionDrawer }));

export function ActivityPage() {
  const route = useRoute();
  const [search, setSearch] = useState('');
  const [asOf, setAsOf] = useState<string | null>(null);
  if (route.page !== 'activity') return null;
  const narrow = (part: Partial<ActivityRoute>): void => go({ ...route, id: undefined, ...part }, 'replace');
  const showAll = (): void => {
    setSearch('');
    go({ page: 'activity', tab: 'executions' }, 'replace');
  };
  const isExecutions = route.tab === 'executions';
  return (
    <Tabs
      value={route.tab}
      onChange={(tab) =>
        go({ page: 'activity', tab: tab === 'updates' ? 'updates' : 'executions', connectionId: route.connectionId })
      }
      className={classes.tabs ?? ''}
    >
      <Page
        title="Activity"
        filters={
          <>
            <Tabs.List aria-label="Kinds of activity" className={classes.list ?? ''}>
              <Tabs.Tab value="executions">Execution Activities</Tabs.Tab>
              <Tabs.Tab value="updates">Update Activities</Tabs.Tab>
            </Tabs.List>
            <SearchBox label="Search activities" value={search} onChange={setSearch} width={240} />
            {isExecutions ? (
              <ExecutionFilters route={route} onChange={narrow} />
            ) : (
              <UpdateFilters route={route} onChange={narrow} />
            )}
          </>
        }
        aside={<AsOf at={asOf} />}
      >
        <Tabs.Panel value="executions">
          {isExecutions && <Executions route={route} search={search} onShowAll={showAll} onAsOf={setAsOf} />}
        </Tabs.Panel>
        <Tabs.Panel value="updates">
          {!isExecutions && <Updates route={route} search={search} onAsOf={setAsOf} />}
        </Tabs.Panel>
      </Page>
      {route.id !== undefined && (
        <Suspense fallback={null}>
          <ExecutionDrawer key={route.id} id={route.id} onClose={() => go({ ...route, id: undefined })} />
        </Suspense>
      )}
    </Tabs>
  );
}
