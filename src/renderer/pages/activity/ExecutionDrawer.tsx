import '../../theme/more-styles.ts';
import { Button, Drawer } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { Execution } from '../../../shared/activity/activity.ts';
import { activeMs, durationMs } from '../../../shared/activity/figures.ts';
import { TRIGGER_NAMES } from '../../../shared/activity/status-names.ts';
import type { ActivityId } from '../../../shared/ids.ts';
import { calls, toAppError } from '../../bridge.ts';
import { Ago } from '../../components/Ago.tsx';
import { ErrorNote } from '../../components/ErrorNote.tsx';
import { RunProgress } from '../../components/RunProgress.tsx';
import { RunStatus } from '../../components/RunStatus.tsx';
import { SafeText } from '../../components/SafeText.tsx';
import { useInertPage } from '../../components/use-inert-page.ts';
import { reportElsewhere } from '../../frame/report.ts';
import { go } from '../../routes.ts';
import { useActivity } from '../../stores/activity.ts';
import { useDialogs } from '../../stores/dialogs.ts';
import { formatDuration, formatExact, NOT_YET } from '../../text/format.ts';
import { CountsTable } from './CountsTable.tsx';
import classes from './ExecutionDrawer.module.css';
import { FailureNote } from './FailureNote.tsx';
import { LogLines } from './LogLines.tsx';
import { MissingRows } from './MissingRows.tsx';
import { activityIdOf } from './query.ts';
import { RejectedRecords } from './RejectedRecords.tsx';
import { UnreadParts } from './UnreadParts.tsx';

function useExecution(id: ActivityId | null) {
  const revision = useActivity((state) => state.revision);
  const [execution, setExecution] = useState<Execution | null>(null);
  const [problem, setProblem] = useState<string | null>(id === null ? 'This activity is not there any more.' : null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the revision says that what is shown is out of date
  useEffect(() => {
    if (id === null) return;
    let isOver = false;
    calls.activity.execution({ id }).then(
      (answer) => !isOver && setExecution(answer),
      (error: unknown) => !isOver && setProblem(toAppError(error).message),
    );
    return () => {
      isOver = true;
    };
  }, [id, revision]);
  const live = useActivity((state) => (execution ? state.progress.get(execution.jobId) : undefined));
  const isLive = live !== undefined && live.execution.id === id;
  return { execution: isLive ? live.execution : execution, rate: isLive ? live.rate : null, problem, revision };
}

/** One run: what happened, the one next step, the numbers, the log, and what was rejected. */
export function ExecutionDrawer({ id, onClose }: { id: string; onClose: () => void }) {
  const activityId = activityIdOf(id);
  const { execution, rate, problem, revision } = useExecution(activityId);
  useInertPage(true);
  const isTop = useDialogs((state) => state.open.length === 0);
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size={600}
      title="Execution Activity"
      trapFocus={isTop}
      closeOnEscape={isTop}
      transitionProps={{ duration: 0 }}
      classNames={{ title: classes.drawerTitle ?? '' }}
      closeButtonProps={{ 'aria-label': 'Close' }}
      // Its header is no banner of the page: a dialog that opens above has one too.
      attributes={{ header: { role: 'presentation' } }}
      overlayProps={{ backgroundOpacity: 0.3 }}
    >
      {problem && <ErrorNote message={problem} />}
      {execution && activityId && (
        <div className={classes.body}>
          <Head execution={execution} rate={rate} />
          {execution.failure && <FailureNote execution={execution} failure={execution.failure} />}
          {execution.counts.missing > 0 && <MissingRows execution={execution} revision={revision} />}
          {execution.counts.unread > 0 && (
            <UnreadParts id={activityId} revision={revision} count={execution.counts.unread} />
          )}
          <CountsTable execution={execution} />
          <RejectedRecords id={activityId} revision={revision} />
          <LogLines id={activityId} revision={revision} />
        </div>
      )}
    </Drawer>
  );
}

function Head({ execution, rate }: { execution: Execution; rate: number | null }) {
  const nowMs = Date.now();
  const active = activeMs(execution, nowMs);
  const isUnderWay = execution.status === 'running' || execution.status === 'waiting';
  return (
    <div className={classes.head}>
      <div className={classes.line}>
        <span className={classes.status}>
          <RunStatus status={execution.status} />
        </span>
        {isUnderWay ? (
          <Button
            size="xs"
            variant="default"
            onClick={() => void calls.jobs.stop({ id: execution.jobId }).catch(reportElsewhere)}
          >
            Stop
          </Button>
        ) : (
          <Button size="xs" variant="default" onClick={() => go({ page: 'data', jobId: execution.jobId })}>
            View data
          </Button>
        )}
      </div>
      <SafeText className={classes.job} text={execution.jobName} />
      <span className={classes.dim}>
        <SafeText text={execution.connectionName} /> · <SafeText text={execution.sourceObject} /> to{' '}
        <SafeText text={execution.destination} />
      </span>
      {isUnderWay && <RunProgress execution={execution} rate={rate} />}
      <dl className={classes.facts}>
        <Fact name="Started">
          {formatExact(execution.startedAt)} (<Ago at={execution.startedAt} />)
        </Fact>
        <Fact name="Ended">{execution.endedAt ? formatExact(execution.endedAt) : NOT_YET}</Fact>
        <Fact name="Duration">
          {formatDuration(durationMs(execution, nowMs))}
          {active === null ? '' : ` (active: ${formatDuration(active)})`}
        </Fact>
        <Fact name="Started by">{TRIGGER_NAMES[execution.trigger]}</Fact>
      </dl>
    </div>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="pb-num">{children}</dd>
    </div>
  );
}
