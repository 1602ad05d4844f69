import { useSyncExternalStore } from 'react';

const TICK_MS = 20_000;
let nowMs = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function listen(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    nowMs = Date.now();
    for (const each of listeners) each();
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function current(): number {
  // Without a listener the clock stands; whoever comes first sets it right.
  if (timer === undefined) nowMs = Date.now();
  return nowMs;
}

/** One clock for every relative time on the page, milliseconds since the epoch. */
export function useNow(): number {
  return useSyncExternalStore(listen, current);
}
