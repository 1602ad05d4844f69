import { Button } from '@mantine/core';
import { useState } from 'react';
import type { DataTable } from '../../../shared/ipc/contract.ts';
import { calls } from '../../bridge.ts';
import { AsOf } from '../../components/AsOf.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { ExportButton } from '../../components/ExportButton.tsx';
import { NotReady } from '../../components/NotReady.tsx';
import { Page } from '../../components/Page.tsx';
import { PickOne } from '../../components/PickOne.tsx';
import { SearchBox } from '../../components/SearchBox.tsx';
import { useKeptAnswer } from '../../components/use-answer.ts';
import { go, useRoute } from '../../routes.ts';
import { useActivity } from '../../stores/activity.ts';
import { useJobs } from '../../stores/jobs.ts';
import { formatCount } from '../../text/format.ts';
import { safeText } from '../../text/safe-text.ts';
import { runNow } from '../jobs/job-actions.ts';
import { DataGrid, type Sort } from './DataGrid.tsx';
import classes from './DataPage.module.css';
import { startTable } from './start-table.ts';

/** Chosen once there are rows, and then kept: a run that ends must not change what somebody is looking at. */
function useStart(tables: readonly DataTable[] | null): string | undefined {
  const [start, setStart] = useState<DataTable | undefined>();
  const candidate = tables === null ? undefined : startTable(tables);
  const isThere = start !== undefined && tables?.some((each) => each.jobId === start.jobId) === true;
  if (candidate && candidate.jobId !== start?.jobId && (!isThere || start.rows === 0)) setStart(candidate);
  return (isThere ? start : candidate)?.jobId;
}

export function DataPage() {
  const route = useRoute();
  const revision = useActivity((state) => state.revision);
  const answer = useKeptAnswer(`tables/${revision}`, async () => (await calls.data.tables({})).tables);
  const tables = answer.value;
  const wanted = route.page === 'data' ? route.jobId : undefined;
  const start = useStart(tables);
  const shownId = wanted ?? start;
  const table = tables?.find((each) => each.jobId === shownId);
  const [search, setSearch] = useState('');
  const [sorted, setSorted] = useState<{ readonly jobId: string; readonly sort: Sort }>({ jobId: '', sort: null });
  const sort = sorted.jobId === table?.jobId ? sorted.sort : null;
  return (
    <Page
      title="Data"
      fills
      action={
        table && (
          <ExportButton
            label="Export CSV"
            isDisabled={table.rows === 0}
            onExport={() => calls.data.exportCsv({ jobId: table.jobId, search: search.trim(), sort })}
          />
        )
      }
      filters={
        tables &&
        tables.length > 0 && (
          <>
            <PickOne
              label="Table"
              placeholder="Choose a table"
              choices={tables.map((each) => ({ value: each.jobId as string, label: safeText(each.jobName) }))}
              value={table?.jobId ?? null}
              onChange={(jobId) => jobId && go({ page: 'data', jobId }, 'replace')}
              width={320}
              isFixed
            />
            {table && table.rows > 0 && (
              <SearchBox label="Search rows" value={search} onChange={setSearch} width={260} />
            )}
            <AsOf at={table?.asOf ?? null} className={classes.dim} />
            {table?.isIncomplete && (
              <span
                className={classes.incomplete}
                title="No run has read this source to its end with the job's settings."
              >
                Incomplete: {formatCount(table.rows)} rows so far
              </span>
            )}
          </>
        )
      }
    >
      {(answer.error || tables === null) && (
        <NotReady error={answer.error} sentence="Reading the tables…" onRetry={answer.retry} />
      )}
      {tables && (
        <Content
          table={table}
          wanted={wanted}
          search={search}
          sort={sort}
          onSort={(next) => table && setSorted({ jobId: table.jobId, sort: next })}
          hasTables={tables.length > 0}
        />
      )}
    </Page>
  );
}

function Content({
  table,
  wanted,
  search,
  sort,
  onSort,
  hasTables,
}: {
  table: DataTable | undefined;
  wanted: string | undefined;
  search: string;
  sort: Sort;
  onSort: (sort: Sort) => void;
  hasTables: boolean;
}) {
  const job = useJobs((state) => state.rows.find((row) => row.job.id === (table?.jobId ?? wanted)));
  if (table && table.rows > 0)
    return <DataGrid key={table.jobId} table={table} search={search} sort={sort} onSort={onSort} />;
  if (job) {
    return (
      <EmptyState sentence="Run the job to see its rows.">
        <Button disabled={job.cannotRun !== null || job.running !== null} onClick={() => runNow(job)}>
          {job.running === null ? 'Run now' : 'Running'}
        </Button>
        {job.cannotRun && <span className={classes.dim}>{job.cannotRun}</span>}
      </EmptyState>
    );
  }
  return (
    <EmptyState sentence={hasTables ? 'This table is not there any more.' : 'Rows appear here once a job has run.'}>
      <Button variant="light" onClick={() => go({ page: 'jobs' })}>
        Go to the jobs
      </Button>
    </EmptyState>
  );
}
