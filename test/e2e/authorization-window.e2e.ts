// The log-in window, seen from outside: a real Electron, a real OAuth server's log-in page, and pages that misbehave.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { logInUndriven, startWindowApp, type WindowApp } from '../oauth/window-app.ts';
import { type OAuthServer, startOAuthServer } from '../support/oauth-server.ts';
import { logInPage } from './actions/connections.ts';

interface Result {
  kind: string;
  code?: string;
  message?: string;
  accessToken?: string;
  steps: string[];
  browserUrls: string[];
}

interface Harness {
  start(request: { issuer: string; connectionId: string; connectionName: string }): void;
  result(id: string): Promise<Result>;
  cancel(id: string): void;
}

const REDIRECT_PORT = 42_813;
let running: WindowApp;
let server: OAuthServer;
let flows = 0;

test.beforeAll(async () => {
  running = await startWindowApp();
  server = await startOAuthServer({
    clientId: 'patchbay-test',
    redirectUris: ['http://127.0.0.1/oauth/callback/mirror'],
  });
});

test.afterAll(async () => {
  await running.close();
  await server.close();
});

interface OpenFlow {
  readonly id: string;
  readonly page: Page;
  /** Waits for the end. */
  result(): Promise<Result>;
}

async function openFlow(issuer = server.issuer): Promise<OpenFlow> {
  let id = '';
  const page = await logInPage(running.app, async () => {
    id = await start(issuer);
  });
  return { id, page, result: () => resultOf(id) };
}

async function start(issuer: string): Promise<string> {
  flows += 1;
  const request = {
    issuer,
    connectionId: `connection${String(flows).padStart(4, '0')}`,
    connectionName: 'Mirror of Acme',
  };
  await running.app.evaluate(
    (_electron, one) => (globalThis as unknown as { harness: Harness }).harness.start(one),
    request,
  );
  return request.connectionId;
}

function resultOf(id: string): Promise<Result> {
  return running.app.evaluate(
    (_electron, one) => (globalThis as unknown as { harness: Harness }).harness.result(one),
    id,
  );
}

async function cancel({ id }: OpenFlow): Promise<Result> {
  await running.app.evaluate(
    (_electron, one) => (globalThis as unknown as { harness: Harness }).harness.cancel(one),
    id,
  );
  return resultOf(id);
}

async function enter(page: Page, who = 'ada'): Promise<void> {
  await page.locator('input[name=login]').fill(who);
  await page.locator('input[name=password]').fill('anything');
  await page.getByRole('button', { name: 'Sign-in' }).click();
}

async function consent(page: Page): Promise<void> {
  // The last click closes the window, so nobody is left to say that it was done.
  await page
    .getByRole('button', { name: 'Continue' })
    .click({ noWaitAfter: true })
    .catch(() => undefined);
}

/** The page itself goes somewhere, as a script or a link of it would; what becomes of that is the test's question. */
async function go(page: Page, address: string): Promise<void> {
  await page
    .evaluate((to) => {
      location.href = to;
    }, address)
    .catch(() => undefined);
}

const titles = (): Promise<string[]> =>
  running.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map((window) => window.getTitle()));

/** What stands in the window, as main sees it: Playwright waits for navigations that were stopped. */
function shown(): Promise<{ host: string; text: string }> {
  return running.app.evaluate(async ({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents;
    if (contents === undefined) throw new Error('There is no window.');
    return {
      host: new URL(contents.getURL()).host,
      text: String(await contents.executeJavaScript('document.body.innerText')),
    };
  });
}

/** Answers the questions of the window by the number of a button, and keeps what was asked. */
function answerDialogs(response: number): Promise<void> {
  return running.app.evaluate(({ dialog }, button) => {
    const asked: string[] = [];
    Object.assign(globalThis, { asked });
    Object.assign(dialog, {
      showMessageBox: async (_window: unknown, options: { message: string }) => {
        asked.push(options.message);
        return { response: button, checkboxChecked: false };
      },
    });
  }, response);
}

const asked = (): Promise<string[]> => running.app.evaluate(() => (globalThis as unknown as { asked: string[] }).asked);

interface Site {
  readonly origin: string;
  readonly host: string;
  readonly requests: { method: string; url: string; body: string; cookie: string }[];
  close(): Promise<void>;
}

/** A web server of the test; every path that has no page of its own shows "other". */
async function startSite(pages: Record<string, RequestListener> = {}, port = 0): Promise<Site> {
  const requests: Site['requests'] = [];
  const web = createServer(async (request, response) => {
    requests.push({
      method: request.method ?? '',
      url: request.url ?? '',
      body: await bodyOf(request),
      cookie: request.headers.cookie ?? '',
    });
    const page = pages[(request.url ?? '').split('?')[0] ?? ''];
    if (page !== undefined) return page(request, response);
    response.writeHead(200, { 'content-type': 'text/html' }).end('<title>other</title><h1>other</h1>');
  });
  return { ...(await listen(web, port)), requests };
}

async function listen(web: Server, port = 0, scheme = 'http'): Promise<Pick<Site, 'origin' | 'host' | 'close'>> {
  await new Promise<void>((resolve) => web.listen(port, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(web.address() as AddressInfo).port}`;
  const close = async (): Promise<void> => {
    web.closeAllConnections();
    await new Promise((resolve) => web.close(resolve));
  };
  return { origin: `${scheme}://${host}`, host, close };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

const html =
  (body: string, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) =>
    void response.writeHead(200, { 'content-type': 'text/html', ...headers }).end(body);

test('a person logs in on the real page; the redirect never reaches its port', async () => {
  const blocker = await startSite({}, REDIRECT_PORT);
  const flow = await openFlow();
  await flow.page.waitForLoadState();
  expect(await titles()).toEqual([`Not encrypted: ${new URL(server.issuer).host} – log in for Mirror of Acme`]);
  await flow.page.evaluate(() => {
    document.title = 'login.salesforce.com – log in for Mirror of Acme';
  });
  await enter(flow.page);
  await flow.page.getByRole('button', { name: 'Continue' }).waitFor();
  expect(await titles()).toEqual([`Not encrypted: ${new URL(server.issuer).host} – log in for Mirror of Acme`]);
  await consent(flow.page);
  const result = await flow.result();
  await blocker.close();
  expect(result.kind).toBe('granted');
  expect(await server.isAccessTokenAlive(result.accessToken ?? '')).toBe(true);
  expect(blocker.requests).toEqual([]);
  expect(await titles()).toEqual([]);
  expect(result.steps.at(-1)).toBe(`exchanging ${new URL(server.issuer).host}`);
});

test('the redirect works with nothing listening on its port', async () => {
  await expect(fetch(`http://127.0.0.1:${REDIRECT_PORT}/`)).rejects.toThrow();
  const flow = await openFlow();
  await enter(flow.page);
  await consent(flow.page);
  expect((await flow.result()).kind).toBe('granted');
});

test('the page has no Node, no bridge and no developer tools, and the window no preload', async () => {
  const flow = await openFlow();
  await flow.page.waitForLoadState();
  expect(
    await flow.page.evaluate(() =>
      ['require', 'process', 'module', 'patchbay', 'electron'].map(
        (name) => typeof (globalThis as Record<string, unknown>)[name],
      ),
    ),
  ).toEqual(Array(5).fill('undefined'));
  const live = await running.app.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows();
    const contents = window?.webContents as Electron.WebContents & { getLastWebPreferences(): Record<string, unknown> };
    contents.openDevTools();
    const preferences = contents.getLastWebPreferences();
    return {
      preferences,
      isPersistent: contents.session.isPersistent(),
      storage: contents.session.storagePath ?? null,
      tools: contents.isDevToolsOpened(),
      menu: window?.isMenuBarVisible(),
    };
  });
  expect(live.preferences).toMatchObject({
    nodeIntegration: false,
    contextIsolation: true,
    sandbox: true,
    webSecurity: true,
    webviewTag: false,
  });
  expect(live.preferences.preload ?? '').toBe('');
  expect([live.isPersistent, live.storage, live.tools, live.menu]).toEqual([false, null, false, true]);
  await cancel(flow);
});

test.describe('ends', () => {
  test('when the person closes the window', async () => {
    const flow = await openFlow();
    await flow.page.close();
    expect((await flow.result()).kind).toBe('cancelled');
  });

  test('when the person chooses Cancel, or the browser, in its menu', async () => {
    await running.app.evaluate(({ Menu }) => {
      const build = Menu.buildFromTemplate;
      Menu.buildFromTemplate = (template) => {
        const menu = build(template);
        Object.assign(globalThis, { menu });
        return menu;
      };
    });
    const choose = (label: string): Promise<void> =>
      running.app.evaluate((_electron, name) => {
        const { menu } = globalThis as unknown as { menu: Electron.Menu };
        menu.items[0]?.submenu?.items.find((item) => item.label === name)?.click();
      }, label);
    const first = await openFlow();
    await choose('Cancel');
    expect((await first.result()).kind).toBe('cancelled');
    const second = await openFlow();
    await choose('Open in browser instead');
    await expect.poll(titles).toEqual([]);
    await cancel(second);
    const { browserUrls, steps } = await second.result();
    expect(browserUrls).toEqual([expect.stringContaining(`${server.issuer}/auth?`)]);
    expect(steps.map((step) => step.split(' ')[0])).toEqual(
      expect.arrayContaining(['waiting_for_window', 'waiting_for_browser', 'cancelled']),
    );
  });

  test('when the app cancels', async () => {
    const flow = await openFlow();
    expect((await cancel(flow)).kind).toBe('cancelled');
    expect(await titles()).toEqual([]);
  });

  test('with a message when the host cannot be reached', async () => {
    const gone = await startSite();
    await gone.close();
    const result = await resultOf(await start(gone.origin));
    expect(result).toMatchObject({ kind: 'failed', code: 'unreachable', message: expect.stringContaining(gone.host) });
  });

  test('with a message when the host cannot prove who it is', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'patchbay-cert-'));
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-days',
        '2',
        '-subj',
        '/CN=127.0.0.1',
        '-addext',
        'subjectAltName=IP:127.0.0.1',
        '-keyout',
        `${folder}/key.pem`,
        '-out',
        `${folder}/cert.pem`,
      ],
      { stdio: 'ignore' },
    );
    let requests = 0;
    const web = createTlsServer(
      { key: fs.readFileSync(`${folder}/key.pem`), cert: fs.readFileSync(`${folder}/cert.pem`) },
      (_request, response) => {
        requests += 1;
        response.end('never');
      },
    );
    const site = await listen(web as unknown as Server, 0, 'https');
    const result = await resultOf(await start(site.origin));
    await site.close();
    fs.rmSync(folder, { recursive: true });
    expect(result).toMatchObject({ kind: 'failed', code: 'tls_failed', message: expect.stringContaining(site.host) });
    expect(requests).toBe(0);
  });

  test('with a message when its page crashes', async () => {
    const flow = await openFlow();
    await running.app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer(),
    );
    expect(await flow.result()).toMatchObject({
      kind: 'failed',
      code: 'authorization_failed',
      message: expect.stringContaining('stopped working'),
    });
  });

  test('when the page tries to keep it open', async () => {
    const site = await startSite({
      '/auth': html(
        '<script>onbeforeunload = (event) => { event.preventDefault(); return "stay"; };</script><h1>stay</h1>',
      ),
    });
    const flow = await openFlow(site.origin);
    await flow.page.getByRole('heading', { name: 'stay' }).click();
    await running.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
    expect((await flow.result()).kind).toBe('cancelled');
    await site.close();
  });
});

test.describe('another host', () => {
  let other: Site;
  let login: Site;

  test.beforeEach(async () => {
    other = await startSite();
    login = await startSite({
      '/auth': html(
        `<h1>log in</h1><form method="post" action="${other.origin}/sso"><input name="SAMLRequest" value="abc"><button>Company sign-on</button></form>`,
      ),
      '/away': (_request, response) => void response.writeHead(302, { location: `${other.origin}/redirected` }).end(),
    });
  });

  test.afterEach(async () => {
    await other.close();
    await login.close();
  });

  test('is not opened unless the person allows it', async () => {
    await answerDialogs(0);
    const flow = await openFlow(login.origin);
    await flow.page.getByRole('button', { name: 'Company sign-on' }).click({ noWaitAfter: true });
    await expect.poll(asked).toEqual([`Go on to ${other.host}?`]);
    await go(flow.page, '/away');
    await expect.poll(async () => (await asked()).length).toBe(2);
    await expect(flow.page.getByRole('heading', { name: 'log in' })).toBeVisible();
    expect(other.requests).toEqual([]);
    expect(await titles()).toEqual([expect.stringContaining(login.host)]);
    await cancel(flow);
  });

  test('that the person allows gets the form that was being posted, and the title names it', async () => {
    await answerDialogs(1);
    const flow = await openFlow(login.origin);
    await flow.page.getByRole('button', { name: 'Company sign-on' }).click({ noWaitAfter: true });
    await expect(flow.page.getByRole('heading', { name: 'other' })).toBeVisible();
    expect(other.requests[0]).toMatchObject({ method: 'POST', url: '/sso', body: 'SAMLRequest=abc' });
    expect(await titles()).toEqual([`Not encrypted: ${other.host} – log in for Mirror of Acme`]);
    await go(flow.page, '/again');
    await expect.poll(() => other.requests.some(({ url }) => url === '/again')).toBe(true);
    expect((await asked()).length).toBe(1);
    const { steps } = await cancel(flow);
    expect(steps).toContain(`waiting_for_window ${other.host}`);
  });

  test('can be answered by going on in the browser', async () => {
    await answerDialogs(2);
    const flow = await openFlow(login.origin);
    await flow.page.getByRole('button', { name: 'Company sign-on' }).click({ noWaitAfter: true });
    await expect.poll(titles).toEqual([]);
    await cancel(flow);
    expect((await flow.result()).browserUrls).toEqual([expect.stringContaining(`${login.origin}/auth?`)]);
    expect(other.requests).toEqual([]);
  });

  test('by a hostile address is never opened', async () => {
    await answerDialogs(0);
    const flow = await openFlow(login.origin);
    await flow.page.waitForLoadState();
    const addresses = [
      'https://127.0.0.1.evil.test/',
      `http://${login.host}@evil.test/`,
      'http://user:pass@127.0.0.1/',
      'file:///etc/passwd',
      'data:text/html,<h1>data</h1>',
      'ftp://127.0.0.1/',
      'mailto:someone@example.test',
      'smb://127.0.0.1/share',
      'ms-msdt:/id',
      'chrome://gpu',
      'http://169.254.169.254/latest/meta-data/',
      'http://xn--pypal-4ve.com/',
      'view-source:http://127.0.0.1/',
      `blob:${login.origin}/1`,
    ];
    for (const address of addresses) {
      await go(flow.page, address);
      await new Promise((resolve) => setTimeout(resolve, 80));
      expect({ address, shown: await shown() }).toEqual({
        address,
        shown: { host: login.host, text: expect.stringContaining('log in') },
      });
    }
    expect(await titles()).toEqual([expect.stringContaining(login.host)]);
    expect(other.requests).toEqual([]);
    await cancel(flow);
  });

  test('in a popup asks as a link does; a popup of the same host takes the window', async () => {
    await answerDialogs(0);
    const flow = await openFlow(login.origin);
    await flow.page.waitForLoadState();
    await flow.page.evaluate((to) => void window.open(`${to}/popup`), other.origin);
    await expect.poll(asked).toEqual([`Go on to ${other.host}?`]);
    expect((await shown()).text).toContain('log in');
    expect(other.requests).toEqual([]);
    await flow.page.evaluate(() => void window.open('about:blank'));
    await expect.poll(asked).toEqual([expect.any(String), expect.stringContaining('wanted to open another window')]);
    await flow.page.evaluate(() => void window.open('/here'));
    await flow.page.waitForURL((url) => url.pathname === '/here');
    expect(running.app.windows().length).toBe(1);
    await cancel(flow);
  });

  for (const way of ['window.open', 'target=_blank', 'form in another window'] as const) {
    test(`that the person allows is opened here from ${way}`, async () => {
      await answerDialogs(1);
      const flow = await openFlow(login.origin);
      await flow.page.waitForLoadState();
      await flow.page.evaluate(
        ([name, to]) => {
          if (name === 'window.open') return void window.open(`${to}/next`);
          document.body.insertAdjacentHTML(
            'beforeend',
            name === 'target=_blank'
              ? `<a id="go" target="_blank" href="${to}/next">go</a>`
              : `<form method="post" target="_blank" action="${to}/next"><input name="SAMLRequest" value="a&amp;b"><button id="go"></button></form>`,
          );
          document.getElementById('go')?.click();
        },
        [way, other.origin] as const,
      );
      await expect.poll(async () => (await shown()).host).toBe(other.host);
      expect(await asked()).toEqual([`Go on to ${other.host}?`]);
      const isForm = way === 'form in another window';
      expect(other.requests[0]).toMatchObject(
        isForm ? { method: 'POST', url: '/next', body: 'SAMLRequest=a%26b' } : { method: 'GET', url: '/next' },
      );
      expect(running.app.windows().length).toBe(1);
      await cancel(flow);
    });
  }

  test('of a thousand popups is asked about once at a time, and at most five times', async () => {
    await answerDialogs(0);
    const flow = await openFlow(login.origin);
    await flow.page.waitForLoadState();
    for (let round = 0; round < 8; round += 1)
      await flow.page.evaluate((to) => {
        for (let index = 0; index < 125; index += 1) window.open(`${to}/${index}`);
      }, other.origin);
    await expect.poll(async () => (await asked()).length).toBeGreaterThan(0);
    expect((await asked()).length).toBeLessThanOrEqual(5);
    expect(other.requests).toEqual([]);
    expect((await shown()).text).toContain('log in');
    await cancel(flow);
  });

  test('by an address that is not for the web is refused with a word', async () => {
    // Chromium itself refuses file: to a page of the web.
    const popups = ['mailto:someone@example.test', 'tel:123', 'ms-msdt:/id'];
    const flow = await openFlow(login.origin);
    await flow.page.waitForLoadState();
    for (const address of popups) {
      await answerDialogs(0);
      await flow.page.evaluate((to) => void window.open(to), address);
      const scheme = address.slice(0, address.indexOf(':') + 1);
      await expect
        .poll(asked)
        .toEqual([`The page wanted to go to an address that begins with "${scheme}", which is not allowed here.`]);
    }
    await answerDialogs(0);
    await go(flow.page, 'tel:123');
    await expect.poll(async () => (await asked())[0]).toContain('begins with "tel:"');
    await cancel(flow);
  });
});

test('nothing is downloaded', async () => {
  const downloads = fs.mkdtempSync(path.join(os.tmpdir(), 'patchbay-downloads-'));
  const site = await startSite({
    '/auth': html('<h1>log in</h1><a href="/file" download>get</a>'),
    '/file': (_request, response) =>
      void response
        .writeHead(200, {
          'content-type': 'application/octet-stream',
          'content-disposition': 'attachment; filename=evil.bin',
        })
        .end('x'.repeat(1000)),
  });
  const flow = await openFlow(site.origin);
  await running.app.evaluate(({ BrowserWindow }, folder) => {
    const states: string[] = [];
    Object.assign(globalThis, { states });
    const used = BrowserWindow.getAllWindows()[0]?.webContents.session;
    used?.setDownloadPath(folder);
    used?.on('will-download', (event, item) => void states.push(`${event.defaultPrevented} ${item.getState()}`));
  }, downloads);
  await answerDialogs(0);
  await flow.page.getByRole('link', { name: 'get' }).click();
  await go(flow.page, '/file');
  await expect.poll(() => site.requests.filter(({ url }) => url === '/file').length).toBe(2);
  await flow.page.waitForTimeout(300);
  expect(fs.readdirSync(downloads)).toEqual([]);
  const states = await running.app.evaluate(() => (globalThis as unknown as { states: string[] }).states);
  expect(states.map((state) => state.split(' ')[0])).toEqual(['true', 'true']);
  expect(await asked()).toEqual(['The page wanted to download a file. The log-in window takes none.']);
  await expect(flow.page.getByRole('heading', { name: 'log in' })).toBeVisible();
  await cancel(flow);
  await site.close();
});

test('every permission is denied', async () => {
  const site = await startSite({ '/auth': html('<h1>log in</h1>') });
  const flow = await openFlow(site.origin);
  await flow.page.waitForLoadState();
  const names = [
    'accelerometer',
    'ambient-light-sensor',
    'background-sync',
    'camera',
    'clipboard-read',
    'clipboard-write',
    'display-capture',
    'fullscreen',
    'geolocation',
    'gyroscope',
    'idle-detection',
    'local-fonts',
    'magnetometer',
    'microphone',
    'midi',
    'notifications',
    'nfc',
    'payment-handler',
    'periodic-background-sync',
    'persistent-storage',
    'push',
    'screen-wake-lock',
    'speaker-selection',
    'storage-access',
    'window-management',
  ];
  const states = await flow.page.evaluate(async (all) => {
    const found: Record<string, string> = {};
    for (const name of all) {
      found[name] = await navigator.permissions
        .query({ name, userVisibleOnly: true } as unknown as PermissionDescriptor)
        .then(
          ({ state }) => state,
          () => 'unknown here',
        );
    }
    return found;
  }, names);
  expect(Object.entries(states).filter(([, state]) => state === 'granted' || state === 'prompt')).toEqual([]);
  expect(Object.values(states).filter((state) => state === 'denied').length).toBeGreaterThanOrEqual(12);
  await answerDialogs(0);
  const answers = await flow.page.evaluate(async () => [
    await Notification.requestPermission(),
    await new Promise((resolve) =>
      navigator.geolocation.getCurrentPosition(
        () => resolve('granted'),
        () => resolve('denied'),
      ),
    ),
    await navigator.mediaDevices.getUserMedia({ video: true, audio: true }).then(
      () => 'granted',
      () => 'denied',
    ),
    await navigator.mediaDevices.getDisplayMedia().then(
      () => 'granted',
      () => 'denied',
    ),
    await (navigator as unknown as { requestMIDIAccess(): Promise<unknown> }).requestMIDIAccess().then(
      () => 'granted',
      () => 'denied',
    ),
  ]);
  expect(answers).toEqual(Array(5).fill('denied'));
  expect(await asked()).toEqual([expect.stringMatching(/^The page asked for a permission/)]);
  await cancel(flow);
  await site.close();
});

test('a page that asks for a user name by HTTP gets none and opens nothing', async () => {
  const site = await startSite({
    '/auth': (_request, response) =>
      void response
        .writeHead(401, { 'www-authenticate': 'Basic realm="give me"', 'content-type': 'text/html' })
        .end('<h1>no entry</h1>'),
  });
  await answerDialogs(0);
  const flow = await openFlow(site.origin);
  await expect(flow.page.getByRole('heading', { name: 'no entry' })).toBeVisible();
  await expect.poll(asked).toEqual([expect.stringContaining('user name and password outside of the page')]);
  expect(running.app.windows().length).toBe(1);
  await cancel(flow);
  await site.close();
});

test('a page cannot print, from no frame and by no way', async () => {
  // Each document tries what it can, then tells the server which print it has.
  const attempts = `
    for (const attempt of [
      () => print(),
      () => { delete window.print; print(); },
      () => { window.print = null; },
      () => document.execCommand('print'),
      () => document.execCommand({ toString: () => 'PRINT' }),
    ]) try { attempt(); } catch {}`;
  const tell = (name: string, what: string): string =>
    `new Image().src = TO + '/told?${name}=' + encodeURIComponent(String(${what}));`;
  const script = (name: string, to: string): string =>
    `<script>{ const TO = '${to}';${attempts} ${tell(name, 'print')} }</script>`;
  let to = '';
  const page: RequestListener = (_request, response) =>
    void response.writeHead(200, { 'content-type': 'text/html' }).end(`<h1>log in</h1>${script('page', to)}<script>
      { const TO = '${to}';
        const empty = document.body.appendChild(document.createElement('iframe')).contentWindow;
        empty.print();
        empty.print.call(window);
        empty.document.execCommand('print');
        ${tell('empty', 'empty.print')}
        for (const source of [
          { srcdoc: ${inScript(script('srcdoc', to))} },
          { src: 'data:text/html,' + encodeURIComponent(${inScript(script('data', to))}) },
          { src: '${to.replace('127.0.0.1', 'localhost')}/frame' },
        ]) document.body.append(Object.assign(document.createElement('iframe'), source));
      }</script>`);
  const site = await startSite({
    '/auth': page,
    '/frame': (request, response) => html(script('other site', to))(request, response),
  });
  to = site.origin;
  const told = (): Record<string, string> =>
    Object.fromEntries(
      site.requests.flatMap(({ url }) => (url.startsWith('/told') ? [...new URL(url, to).searchParams] : [])),
    );
  // With a dialog of the system's open, the app ends by SIGSEGV when the window goes.
  expect(await logInUndriven(site.origin, () => Object.keys(told()).length === 5)).toBe(0);
  const guarded = 'function print() {}';
  expect(told()).toEqual({ page: guarded, empty: guarded, srcdoc: guarded, data: guarded, 'other site': guarded });
  await site.close();
});

const inScript = (markup: string): string => JSON.stringify(markup).replaceAll('</', '<\\/');

test('size, place and end of the window are the person’s', async () => {
  const site = await startSite({ '/auth': html('<h1>log in</h1>') });
  const flow = await openFlow(site.origin);
  await flow.page.waitForLoadState();
  const bounds = (): Promise<unknown> =>
    running.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map((window) => window.getBounds()));
  const before = await bounds();
  await answerDialogs(0);
  await flow.page.evaluate(() => {
    for (const attempt of [
      () => window.resizeTo(3000, 3000),
      () => window.moveTo(0, 0),
      () => window.moveBy(-500, -500),
      () => window.resizeBy(900, 900),
      () => window.close(),
    ])
      attempt();
    // What is denied need not be answered.
    void document.documentElement.requestFullscreen().catch(() => undefined);
  });
  await flow.page.waitForTimeout(300);
  expect(await bounds()).toEqual(before);
  expect(await titles()).toEqual([expect.stringContaining(site.host)]);
  await cancel(flow);
  await site.close();
});

test('a page that hangs does not keep the window', async () => {
  const site = await startSite({
    '/auth': html(
      '<h1>log in</h1><script>onbeforeunload = () => "stay"; addEventListener("message", () => { for (;;); })</script>',
    ),
  });
  const flow = await openFlow(site.origin);
  await flow.page.getByRole('heading', { name: 'log in' }).click();
  await flow.page.evaluate(() => postMessage('hang'));
  await running.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
  expect((await flow.result()).kind).toBe('cancelled');
  await expect.poll(titles).toEqual([]);
  await site.close();
});

test('two log-ins share no cookie, and none of their cookies is on disk afterwards', async () => {
  const marker = `cookie-${Date.now()}-marker`;
  const site = await startSite({
    '/auth': html('<h1>log in</h1>', {
      'set-cookie': `sid=${marker}; Max-Age=86400; Path=/`,
      'cache-control': 'max-age=86400',
    }),
  });
  const first = await openFlow(site.origin);
  await first.page.waitForLoadState();
  await first.page.evaluate((value) => localStorage.setItem('kept', value), marker);
  expect(await first.page.evaluate(() => document.cookie)).toContain(marker);
  const second = await openFlow(site.origin);
  await second.page.waitForLoadState();
  expect(await second.page.evaluate(() => localStorage.getItem('kept'))).toBeNull();
  const auth = site.requests.filter(({ url }) => url.startsWith('/auth'));
  expect(auth.map(({ cookie }) => cookie)).toEqual(['', '']);
  await Promise.all([cancel(first), cancel(second)]);
  // What would be written late is given the time to be written.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(filesHolding(running.profile, marker)).toEqual([]);
  await site.close();
});

function filesHolding(folder: string, text: string): string[] {
  return fs.readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    const file = path.join(entry.parentPath, entry.name);
    return entry.isFile() && fs.readFileSync(file).includes(text) ? [file] : [];
  });
}
