import type { EventEmitter } from 'node:events';
import { beforeAll, describe, expect, it, vi } from 'vitest';

// The platform, not our code: a window as far as its maker touches it.
const electron = vi.hoisted(() => ({ made: [] as { id: number; options: Record<string, unknown> }[] }));
vi.mock('electron', async () => {
  const { EventEmitter: Emitter } = await import('node:events');
  class BrowserWindow extends Emitter {
    webContents = Object.assign(new Emitter(), { id: electron.made.length + 1, setWindowOpenHandler: () => undefined });
    loaded: string[] = [];
    constructor(options: Record<string, unknown>) {
      super();
      electron.made.push({ id: this.webContents.id, options });
    }
    setBounds() {}
    setBackgroundColor() {}
    async loadURL(url: string) {
      this.loaded.push(url);
    }
  }
  return { app: new Emitter(), BrowserWindow, nativeTheme: {}, protocol: {} };
});
const { createMainWindow, isAppUrl, openApp } = await import('../windows.ts');
const { isTrustedSender } = await import('./sender.ts');
type Sender = Parameters<typeof isTrustedSender>[0];

interface Window {
  readonly webContents: EventEmitter & { id: number };
  readonly loaded: string[];
}
let window: Window;
const from = (senderFrame: unknown, id = window.webContents.id): Sender =>
  ({ sender: { id }, senderFrame }) as unknown as Sender;

beforeAll(() => {
  const opening = createMainWindow('/preload.cjs', 'Patchbay').window;
  openApp(opening, { width: 800, height: 600 });
  window = opening as unknown as Window;
});

describe('a message is trusted', () => {
  it('from the top frame of the app’s own window on the app’s own page', () => {
    expect(isTrustedSender(from({ parent: null, url: 'patchbay://app/index.html#/jobs' }))).toBe(true);
  });

  it.each([
    ['a frame that is gone', null],
    ['a frame that nobody knows', undefined],
    ['a frame inside the page', { parent: {}, url: 'patchbay://app/index.html' }],
    ['a page elsewhere', { parent: null, url: 'https://example.com/index.html' }],
    ['a blank page', { parent: null, url: 'about:blank' }],
    ['no page', { parent: null, url: '' }],
    ['a page of another host of the scheme', { parent: null, url: 'patchbay://app.evil/index.html' }],
    ['a page whose address names a user', { parent: null, url: 'patchbay://app@evil/index.html' }],
  ])('not from %s', (_what, frame) => {
    expect(isTrustedSender(from(frame))).toBe(false);
  });

  it('not from another window, whatever it shows', () => {
    expect(isTrustedSender(from({ parent: null, url: 'patchbay://app/index.html' }, 99))).toBe(false);
  });

  it('not from the number of a window that is closed', () => {
    const frame = { parent: null, url: 'patchbay://app/index.html' };
    const closed = createMainWindow('', '').window as unknown as Window;
    expect(isTrustedSender(from(frame, closed.webContents.id))).toBe(true);
    closed.webContents.emit('destroyed');
    expect(isTrustedSender(from(frame, closed.webContents.id))).toBe(false);
  });
});

describe('the app’s window', () => {
  it('refuses to go anywhere, and comes back from where it was taken', () => {
    for (const event of ['will-navigate', 'will-redirect', 'will-frame-navigate']) {
      const asked = { preventDefault: vi.fn() };
      window.webContents.emit(event, asked);
      expect(asked.preventDefault, event).toHaveBeenCalledOnce();
    }
    window.webContents.emit('did-navigate', {}, 'patchbay://app/index.html');
    expect(window.loaded).toEqual(['about:blank', 'patchbay://app/index.html']);
    window.webContents.emit('did-navigate', {}, 'about:blank');
    expect(window.loaded.slice(1)).toEqual(['patchbay://app/index.html', 'patchbay://app/index.html']);
  });

  it('knows its own address from any other', () => {
    expect(isAppUrl('patchbay://app/')).toBe(true);
    for (const url of ['patchbay:app', 'patchbay://app:80/', 'patchbay://app.evil/', 'http://app/', 'app', ''])
      expect(isAppUrl(url), url).toBe(false);
  });
});
