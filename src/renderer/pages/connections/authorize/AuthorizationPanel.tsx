import { Button, Loader } from '@mantine/core';
import type { ConnectionStateKind } from '../../../../shared/connection/state.ts';
import type { AuthorizationStep } from '../../../../shared/ipc/contract.ts';
import { ErrorNote, Note } from '../../../components/ErrorNote.tsx';
import { safeText } from '../../../text/safe-text.ts';
import { AuthorizationChoice } from './AuthorizationChoice.tsx';
import classes from './AuthorizationPanel.module.css';
import type { AuthorizationProgress, AuthorizationWay } from './use-authorization.ts';

const STEP_WORDS: Readonly<Record<AuthorizationStep['step'], string>> = {
  waiting_for_window: 'Log in and allow access in the window that has opened',
  waiting_for_browser: 'Log in and allow access in your browser',
  exchanging: 'Taking over the authorization',
  identifying: 'Asking who has logged in, and checking access',
  done: 'Authorized',
  cancelled: 'Cancelled',
  failed: 'Failed',
};

interface AuthorizationPanelProps {
  readonly progress: AuthorizationProgress;
  /** What the connection is now. */
  readonly state: ConnectionStateKind;
  /** False where keys take the place of a log-in. */
  readonly isLogIn: boolean;
  /** Another way to log in is one click away while one is waiting. */
  readonly onOtherWay?: ((way: AuthorizationWay) => void) | undefined;
  readonly onConfirm: (flowId: string) => void;
  readonly onRefuse: () => void;
}

/** What a log-in is doing, and how it ended when it did not succeed. */
export function AuthorizationPanel(props: AuthorizationPanelProps) {
  const { progress, state, isLogIn, onOtherWay, onConfirm, onRefuse } = props;
  switch (progress.kind) {
    case 'idle':
      return null;
    case 'running':
      return <Running step={progress.step} isLogIn={isLogIn} onOtherWay={onOtherWay} />;
    case 'cancelled':
      return <Note>{isLogIn ? 'The log-in was' : 'This was'} cancelled. Nothing has changed.</Note>;
    case 'failed':
      return <ErrorNote message={progress.error.message} />;
    case 'confirm':
      return (
        <AuthorizationChoice
          outcome={progress}
          state={state}
          isLogIn={isLogIn}
          onConfirm={() => onConfirm(progress.flowId)}
          onRefuse={onRefuse}
        />
      );
  }
}

function Running({
  step,
  isLogIn,
  onOtherWay,
}: {
  step: AuthorizationStep | null;
  isLogIn: boolean;
  onOtherWay: AuthorizationPanelProps['onOtherWay'];
}) {
  const isBrowser = step?.step === 'waiting_for_browser';
  const canSwitch = step?.step === 'waiting_for_window' || isBrowser;
  return (
    <div className={classes.running} role="status">
      <Loader size={18} />
      <div className={classes.words}>
        <span>{isLogIn ? (step ? STEP_WORDS[step.step] : 'Opening the log-in') : 'Trying the new keys'}</span>
        {step?.host && <span className={classes.host}>{safeText(step.host)}</span>}
        {step?.message && <span className={classes.message}>{safeText(step.message, 600)}</span>}
      </div>
      {canSwitch && onOtherWay && (
        <Button size="compact-xs" variant="subtle" onClick={() => onOtherWay(isBrowser ? 'window' : 'browser')}>
          {isBrowser ? 'Use a window instead' : 'Open in browser instead'}
        </Button>
      )}
    </div>
  );
}
