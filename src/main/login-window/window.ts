/**
 * The dedicated log-in window: the source system's real page and nothing of ours. The redirect is caught before it leaves
 * the machine, so the code goes through no socket, and nothing has to listen on the redirect's port.
 */

import { lookup } from 'node:dns/promises';
import {
  BrowserWindow,
  dialog,
  type HandlerDetails,
  type LoadURLOptions,
  Menu,
  type OnBeforeRequestListenerDetails,
  type WebContents,
  type WebPreferences,
} from 'electron';
import { mayConnect } from '../../../connectors/kit/doors/authorization.ts';
import type { AuthorizationWindow, AuthorizationWindowOptions, WindowEnd } from '../../core/oauth/login-window.ts';
import { parse } from '../../core/oauth/redirect.ts';
import { AppError } from '../../shared/app-error.ts';
import { guardPages } from './page.ts';
import { hostEntry, judgeNavigation, loadFailure, mayLoad, type WindowRules, windowTitle } from './rules.ts';
import { emptySession, makeSession, type Refused } from './session.ts';

const SIZE = { width: 520, height: 720 };
/** A page that keeps asking for other hosts is no longer listened to. */
const MAX_QUESTIONS = 5;
const REFUSED: Readonly<Record<Refused, string>> = {
  download: 'The page wanted to download a file. The log-in window takes none.',
  permission:
    'The page asked for a permission, such as the camera, the clipboard or a device. The log-in window gives none.',
  certificate: 'The page asked for a client certificate. The log-in window has none.',
  password: 'The page asked for a user name and password outside of the page. The log-in window gives none.',
  window: 'The page wanted to open another window. The log-in has only this one.',
};
const NO_MORE = 'The page has asked several times. What else it asks for is refused without a question.';

/** A test reads these back from the live window. */
const HARDENED: Readonly<WebPreferences> = {
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  contextIsolation: true,
  sandbox: true,
  webSecurity: true,
  allowRunningInsecureContent: false,
  experimentalFeatures: false,
  // Electron 25 ends with a segmentation fault when a page of an in-memory session asks for a USB device.
  disableBlinkFeatures: 'WebUSB,WebHID,Serial,WebBluetooth',
  webviewTag: false,
  navigateOnDragDrop: false,
  spellcheck: false,
  devTools: false,
  // A page that shows one message after another can be stopped from it.
  safeDialogs: true,
  safeDialogsMessage: 'Show no more messages of this page',
};

export function openAuthorizationWindow(options: AuthorizationWindowOptions): AuthorizationWindow {
  return new LoginWindow(options);
}

class LoginWindow implements AuthorizationWindow {
  readonly ended: Promise<WindowEnd>;
  readonly #options: AuthorizationWindowOptions;
  readonly #window: BrowserWindow;
  readonly #allowedByPerson = new Set<string>();
  readonly #settle: (end: WindowEnd) => void;
  #end: WindowEnd | null = null;
  #isAsking = false;
  #isReplacing = false;
  #host = '';
  readonly #toldRefused = new Set<Refused>();
  #questions = 0;

  constructor(options: AuthorizationWindowOptions) {
    this.#options = options;
    const start = parse(options.startUrl);
    if (start !== null) this.#allowedByPerson.add(hostEntry(start));
    let settle: (end: WindowEnd) => void = () => undefined;
    const settled = new Promise<WindowEnd>((resolve) => {
      settle = resolve;
    });
    this.#settle = settle;
    const session = makeSession(
      (details) => this.#judge(details),
      (what) => this.#tellRefused(what),
      options.policy.ca,
    );
    this.#window = new BrowserWindow({
      ...SIZE,
      minWidth: 380,
      minHeight: 480,
      title: this.#title(options.startUrl),
      fullscreenable: false,
      webPreferences: { ...HARDENED, session },
    });
    this.ended = settled.then(async (end) => {
      if (!this.#window.isDestroyed()) this.#window.destroy();
      await emptySession(session);
      return end;
    });
    this.#window.setMenu(this.#menu());
    this.#window.on('page-title-updated', (event) => event.preventDefault());
    // Also while its page hangs or wants to be asked first: whoever closes the window is done with it.
    for (const event of ['close', 'closed'] as const)
      this.#window.on(event as 'closed', () => this.#finish({ kind: 'cancelled' }));
    void this.#begin(options.startUrl);
  }

  /** An empty page first: only what is there can be guarded. */
  async #begin(startUrl: string): Promise<void> {
    const contents = this.#window.webContents;
    this.#refusePopups(contents);
    this.#watchFailures(contents);
    try {
      await this.#window.loadURL('about:blank');
      await guardPages(contents, () => this.#fail(unguarded()));
    } catch (cause) {
      this.#fail(unguarded(cause));
      return;
    }
    if (this.#end !== null) return;
    this.#watch(contents);
    void this.#load(startUrl);
  }

  focus(): void {
    if (this.#window.isDestroyed()) return;
    if (this.#window.isMinimized()) this.#window.restore();
    this.#window.focus();
  }

  close(): void {
    this.#finish({ kind: 'cancelled' });
  }

  #finish(end: WindowEnd): void {
    if (this.#end !== null) return;
    this.#end = end;
    this.#settle(end);
  }

  #fail(error: AppError): void {
    this.#finish({ kind: 'failed', error });
  }

  #title(address: string): string {
    return windowTitle(address, this.#options.connectionName);
  }

  #rules(): WindowRules {
    return {
      redirectUri: this.#options.redirectUri,
      policy: this.#options.policy,
      allowedByPerson: this.#allowedByPerson,
    };
  }

  async #load(address: string, options: LoadURLOptions = {}): Promise<void> {
    // Why a page did not load comes with did-fail-load; the promise only repeats it.
    await this.#window.loadURL(address, options).catch(() => undefined);
  }

  /**
   * What a page wants to open in another window takes this one, if it may: it is judged, asked about or refused as a link of the
   * page itself would be. One at a time, so that a page that opens a thousand does not take away the one that is asked about.
   */
  #replace({ url, referrer, postBody }: HandlerDetails): void {
    if (this.#end !== null || this.#isReplacing || this.#isAsking) return;
    if (!isWebAddress(url)) {
      if (/^(?:about:|javascript:|$)/i.test(url)) this.#tellRefused('window');
      else this.#tellBlocked(url);
      return;
    }
    this.#isReplacing = true;
    const post =
      postBody === undefined
        ? {}
        : { postData: postBody.data as NonNullable<LoadURLOptions['postData']>, extraHeaders: contentType(postBody) };
    setImmediate(() => {
      if (this.#end !== null) return;
      void this.#load(url, { httpReferrer: referrer, ...post }).finally(() => {
        this.#isReplacing = false;
      });
    });
  }

  async #judge(details: OnBeforeRequestListenerDetails): Promise<boolean> {
    if (this.#end !== null) return false;
    if (details.resourceType !== 'mainFrame') return mayLoad(details.url, this.#rules());
    const isAllowed = await this.#mayNavigate(details);
    // Stopped first, so that the page that is there stays; a request that is merely refused brings an error page instead.
    if (!isAllowed && !this.#window.isDestroyed()) this.#window.webContents.stop();
    return isAllowed;
  }

  async #mayNavigate({ url, method }: OnBeforeRequestListenerDetails): Promise<boolean> {
    const verdict = judgeNavigation(url, this.#rules());
    if (verdict.kind === 'redirect') {
      this.#finish({ kind: 'returned', callback: { method, url } });
      return false;
    }
    if (verdict.kind === 'block') {
      this.#tellBlocked(url);
      return false;
    }
    if (verdict.kind === 'ask' && !(await this.#ask(url, verdict.host))) return false;
    return this.#hasAllowedAddress(url);
  }

  /** Names that lead to a private address are refused like the address itself. */
  async #hasAllowedAddress(address: string): Promise<boolean> {
    const url = parse(address);
    const { allowPrivate } = this.#options.policy;
    if (url === null || allowPrivate) return url !== null;
    // A name that cannot be resolved here may still be known to a proxy; the browser will say if not.
    const found = await lookup(url.hostname.replace(/^\[|\]$/g, ''), { all: true }).catch(() => []);
    const isAllowed = found.every((one) => mayConnect(one.address, allowPrivate, false));
    if (!isAllowed) {
      this.#fail(
        new AppError(
          'host_refused',
          `${url.host} leads to a private network address, which this connection does not allow. Tick “Allow private network addresses” in the Advanced section if that is right.`,
        ),
      );
    }
    return isAllowed;
  }

  /** Once for each kind: a page that asks again and again does not get to keep the person busy. */
  #tellRefused(what: Refused): void {
    if (this.#toldRefused.has(what)) return;
    this.#toldRefused.add(what);
    this.#tell(
      REFUSED[what],
      'Log in without it. Where the log-in needs it, choose "Open in browser instead" in the menu.',
    );
  }

  #tellBlocked(address: string): void {
    const verdict = judgeNavigation(address, this.#rules());
    const { host, why } = verdict.kind === 'block' ? verdict : { host: '', why: '' };
    const scheme = /^[a-z][a-z0-9+.-]{0,30}:/i.exec(address)?.[0];
    const what = host || (scheme === undefined ? 'an address' : `an address that begins with "${scheme}"`);
    this.#tell(`The page wanted to go to ${what}, which is not allowed here.`, why);
  }

  #tell(message: string, detail: string): void {
    if (this.#isAsking || this.#window.isDestroyed() || this.#questions >= MAX_QUESTIONS) return;
    this.#isAsking = true;
    this.#questions += 1;
    void dialog
      .showMessageBox(this.#window, {
        type: 'warning',
        message,
        detail: this.#withWarning(detail),
        buttons: ['Stay on this page'],
        noLink: true,
      })
      .finally(() => {
        this.#isAsking = false;
      });
  }

  #withWarning(detail: string): string {
    return this.#questions >= MAX_QUESTIONS ? `${detail}\n\n${NO_MORE}` : detail;
  }

  /** The navigation waits for the answer, so that a form that is being posted is not lost. */
  async #ask(address: string, host: string): Promise<boolean> {
    if (this.#isAsking || this.#questions >= MAX_QUESTIONS || this.#window.isDestroyed()) return false;
    this.#isAsking = true;
    this.#questions += 1;
    try {
      const { response } = await dialog.showMessageBox(this.#window, {
        type: 'question',
        message: `Go on to ${host}?`,
        detail: this.#withWarning(
          `The log-in page of ${this.#options.connectorName} at ${this.#host} wants to go to another host, ${host}. That is usual where a company has its own sign-on; check that you know ${host} before you enter a password there.`,
        ),
        buttons: ['Stay on this page', `Allow ${host} for this log-in`, 'Open in browser instead'],
        defaultId: 0,
        cancelId: 0,
        noLink: true,
      });
      if (response === 2) this.#finish({ kind: 'browser' });
      const url = parse(address);
      if (response !== 1 || url === null) return false;
      this.#allowedByPerson.add(hostEntry(url));
      return this.#end === null;
    } finally {
      this.#isAsking = false;
    }
  }

  #refusePopups(contents: WebContents): void {
    contents.setWindowOpenHandler((details) => {
      this.#replace(details);
      return { action: 'deny' };
    });
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.on('will-prevent-unload', (event) => event.preventDefault());
    // The window has the size and the place that the person gives it.
    contents.on('content-bounds-updated', (event) => event.preventDefault());
  }

  #watch(contents: WebContents): void {
    const show = (_event: unknown, address: string): void => {
      this.#window.setTitle(this.#title(address));
      const host = parse(address)?.host ?? '';
      if (host === this.#host) return;
      this.#host = host;
      this.#options.onHost(host);
    };
    contents.on('did-navigate', show);
    contents.on('did-navigate-in-page', (event, address, isMainFrame) => {
      if (isMainFrame) show(event, address);
    });
    contents.on('will-navigate', (event) => {
      // The request filter sees web addresses only; every other kind of address ends here.
      if (isWebAddress(event.url)) return;
      event.preventDefault();
      this.#tellBlocked(event.url);
    });
  }

  #watchFailures(contents: WebContents): void {
    contents.on('certificate-error', (event, address, name, _certificate, answer, isMainFrame) => {
      event.preventDefault();
      answer(false);
      const error = loadFailure(-200, name, address);
      if (isMainFrame && error !== null) this.#fail(error);
    });
    contents.on('login', (event, _details, _info, answer) => {
      event.preventDefault();
      answer();
      this.#tellRefused('password');
    });
    contents.on('select-client-certificate', (event, _address, _list, answer) => {
      event.preventDefault();
      // None. Electron documents the argument as optional for the app's event of the same name.
      (answer as unknown as (certificate: null) => void)(null);
      this.#tellRefused('certificate');
    });
    contents.on('did-fail-load', (_event, code, name, address, isMainFrame) => {
      const error = isMainFrame ? loadFailure(code, name, address) : null;
      if (error !== null) this.#fail(error);
    });
    contents.on('render-process-gone', (_event, { reason }) => {
      if (reason !== 'clean-exit')
        this.#fail(
          new AppError(
            'authorization_failed',
            `The log-in page stopped working (${reason}). Authorize again, or use the browser instead.`,
          ),
        );
    });
  }

  #menu(): Menu {
    return Menu.buildFromTemplate([
      {
        label: 'Log-in',
        submenu: [
          { label: 'Reload', accelerator: 'CommandOrControl+R', click: () => this.#window.webContents.reload() },
          { label: 'Open in browser instead', click: () => this.#finish({ kind: 'browser' }) },
          { type: 'separator' },
          { label: 'Cancel', accelerator: 'CommandOrControl+W', click: () => this.#finish({ kind: 'cancelled' }) },
        ],
      },
      { label: 'Edit', submenu: [{ role: 'cut' }, { role: 'copy' }, { role: 'paste' }, { role: 'selectAll' }] },
    ]);
  }
}

const isWebAddress = (address: string): boolean => /^https?:/i.test(address);

/** Of a form that opens another window; a boundary separates the parts of one with files. */
function contentType({ contentType: type, boundary }: NonNullable<HandlerDetails['postBody']>): string {
  return `content-type: ${type}${boundary === undefined ? '' : `; boundary=${boundary}`}`;
}

function unguarded(cause?: unknown): AppError {
  return new AppError(
    'authorization_failed',
    'The log-in window could not be opened safely. Authorize again, or use the browser instead.',
    { cause },
  );
}
