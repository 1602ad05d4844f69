// What a page can reach: threats 1 to 9, from outside, on the built app. One launch for all; the last test makes a mess of its data.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import fc from 'fast-check';
import { CALLS, EVENTS } from '../../src/shared/ipc/channels.ts';
import { launchApp, type RunningApp } from '../support/app.ts';
import { type OpenedLinks, watchOpenedLinks } from '../support/opened-links.ts';
import { createByLogIn, goTo, logInWindow, openPractice, startConnection } from './actions/connections.ts';
import { closeActivity, openActivity, runUntil } from './actions/jobs.ts';
import { BAD_LINKS, HOSTILE_ADDRESSES, OUT_OF_THE_BUNDLE } from './attacks/addresses.ts';
import { hostileCalls, type Known, QUICK_CALLS, SLOW_CALLS } from './attacks/inputs.ts';
import { askForEverything } from './attacks/permissions.ts';
import { REFUSED_BY, tryEverything } from './attacks/policy.ts';

const projectRoot = path.resolve(import.meta.dirname, '..', '..');
const APP_URL = 'patchbay://app/index.html';
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'patchbay-shell-'));
let running: RunningApp;
let links: OpenedLinks;
let foreign: Server;
let foreignUrl: string;
/** Everything the page has complained about. */
const said: string[] = [];

test.describe.configure({ mode: 'serial' });

test.beforeAll(async () => {
  links = watchOpenedLinks(folder);
  foreign = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html', 'access-control-allow-origin': '*' });
    response.end('<title>foreign</title><iframe src="/inner"></iframe>');
  });
  await new Promise<void>((resolve) => foreign.listen(0, '127.0.0.1', resolve));
  foreignUrl = `http://127.0.0.1:${(foreign.address() as AddressInfo).port}/`;
  running = await launchApp({ env: { ...links.env } });
  running.page.setDefaultTimeout(60_000);
  listen(running.page);
  await running.page.reload();
});

test.afterAll(async () => {
  await running?.close();
  foreign?.closeAllConnections();
  foreign?.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

function listen(page: Page): void {
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') said.push(message.text());
  });
  page.on('pageerror', (error) => said.push(String(error)));
}

test('the page says nothing on the console while a person works: no refusal of the content security policy', async () => {
  const { app, page } = running;
  await openPractice(page);
  await createByLogIn(app, page, 'Salesforce');
  await runUntil(page, 'Company Sync_Salesforce', 'Success');
  await openActivity(page, 'Company Sync_Salesforce');
  await closeActivity(page);
  await page.getByRole('tab', { name: 'Update Activities' }).click();
  await goTo(page, 'Data');
  await expect(page.getByRole('row')).not.toHaveCount(1);
  await goTo(page, 'Settings');
  for (const tab of await page.getByRole('tab').all()) {
    await tab.click();
    await expect(page.getByRole('tabpanel')).toBeVisible();
  }
  // Every dialog is opened, with the same question, by access.e2e.ts.
  expect(said).toEqual([]);
});

/** What a hostile page would send: where a call changes something, input that would do so. */
async function hostileInputs(page: Page): Promise<Record<string, unknown>> {
  const { tenant, connection } = await page.evaluate(async () => {
    const { calls } = (window as unknown as { patchbay: { calls: Calls } }).patchbay;
    const read = async (call: ((text: string) => Promise<string>) | undefined) =>
      JSON.parse((await call?.('{}')) ?? '').value;
    const { tenants } = await read(calls.tenants?.list);
    const { rows } = await read(calls.connections?.list);
    return { tenant: tenants[0], connection: rows[0].connection };
  });
  return {
    'app.openLink': { url: 'https://evil.example/' },
    'settings.set': { theme: 'dark' },
    'tenants.create': { name: 'Intruder', domain: 'evil.example', products: [] },
    'tenants.remove': { id: tenant.id, typedName: tenant.name },
    'oauthApps.remove': { connectorId: 'salesforce', authMethodId: connection.authMethodId },
    'connections.remove': { id: connection.id, typedName: connection.name },
    'connections.revoke': { id: connection.id },
  };
}

type Calls = Record<string, Record<string, (text: string) => Promise<string>>>;

/** Text of a script that makes every call of the bridge that is there, and answers the code of each reply. */
function callAll(inputs: Record<string, unknown>): string {
  return `(async () => {
    const inputs = ${JSON.stringify(inputs)};
    const codes = {};
    for (const [group, members] of Object.entries(window.patchbay.calls))
      for (const [member, call] of Object.entries(members)) {
        const reply = JSON.parse(await call(JSON.stringify(inputs[group + '.' + member] ?? {})));
        codes[group + '.' + member] = reply.ok ? 'answered' : reply.error.code;
      }
    return codes;
  })()`;
}

const allRefused = Object.fromEntries(CALLS.map((name) => [name, 'refused_sender']));

/** A change of anything that is kept changes this. */
function fingerprint(): string {
  const files = ['config', 'vault', 'history'].flatMap((name) => [`data/${name}.db`, `data/${name}.db-wal`]);
  const hash = createHash('sha256');
  for (const file of [...files, 'preferences.json']) {
    const full = path.join(running.profile, file);
    hash.update(`${file}\n`).update(fs.existsSync(full) ? fs.readFileSync(full) : '');
  }
  return hash.digest('hex');
}

test('the bridge is the named calls and events and nothing else', async () => {
  const { page } = running;
  const found = await page.evaluate(async () => {
    const { patchbay } = window as unknown as { patchbay: Record<string, Record<string, Record<string, unknown>>> };
    const names = (part: string) =>
      Object.entries(patchbay[part] ?? {}).flatMap(([group, members]) =>
        Object.entries(members).map(([member, value]) => `${group}.${member}:${typeof value}`),
      );
    const { calls, events } = patchbay as unknown as {
      calls: Record<string, Record<string, (text: unknown) => Promise<string>>>;
      events: Record<string, Record<string, (listener: (...given: unknown[]) => void) => () => void>>;
    };
    const delivered = new Promise<unknown[]>((resolve) => {
      const stop = events.tenants?.changed?.((...given) => {
        stop?.();
        resolve(given);
      });
    });
    const listed = JSON.parse((await calls.tenants?.list?.('{}')) ?? '');
    await calls.tenants?.select?.(JSON.stringify({ id: listed.value.selected }));
    return {
      parts: Object.keys(patchbay),
      calls: names('calls'),
      events: names('events'),
      delivered: await delivered,
      asChannel: await calls.app?.info?.('tenants.list'),
      asObject: await calls.app?.info?.({ toString: () => 'tenants.list' }).catch(String),
      raw: [typeof Reflect.get(window, 'ipcRenderer'), typeof Reflect.get(window, 'electron')],
    };
  });
  expect(found.parts).toEqual(['calls', 'events']);
  expect(found.calls.sort()).toEqual(CALLS.map((name) => `${name}:function`).sort());
  expect(found.events.sort()).toEqual(EVENTS.map((name) => `${name}:function`).sort());
  expect(found.delivered).toEqual(['{}']);
  expect(found.asChannel).toContain('invalid_input');
  expect(found.asObject).not.toContain('"ok":true');
  expect(found.raw).toEqual(['undefined', 'undefined']);
});

const NO_NODE = ['require', 'process', 'module', 'Buffer', 'global', '__dirname', 'ipcRenderer'];
const STRICT = {
  nodeIntegration: false,
  nodeIntegrationInSubFrames: false,
  contextIsolation: true,
  sandbox: true,
  webSecurity: true,
  webviewTag: false,
};

test('no page has Node or a permission, the log-in page neither', async () => {
  const { app, page } = running;
  await goTo(page, 'Connections');
  const dialog = await startConnection(page, 'Zendesk');
  const login = await logInWindow(app, () => dialog.getByRole('button', { name: 'Authorize' }).click());
  const all = await app.evaluate(
    ({ webContents }, names) =>
      Promise.all(
        webContents.getAllWebContents().map(async (contents) => ({
          preferences: (
            contents as unknown as { getLastWebPreferences(): Record<string, unknown> }
          ).getLastWebPreferences(),
          types: await contents.executeJavaScript(`${JSON.stringify(names)}.map((name) => typeof globalThis[name])`),
          bridge: await contents.executeJavaScript('typeof window.patchbay'),
          isOnDisk: contents.session.storagePath !== null,
        })),
      ),
    NO_NODE,
  );
  expect(all).toHaveLength(2);
  for (const { preferences, types } of all) {
    expect(preferences).toMatchObject(STRICT);
    // Said only where it is on.
    expect(preferences.nodeIntegrationInWorker ?? false).toBe(false);
    expect(types).toEqual(NO_NODE.map(() => 'undefined'));
  }
  expect(all.map(({ bridge, isOnDisk }) => [bridge, isOnDisk]).sort()).toEqual([
    ['object', true],
    ['undefined', false],
  ]);
  for (const one of [page, login]) expect(await one.evaluate(askForEverything)).toEqual({ granted: [], asked: 24 });
  await login.close();
  await expect(dialog.getByText(/cancel|closed/i).first()).toBeVisible();
  await page.keyboard.press('Escape');
});

test('a window, a frame and a page that are not the app are refused on every channel, and change nothing', async () => {
  const { app, page } = running;
  const script = callAll(await hostileInputs(page));
  const preload = path.join(projectRoot, '.vite', 'build', 'preload.cjs');
  const before = fingerprint();
  const foreignAnswers = await app.evaluate(
    async ({ BrowserWindow }, { file, urls, code }) => {
      const answers: Record<string, Record<string, string>> = {};
      for (const url of urls) {
        const window = new BrowserWindow({
          show: false,
          webPreferences: { preload: file, sandbox: true, contextIsolation: true, nodeIntegrationInSubFrames: true },
        });
        await window.loadURL(url);
        answers[`window on ${url}`] = (await window.webContents.executeJavaScript(code)) as Record<string, string>;
        const inner = window.webContents.mainFrame.frames[0];
        if (inner) answers[`frame on ${url}`] = (await inner.executeJavaScript(code)) as Record<string, string>;
        window.destroy();
      }
      return answers;
    },
    { file: preload, urls: [foreignUrl, APP_URL], code: script },
  );
  expect(Object.keys(foreignAnswers)).toEqual([
    `window on ${foreignUrl}`,
    `frame on ${foreignUrl}`,
    `window on ${APP_URL}`,
  ]);
  for (const codes of Object.values(foreignAnswers)) expect(codes).toEqual(allRefused);

  expect(await callFromFrameOfMainWindow()).toEqual(allRefused);

  // The app's own window, taken elsewhere: it has the preload, and is known. It would be brought back at once.
  const navigated = await app.evaluate(
    async ({ BrowserWindow }, { url, code }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents;
      if (!contents) throw new Error('There is no window.');
      const listeners = contents.rawListeners('did-navigate') as ((...given: unknown[]) => void)[];
      contents.removeAllListeners('did-navigate');
      await contents.loadURL(url);
      const codes = (await contents.executeJavaScript(code)) as Record<string, string>;
      for (const listener of listeners) contents.on('did-navigate', listener);
      return codes;
    },
    { url: foreignUrl, code: script },
  );
  expect(navigated).toEqual(allRefused);
  expect(links.all()).toEqual([]);
  expect(fingerprint()).toBe(before);
  await app.evaluate(async ({ BrowserWindow }, url) => BrowserWindow.getAllWindows()[0]?.loadURL(url), APP_URL);
  await expect(page.getByRole('heading', { name: 'Connections', exact: true })).toBeVisible();
});

/** No preload runs in a frame of the main window; its message is handed to what main has registered, with the real frame. */
async function callFromFrameOfMainWindow(): Promise<Record<string, string>> {
  await running.page.evaluate(() => document.body.append(document.createElement('iframe')));
  return running.app.evaluate(async ({ BrowserWindow, ipcMain }, names) => {
    const sender = BrowserWindow.getAllWindows()[0]?.webContents;
    const senderFrame = sender?.mainFrame.frames[0];
    if (!senderFrame) throw new Error('There is no frame.');
    type Handler = (event: unknown, text: string) => Promise<string>;
    const registered = (ipcMain as unknown as { _invokeHandlers: Map<string, Handler> })._invokeHandlers;
    const codes: Record<string, string> = {};
    for (const name of names) {
      const answer = JSON.parse((await registered.get(name)?.({ sender, senderFrame }, '{}')) ?? '');
      codes[name] = answer.ok ? 'answered' : answer.error.code;
    }
    return codes;
  }, CALLS);
}

test('the window goes nowhere and opens nothing', async () => {
  const { app, page } = running;
  const opened: string[] = [];
  const onWindow = (window: Page): void => void opened.push(window.url());
  app.on('window', onWindow);
  const attempts = [...HOSTILE_ADDRESSES, foreignUrl, 'blob'];
  const handles = await page.evaluate(async (addresses) => {
    const returned: unknown[] = [];
    const moment = () => new Promise((resolve) => setTimeout(resolve, 15));
    for (const name of addresses) {
      const blob = new Blob(['<title>owned</title>'], { type: 'text/html' });
      const address = name === 'blob' ? URL.createObjectURL(blob) : name;
      returned.push(window.open(address));
      const link = Object.assign(document.createElement('a'), { href: address, target: '_blank' });
      const form = Object.assign(document.createElement('form'), { action: address, method: 'post' });
      const frame = Object.assign(document.createElement('iframe'), { src: address });
      document.body.append(link, form, frame);
      link.click();
      await moment();
      link.target = '_self';
      link.click();
      await moment();
      form.submit();
      await moment();
      location.href = address;
      await moment();
      window.open(address, '_self');
      await moment();
      for (const element of [link, form, frame]) element.remove();
    }
    return returned.filter((handle) => handle !== null).length;
  }, attempts);
  app.off('window', onWindow);
  expect(handles).toBe(0);
  expect(opened).toEqual([]);
  expect(await windowUrls()).toEqual([expect.stringMatching(/^patchbay:\/\/app\/index\.html/)]);
  expect(await page.evaluate(() => document.title)).toBe('Patchbay');
  // Nothing asks before a blank page, so it comes; and goes again.
  await page
    .evaluate(() => {
      location.href = 'about:blank#owned';
    })
    .catch(() => undefined);
  await expect.poll(windowUrls).toEqual([APP_URL]);
  await expect(page.getByRole('heading', { name: 'Connections', exact: true })).toBeVisible();
});

const windowUrls = (): Promise<string[]> =>
  running.app.evaluate(({ webContents }) => webContents.getAllWebContents().map((one) => one.getURL()));

test('the system browser gets none of the bad addresses', async () => {
  const { page } = running;
  const open = (url: string): Promise<string> =>
    page.evaluate((address) => {
      const { calls } = (window as unknown as { patchbay: { calls: Calls } }).patchbay;
      return calls.app?.openLink?.(JSON.stringify({ url: address })) ?? '';
    }, url);
  for (const url of BAD_LINKS) expect(await open(url), url).toMatch(/"code":"(not_allowed|invalid_input)"/);
  expect(await open('https://example.com/help')).toContain('"ok":true');
  await links.waitFor('https://example.com/help');
  expect(links.all()).toEqual(['https://example.com/help']);
});

test('the scheme of the app serves its bundle and not a byte more', async () => {
  const { app, page } = running;
  // A file that is really there, two floors up, of a type that is served.
  const outside = path.join(projectRoot, '.vite', 'outside.js');
  fs.writeFileSync(outside, 'outside');
  try {
    const addresses = OUT_OF_THE_BUNDLE.map((form) => `patchbay://app${form}`).concat(
      'patchbay://other/index.html',
      'patchbay:///index.html',
      'patchbay://app.evil/index.html',
    );
    const fromPage = await page.evaluate(async (all) => {
      const read = async (url: string) => {
        const answer = await fetch(url).catch(() => null);
        return answer === null ? 'refused' : `${answer.status} ${(await answer.text()).slice(0, 60)}`;
      };
      return Promise.all(all.map(async (url) => [url, await read(url)] as const));
    }, addresses);
    const fromMain = await app.evaluate(async ({ session }, all) => {
      const read = async (url: string) => {
        const answer = await session.defaultSession.fetch(url).catch(() => null);
        return answer === null ? 'refused' : `${answer.status} ${(await answer.text()).slice(0, 60)}`;
      };
      return Promise.all(all.map(async (url) => [url, await read(url)] as const));
    }, addresses);
    const got = [...fromPage, ...fromMain].filter(([, answer]) => answer !== '404 Not found' && answer !== 'refused');
    expect(got).toEqual([]);
    const methods = await page.evaluate(() =>
      Promise.all(['POST', 'PUT', 'DELETE'].map(async (method) => (await fetch('./index.html', { method })).status)),
    );
    expect(methods).toEqual([404, 404, 404]);
  } finally {
    fs.rmSync(outside);
  }
});

test('every document has the policy, and what a script would get past it is refused', async () => {
  const { app, page } = running;
  const bundle = path.join(projectRoot, '.vite', 'renderer', 'main_window');
  const documents = (fs.readdirSync(bundle, { recursive: true }) as string[]).filter((file) =>
    /\.(html?|svg|xml)$/.test(file),
  );
  const policies = await app.evaluate(
    ({ session }, files) =>
      Promise.all(
        files.map(async (file) => {
          const { headers } = await session.defaultSession.fetch(`patchbay://app/${file}`);
          return headers.get('content-security-policy') ?? `none on ${file}`;
        }),
      ),
    documents,
  );
  expect(documents).toContain('index.html');
  for (const policy of policies) {
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self' 'nonce-[A-Za-z0-9+/]{24}';/);
    expect(policy).toContain("connect-src 'self'");
    expect(policy).not.toMatch(/unsafe|https?:|\*|blob:/);
  }
  const before = said.length;
  expect(await page.evaluate(tryEverything, foreignUrl)).toEqual(REFUSED_BY);
  expect(await page.evaluate(() => Reflect.get(window, 'owned'))).toBeUndefined();
  // The first test would have heard them.
  expect(said.slice(before).filter((text) => text.startsWith('Refused to')).length).toBeGreaterThan(10);
});

/** More than any window sends; too large to be carried here from the test. */
const HUGE = 3_000_000;
const SEED = 20_261_124;

test('10,000 hostile calls: each is answered, no refusal without its kind, nothing thrown in main', async () => {
  test.setTimeout(600_000);
  const { app, page } = running;
  await app.evaluate(({ dialog, BrowserWindow, app: electronApp }) => {
    const thrown: string[] = [];
    Object.assign(globalThis, { thrown });
    for (const kind of ['unhandledRejection', 'uncaughtException'] as const)
      process.on(
        kind,
        (error: unknown) => void thrown.push(`${kind}: ${error instanceof Error ? error.stack : error}`),
      );
    // Nobody is there to answer a dialog or a log-in.
    Object.assign(dialog, {
      showSaveDialog: async () => ({ canceled: true, filePath: '' }),
      showOpenDialog: async () => ({ canceled: true, filePaths: [] }),
      showMessageBox: async () => ({ response: 0, checkboxChecked: false }),
    });
    const [main] = BrowserWindow.getAllWindows();
    electronApp.on('browser-window-created', (_event, window) => {
      if (window !== main) setImmediate(() => window.close());
    });
  });
  const known = await knownValues(page);
  // A page that draws nothing of what changes.
  await page.evaluate(() => {
    location.hash = '#/settings/about';
  });
  const calls = fc.sample(hostileCalls(QUICK_CALLS, known), { numRuns: 9_996, seed: SEED });
  const slow = fc.sample(hostileCalls(SLOW_CALLS, known), { numRuns: 4, seed: SEED });
  const answers: Answer[] = [];
  for (let at = 0; at < calls.length; at += 1000)
    answers.push(...(await page.evaluate(makeCalls, calls.slice(at, at + 1000))));
  answers.push(...(await page.evaluate(makeCalls, slow)));
  const count = (code: string): number => answers.filter((answer) => answer.code === code).length;
  expect(answers.filter(({ code }) => !isTyped(code))).toEqual([]);
  // Not all of it may be stopped by the schema, or the services were not asked.
  expect(count('answered')).toBeGreaterThan(1000);
  expect(count('not_found')).toBeGreaterThan(100);
  for (const name of CALLS) {
    const [answer] = await page.evaluate(makeCalls, [[name, HUGE]] as const);
    expect(answer?.code, name).toBe('invalid_input');
  }
  expect(await app.evaluate(() => (globalThis as unknown as { thrown: string[] }).thrown)).toEqual([]);
  expect(await app.evaluate(() => 'polluted' in {})).toBe(false);
  expect(await page.evaluate(() => 'polluted' in {})).toBe(false);
});

interface Answer {
  readonly name: string;
  readonly code: string;
  readonly text: string;
}

/** `internal` is the router's word for what nobody has thought of. */
const isTyped = (code: string): boolean => code === 'answered' || (/^[a-z_]+$/.test(code) && code !== 'internal');

/** Ids and names that the app has: with them a call reaches what it is about. */
async function knownValues(page: Page): Promise<Known> {
  const texts = await page.evaluate(async () => {
    const { calls } = (window as unknown as { patchbay: { calls: Calls } }).patchbay;
    const page = '{"offset":0,"limit":50,"search":""}';
    return Promise.all([
      calls.tenants?.list?.('{}'),
      calls.connections?.list?.('{}'),
      calls.jobs?.list?.('{}'),
      calls.activity?.executions?.(page),
    ]);
  });
  const all = texts.join();
  const pick = (pattern: RegExp): string[] => [...new Set([...all.matchAll(pattern)].map((match) => match[1] ?? ''))];
  return {
    ids: pick(/"id":"([^"]+)"/g),
    names: [...pick(/"name":"([^"]+)"/g), 'salesforce', 'zendesk', 's3', 'oauth'],
  };
}

/** Runs in the page: one call after the other. A number stands for that many characters. */
async function makeCalls(list: readonly (readonly [name: string, text: string | number])[]): Promise<Answer[]> {
  const { calls } = (window as unknown as { patchbay: { calls: Calls } }).patchbay;
  const answers: Answer[] = [];
  for (const [name, given] of list) {
    const [group = '', member = ''] = name.split('.');
    const text = typeof given === 'number' ? `{"id":"${'x'.repeat(given)}"}` : given;
    let code: string;
    try {
      const late = new Promise<string>((resolve) => {
        setTimeout(() => resolve('{"error":{"code":"no answer for a minute"}}'), 60_000);
      });
      const reply = JSON.parse((await Promise.race([calls[group]?.[member]?.(text), late])) ?? '');
      code = reply.ok ? 'answered' : reply.error.code;
    } catch (error) {
      code = `rejected: ${error}`;
    }
    answers.push({ name, code, text: text.slice(0, 300) });
  }
  return answers;
}
