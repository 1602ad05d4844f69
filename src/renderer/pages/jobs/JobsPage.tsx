import { Button } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { JobRow } from '../../../shared/ipc/contract.ts';
import { ActionMenu, type MenuAnchor } from '../../components/ActionMenu.tsx';
import { Ago } from '../../components/Ago.tsx';
import { AsOf } from '../../components/AsOf.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { IconPlus } from '../../components/icons.ts';
import { NotReady } from '../../components/NotReady.tsx';
import { Page } from '../../components/Page.tsx';
import { PickOne } from '../../components/PickOne.tsx';
import { RunProgress } from '../../components/RunProgress.tsx';
import { RunStatus } from '../../components/RunStatus.tsx';
import { SafeText } from '../../components/SafeText.tsx';
import { SearchBox } from '../../components/SearchBox.tsx';
import { type Column, VirtualTable } from '../../components/VirtualTable.tsx';
import { go, useRoute } from '../../routes.ts';
import { useActivity } from '../../stores/activity.ts';
import { openDialog } from '../../stores/dialogs.ts';
import { retryJobs, useJobs } from '../../stores/jobs.ts';
import { NOT_YET } from '../../text/format.ts';
import { safeText } from '../../text/safe-text.ts';
import { useConnectionChoices } from '../use-choices.ts';
import { JobButtons } from './JobButtons.tsx';
import classes from './JobsPage.module.css';
import { jobMenu } from './job-actions.ts';
import { jobsShown } from './list.ts';

const COLUMNS: readonly Column[] = [
  { id: 'name', label: 'Job name', width: 'minmax(120px, 1.6fr)' },
  { id: 'connection', label: 'Connection name', width: 'minmax(90px, 1fr)' },
  { id: 'source', label: 'Source', width: 'minmax(70px, 0.75fr)' },
  { id: 'destination', label: 'Destination', width: 'minmax(76px, 0.8fr)' },
  { id: 'status', label: 'Last Run Status', width: 'minmax(118px, 1fr)' },
  { id: 'run', label: 'Last Run On', width: '84px' },
  { id: 'schedule', label: 'Schedule Type', width: '84px' },
  { id: 'actions', label: 'Actions', width: '124px', isSilent: true },
];

interface OpenMenu {
  readonly row: JobRow;
  readonly anchor: MenuAnchor;
  readonly returnFocusTo: HTMLElement;
}

export function JobsPage() {
  const route = useRoute();
  const connectionId = route.page === 'jobs' ? route.connectionId : undefined;
  const [search, setSearch] = useState('');
  const rows = useJobs((state) => state.rows);
  const status = useJobs((state) => state.status);
  const error = useJobs((state) => state.error);
  const asOf = useJobs((state) => state.asOf);
  const connections = useConnectionChoices(connectionId);
  const shown = useMemo(() => jobsShown(rows, search, connectionId), [rows, search, connectionId]);
  return (
    <Page
      title="Jobs"
      action={
        <Button leftSection={<IconPlus size={16} aria-hidden="true" />} onClick={() => createJob(connectionId)}>
          Create Job
        </Button>
      }
      filters={
        <>
          <SearchBox label="Search jobs" value={search} onChange={setSearch} />
          <PickOne
            label="Filter by connection"
            placeholder="All connections"
            choices={connections}
            value={connectionId ?? null}
            onChange={(value) => go({ page: 'jobs', connectionId: value ?? undefined }, 'replace')}
          />
        </>
      }
      aside={<AsOf at={asOf} />}
    >
      {status === 'ready' ? (
        <JobsTable
          rows={shown}
          isNarrowed={search.trim() !== '' || connectionId !== undefined}
          onShowAll={() => showAll(setSearch)}
        />
      ) : (
        <NotReady error={error} sentence="Reading the jobs…" onRetry={retryJobs} />
      )}
    </Page>
  );
}

function createJob(connectionId: string | undefined): void {
  const chosen = useJobs.getState().rows.find((row) => row.job.connectionId === connectionId)?.job.connectionId;
  openDialog({ kind: 'createJob', connectionId: chosen });
}

function showAll(setSearch: (search: string) => void): void {
  setSearch('');
  go({ page: 'jobs' }, 'replace');
}

function JobsTable({
  rows,
  isNarrowed,
  onShowAll,
}: {
  rows: readonly JobRow[];
  isNarrowed: boolean;
  onShowAll: () => void;
}) {
  const [menu, setMenu] = useState<OpenMenu | null>(null);
  if (rows.length === 0) return <NoJobs isNarrowed={isNarrowed} onShowAll={onShowAll} />;
  const at = (index: number): JobRow | undefined => rows[index];
  return (
    <>
      <VirtualTable
        label="Jobs"
        columns={COLUMNS}
        count={rows.length}
        rowHeight={58}
        keyOf={(index) => at(index)?.job.id ?? String(index)}
        cellsOf={(index) => {
          const row = at(index);
          return row ? cellsOf(row, (anchor, returnFocusTo) => setMenu({ row, anchor, returnFocusTo })) : null;
        }}
        onOpen={(index) => {
          const row = at(index);
          if (row) openDialog({ kind: 'editJob', id: row.job.id });
        }}
        onMenu={(index, anchor, returnFocusTo) => {
          const row = at(index);
          if (row) setMenu({ row, anchor, returnFocusTo });
        }}
      />
      {menu && (
        <ActionMenu
          label={`Actions for ${safeText(menu.row.job.name)}`}
          anchor={menu.anchor}
          items={jobMenu(menu.row)}
          returnFocusTo={menu.returnFocusTo}
          onClose={() => setMenu(null)}
        />
      )}
    </>
  );
}

function cellsOf(row: JobRow, onMenu: (anchor: MenuAnchor, returnFocusTo: HTMLElement) => void) {
  const { job } = row;
  return [
    <div key="name" className={classes.name}>
      <SafeText className={classes.title} text={job.name} />
      {!job.isEnabled && <span className={classes.dim}>Disabled</span>}
    </div>,
    <SafeText key="connection" text={row.connectionName} />,
    <SafeText key="source" text={job.sourceObject} />,
    <SafeText key="destination" text={row.destinationName} />,
    <StatusCell key="status" row={row} />,
    <Ago key="run" at={row.lastRun?.at ?? null} />,
    row.scheduleType,
    <JobButtons key="actions" row={row} onMenu={onMenu} />,
  ];
}

function StatusCell({ row }: { row: JobRow }) {
  const progress = useActivity((state) => state.progress.get(row.job.id));
  if (row.running !== null || progress) {
    return (
      <div className={classes.running}>
        <RunStatus status={progress?.execution.status ?? 'running'} />
        {progress && <RunProgress execution={progress.execution} rate={progress.rate} isShort />}
      </div>
    );
  }
  if (!row.lastRun) return <span className={classes.dim}>{NOT_YET}</span>;
  return <RunStatus status={row.lastRun.status} />;
}

function NoJobs({ isNarrowed, onShowAll }: { isNarrowed: boolean; onShowAll: () => void }) {
  if (isNarrowed) {
    return (
      <EmptyState sentence="No job matches the search and filter.">
        <Button variant="default" onClick={onShowAll}>
          Show all
        </Button>
      </EmptyState>
    );
  }
  return (
    <EmptyState sentence="There is no job yet. A connection brings its out-of-the-box jobs along.">
      <Button variant="light" onClick={() => go({ page: 'connections' })}>
        Go to the connections
      </Button>
    </EmptyState>
  );
}
