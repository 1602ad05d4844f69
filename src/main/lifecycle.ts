import { app, type BrowserWindow } from 'electron';

/** Longest a quit may take before the process ends anyway, milliseconds. */
const QUIT_LIMIT_MS = 5000;

/**
 * Takes the profile for this process alone. Must come before any file of the profile is opened.
 * @returns false when another instance has it; that one shows its window and this one must end
 */
export function takeSingleInstance(showWindow: () => void): boolean {
  if (!app.requestSingleInstanceLock()) return false;
  // The other process's arguments are hostile input: nothing of them is looked at.
  app.on('second-instance', () => showWindow());
  return true;
}

export function focusWindow(window: BrowserWindow | null): void {
  if (window === null || window.isDestroyed()) return;
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}

/** Runs `close` once before the app ends, and ends it after five seconds whatever `close` is doing. */
export function closeBeforeQuit(close: () => Promise<void>): void {
  let state: 'open' | 'closing' | 'closed' = 'open';
  app.on('before-quit', (event) => {
    if (state === 'closed') return;
    event.preventDefault();
    if (state === 'closing') return;
    state = 'closing';
    const limit = setTimeout(() => app.exit(0), QUIT_LIMIT_MS);
    void close()
      .catch(reportUnclosed)
      .finally(() => {
        clearTimeout(limit);
        state = 'closed';
        app.quit();
      });
  });
  app.on('window-all-closed', () => app.quit());
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => app.quit());
}

/** By its class alone: the log is closed by then, and with it the mask that an error's words would need. */
function reportUnclosed(error: unknown): void {
  const what = error instanceof Error ? error.name : 'unknown';
  process.stderr.write(`Patchbay did not close cleanly (${what}). The next start checks the data.\n`);
}
