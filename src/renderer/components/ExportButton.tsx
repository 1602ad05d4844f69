import { Button } from '@mantine/core';
import { useState } from 'react';
import type { CallOutput } from '../../shared/ipc/contract.ts';
import { toAppError } from '../bridge.ts';
import { formatThings } from '../text/format.ts';
import { safeText } from '../text/safe-text.ts';
import classes from './ExportButton.module.css';
import { IconDownload } from './icons.ts';

interface ExportButtonProps {
  readonly label: string;
  readonly isDisabled?: boolean;
  readonly onExport: () => Promise<CallOutput<'data.exportCsv'>>;
}

/** Saves a file through the system's dialog and says beside the button what came of it. */
export function ExportButton({ label, isDisabled = false, onExport }: ExportButtonProps) {
  const [isBusy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<{ isBad: boolean; words: string } | null>(null);
  const run = async (): Promise<void> => {
    setBusy(true);
    setOutcome(null);
    try {
      const file = await onExport();
      if (file.status === 'saved')
        setOutcome({
          isBad: false,
          words: `Saved ${formatThings(file.rows, 'row')} as ${safeText(file.fileName, 120)}`,
        });
    } catch (error) {
      setOutcome({ isBad: true, words: safeText(toAppError(error).message, 600) });
    } finally {
      setBusy(false);
    }
  };
  return (
    <span className={classes.root}>
      {outcome && (
        <span
          className={classes.outcome}
          data-bad={outcome.isBad || undefined}
          role={outcome.isBad ? 'alert' : 'status'}
        >
          {outcome.words}
        </span>
      )}
      <Button
        size="xs"
        variant="default"
        disabled={isDisabled}
        loading={isBusy}
        leftSection={<IconDownload size={14} aria-hidden="true" />}
        onClick={() => void run()}
      >
        {label}
      </Button>
    </span>
  );
}
