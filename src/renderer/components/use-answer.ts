import { useCallback, useEffect, useRef, useState } from 'react';
import type { AppError } from '../../shared/app-error.ts';
import { toAppError } from '../bridge.ts';

export interface Answer<T> {
  readonly value: T | null;
  readonly error: AppError | null;
  readonly isLoading: boolean;
  /** Asks the same once more. */
  readonly retry: () => void;
}

/** One question to main, asked again when its key changes; no key, no question. Late answers to old keys are dropped. */
export function useAnswer<T>(key: string | null, ask: () => Promise<T>): Answer<T> {
  const [state, setState] = useState<{ key: string | null; value: T | null; error: AppError | null }>({
    key: null,
    value: null,
    error: null,
  });
  const [attempt, setAttempt] = useState(0);
  const latest = useRef(ask);
  latest.current = ask;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt asks the same again
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
  }, [key, attempt]);
  const retry = useCallback((): void => {
    setState({ key: null, value: null, error: null });
    setAttempt((before) => before + 1);
  }, []);
  const isAnswered = state.key === key;
  return {
    value: isAnswered ? state.value : null,
    error: isAnswered ? state.error : null,
    isLoading: key !== null && !isAnswered,
    retry,
  };
}

/** The same question over time: what was answered before stays until the next answer is there. */
export function useKeptAnswer<T>(key: string, ask: () => Promise<T>): Answer<T> {
  const answer = useAnswer(key, ask);
  const [kept, setKept] = useState<T | null>(null);
  useEffect(() => {
    if (answer.value !== null) setKept(answer.value);
  }, [answer.value]);
  return { ...answer, value: answer.value ?? kept };
}
