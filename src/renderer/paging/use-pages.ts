import { useCallback, useEffect, useRef, useState } from 'react';
import type { AppError } from '../../shared/app-error.ts';
import { toAppError } from '../bridge.ts';
import { itemAt, missingPages, NO_PAGES, type Pages, withPage } from './pages.ts';

export interface PageAnswer<T> {
  readonly items: readonly T[];
  readonly total: number;
}

interface PagesOptions<T> {
  /** What is asked; another key is another list, and the old one goes. */
  readonly key: string;
  /** When this rises the list is asked again, while the old one stays on screen. */
  readonly revision?: number;
  readonly pageSize: number;
  readonly load: (offset: number, limit: number) => Promise<PageAnswer<T>>;
}

interface PagesState<T> {
  readonly key: string;
  readonly pages: Pages<T>;
  readonly isReady: boolean;
  readonly error: AppError | null;
  /** When the newest answer was asked for. */
  readonly asOf: string | null;
}

/** A list of any length, of which the pages on screen are there. Late answers to old questions are dropped. */
export function usePages<T>({ key, revision = 0, pageSize, load }: PagesOptions<T>) {
  const [state, setState] = useState<PagesState<T>>({ key, pages: NO_PAGES, isReady: false, error: null, asOf: null });
  const [attempt, setAttempt] = useState(0);
  const latest = useRef({ key, load, state });
  latest.current = { key, load, state };
  const asked = useRef(new Set<number>());
  const question = useRef(0);
  const range = useRef({ first: 0, last: pageSize - 1 });

  const ask = useCallback(
    async (page: number, isFresh: boolean): Promise<void> => {
      const mine = question.current;
      asked.current.add(page);
      const asOf = new Date().toISOString();
      try {
        const { items, total } = await latest.current.load(page * pageSize, pageSize);
        if (mine !== question.current) return;
        setState((before) => {
          const base = isFresh || before.key !== latest.current.key ? NO_PAGES : before.pages;
          return {
            key: latest.current.key,
            pages: withPage(base, page, items, total),
            isReady: true,
            error: null,
            asOf,
          };
        });
      } catch (error) {
        if (mine === question.current) setState((before) => ({ ...before, isReady: true, error: toAppError(error) }));
      } finally {
        if (mine === question.current) asked.current.delete(page);
      }
    },
    [pageSize],
  );

  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says what is asked, the revision that it is out of date, the attempt that it failed
  useEffect(() => {
    question.current += 1;
    asked.current = new Set();
    const isOther = latest.current.state.key !== key;
    if (isOther) range.current = { first: 0, last: pageSize - 1 };
    void ask(Math.floor(range.current.first / pageSize), true);
  }, [key, revision, attempt, pageSize, ask]);

  const onRange = useCallback(
    (first: number, last: number): void => {
      range.current = { first: Math.max(0, first), last };
      for (const page of missingPages(latest.current.state.pages, pageSize, first, last)) {
        if (!asked.current.has(page)) void ask(page, false);
      }
    },
    [ask, pageSize],
  );
  // A refreshed list has one page; what else is on screen is asked for again.
  useEffect(() => {
    if (state.isReady) onRange(range.current.first, range.current.last);
  }, [state, onRange]);

  const retry = useCallback((): void => {
    setState((before) => ({ ...before, isReady: false, error: null }));
    setAttempt((before) => before + 1);
  }, []);

  const isCurrent = state.key === key;
  return {
    total: isCurrent ? state.pages.total : 0,
    isReady: isCurrent && state.isReady,
    error: state.error,
    asOf: isCurrent ? state.asOf : null,
    retry,
    at: (index: number): T | undefined => (isCurrent ? itemAt(state.pages, pageSize, index) : undefined),
    onRange,
  };
}
