import type { EventEmitter } from 'node:events';
import type { BrowserWindow } from 'electron';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

// The platform, not our code: the app as far as these functions touch it.
const app = await vi.hoisted(async () => {
  const { EventEmitter: Emitter } = await import('node:events');
  return Object.assign(new Emitter(), {
    isFirst: true,
    requestSingleInstanceLock: () => app.isFirst,
    exit() {},
    quit() {},
  });
});
vi.mock('electron', () => ({ app }));
const { closeBeforeQuit, focusWindow, takeSingleInstance } = await import('./lifecycle.ts');

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const othersListeners = new Set(signals.flatMap((signal) => process.listeners(signal)));
beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(app, 'exit').mockReturnValue();
  vi.spyOn(app, 'quit').mockReturnValue();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  (app as EventEmitter).removeAllListeners();
  for (const signal of signals)
    for (const listener of process.listeners(signal))
      if (!othersListeners.has(listener)) process.removeListener(signal, listener);
  app.isFirst = true;
});

/** Somebody wants to quit; whether the app held them back. */
function quit(): boolean {
  const event = { preventDefault: vi.fn() };
  app.emit('before-quit', event);
  return event.preventDefault.mock.calls.length > 0;
}

describe('a second start', () => {
  it('shows the window that is there, and hands nothing of its arguments on', () => {
    const show = vi.fn();
    expect(takeSingleInstance(show)).toBe(true);
    app.emit('second-instance', {}, ['patchbay://tenants.remove?id=all'], '/tmp', { token: 'stolen' });
    expect(show.mock.calls).toEqual([[]]);
  });

  it('is told that another has the profile', () => {
    app.isFirst = false;
    const show = vi.fn();
    expect(takeSingleInstance(show)).toBe(false);
    app.emit('second-instance', {}, []);
    expect(show).not.toHaveBeenCalled();
  });

  it('brings a minimised window to the front, and no window that is gone', () => {
    const window = {
      isDestroyed: () => false,
      isMinimized: () => true,
      restore: vi.fn(),
      show: vi.fn(),
      focus: vi.fn(),
    };
    focusWindow(window as unknown as BrowserWindow);
    expect([window.restore, window.show, window.focus].map((one) => one.mock.calls.length)).toEqual([1, 1, 1]);
    focusWindow({ ...window, isDestroyed: () => true } as unknown as BrowserWindow);
    focusWindow(null);
    expect(window.show).toHaveBeenCalledOnce();
  });
});

describe('quitting', () => {
  it('waits for what has to be closed, once, and then goes on', async () => {
    const done: (() => void)[] = [];
    const close = vi.fn(() => new Promise<void>((resolve) => done.push(resolve)));
    closeBeforeQuit(close);
    expect([quit(), quit()]).toEqual([true, true]);
    expect(close).toHaveBeenCalledOnce();
    expect(app.quit).not.toHaveBeenCalled();
    done[0]?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(app.quit).toHaveBeenCalledOnce();
    expect(quit()).toBe(false);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(app.exit).not.toHaveBeenCalled();
  });

  it('takes five seconds at most', async () => {
    closeBeforeQuit(() => new Promise(() => undefined));
    quit();
    await vi.advanceTimersByTimeAsync(4999);
    expect(app.exit).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(app.exit).toHaveBeenCalledWith(0);
  });

  it('goes on when something could not be closed, and says so without its words', async () => {
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    closeBeforeQuit(() => Promise.reject(new RangeError('holds a secret')));
    quit();
    await vi.advanceTimersByTimeAsync(0);
    expect(app.quit).toHaveBeenCalledOnce();
    expect(said.mock.calls.flat()).toEqual([
      'Patchbay did not close cleanly (RangeError). The next start checks the data.\n',
    ]);
  });

  it.each(signals)('is what %s asks for', (signal) => {
    closeBeforeQuit(async () => undefined);
    process.emit(signal, signal);
    expect(app.quit).toHaveBeenCalledOnce();
  });

  it('is what closing the last window means', () => {
    closeBeforeQuit(async () => undefined);
    app.emit('window-all-closed');
    expect(app.quit).toHaveBeenCalledOnce();
  });
});
