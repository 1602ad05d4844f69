import { IconCheck } from '../../../components/icons.ts';
import { safeText } from '../../../text/safe-text.ts';
import classes from './StepRail.module.css';

export interface RailStep {
  readonly label: string;
  readonly detail?: string | undefined;
  readonly state: 'done' | 'current' | 'ahead';
}

/** Where in the dialog one is. Not buttons: the form itself is how one moves. */
export function StepRail({ steps }: { steps: readonly RailStep[] }) {
  return (
    <ol className={classes.rail} aria-label="Steps">
      {steps.map((step, index) => (
        <li
          key={step.label}
          className={classes.step}
          data-state={step.state}
          aria-current={step.state === 'current' ? 'step' : undefined}
        >
          <span className={classes.mark} aria-hidden="true">
            {step.state === 'done' ? <IconCheck size={14} stroke={3} /> : index + 1}
          </span>
          <span className={classes.words}>
            <span>{step.label}</span>
            {step.detail && <bdi className={classes.detail}>{safeText(step.detail, 80)}</bdi>}
          </span>
        </li>
      ))}
    </ol>
  );
}
