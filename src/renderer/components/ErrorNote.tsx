import type { ReactNode } from 'react';
import { safeText } from '../text/safe-text.ts';
import { IconAlertCircle } from './icons.ts';
import classes from './Notes.module.css';

/** An error where it happened, announced at once. */
export function ErrorNote({ message, children }: { message: string; children?: ReactNode }) {
  return (
    <div className={classes.error} role="alert">
      <IconAlertCircle size={18} aria-hidden="true" />
      <div className={classes.words}>
        <bdi>{safeText(message, 1000)}</bdi>
        {children}
      </div>
    </div>
  );
}

/** Something to know, quietly. */
export function Note({
  kind = 'info',
  children,
  action,
}: {
  kind?: 'info' | 'warning';
  children: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className={kind === 'warning' ? classes.warning : classes.info}>
      <div className={classes.words}>{children}</div>
      {action}
    </div>
  );
}
