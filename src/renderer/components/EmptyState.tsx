import type { ReactNode } from 'react';
import classes from './EmptyState.module.css';

/** Nothing to show: one sentence, one button. */
export function EmptyState({ sentence, children }: { sentence: ReactNode; children?: ReactNode }) {
  return (
    <div className={classes.root}>
      <p className={classes.sentence}>{sentence}</p>
      {children}
    </div>
  );
}
