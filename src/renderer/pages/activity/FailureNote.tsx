import { Button } from '@mantine/core';
import type { Execution, Failure } from '../../../shared/activity/activity.ts';
import { useConnections } from '../../stores/connections.ts';
import { openDialog } from '../../stores/dialogs.ts';
import { useJobs } from '../../stores/jobs.ts';
import { safeText } from '../../text/safe-text.ts';
import { runNow } from '../jobs/job-actions.ts';
import classes from './ExecutionDrawer.module.css';
import { type Remedy, remedyFor } from './remedy.ts';

/** What happened, what to do, and the button that does it. */
export function FailureNote({ execution, failure }: { execution: Execution; failure: Failure }) {
  const codes = [failure.status === undefined ? '' : `HTTP ${failure.status}`, failure.vendorCode ?? '']
    .filter(Boolean)
    .join(', ');
  return (
    <div className={classes.failure}>
      <p className={classes.what}>{safeText(failure.message, 1000)}</p>
      <p>{safeText(failure.advice, 1000)}</p>
      {codes && <p className="pb-mono">{safeText(codes)}</p>}
      <RemedyButton execution={execution} failure={failure} />
    </div>
  );
}

const WORDS: Readonly<Record<Remedy['kind'], string>> = {
  reAuthorize: 'Re-Authorize',
  editConnection: 'Edit Connection',
  editJob: 'Open job',
  runNow: 'Run now',
};

function RemedyButton({ execution, failure }: { execution: Execution; failure: Failure }) {
  const job = useJobs((state) => state.rows.find((row) => row.job.id === execution.jobId));
  const connections = useConnections((state) => state.rows);
  const remedy = remedyFor(failure, execution, job, (id) => connections.get(id)?.connection.state.kind);
  if (remedy === null) return null;
  const act = (): void => {
    if (remedy.kind === 'reAuthorize') openDialog({ kind: 'authorizeConnection', id: remedy.connectionId });
    else if (remedy.kind === 'editConnection') openDialog({ kind: 'editConnection', id: remedy.connectionId });
    else if (remedy.kind === 'editJob') openDialog({ kind: 'editJob', id: execution.jobId });
    else if (job) runNow(job);
  };
  return (
    <Button size="xs" onClick={act}>
      {WORDS[remedy.kind]}
    </Button>
  );
}
