// The package that users get: made by `npm run make`, unpacked from its zip, and started. Row 10 of the threat table: what
// could make it run somebody else's code is switched off, and each switch is tried.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { extractFile, listPackage } from '@electron/asar';
import { FuseState, FuseV1Options, FuseVersion, flipFuses, getCurrentFuseWire } from '@electron/fuses';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { launchApp } from '../support/app.ts';

const project = path.resolve(import.meta.dirname, '..', '..');
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'patchbay-package-'));
const marker = path.join(work, 'foreign-code-ran');
const foreignCode = `require('fs').writeFileSync(${JSON.stringify(marker)}, '')`;

/** What secrets of vendors and clients look like, and one made-up example of each (in parts: this file is scanned by others). */
const SECRETS = [
  /\b(?:AKIA|ASIA)(?![A-Z0-9]*EXAMPLE)[A-Z0-9]{16}\b/g,
  /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----[\\nr\s]*[A-Za-z0-9+/]{40}/g,
  /\bgh[pousr]_[A-Za-z0-9]{36}\b/g,
  /\bxox[abpr]-[A-Za-z0-9-]{20,}/g,
  /\bAIza[A-Za-z0-9_-]{35}\b/g,
  /\bGOCSPX-[A-Za-z0-9_-]{20,}/g,
  /\bsk_live_[A-Za-z0-9]{20,}/g,
  /\bpat-(?:na|eu)1-[0-9a-f-]{30,}/g,
  /\beyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{20,}/g,
  /\b3MVG9[A-Za-z0-9._]{60,}/g,
  /client_?secret["'`]?\s*[:=]\s*["'`](?!practice)[^"'`\s]{16,}["'`]/gi,
];
const EXAMPLES = [
  `AKIA${'QRST'.repeat(4)}`,
  `-----BEGIN PRIVATE${' KEY'}-----\n${'Ab1+'.repeat(10)}`,
  `ghp_${'a1B2'.repeat(9)}`,
  `xoxb-${'1234'.repeat(6)}`,
  `AIza${'aB3_d'.repeat(7)}`,
  `GOCSPX-${'abcde'.repeat(5)}`,
  `sk_live_${'a1B2'.repeat(6)}`,
  `pat-na1-${'0a1b'.repeat(8)}`,
  `eyJ${'abcd'.repeat(4)}.eyJ${'abcd'.repeat(4)}.${'abcd'.repeat(6)}`,
  `3MVG9${'aB3_'.repeat(16)}`,
  `clientSecret: "${'q9Z-'.repeat(5)}"`,
];

/** Where Node listens when a signal asks for it. */
const INSPECTOR_PORT = 9229;

let folder: string;
let executable: string;
const running: ChildProcess[] = [];

describe.skipIf(process.platform !== 'linux')('the package', () => {
  beforeAll(() => {
    const out = path.join(work, 'out');
    execFileSync(process.execPath, ['scripts/forge.mjs', 'make', '--targets', '@electron-forge/maker-zip'], {
      cwd: project,
      env: { ...process.env, PATCHBAY_FORGE_OUT: out },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const zips = fs.readdirSync(path.join(out, 'make'), { recursive: true, encoding: 'utf8' });
    const zip = zips.find((name) => name.endsWith('.zip'));
    if (zip === undefined) throw new Error('No zip was made');
    execFileSync('unzip', ['-q', path.join(out, 'make', zip), '-d', path.join(work, 'unpacked')]);
    folder = path.join(work, 'unpacked', fs.readdirSync(path.join(work, 'unpacked'))[0] ?? '');
    executable = path.join(folder, 'patchbay');
    fs.rmSync(out, { recursive: true });
  });

  afterEach(() => {
    for (const child of running.splice(0)) if (child.pid && child.exitCode === null) killGroup(child.pid);
    fs.rmSync(marker, { force: true });
  });

  afterAll(() => fs.rmSync(work, { recursive: true, force: true, maxRetries: 5 }));

  test('holds the bundles, the database addon, and nothing else', () => {
    const files = listPackage(path.join(folder, 'resources', 'app.asar'), { isPack: false });
    const foreign = files.filter(
      (file) => !/^\/(package\.json$|\.vite(\/|$)|node_modules(\/better-sqlite3(\/|$)|$))/.test(file),
    );
    expect(foreign).toEqual([]);
    expect(files.filter((file) => /\.(map|tsx?)$|headless|stamps/.test(file))).toEqual([]);
    expect(fs.readdirSync(path.join(folder, 'resources')).filter((name) => name.startsWith('app'))).toEqual([
      'app.asar',
      'app.asar.unpacked',
    ]);
  });

  test('holds no secret: no key, no token, no client secret', () => {
    const asar = path.join(folder, 'resources', 'app.asar');
    const files = listPackage(asar, { isPack: false }).filter((file) => /\.(c?js|json|html|css)$/.test(file));
    expect(files.length).toBeGreaterThan(5);
    const found = files.flatMap((file) => {
      const text = extractFile(asar, file.slice(1)).toString('latin1');
      return SECRETS.flatMap((pattern) =>
        [...text.matchAll(pattern)].map(([match]) => `${file}: ${match.slice(0, 60)}`),
      );
    });
    expect(found).toEqual([]);
    for (const [at, example] of EXAMPLES.entries()) expect(example).toMatch(SECRETS[at] ?? /^$/);
  });

  test('has its fuses set, byte for byte', async () => {
    // Run as Node off, cookie encryption on, NODE_OPTIONS off, inspector off, asar integrity on, only from the asar on,
    // own snapshot off; and, where this Electron has it, extra privileges of file: off.
    expect((await fuseWire(executable)).slice(0, 8)).toMatch(/^0100110(0|$)/);
  });

  test('is not a Node for whoever sets ELECTRON_RUN_AS_NODE', async () => {
    await startAlive({ args: [foreignScript()], env: { ELECTRON_RUN_AS_NODE: '1' } });
    expect(fs.existsSync(marker)).toBe(false);
    expect(await endOf({ args: ['-e', foreignCode], env: { ELECTRON_RUN_AS_NODE: '1' } })).toMatchObject(REFUSED);
    expect(fs.existsSync(marker)).toBe(false);
  });

  test('does not load what NODE_OPTIONS names', async () => {
    await startAlive({ env: { NODE_OPTIONS: `--require ${foreignScript()}` } });
    expect(fs.existsSync(marker)).toBe(false);
  });

  test('each of these ways works where the fuses are left open', async () => {
    const open = path.join(work, 'open');
    fs.cpSync(folder, open, { recursive: true, verbatimSymlinks: true });
    // Electron takes a program of any other name for a package, which it guards in other ways too.
    const openExecutable = path.join(open, 'electron');
    fs.renameSync(path.join(open, 'patchbay'), openExecutable);
    await flipFuses(openExecutable, {
      version: FuseVersion.V1,
      [FuseV1Options.RunAsNode]: true,
      [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: true,
      [FuseV1Options.EnableNodeCliInspectArguments]: true,
    });
    execFileSync(openExecutable, ['-e', foreignCode], { env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' } });
    expect(fs.existsSync(marker)).toBe(true);
    fs.rmSync(marker);
    startPackage({ file: openExecutable, env: { NODE_OPTIONS: `--require ${foreignScript()}` } });
    await expect.poll(() => fs.existsSync(marker), { timeout: 120_000 }).toBe(true);
    const port = await freePort();
    startPackage({ file: openExecutable, args: [`--inspect=127.0.0.1:${port}`] });
    await expect.poll(() => accepts(port), { timeout: 120_000 }).toBe(true);
    // A signal before Electron listens for it would end the program.
    const { child } = await startAlive({ file: openExecutable });
    child.kill('SIGUSR1');
    await sleep(1500);
    expect(await accepts(INSPECTOR_PORT)).toBe(true);
    fs.rmSync(open, { recursive: true });
  });

  test('ends before anything is opened when a switch of Chromium would open a door', async () => {
    const port = await freePort();
    const [netLog, ran] = [path.join(work, 'net-log.json'), path.join(work, 'prefix-ran')];
    const doors = [
      `--remote-debugging-port=${port}`,
      `-remote-debugging-port=${port}`,
      '--remote-debugging-pipe',
      `--inspect=127.0.0.1:${port}`,
      `--log-net-log=${netLog}`,
      '--js-flags=--allow-natives-syntax',
      '--load-extension=/tmp',
      '--proxy-server=127.0.0.1:9',
      '--host-resolver-rules=MAP * 127.0.0.1',
      '--ignore-certificate-errors',
      '--disable-web-security',
      `--renderer-cmd-prefix=touch ${ran}`,
      `--gpu-launcher=touch ${ran}`,
      `--utility-cmd-prefix=touch ${ran}`,
    ];
    for (const door of doors) {
      const ended = endOf({ args: [door] });
      let isListening = false;
      const watch = setInterval(() => void accepts(port).then((yes) => (isListening ||= yes)), 5);
      expect({ door, ...(await ended) }).toEqual({ door, ...REFUSED, files: [] });
      clearInterval(watch);
      expect(isListening).toBe(false);
    }
    expect([netLog, ran].filter((file) => fs.existsSync(file))).toEqual([]);
  });

  test('goes on when a second start has more arguments than it can be told', async () => {
    const { child, profile } = await startAlive();
    const second = startPackage({ args: ['a'.repeat(40_000)], profile });
    await once(second.child, 'exit');
    expect({ code: second.child.exitCode, said: second.output() }).toEqual({
      code: 2,
      said: expect.stringContaining('bytes of arguments'),
    });
    // A plain second start still finds it alive, and ends well.
    const third = startPackage({ profile });
    await once(third.child, 'exit');
    expect({ first: child.exitCode ?? child.signalCode, third: third.child.exitCode }).toEqual({
      first: null,
      third: 0,
    });
  });

  test('opens no inspector for SIGUSR1', async () => {
    const { child } = await startAlive();
    child.kill('SIGUSR1');
    await sleep(1500);
    expect(await accepts(INSPECTOR_PORT)).toBe(false);
  });

  test('starts, opens the practice tenant with its servers, whatever addon the environment names', async () => {
    const forTests = path.join(work, 'for-tests');
    fs.cpSync(folder, forTests, { recursive: true, verbatimSymlinks: true });
    const testExecutable = path.join(forTests, 'patchbay');
    // As PATCHBAY_TEST_FUSES=1 does when packaging: Playwright needs the inspector, and nothing else differs.
    await flipFuses(testExecutable, { version: FuseVersion.V1, [FuseV1Options.EnableNodeCliInspectArguments]: true });
    expect(await fuseWire(testExecutable)).toBe((await fuseWire(executable)).replace(/^010011/, '010111'));
    const patchbay = await launchApp({
      executable: { path: testExecutable, args: [] },
      env: { PATCHBAY_SQLITE_BINDING: path.join(work, 'foreign.node') },
    });
    try {
      expect(await patchbay.app.evaluate(({ app }) => app.isPackaged)).toBe(true);
      const { page } = patchbay;
      const open = page.getByRole('button', { name: 'Open the practice tenant' });
      await open.click({ timeout: 120_000 });
      const heading = page.getByRole('heading', { name: 'Connections', exact: true });
      await heading.waitFor({ timeout: 120_000 }).catch((error: unknown) => {
        throw new Error(`The practice tenant did not open. The app said: ${patchbay.output()}`, { cause: error });
      });
      // The process of the servers answers a command: it runs, from inside the package.
      await page.getByRole('button', { name: /Practice tenant/ }).click();
      await page.getByRole('menuitem', { name: 'Rehearse…' }).click();
      const rehearse = page.getByRole('dialog', { name: 'Rehearse' });
      await rehearse.getByRole('button', { name: 'Deactivate Dana' }).click();
      await rehearse.getByRole('status').filter({ hasText: 'done at' }).waitFor();
    } finally {
      await patchbay.close();
    }
  });
});

interface Attempt {
  args?: string[];
  env?: Record<string, string>;
  /** Another executable than the package's. */
  file?: string;
  /** Left out: a new one. */
  profile?: string;
}

/** How a start ends that was given what a package does not take. */
const REFUSED = { code: 2, said: expect.stringMatching(/Patchbay does not start with --/) };

/** Waits until a start has ended by itself. `files`: what it left in its profile. */
async function endOf(attempt: Attempt): Promise<{ code: number | null; said: string; files: string[] }> {
  const { child, profile, output } = startPackage(attempt);
  await once(child, 'exit');
  return { code: child.exitCode, said: output(), files: fs.readdirSync(profile) };
}

function startPackage(attempt: Attempt = {}) {
  const { args = [], env = {}, file = executable } = attempt;
  const profile = attempt.profile ?? fs.mkdtempSync(path.join(work, 'profile-'));
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const child = spawn(file, [...args, ...sandbox, `--user-data-dir=${profile}`], {
    env: { ...process.env, HOME: profile, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.push(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      text += chunk;
    });
  }
  return { child, profile, output: () => text };
}

/** Starts it, and gives what was asked of it the time to happen; one that has ended by itself would prove nothing. */
async function startAlive(attempt: Attempt = {}) {
  const started = startPackage(attempt);
  const { child, profile } = started;
  // The last of its files: code that is loaded first has run long before, and so has what listens for signals.
  const isUp = (): boolean => fs.existsSync(path.join(profile, 'data', 'history.db'));
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  await expect.poll(() => isUp() || hasEnded(), { timeout: 120_000, interval: 50 }).toBe(true);
  expect({ code: child.exitCode, signal: child.signalCode }, started.output()).toEqual({ code: null, signal: null });
  return started;
}

/** Runs before the program of whoever is told to load it. */
function foreignScript(): string {
  const script = path.join(work, 'foreign.cjs');
  fs.writeFileSync(script, foreignCode);
  return script;
}

/** The fuses as one character each: 0 off, 1 on, r removed. */
async function fuseWire(file: string): Promise<string> {
  const { version, ...fuses } = (await getCurrentFuseWire(file)) as unknown as Record<string, FuseState | string>;
  if (version !== FuseVersion.V1) throw new Error(`Fuses of version ${version}`);
  return Object.keys(fuses)
    .filter((key) => /^\d+$/.test(key))
    .sort((a, b) => Number(a) - Number(b))
    .map((key) => ({ [FuseState.DISABLE]: '0', [FuseState.ENABLE]: '1' })[fuses[key] as number] ?? 'r')
    .join('');
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
