import { app, BrowserWindow, nativeTheme, type Session, type WebPreferences } from 'electron';
import { APP_HOST, APP_SCHEME, APP_URL } from './protocol.ts';

/** Every window of the app itself is made with these; a test reads them back from every live webContents. */
export const HARDENED: Readonly<WebPreferences> = {
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  contextIsolation: true,
  sandbox: true,
  webSecurity: true,
  allowRunningInsecureContent: false,
  experimentalFeatures: false,
  disableBlinkFeatures: 'WebUSB,WebHID,Serial,WebBluetooth',
  webviewTag: false,
  navigateOnDragDrop: false,
  spellcheck: false,
};

export interface WindowBounds {
  readonly width: number;
  readonly height: number;
  readonly x?: number | undefined;
  readonly y?: number | undefined;
  readonly isMaximized?: boolean | undefined;
}

/** A page that has loaded and says nothing about being drawn is shown after this time, milliseconds. */
const SHOW_ANYWAY_MS = 1000;
/** How long main lets the page's process begin before it goes on with its own start: measured, milliseconds. */
const LAUNCH_MS = 20;

const trustedContents = new Set<number>();

/** Whether a webContents is one of the app's own windows; foreign ones never get an answer. */
export function isAppWindow(webContentsId: number): boolean {
  return trustedContents.has(webContentsId);
}

export function isAppUrl(url: string): boolean {
  try {
    const parsed = new URL(url);
    return (
      parsed.protocol === `${APP_SCHEME}:` &&
      parsed.host === APP_HOST &&
      parsed.username === '' &&
      parsed.password === ''
    );
  } catch {
    return false;
  }
}

/** No page, of whatever origin, gets a permission, a device, or a download. Applied to every session as it is created. */
export function denyEverything(session: Session): void {
  // A session fetches a dictionary from Google when it is made, even though `spellcheck` is off in every window.
  session.setSpellCheckerLanguages([]);
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.on('will-download', (event) => event.preventDefault());
}

/** The second net under every webContents: no popups, no webviews. Navigation is decided by the window's own maker. */
export function guardAllContents(): void {
  app.on('session-created', denyEverything);
  app.on('web-contents-created', (_event, contents) => {
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
    contents.on('will-attach-webview', (event) => event.preventDefault());
  });
}

export interface OpeningWindow {
  readonly window: BrowserWindow;
  /** Ends when the page's process can go on by itself: for that main's loop has to turn for a moment. */
  readonly launched: Promise<void>;
  /** Ends when the empty page is there. */
  readonly ready: Promise<void>;
}

/**
 * Makes the app's main window, hidden and with an empty page: its process starts while main is still opening the profile.
 * `openApp` then puts the app into it.
 */
export function createMainWindow(preload: string, title: string): OpeningWindow {
  const window = new BrowserWindow({
    minWidth: 720,
    minHeight: 480,
    show: false,
    title,
    webPreferences: { ...HARDENED, preload },
  });
  const { webContents } = window;
  const id = webContents.id;
  trustedContents.add(id);
  webContents.once('destroyed', () => trustedContents.delete(id));
  webContents.on('will-navigate', (event) => event.preventDefault());
  webContents.on('will-redirect', (event) => event.preventDefault());
  webContents.on('will-frame-navigate', (event) => event.preventDefault());
  webContents.setWindowOpenHandler(() => ({ action: 'deny' }));
  const ready = window.loadURL('about:blank');
  const launched = new Promise<void>((resolve) => setTimeout(resolve, LAUNCH_MS));
  return { window, launched, ready };
}

/** Shows the app in its window, and keeps the window on the app's own origin. */
export function openApp(window: BrowserWindow, { isMaximized = false, ...bounds }: WindowBounds): void {
  const { x, y, width, height } = bounds;
  window.setBounds({ width, height, ...(x === undefined || y === undefined ? {} : { x, y }) });
  window.setBackgroundColor(nativeTheme.shouldUseDarkColors ? '#1a1b1e' : '#ffffff');
  // Nothing asks before about:blank. A window that is elsewhere after all is brought back.
  window.webContents.on('did-navigate', (_event, url) => {
    if (!isAppUrl(url)) void window.loadURL(APP_URL);
  });
  const show = (): void => {
    if (window.isDestroyed() || window.isVisible()) return;
    if (isMaximized) window.maximize();
    window.show();
  };
  // The empty page is ready to be shown too, and nobody wants to see it.
  window.on('ready-to-show', () => {
    if (isAppUrl(window.webContents.getURL())) show();
  });
  window.webContents.once('did-finish-load', () => setTimeout(show, SHOW_ANYWAY_MS));
  void window.loadURL(APP_URL);
}
