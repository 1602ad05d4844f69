import { Button } from '@mantine/core';
import type { AppError } from '../../shared/app-error.ts';
import { EmptyState } from './EmptyState.tsx';
import { ErrorNote } from './ErrorNote.tsx';
import { useLate } from './use-late.ts';

interface NotReadyProps {
  readonly error: AppError | null;
  /** What is going on, said only when it takes a while: "Reading the jobs…". */
  readonly sentence: string;
  readonly onRetry: () => void;
}

/** Stands where something is on its way or did not come: nothing, then a sentence; or the error with another try. */
export function NotReady({ error, sentence, onRetry }: NotReadyProps) {
  const isLate = useLate(error === null);
  if (error === null) return isLate ? <EmptyState sentence={sentence} /> : null;
  return (
    <ErrorNote message={error.message}>
      <Button variant="default" size="xs" mt="xs" display="block" onClick={onRetry}>
        Try again
      </Button>
    </ErrorNote>
  );
}
