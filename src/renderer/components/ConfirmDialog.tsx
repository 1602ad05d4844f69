import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { AppError } from '../../shared/app-error.ts';
import { toAppError } from '../bridge.ts';
import { AppDialog } from './AppDialog.tsx';
import { ErrorNote } from './ErrorNote.tsx';

interface ConfirmDialogProps {
  readonly title: string;
  /** The verb on the button. */
  readonly verb: string;
  readonly isTop: boolean;
  readonly onClose: () => void;
  readonly isDangerous?: boolean;
  readonly isReady?: boolean;
  /** Does it; the dialog closes when it has worked and shows the error when not. */
  readonly onConfirm: () => Promise<unknown>;
  readonly children: ReactNode;
}

/** Asks before something is lost; says what. */
export function ConfirmDialog({
  title,
  verb,
  isTop,
  onClose,
  isDangerous = false,
  isReady = true,
  onConfirm,
  children,
}: ConfirmDialogProps) {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<AppError | null>(null);
  const confirm = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await onConfirm();
      onClose();
    } catch (thrown) {
      setError(toAppError(thrown));
      setBusy(false);
    }
  };
  return (
    <AppDialog
      title={title}
      isTop={isTop}
      onClose={onClose}
      footer={
        <>
          <Button variant="default" onClick={onClose} data-autofocus>
            Cancel
          </Button>
          <Button
            color={isDangerous ? 'red.8' : undefined}
            loading={isBusy}
            disabled={!isReady}
            onClick={() => void confirm()}
          >
            {verb}
          </Button>
        </>
      }
    >
      {children}
      {error && <ErrorNote message={error.message} />}
    </AppDialog>
  );
}
