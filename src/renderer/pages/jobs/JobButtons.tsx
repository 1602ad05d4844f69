import { useId } from 'react';
import type { JobRow } from '../../../shared/ipc/contract.ts';
import type { MenuAnchor } from '../../components/ActionMenu.tsx';
import { IconDots, IconPlayerPlay, IconPlayerStop } from '../../components/icons.ts';
import { useActivity } from '../../stores/activity.ts';
import classes from './JobButtons.module.css';
import { runNow, stop } from './job-actions.ts';

interface JobButtonsProps {
  readonly row: JobRow;
  readonly onMenu: (anchor: MenuAnchor, returnFocusTo: HTMLElement) => void;
}

export function JobButtons({ row, onMenu }: JobButtonsProps) {
  const isRunning = useActivity((state) => state.progress.has(row.job.id)) || row.running !== null;
  return (
    <div className={classes.buttons}>
      {isRunning ? (
        <button type="button" className={classes.button} onClick={() => stop(row)}>
          <IconPlayerStop size={14} aria-hidden="true" />
          Stop
        </button>
      ) : (
        <RunButton row={row} />
      )}
      <button
        type="button"
        className={classes.icon}
        aria-label="More actions"
        aria-haspopup="menu"
        onClick={(event) => onMenu({ kind: 'element', element: event.currentTarget }, event.currentTarget)}
      >
        <IconDots size={18} aria-hidden="true" />
      </button>
    </div>
  );
}

/** A job that may not run says why: on hover, and as the button's description. */
function RunButton({ row }: { row: JobRow }) {
  const reasonId = useId();
  const reason = row.cannotRun;
  return (
    <>
      <button
        type="button"
        className={classes.button}
        aria-disabled={reason !== null || undefined}
        aria-describedby={reason === null ? undefined : reasonId}
        title={reason ?? undefined}
        onClick={() => reason === null && runNow(row)}
      >
        <IconPlayerPlay size={14} aria-hidden="true" />
        Run now
      </button>
      {reason !== null && (
        <span id={reasonId} className="pb-hidden">
          {reason}
        </span>
      )}
    </>
  );
}
