// Starts the built app, as it is shipped, on a profile, a home folder and a keyring of its own.
import { type ChildProcess, execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { _electron, type ElectronApplication, type Page } from '@playwright/test';
import { type Keyring, startKeyring } from './keyring.ts';

/** The app ends itself after five seconds of quitting; one that has not ended after this time never will. */
const HANGS_MS = 60_000;
const projectRoot = path.resolve(import.meta.dirname, '..', '..');

export interface LaunchOptions {
  /** A profile folder to go on with; a new one is made, and removed by `close`, when absent. */
  profile?: string;
  env?: Record<string, string>;
  args?: string[];
  /** 'gnome' (default): an unlocked keyring; 'none': a machine without one; or one that the test started. */
  keyring?: 'gnome' | 'none' | Keyring;
  /** Whether to wait for the first window (default). */
  waitForWindow?: boolean;
  /** Another executable, for example a package, instead of the built sources. */
  executable?: { path: string; args: string[]; env?: Record<string, string> };
}

export interface RunningApp {
  readonly app: ElectronApplication;
  /** The first window. */
  readonly page: Page;
  readonly profile: string;
  readonly keyring: Keyring | undefined;
  /** All that the app has written to stdout and stderr so far, over all its launches. */
  output(): string;
  /** Quits as a person would, and removes what was made for this app. */
  close(): Promise<void>;
  /** SIGKILL for every process of the app, at once: power loss, as far as the app can tell. */
  kill(): Promise<void>;
  /** Quits (unless killed before) and starts again on the same profile; `app` and `page` are the new ones. */
  relaunch(changes?: Pick<LaunchOptions, 'args' | 'env'>): Promise<void>;
}

interface Launched {
  app: ElectronApplication;
  page: Page;
  child: ChildProcess;
}

interface LaunchSpec {
  executablePath: string;
  args: string[];
  env: Record<string, string>;
  cwd: string;
}

export async function launchApp(options: LaunchOptions = {}): Promise<RunningApp> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'patchbay-test-'));
  const profile = options.profile ?? path.join(folder, 'profile');
  const ownKeyring = (options.keyring ?? 'gnome') === 'gnome' ? await startKeyring() : undefined;
  const keyring = typeof options.keyring === 'object' ? options.keyring : ownKeyring;
  const spec = await launchSpec(profile, options.executable);
  let output = '';
  let running = await start();

  async function start(changes: Pick<LaunchOptions, 'args' | 'env'> = {}): Promise<Launched> {
    const app = await _electron.launch({
      executablePath: spec.executablePath,
      args: [...(keyring?.args ?? []), ...spec.args, ...(options.args ?? []), ...(changes.args ?? [])],
      cwd: spec.cwd,
      env: { ...spec.env, ...(keyring?.env ?? homeOf(folder)), ...options.env, ...changes.env },
      timeout: 120_000,
    });
    for (const stream of [app.process().stdout, app.process().stderr]) {
      stream?.on('data', (chunk) => {
        output += chunk;
      });
    }
    const page = options.waitForWindow === false ? (undefined as unknown as Page) : await app.firstWindow();
    // The window is there before the app is in it.
    await page?.waitForURL(/^patchbay:/);
    // Playwright forgets the process once the app is closed.
    return { app, page, child: app.process() };
  }

  async function kill(): Promise<void> {
    const { child } = running;
    if (child.pid === undefined || hasEnded(child)) return;
    const end = new Promise((resolve) => child.once('exit', resolve));
    // Playwright starts the app as leader of a process group: renderers and workers go with it.
    process.kill(-child.pid, 'SIGKILL');
    await end;
  }

  /** @throws Error when the app hangs */
  async function quit(): Promise<void> {
    if (hasEnded(running.child)) return;
    let hangs = false;
    const timer = setTimeout(() => {
      hangs = true;
      void kill();
    }, HANGS_MS);
    try {
      await running.app.close();
    } catch (error) {
      // It may have ended by itself in this moment.
      if (!hasEnded(running.child)) throw error;
    } finally {
      clearTimeout(timer);
    }
    if (hangs) throw new Error(`The app did not quit. It said:\n${output.slice(-4_000)}`);
  }

  return {
    get app() {
      return running.app;
    },
    get page() {
      return running.page;
    },
    profile,
    keyring,
    output: () => output,
    async close() {
      try {
        await quit();
      } finally {
        await ownKeyring?.stop();
        fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
      }
    },
    kill,
    async relaunch(changes) {
      await quit();
      running = await start(changes);
    },
  };
}

const hasEnded = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null;

/** A machine without a keyring: an empty home, and a session bus that is not there. */
function homeOf(folder: string): Record<string, string> {
  const home = path.join(folder, 'home');
  const runtime = path.join(folder, 'run');
  for (const name of [home, runtime]) fs.mkdirSync(name, { recursive: true, mode: 0o700 });
  return {
    HOME: home,
    XDG_RUNTIME_DIR: runtime,
    XDG_CONFIG_HOME: path.join(home, '.config'),
    XDG_CACHE_HOME: path.join(home, '.cache'),
    XDG_DATA_HOME: path.join(home, '.local', 'share'),
    DBUS_SESSION_BUS_ADDRESS: `unix:path=${path.join(runtime, 'no-bus')}`,
  };
}

async function launchSpec(profile: string, executable: LaunchOptions['executable']): Promise<LaunchSpec> {
  if (executable) {
    const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    const { DISPLAY = '', XAUTHORITY = '', PATH = '' } = process.env;
    return {
      executablePath: executable.path,
      args: [...sandbox, `--user-data-dir=${profile}`, ...executable.args],
      env: { DISPLAY, XAUTHORITY, PATH, LANG: 'C.UTF-8', ...executable.env },
      cwd: os.tmpdir(),
    };
  }
  built ??= printedSpec();
  const { args, ...spec } = await built;
  return { ...spec, args: args.map((arg) => arg.replace(anyProfile, profile)) };
}

const anyProfile = path.join(os.tmpdir(), 'profile-of-a-test');
/** Asked for once: it looks at every source file, and only the profile differs. */
let built: Promise<LaunchSpec> | undefined;

async function printedSpec(): Promise<LaunchSpec> {
  const script = path.join(projectRoot, 'scripts', 'launch-spec.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [script, '--profile', anyProfile]);
  return JSON.parse(stdout) as LaunchSpec;
}
