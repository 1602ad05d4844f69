import { useSyncExternalStore } from 'react';

const TICK_MS = 20_000;
let nowMs = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function listen(listener: () => void): () => void {
  // Without a listener the clock stands; whoever comes first sets it right, and React looks again after subscribing.
  if (listeners.size === 0) nowMs = Date.now();
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

/** One clock for every relative time on the page, milliseconds since the epoch. */
export function useNow(): number {
  return useSyncExternalStore(listen, () => nowMs);
}
