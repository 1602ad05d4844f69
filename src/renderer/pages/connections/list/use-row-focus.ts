import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useConnections } from '../../../stores/connections.ts';
import { useDialogs } from '../../../stores/dialogs.ts';
import type { Item } from './list.ts';
import { toggled, withRange } from './selection.ts';

type RowItem = Extract<Item, { kind: 'row' }>;

const STEPS: Readonly<Record<string, (at: number, count: number) => number>> = {
  ArrowDown: (at, count) => Math.min(at + 1, count - 1),
  ArrowUp: (at) => Math.max(at - 1, 0),
  PageDown: (at, count) => Math.min(at + 10, count - 1),
  PageUp: (at) => Math.max(at - 10, 0),
  Home: () => 0,
  End: (_at, count) => count - 1,
};

const select = (selected: ReadonlySet<string>): void => useConnections.setState({ selected });

/**
 * The keyboard over both sections as over one list: a row that is out of sight is scrolled to and then gets the focus. And the
 * choice of rows: by their boxes, Space, Shift with an arrow or a click, Ctrl/Cmd+A, undone by Esc.
 */
export function useRowFocus(items: readonly Item[]) {
  const rows = useMemo(() => items.filter((item): item is RowItem => item.kind === 'row'), [items]);
  const stored = useConnections((state) => state.currentKey);
  const revealId = useConnections((state) => state.revealId);
  const [wantedKey, setWantedKey] = useState<string | null>(null);
  const anchor = useRef<string | null>(null);
  const placeOf = useMemo(() => new Map(rows.map((item, place) => [item.key, place])), [rows]);
  const currentKey = stored !== null && placeOf.has(stored) ? stored : (rows[0]?.key ?? null);
  const revealKey = useMemo(
    () => (revealId === null ? undefined : rows.find((item) => item.row.connection.id === revealId)?.key),
    [rows, revealId],
  );

  // A row that was just made or looked for: show it once, and put the keyboard on it.
  useEffect(() => {
    if (revealKey === undefined) return;
    setWantedKey(revealKey);
    useConnections.setState({ currentKey: revealKey });
    const timer = setTimeout(() => useConnections.setState({ revealId: null }), 400);
    return () => clearTimeout(timer);
  }, [revealKey]);

  const onFocus = useCallback((key: string): void => {
    setWantedKey(null);
    if (useConnections.getState().currentKey !== key) useConnections.setState({ currentKey: key });
  }, []);

  const rangeTo = useCallback(
    (key: string): void => {
      const from = placeOf.get(anchor.current ?? key) ?? placeOf.get(key) ?? 0;
      const ids = rows.map((item) => item.row.connection.id);
      select(withRange(useConnections.getState().selected, ids, from, placeOf.get(key) ?? from));
    },
    [rows, placeOf],
  );

  /** A click on a row's box, or Space; with Shift everything between the last one and this. */
  const onChoose = useCallback(
    (key: string, id: string, isRange: boolean): void => {
      if (isRange && anchor.current !== null) rangeTo(key);
      else select(toggled(useConnections.getState().selected, id));
      anchor.current = key;
    },
    [rangeTo],
  );

  const latestRows = useRef(rows);
  latestRows.current = rows;
  useEffect(() => {
    const onKeyDown = (event: globalThis.KeyboardEvent): void => {
      if (useDialogs.getState().open.length > 0 || isText(event.target)) return;
      if (document.querySelector('[role="menu"]')) return;
      if (event.key === 'Escape' && useConnections.getState().selected.size > 0) {
        event.preventDefault();
        select(new Set());
      } else if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === 'a') {
        event.preventDefault();
        select(new Set(latestRows.current.map((item) => item.row.connection.id)));
      }
    };
    // In the capture phase, and before any dialog's own listener: an Esc that closes one must still find it open here.
    window.addEventListener('keydown', onKeyDown, true);
    return () => window.removeEventListener('keydown', onKeyDown, true);
  }, []);

  const onKeyDown = (event: KeyboardEvent): void => {
    const step = STEPS[event.key];
    if (!step || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!(event.target instanceof HTMLElement) || !event.target.closest('[role="listitem"]')) return;
    const target = rows[step(placeOf.get(currentKey ?? '') ?? 0, rows.length)];
    event.preventDefault();
    if (!target || target.key === currentKey) return;
    if (event.shiftKey) {
      anchor.current ??= currentKey;
      rangeTo(target.key);
    } else anchor.current = null;
    setWantedKey(target.key);
    useConnections.setState({ currentKey: target.key, revealId: null });
  };

  return { currentKey, wantedKey, showKey: wantedKey ?? revealKey ?? null, onFocus, onKeyDown, onChoose };
}

function isText(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target.matches('input:not([type=checkbox]):not([type=radio]), textarea, select')
  );
}
