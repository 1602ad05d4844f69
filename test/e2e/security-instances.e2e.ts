// One profile, many starts: threat 12. `PATCHBAY_TEST_STARTS=50` for the number that is promised; a test run takes fewer.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@playwright/test';
import Database from 'better-sqlite3';
import { launchApp, type RunningApp } from '../support/app.ts';
import { type OpenedLinks, watchOpenedLinks } from '../support/opened-links.ts';

const projectRoot = path.resolve(import.meta.dirname, '..', '..');
const STARTS = Number(process.env.PATCHBAY_TEST_STARTS ?? 16);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'patchbay-instances-'));
const profile = path.join(folder, 'profile');
const home = path.join(folder, 'home');
let links: OpenedLinks;
const started: ChildProcess[] = [];

test.beforeAll(() => {
  fs.mkdirSync(home, { recursive: true });
  links = watchOpenedLinks(path.join(folder, 'programs'));
});

test.afterAll(() => {
  for (const child of started) end(child);
  fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** What a link, another program or a shell might hand over. */
const HOSTILE_ARGUMENTS = [
  'patchbay://app/index.html#/settings/vault',
  'patchbay://tenants.remove?id=all',
  'patchbay://oauth/callback/salesforce?code=stolen&state=guessed',
  'patchbay:connections/authorize?token=stolen',
  'http://localhost:42813/oauth/callback/salesforce?code=stolen&state=guessed',
  'https://evil.example/',
  'file:///etc/passwd',
  'javascript:alert(1)',
  '../../../etc/passwd',
  '/etc/passwd',
  '--open=https://evil.example/',
  '--url=patchbay://app@evil.example/',
  '--import=/etc/passwd',
  '--tenant=../../x',
  '--profile=/tmp/other',
  '--vault-passphrase=guessed',
  '--reset',
  '--allow-running-insecure-content',
  "'; DROP TABLE connections; --",
  '\u202Egpj.exe',
  'a'.repeat(5000),
];

interface Start {
  readonly child: ChildProcess;
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>;
}

async function launcher(): Promise<(args: readonly string[]) => Start> {
  const script = path.join(projectRoot, 'scripts', 'launch-spec.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [script, '--profile', profile]);
  const spec = JSON.parse(stdout) as { executablePath: string; args: string[]; env: object; cwd: string };
  const env = { ...spec.env, HOME: home, XDG_CONFIG_HOME: path.join(home, '.config'), ...links.env };
  return (args) => {
    const options = { cwd: spec.cwd, env, stdio: 'ignore', detached: true } as const;
    const child = spawn(spec.executablePath, [...spec.args, ...args], options);
    started.push(child);
    const ended = new Promise<number | null>((resolve) => {
      child.once('exit', resolve);
    });
    return { child, ended };
  };
}

const isOver = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

/** The whole group: an app is many processes. */
function end(child: ChildProcess): void {
  if (child.pid !== undefined && !isOver(child)) process.kill(-child.pid, 'SIGKILL');
}

const databases = ['config', 'vault', 'history'].map((name) => path.join(profile, 'data', `${name}.db`));

function integrity(): string[] {
  return databases.map((file) => {
    const db = new Database(file, { readonly: true });
    try {
      return String(db.pragma('integrity_check', { simple: true }));
    } finally {
      db.close();
    }
  });
}

function fingerprint(): string {
  const hash = createHash('sha256');
  for (const file of databases.flatMap((one) => [one, `${one}-wal`]))
    hash.update(fs.existsSync(file) ? fs.readFileSync(file) : '');
  return hash.digest('hex');
}

test(`of ${STARTS} starts at once one goes on; the others end well and leave the data alone`, async () => {
  test.setTimeout(600_000);
  const start = await launcher();
  const starts = Array.from({ length: STARTS }, () => start(HOSTILE_ARGUMENTS));
  const running = (): Start[] => starts.filter((one) => !isOver(one.child));
  await expect.poll(() => running().length, { timeout: 300_000, intervals: [100] }).toBe(1);
  await expect.poll(() => fs.existsSync(path.join(profile, 'data', 'history.db'))).toBe(true);
  const [survivor] = running();
  const others = await Promise.all(starts.filter((one) => one !== survivor).map((one) => one.ended));
  expect(others).toEqual(others.map(() => 0));
  if (survivor) end(survivor.child);
  await survivor?.ended;
  expect(integrity()).toEqual(['ok', 'ok', 'ok']);
  expect(links.all()).toEqual([]);
});

test('a second start ends and changes nothing; tampered preferences fall back one by one', async () => {
  fs.writeFileSync(
    path.join(profile, 'preferences.json'),
    '{"window":{"width":-5},"settings":{"theme":"evil"},"lastTenant":"../../x","__proto__":{"polluted":true}}',
  );
  const running = await launchApp({ profile, env: { ...links.env }, keyring: 'none' });
  try {
    await expect(running.page.getByRole('button', { name: 'Open the practice tenant' })).toBeVisible();
    const settings = await running.page.evaluate(() => {
      const { patchbay } = window as unknown as { patchbay: { calls: { settings: { get(text: string): unknown } } } };
      return patchbay.calls.settings.get('{}');
    });
    expect(JSON.parse(String(settings)).value.theme).toBe('system');
    expect(await running.app.evaluate(() => 'polluted' in {})).toBe(false);
    await secondStarts(running);
  } finally {
    await running.close();
  }
  expect(integrity()).toEqual(['ok', 'ok', 'ok']);
});

test('a start that Chromium takes for the first one ends as well: the profile has a lock of its own', async () => {
  const running = await launchApp({ profile, env: { ...links.env }, keyring: 'none' });
  try {
    await expect(running.page.getByRole('button', { name: 'Open the practice tenant' })).toBeVisible();
    const before = fingerprint();
    // What Chromium's lock is made of. Of several starts in the same moment it sometimes lets two go on, too.
    for (const name of ['SingletonLock', 'SingletonSocket', 'SingletonCookie'])
      fs.rmSync(path.join(profile, name), { force: true });
    const start = await launcher();
    expect(await start(HOSTILE_ARGUMENTS).ended).toBe(0);
    expect(fingerprint()).toBe(before);
    await expect(running.page.getByRole('button', { name: 'Open the practice tenant' })).toBeVisible();
  } finally {
    await running.close();
  }
  expect(integrity()).toEqual(['ok', 'ok', 'ok']);
});

/** Each ends, and nothing of what it was given is acted upon. */
async function secondStarts(running: RunningApp): Promise<void> {
  const before = fingerprint();
  const start = await launcher();
  // Chromium finds the first instance by the profile, in whoever's home it runs.
  const answers = await Promise.all([start(HOSTILE_ARGUMENTS), start(HOSTILE_ARGUMENTS)].map((one) => one.ended));
  expect(answers).toEqual([0, 0]);
  // More than Chromium can hand over: such a start must end before it asks, or the instance that runs is killed as one that hangs.
  const tooLong = [['a'.repeat(40_000)], Array.from({ length: 12_000 }, () => 'ab'), ['€'.repeat(12_000)]];
  for (const given of tooLong) expect(await start(given).ended).toBe(2);
  await running.page.waitForTimeout(200);
  const urls = await running.app.evaluate(({ webContents }) =>
    webContents.getAllWebContents().map((one) => one.getURL()),
  );
  expect(urls).toEqual(['patchbay://app/index.html']);
  expect(links.all()).toEqual([]);
  expect(fingerprint()).toBe(before);
}
