import { Button } from '@mantine/core';
import { useDeferredValue, useEffect } from 'react';
import type { Execution } from '../../../shared/activity/activity.ts';
import { changedRows, durationMs } from '../../../shared/activity/figures.ts';
import { calls } from '../../bridge.ts';
import { Ago } from '../../components/Ago.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { NotReady } from '../../components/NotReady.tsx';
import { RunProgress } from '../../components/RunProgress.tsx';
import { RunStatus } from '../../components/RunStatus.tsx';
import { SafeText } from '../../components/SafeText.tsx';
import { type Column, VirtualTable } from '../../components/VirtualTable.tsx';
import { usePages } from '../../paging/use-pages.ts';
import { go } from '../../routes.ts';
import { useActivity } from '../../stores/activity.ts';
import { formatCount, formatDuration } from '../../text/format.ts';
import { safeText } from '../../text/safe-text.ts';
import classes from './ActivityPage.module.css';
import type { ActivityRoute } from './activity-route.ts';
import { executionQuery, isNarrowed } from './query.ts';

const COLUMNS: readonly Column[] = [
  { id: 'started', label: 'Started', width: '92px' },
  { id: 'job', label: 'Job name', width: 'minmax(120px, 1.3fr)' },
  { id: 'connection', label: 'Connection name', width: 'minmax(96px, 1fr)' },
  { id: 'status', label: 'Status', width: 'minmax(150px, 1.7fr)' },
  { id: 'read', label: 'Read', width: '68px', isNumber: true },
  { id: 'changed', label: 'Changed', width: '68px', isNumber: true },
  { id: 'rejected', label: 'Rejected', width: '66px', isNumber: true },
  { id: 'duration', label: 'Duration', width: '82px', isNumber: true },
];

export function Executions({
  route,
  search,
  onShowAll,
  onAsOf,
}: {
  route: ActivityRoute;
  search: string;
  onShowAll: () => void;
  onAsOf: (at: string | null) => void;
}) {
  const query = executionQuery(route, useDeferredValue(search));
  const revision = useActivity((state) => state.revision);
  const pages = usePages<Execution>({
    key: JSON.stringify(query),
    revision,
    pageSize: 100,
    load: async (offset, limit) => {
      const { executions, total } = await calls.activity.executions({ ...query, offset, limit });
      return { items: executions, total };
    },
  });
  useEffect(() => onAsOf(pages.asOf), [onAsOf, pages.asOf]);
  if (pages.error || !pages.isReady)
    return <NotReady error={pages.error} sentence="Reading the executions…" onRetry={pages.retry} />;
  if (pages.total === 0) return <NoExecutions isNarrowed={isNarrowed(query)} onShowAll={onShowAll} />;
  return (
    <VirtualTable
      label="Execution Activities"
      columns={COLUMNS}
      count={pages.total}
      rowHeight={48}
      keyOf={(index) => pages.at(index)?.id ?? String(index)}
      cellsOf={(index) => {
        const execution = pages.at(index);
        return execution ? cellsOf(execution) : null;
      }}
      onOpen={(index) => {
        const execution = pages.at(index);
        if (execution) go({ ...route, id: execution.id });
      }}
      onRange={pages.onRange}
    />
  );
}

function cellsOf(execution: Execution) {
  return [
    <Ago key="started" at={execution.startedAt} />,
    <SafeText key="job" className={classes.title} text={execution.jobName} />,
    <SafeText key="connection" text={execution.connectionName} />,
    <StatusCell key="status" stored={execution} />,
    <Live key="read" stored={execution} of={({ counts }) => formatCount(counts.read)} />,
    <Live key="changed" stored={execution} of={({ counts }) => formatCount(changedRows(counts))} />,
    <Live
      key="rejected"
      stored={execution}
      of={({ counts }) => formatCount(counts.rejected + counts.refused + counts.stillRejected)}
    />,
    <Live key="duration" stored={execution} of={(run) => formatDuration(durationMs(run, Date.now()))} />,
  ];
}

/** A run under way is shown as its newest progress says. */
function useNewest(stored: Execution): { execution: Execution; rate: number | null } {
  const progress = useActivity((state) => state.progress.get(stored.jobId));
  return progress?.execution.id === stored.id ? progress : { execution: stored, rate: null };
}

function Live({ stored, of }: { stored: Execution; of: (execution: Execution) => string }) {
  return of(useNewest(stored).execution);
}

function StatusCell({ stored }: { stored: Execution }) {
  const { execution, rate } = useNewest(stored);
  return (
    <div className={classes.stack}>
      <RunStatus status={execution.status} />
      {execution.status === 'running' && <RunProgress execution={execution} rate={rate} />}
      {execution.status === 'waiting' && execution.waitingFor && (
        <span className={classes.dim}>{safeText(execution.waitingFor)}</span>
      )}
      {execution.failure && <span className={classes.error}>{safeText(execution.failure.message)}</span>}
    </div>
  );
}

function NoExecutions({ isNarrowed: isFiltered, onShowAll }: { isNarrowed: boolean; onShowAll: () => void }) {
  if (isFiltered) {
    return (
      <EmptyState sentence="No execution matches the search and filters.">
        <Button variant="default" onClick={onShowAll}>
          Show all
        </Button>
      </EmptyState>
    );
  }
  return (
    <EmptyState sentence="No job has run yet.">
      <Button variant="light" onClick={() => go({ page: 'jobs' })}>
        Go to the jobs
      </Button>
    </EmptyState>
  );
}
