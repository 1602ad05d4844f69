// Where a secret must never be: threats 13, 36, 37 and 39. One app, a tour of what it does with secrets, and then a search in
// all that it has left and said. The practice servers' own state (`practice/`) is the other side of the line: they issue the
// tokens of the practice tenant and have to know them again. What a person types must not be there either.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import type { CallName } from '../../src/shared/ipc/channels.ts';
import type { CallInput, CallOutput, PracticeDefaults } from '../../src/shared/ipc/contract.ts';
import { launchApp, type RunningApp } from '../support/app.ts';
import { encodingsOf, searchFor } from '../support/leak-search.ts';
import { startTelltale, type TelltaleServer } from '../support/telltale-server.ts';
import { goTo, logInAs, logInWindow, openPractice } from './actions/connections.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'patchbay-secrets-'));
/** Every secret of the test begins with it: a search for it finds each, also a part of one. */
const STEM = 'Zq7canary/K+x"';
let canaries = 0;
const canary = (): string => `${STEM}${String(canaries++).padStart(3, '0')}&=`;
/** Typed by a person into the page, so that it passes through the renderer. */
const TYPED = 'Ty8typed/W+v"0123';

let running: RunningApp;
let crm: TelltaleServer;
let support: TelltaleServer;
let destination: TelltaleServer;
let hostile: TelltaleServer;
let defaults: readonly PracticeDefaults[];
const cookies: string[][] = [];

test.describe.configure({ mode: 'serial' });

test.beforeAll(async () => {
  // As on a machine where everybody may read everything: what the app keeps for itself it has to say itself.
  const before = process.umask(0);
  try {
    running = await launchApp();
  } finally {
    process.umask(before);
  }
  running.page.setDefaultTimeout(60_000);
  await recordReplies();
  await openPractice(running.page);
  defaults = (await call('connectors.list', {})).practice;
  crm = await startTelltale(new URL(defaultsOf('salesforce').overrides.apiBaseUrl ?? '').origin);
  support = await startTelltale(new URL(defaultsOf('zendesk').overrides.apiBaseUrl ?? '').origin);
  destination = await startTelltale(new URL(defaultsOf('gainsight-api').overrides.apiBaseUrl ?? '').origin);
  hostile = await startTelltale(null);
});

test.afterAll(async () => {
  await running?.close();
  for (const server of [crm, support, destination, hostile]) await server?.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

/** Keeps everything that main says to a window from now on, replies and events. */
function recordReplies(): Promise<void> {
  return running.app.evaluate(({ ipcMain, BrowserWindow }) => {
    const replies: string[] = [];
    Object.assign(globalThis, { replies });
    type Handler = (...given: unknown[]) => Promise<unknown>;
    const registered = (ipcMain as unknown as { _invokeHandlers: Map<string, Handler> })._invokeHandlers;
    for (const [name, handler] of registered)
      registered.set(name, async (...given) => {
        const reply = await handler(...given);
        replies.push(String(reply));
        return reply;
      });
    const contents = BrowserWindow.getAllWindows()[0]?.webContents;
    if (!contents) throw new Error('There is no window.');
    const send = contents.send.bind(contents);
    contents.send = (channel: string, ...given: unknown[]) => {
      replies.push(given.join());
      send(channel, ...given);
    };
  });
}

/** A call as the page makes it; a refusal is thrown. */
async function call<N extends CallName>(name: N, input: CallInput<N>): Promise<CallOutput<N>> {
  const result = await tell(name, input);
  if (!result.ok) throw new Error(`${name}: ${JSON.stringify(result.error)}`);
  return result.value as CallOutput<N>;
}

/** The same where a refusal is the point. */
async function tell<N extends CallName>(
  name: N,
  input: CallInput<N>,
): Promise<{ ok: true; value: unknown } | { ok: false; error: { code: string } }> {
  const text = await running.page.evaluate(
    ([call, json]) => {
      const { calls } = (window as unknown as { patchbay: { calls: Bridge } }).patchbay;
      const [group = '', member = ''] = call.split('.');
      return calls[group]?.[member]?.(json) ?? '';
    },
    [name, JSON.stringify(input)] as const,
  );
  return JSON.parse(text);
}
type Bridge = Record<string, Record<string, (text: string) => Promise<string>>>;

function defaultsOf(connectorId: string): PracticeDefaults {
  const found = defaults.find((one) => one.connectorId === connectorId);
  if (!found) throw new Error(`There are no practice defaults of ${connectorId}.`);
  return found;
}

/** A connection of the practice tenant to another server, with secrets of ours. */
const inputOf = (connectorId: string, origin: string, secrets: Record<string, string>, name = connectorId) => ({
  connectorId: defaultsOf(connectorId).connectorId,
  name,
  authMethodId: defaultsOf(connectorId).authMethodId,
  fields: defaultsOf(connectorId).fields,
  secrets,
  overrides: {
    apiBaseUrl: origin,
    allowPrivateNetwork: true,
    ...(defaultsOf(connectorId).overrides.loginBaseUrl === undefined ? {} : { loginBaseUrl: origin }),
  },
});

/** Logs in; `visit` is what happens on the log-in page before. */
async function authorize(id: string, visit: (window: Page) => Promise<void>): Promise<string> {
  let outcome: Promise<CallOutput<'connections.authorize'>> | undefined;
  const window = await logInWindow(running.app, async () => {
    outcome = call('connections.authorize', { id: id as never, way: 'window' });
  });
  await visit(window);
  await logInAs(window, 'dana');
  return (await outcome)?.kind ?? '';
}

/** A page that wants to be remembered, with everything that a browser has for it. */
async function leaveTraces(window: Page): Promise<void> {
  const value = `cookie${cookies.length}${Date.now()}`;
  const had = await window.evaluate(async (mark) => {
    const before = `${document.cookie} ${localStorage.getItem('mark') ?? ''}`;
    // biome-ignore lint/suspicious/noDocumentCookie: what a log-in page does
    document.cookie = `mark=${mark}; max-age=86400`;
    localStorage.setItem('mark', mark);
    sessionStorage.setItem('mark', mark);
    await new Promise((resolve) => {
      const open = indexedDB.open(mark);
      open.onsuccess = resolve;
      open.onerror = resolve;
    });
    const cache = await caches.open(mark);
    await cache.put('/mark', new Response(mark));
    return before;
  }, value);
  for (const earlier of cookies.flat()) expect(had).not.toContain(earlier);
  const stored = await running.app.evaluate(async ({ BrowserWindow, session }) => {
    const login = BrowserWindow.getAllWindows().find((one) => one.webContents.session !== session.defaultSession);
    return (await login?.webContents.session.cookies.get({}))?.map((cookie) => cookie.value) ?? [];
  });
  expect(stored).toContain(value);
  for (const earlier of cookies.flat()) expect(stored).not.toContain(earlier);
  cookies.push([...stored, value]);
}

async function runToEnd(jobName: string): Promise<string> {
  const { rows } = await call('jobs.list', {});
  const job = rows.find((row) => row.job.name === jobName)?.job;
  if (!job) throw new Error(`There is no job ${jobName}.`);
  const { activityId } = await call('jobs.runNow', { id: job.id });
  let status = '';
  await expect
    .poll(
      async () => {
        const execution = await call('activity.execution', { id: activityId });
        status = execution.status;
        return execution.endedAt !== null;
      },
      { intervals: [100] },
    )
    .toBe(true);
  await call('activity.log', { id: activityId });
  return status;
}

test('log-ins share nothing and leave nothing on disk', async () => {
  const salesforce = await call('connections.create', inputOf('salesforce', crm.origin, {}));
  expect(await authorize(salesforce.connection.id, leaveTraces)).toBe('authorized');
  const zendesk = await call('connections.create', inputOf('zendesk', support.origin, {}));
  expect(await authorize(zendesk.connection.id, leaveTraces)).toBe('authorized');
  expect(cookies).toHaveLength(2);
  const { inFolder } = searchFor(cookies.flat().filter((value) => value.length > 7));
  expect(inFolder(running.profile)).toEqual([]);
});

test('a tour of what the app does with secrets, and of what goes wrong with them', async () => {
  test.setTimeout(600_000);
  const { page } = running;
  expect(await runToEnd('Company Sync_salesforce')).toBe('success');
  const { rows } = await call('jobs.list', {});
  const company = rows.find((row) => row.job.name === 'Company Sync_salesforce');
  const keyed = await call('connections.create', inputOf('gainsight-api', destination.origin, {}, 'With a key'));
  expect(destination.secrets.size).toBe(1);
  await exportAll(company?.job.id, [keyed.connection.id]);

  // Every answer is now an error that says again all that was sent to it.
  crm.mood = 403;
  expect(await runToEnd('Company Sync_salesforce')).toBe('failed');
  for (const status of [500, 401]) {
    crm.mood = status;
    support.mood = status;
    await tell('connections.test', { testId: `outage${status}`, id: company?.job.connectionId });
  }
  expect(crm.repeated + support.repeated).toBeGreaterThan(3);

  await refuseKeys();
  await typeClientSecret(page);
  await throwIt(company?.job.id);
  const zendesk = (await call('connections.list', listAll)).rows.find(
    (row) => row.connection.connectorId === 'zendesk',
  );
  support.mood = null;
  if (zendesk) {
    support.mood = 401;
    await tell('connections.revoke', { id: zendesk.connection.id });
    await tell('connections.remove', { id: zendesk.connection.id, typedName: zendesk.connection.name });
  }
  await tell('vault.unlock', { passphrase: canary() });
  expect(hostile.repeated).toBeGreaterThanOrEqual(20);
  expect(canaries).toBeGreaterThanOrEqual(40);
});

/** Rows as CSV, connections with their keys under a passphrase, and a backup; then the file is opened with a wrong passphrase. */
async function exportAll(jobId: string | undefined, ids: CallInput<'transfer.export'>['ids']): Promise<void> {
  const save = (name: string): Promise<void> =>
    running.app.evaluate(
      ({ dialog }, filePath) => {
        Object.assign(dialog, {
          showSaveDialog: async () => ({ canceled: false, filePath }),
          showOpenDialog: async () => ({ canceled: false, filePaths: [filePath] }),
        });
      },
      path.join(folder, name),
    );
  await save('companies.csv');
  await call('data.exportCsv', { jobId: jobId as never, search: '' });
  await save('connections.json');
  expect(await call('transfer.export', { ids, passphrase: `long enough ${canary()}` })).toMatchObject({ withKeys: 1 });
  const { preview } = await call('transfer.open', {});
  const choices = [{ index: 0, name: 'With a key, again' }];
  await tell('transfer.import', { importId: preview?.importId ?? '', choices, passphrase: canary() });
  await call('backups.make', {});
  for (const name of ['companies.csv', 'connections.json'])
    expect(fs.statSync(path.join(folder, name)).size).toBeGreaterThan(500);
}

const listAll = {} as CallInput<'connections.list'>;

/** Keys that a system refuses while it repeats them: new, tested, changed, and those of OAuth apps. */
async function refuseKeys(): Promise<void> {
  for (const [at, status] of [401, 403, 400, 404, 409].entries()) {
    hostile.mood = status;
    const s3 = { secretAccessKey: canary(), sessionToken: canary() };
    const api = { accessKey: canary() };
    await tell('connections.test', {
      testId: `testofs3key${at}`,
      input: inputOf('s3', hostile.origin, s3, `S3 ${at}`),
    });
    await tell('connections.create', inputOf('s3', hostile.origin, { secretAccessKey: canary() }, `S3 ${at}`));
    const made = await tell('connections.create', inputOf('gainsight-api', hostile.origin, api, `API ${at}`));
    if (made.ok) {
      const { connection } = made.value as CallOutput<'connections.create'>;
      const changed = inputOf('gainsight-api', hostile.origin, { accessKey: canary() }, `API ${at}`);
      await tell('connections.update', { id: connection.id, version: connection.version, input: changed });
      await tell('connections.authorize', { id: connection.id, secrets: { accessKey: canary() } });
    } else {
      const again = { ...inputOf('gainsight-api', hostile.origin, { accessKey: canary() }, `API ${at}`) };
      await tell('connections.test', { testId: `testofapikey${at}`, input: again });
    }
    await tell('connections.create', {
      ...inputOf('s3', hostile.origin, { unknown: canary() }),
      connectorId: 'none' as never,
    });
    // Not of the call's shape: the refusal must not repeat it.
    await tell('connections.create', { surplus: canary(), [canary()]: 1 } as never);
  }
}

/** Something that nobody has thought of throws an error that holds a live secret: the log knows it by its value. */
async function throwIt(jobId: string | undefined): Promise<void> {
  const forms = [...encodingsOf(TYPED)].filter(([name]) => !/at 0|utf16|reversed/.test(name));
  await running.app.evaluate(
    ({ dialog }, text) => {
      Object.assign(dialog, { showSaveDialog: () => Promise.reject(new Error(text)) });
    },
    forms.map(([name, bytes]) => `${name}: <${bytes}>`).join(', '),
  );
  const result = await tell('data.exportCsv', { jobId: jobId as never, search: '' });
  expect(result.ok ? 'answered' : result.error.code).toBe('internal');
}

/** A person types a client secret, which the system then refuses. */
async function typeClientSecret(page: Page): Promise<void> {
  await goTo(page, 'Settings');
  await page.getByRole('tab', { name: 'OAuth apps' }).click();
  await page.getByRole('button', { name: 'Edit the app of Salesforce' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Client secret').first().pressSequentially(TYPED);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toHaveCount(0);
}

test('none of it is in the profile, the logs, what was printed or what was exported', async () => {
  const values = [STEM, TYPED, ...crm.secrets, ...support.secrets, ...destination.secrets];
  expect(crm.secrets.size + support.secrets.size).toBeGreaterThan(6);
  expect([...encodingsOf('x')].length).toBeGreaterThanOrEqual(9);
  const { inFolder, inText } = searchFor(values);
  const isPractice = (file: string): boolean => file.startsWith(`practice${path.sep}`);
  expect(inFolder(running.profile, isPractice)).toEqual([]);
  expect(searchFor([STEM, TYPED]).inFolder(path.join(running.profile, 'practice'))).toEqual([]);
  expect(inText('output', running.output())).toEqual([]);
  expect(inFolder(folder)).toEqual([]);
  if (running.keyring) expect(inFolder(running.keyring.env.HOME ?? '')).toEqual([]);
  const log = fs.readFileSync(path.join(running.profile, 'logs', 'patchbay.log'), 'utf8');
  expect(log).toContain('The call data.exportCsv failed: Error: plain: <[redacted]>, url: <[redacted]>');
  // The search finds what is there.
  for (const [, bytes] of encodingsOf(STEM))
    expect(inText('control', Buffer.concat([Buffer.from('..'), bytes]))).not.toEqual([]);
});

test('none of it has come to the page, and what was typed there is gone from it', async () => {
  const replies = await running.app.evaluate(() => (globalThis as unknown as { replies: string[] }).replies);
  expect(replies.length).toBeGreaterThan(50);
  const { inText } = searchFor([STEM, TYPED, ...crm.secrets, ...support.secrets, ...destination.secrets]);
  expect(inText('replies', replies.join('\n'))).toEqual([]);
  const snapshot = path.join(folder, 'heap.json');
  // The browser frees the texts of a form that is gone when it has a moment.
  await expect(async () => {
    await running.app.evaluate(
      ({ BrowserWindow }, file) => BrowserWindow.getAllWindows()[0]?.webContents.takeHeapSnapshot(file),
      snapshot,
    );
    const heap = fs.readFileSync(snapshot);
    expect(heap.includes('patchbay')).toBe(true);
    // Without what JSON writes in another way.
    expect(heap.includes(TYPED.split('"')[0] ?? '')).toBe(false);
  }).toPass({ timeout: 120_000 });
  fs.rmSync(snapshot);
});

test('nobody else can read the profile, though the umask lets them', () => {
  const all = [running.profile, ...below(running.profile)];
  expect(all.length).toBeGreaterThan(40);
  const open = all.filter((file) => {
    const stat = fs.lstatSync(file, { throwIfNoEntry: false });
    // The bits of a link say nothing.
    return stat !== undefined && !stat.isSymbolicLink() && (stat.mode & 0o077) !== 0;
  });
  expect(open.map((file) => path.relative(running.profile, file))).toEqual([]);
});

const below = (top: string): string[] =>
  (fs.readdirSync(top, { recursive: true }) as string[]).map((name) => path.join(top, name));
