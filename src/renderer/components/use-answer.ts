import { useEffect, useRef, useState } from 'react';
import type { AppError } from '../../shared/app-error.ts';
import { toAppError } from '../bridge.ts';

export interface Answer<T> {
  readonly value: T | null;
  readonly error: AppError | null;
  readonly isLoading: boolean;
}

/** One question to main, asked again when its key changes; no key, no question. Late answers to old keys are dropped. */
export function useAnswer<T>(key: string | null, ask: () => Promise<T>): Answer<T> {
  const [state, setState] = useState<{ key: string | null; value: T | null; error: AppError | null }>({
    key: null,
    value: null,
    error: null,
  });
  const latest = useRef(ask);
  latest.current = ask;
  useEffect(() => {
    if (key === null) return;
    let isOver = false;
    latest.current().then(
      (value) => !isOver && setState({ key, value, error: null }),
      (error: unknown) => !isOver && setState({ key, value: null, error: toAppError(error) }),
    );
    return () => {
      isOver = true;
    };
  }, [key]);
  const isAnswered = state.key === key;
  return {
    value: isAnswered ? state.value : null,
    error: isAnswered ? state.error : null,
    isLoading: key !== null && !isAnswered,
  };
}
