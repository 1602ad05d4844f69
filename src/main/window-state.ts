/** Where the window was, kept while it moves, and brought back onto a screen that is there. */
import type { BrowserWindow, Rectangle, Screen } from 'electron';
import type { WindowBounds } from './windows.ts';

/** A drag is one change: how long the window has to stand still before it is written down, milliseconds. */
const STILL_MS = 400;

/** What the windows of each screen may take, the main screen first. */
export function workAreas(screen: Screen): Rectangle[] {
  const { id } = screen.getPrimaryDisplay();
  const isMain = (one: { id: number }): number => (one.id === id ? 0 : 1);
  return [...screen.getAllDisplays()].sort((a, b) => isMain(a) - isMain(b)).map(({ workArea }) => workArea);
}

/**
 * The saved place, inside the work area it has most in common with; in the middle of the first one when its own is gone.
 * @param areas the work areas of the screens, the main one first
 */
export function boundsOnScreen(saved: WindowBounds, areas: readonly Rectangle[]): WindowBounds {
  const { x, y, width, height, isMaximized } = saved;
  const isPlaced = x !== undefined && y !== undefined;
  const shared = (area: Rectangle): number => (isPlaced ? commonArea({ x, y, width, height }, area) : 0);
  const best = areas.reduce<Rectangle | undefined>(
    (before, area) => (before === undefined || shared(area) > shared(before) ? area : before),
    undefined,
  );
  if (best === undefined) return { width, height, isMaximized };
  const size = { width: Math.min(width, best.width), height: Math.min(height, best.height), isMaximized };
  if (!isPlaced || shared(best) === 0) return size;
  return {
    ...size,
    x: within(x, best.x, best.x + best.width - size.width),
    y: within(y, best.y, best.y + best.height - size.height),
  };
}

function within(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}

function commonArea(a: Rectangle, b: Rectangle): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return Math.max(0, width) * Math.max(0, height);
}

interface WindowState extends Rectangle {
  readonly isMaximized: boolean;
}

/** Writes down where the window is: once it has been moved or resized and stands still, and when it closes. */
export function keepWindowState(window: BrowserWindow, save: (state: WindowState) => void): void {
  const stateOf = (): WindowState => ({ ...window.getNormalBounds(), isMaximized: window.isMaximized() });
  let known: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  const keep = (): void => {
    clearTimeout(timer);
    if (window.isDestroyed()) return;
    const state = stateOf();
    if (JSON.stringify(state) === known) return;
    known = JSON.stringify(state);
    save(state);
  };
  const keepSoon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(keep, STILL_MS);
  };
  window.once('show', () => {
    // Some systems tell late of what the start itself has done: no reason to write.
    known = JSON.stringify(stateOf());
    window.on('resize', keepSoon);
    window.on('move', keepSoon);
  });
  window.on('close', keep);
}
