// Starts a program of a test's own in the Electron that this machine has, found as the start script does.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { _electron, type ElectronApplication } from '@playwright/test';

const projectRoot = path.resolve(import.meta.dirname, '..', '..');

interface Runtime {
  readonly executable: string;
  readonly variables: Record<string, string>;
}

/** @param program a folder with a package.json whose `main` is to run */
export async function launchProgram(program: string, profile: string): Promise<ElectronApplication> {
  return _electron.launch(await launchOptions(program, profile));
}

/** Starts it with nobody at its pages: what drives a browser changes how frames begin. */
export async function spawnProgram(program: string, profile: string): Promise<ChildProcess> {
  const { executablePath, args, env } = await launchOptions(program, profile);
  return spawn(executablePath, args, { env, stdio: 'ignore' });
}

async function launchOptions(program: string, profile: string) {
  const { executable, variables } = await runtime();
  const { HOME = profile, PATH = '', DISPLAY = '', XAUTHORITY = '' } = process.env;
  return {
    executablePath: executable,
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      `--user-data-dir=${profile}`,
      ...preloads(variables),
      program,
    ],
    // A page without a policy, such as about:blank, would be warned of on the console.
    env: { HOME, PATH, DISPLAY, XAUTHORITY, ELECTRON_DISABLE_SECURITY_WARNINGS: 'true', ...variables },
  };
}

/** Playwright takes NODE_OPTIONS away, so what it was to load first is named on the command line. */
function preloads({ NODE_OPTIONS = '' }: Record<string, string>): string[] {
  return [...NODE_OPTIONS.matchAll(/--require "([^"]+)"/g)].flatMap(([, file = '']) => ['-r', file]);
}

async function runtime(): Promise<Runtime> {
  const script =
    "import { setUpApp } from './scripts/lib/setup.mjs'; const { electron, variables } = await setUpApp(); console.log(JSON.stringify({ executable: electron.executable, variables }));";
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    cwd: projectRoot,
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Runtime;
}
