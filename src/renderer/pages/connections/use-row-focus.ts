import { type KeyboardEvent, useCallback, useEffect, useState } from 'react';
import type { ConnectionRow } from '../../../shared/ipc/contract.ts';
import { useConnections } from '../../stores/connections.ts';

const STEPS: Readonly<Record<string, (at: number, count: number) => number>> = {
  ArrowDown: (at, count) => Math.min(at + 1, count - 1),
  ArrowUp: (at) => Math.max(at - 1, 0),
  PageDown: (at, count) => Math.min(at + 10, count - 1),
  PageUp: (at) => Math.max(at - 10, 0),
  Home: () => 0,
  End: (_at, count) => count - 1,
};

/** Arrow keys over both sections as over one list; a row that is out of sight is scrolled to and then gets the focus. */
export function useRowFocus(rows: readonly ConnectionRow[]) {
  const stored = useConnections((state) => state.currentId);
  const revealId = useConnections((state) => state.revealId);
  const [wantedId, setWantedId] = useState<string | null>(null);
  const currentId = rows.some((row) => row.connection.id === stored) ? stored : (rows[0]?.connection.id ?? null);

  // A row that was just made or looked for: show it once, and put the keyboard on it.
  useEffect(() => {
    if (revealId === null || !rows.some((row) => row.connection.id === revealId)) return;
    setWantedId(revealId);
    const timer = setTimeout(() => useConnections.setState({ revealId: null }), 400);
    return () => clearTimeout(timer);
  }, [revealId, rows]);

  const onFocus = useCallback((id: string): void => {
    setWantedId(null);
    if (useConnections.getState().currentId !== id) useConnections.setState({ currentId: id });
  }, []);

  const onKeyDown = (event: KeyboardEvent): void => {
    const step = STEPS[event.key];
    if (
      !step ||
      event.defaultPrevented ||
      !(event.target instanceof HTMLElement) ||
      !event.target.closest('[role="listitem"]')
    )
      return;
    const at = rows.findIndex((row) => row.connection.id === currentId);
    const target = rows[step(at, rows.length)];
    event.preventDefault();
    if (!target || target.connection.id === currentId) return;
    setWantedId(target.connection.id);
    useConnections.setState({ currentId: target.connection.id, revealId: null });
  };

  return { currentId, wantedId, revealId: wantedId ?? revealId, onFocus, onKeyDown };
}
