import { Button, CloseButton, Loader } from '@mantine/core';
import { useState } from 'react';
import type { ListedRow } from '../../../../shared/ipc/contract/connection-list.ts';
import type { JobRow } from '../../../../shared/ipc/contract.ts';
import { calls, toAppError } from '../../../bridge.ts';
import { ErrorNote } from '../../../components/ErrorNote.tsx';
import { IconAlertCircle, IconAlertTriangle, IconCircleCheck } from '../../../components/icons.ts';
import { SafeText } from '../../../components/SafeText.tsx';
import { useKeptAnswer } from '../../../components/use-answer.ts';
import { go } from '../../../routes.ts';
import { useActivity } from '../../../stores/activity.ts';
import { useConnections } from '../../../stores/connections.ts';
import { openDialog } from '../../../stores/dialogs.ts';
import { dismissNextStep, noteStarted, useNextStep } from '../../../stores/next-step.ts';
import { safeText } from '../../../text/safe-text.ts';
import { NEXT_STEP } from './labels.ts';
import classes from './NextStep.module.css';
import { type RunsSummary, runnableOf, summarize } from './summary.ts';

/** After the first authorization: runs the connection's jobs, shows how far they are, and leads to the rows. */
export function NextStep() {
  const connectionId = useNextStep((state) => state.connectionId);
  const row = useConnections((state) => state.rows.get(connectionId ?? ''));
  return row?.connection.state.kind === 'active' ? <Offer key={row.connection.id} row={row} /> : null;
}

function Offer({ row }: { row: ListedRow }) {
  const { id, name } = row.connection;
  const revision = useActivity((state) => state.revision);
  const progress = useActivity((state) => state.progress);
  const started = useNextStep((state) => state.started);
  const { value, error } = useKeptAnswer(`${id}/${revision}`, () => calls.jobs.list({ connectionId: id }));
  const [problem, setProblem] = useState<string | null>(null);
  if (value === null && error === null) return null;
  const jobs = value?.rows ?? [];
  const summary = summarize(jobs, started, (jobId) => progress.get(jobId)?.execution);
  const message = problem ?? error?.message ?? null;
  return (
    <section className={classes.root} aria-label={NEXT_STEP.region}>
      <Sign summary={summary} />
      <span className={classes.words} role="status">
        <strong>
          <SafeText text={name} max={120} />
        </strong>
        {wordsOf(jobs, summary)}
      </span>
      <Buttons jobs={jobs} row={row} summary={summary} onProblem={setProblem} />
      <CloseButton aria-label={NEXT_STEP.dismiss} onClick={dismissNextStep} />
      {message !== null && <ErrorNote message={message} />}
    </section>
  );
}

/** Green only where all of it succeeded. */
function Sign({ summary }: { summary: RunsSummary }) {
  if (isUnderWay(summary)) return <Loader size={20} />;
  if (summary.unsuccessful.length > 0) return <IconAlertCircle size={20} aria-hidden="true" data-sign="bad" />;
  if (summary.partial.length > 0) return <IconAlertTriangle size={20} aria-hidden="true" data-sign="partial" />;
  return <IconCircleCheck size={20} aria-hidden="true" data-sign="good" />;
}

function isUnderWay({ total, done }: RunsSummary): boolean {
  return done < total;
}

const shown = (names: readonly string[]): string[] => names.map((name) => safeText(name, 120));

function wordsOf(jobs: readonly JobRow[], summary: RunsSummary): string {
  const { total, done, read, unsuccessful, partial } = summary;
  if (isUnderWay(summary)) return NEXT_STEP.running(done, total, read);
  if (unsuccessful.length > 0) return NEXT_STEP.unsuccessful(shown(unsuccessful));
  if (partial.length > 0) return NEXT_STEP.partial(shown(partial));
  if (total > 0) return NEXT_STEP.done(total);
  if (jobs.length === 0) return NEXT_STEP.connected + NEXT_STEP.noJobs;
  return NEXT_STEP.connected + (runnableOf(jobs).length === 0 ? NEXT_STEP.noneRunnable : '');
}

interface ButtonsProps {
  readonly jobs: readonly JobRow[];
  readonly row: ListedRow;
  readonly summary: RunsSummary;
  readonly onProblem: (message: string | null) => void;
}

function Buttons({ jobs, row, summary, onProblem }: ButtonsProps) {
  const { id } = row.connection;
  if (summary.total > 0) return <Outcome id={id} summary={summary} />;
  if (jobs.length === 0)
    return (
      <Button size="xs" onClick={() => openDialog({ kind: 'createJob', connectionId: id })}>
        {NEXT_STEP.createJob}
      </Button>
    );
  const runnable = runnableOf(jobs);
  if (runnable.length === 0)
    return (
      <Button size="xs" variant="default" onClick={() => go({ page: 'jobs', connectionId: id })}>
        {NEXT_STEP.viewJobs}
      </Button>
    );
  return <RunButton jobs={runnable} onProblem={onProblem} />;
}

/** To the rows as soon as there are any; to the activities where something was left undone. */
function Outcome({ id, summary }: { id: ListedRow['connection']['id']; summary: RunsSummary }) {
  const { viewable, unsuccessful, partial } = summary;
  return (
    <>
      {unsuccessful.length + partial.length > 0 && (
        <Button
          size="xs"
          variant="default"
          onClick={() => go({ page: 'activity', tab: 'executions', connectionId: id })}
        >
          {NEXT_STEP.viewActivities}
        </Button>
      )}
      <Button
        size="xs"
        disabled={viewable === null}
        onClick={() => viewable !== null && go({ page: 'data', jobId: viewable })}
      >
        {NEXT_STEP.viewData}
      </Button>
    </>
  );
}

function RunButton({ jobs, onProblem }: { jobs: readonly JobRow[]; onProblem: (message: string | null) => void }) {
  const [isBusy, setBusy] = useState(false);
  const run = async (): Promise<void> => {
    setBusy(true);
    onProblem(null);
    try {
      for (const { job } of jobs) noteStarted(job.id, (await calls.jobs.runNow({ id: job.id })).activityId);
    } catch (error) {
      onProblem(toAppError(error).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button size="xs" loading={isBusy} onClick={() => void run()}>
      {NEXT_STEP.run(jobs.length)}
    </Button>
  );
}
