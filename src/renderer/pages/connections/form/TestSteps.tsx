import { Loader } from '@mantine/core';
import type { TestStep } from '../../../../shared/ipc/contract.ts';
import { IconAlertTriangle, IconCircleCheck, IconCircleMinus, IconCircleX } from '../../../components/icons.ts';
import { formatDuration } from '../../../text/format.ts';
import { safeText } from '../../../text/safe-text.ts';
import classes from './TestSteps.module.css';

const WORDS = { running: 'running', pass: 'passed', warn: 'warning', fail: 'failed', skipped: 'skipped' } as const;

function StepIcon({ status }: { status: TestStep['status'] }) {
  switch (status) {
    case 'running':
      return <Loader size={18} />;
    case 'pass':
      return <IconCircleCheck size={20} color="var(--pb-good)" aria-hidden="true" />;
    case 'warn':
      return <IconAlertTriangle size={20} color="var(--pb-warn)" aria-hidden="true" />;
    case 'fail':
      return <IconCircleX size={20} color="var(--pb-bad)" aria-hidden="true" />;
    case 'skipped':
      return <IconCircleMinus size={20} color="var(--pb-quiet)" aria-hidden="true" />;
  }
}

/** The steps of a connection test as they pass. */
export function TestSteps({ steps }: { steps: readonly TestStep[] }) {
  return (
    <ol className={classes.steps} aria-label="Test steps" aria-live="polite">
      {steps.map((step) => (
        <li key={step.id} className={classes.step} data-status={step.status}>
          <StepIcon status={step.status} />
          <div className={classes.words}>
            <span className={classes.name}>
              {step.name}
              <span className="pb-hidden">, {WORDS[step.status]}</span>
            </span>
            {step.seen && <bdi className={classes.seen}>{safeText(step.seen, 600)}</bdi>}
            {step.advice && (step.status === 'fail' || step.status === 'warn') && (
              <bdi className={classes.advice}>{safeText(step.advice, 600)}</bdi>
            )}
          </div>
          <span className={classes.time}>{step.durationMs === null ? '' : formatDuration(step.durationMs)}</span>
        </li>
      ))}
    </ol>
  );
}
