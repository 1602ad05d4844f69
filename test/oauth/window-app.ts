// Builds and starts the program that has nothing but the log-in window (src/main/oauth/testing/window-harness.ts).
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import { builtinModules } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { _electron, type ElectronApplication } from '@playwright/test';
import { build } from 'vite';

const projectRoot = path.resolve(import.meta.dirname, '..', '..');

export interface WindowApp {
  readonly app: ElectronApplication;
  readonly profile: string;
  close(): Promise<void>;
}

export async function startWindowApp(): Promise<WindowApp> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'patchbay-window-'));
  const program = path.join(folder, 'program');
  await bundle(program);
  fs.writeFileSync(
    path.join(program, 'package.json'),
    JSON.stringify({ name: 'window-harness', version: '0.0.1', main: 'main.cjs' }),
  );
  const profile = path.join(folder, 'profile');
  const { executable, variables } = await runtime();
  const { HOME = folder, PATH = '', DISPLAY = '', XAUTHORITY = '' } = process.env;
  const app = await _electron.launch({
    executablePath: executable,
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      `--user-data-dir=${profile}`,
      ...preloads(variables),
      program,
    ],
    env: { HOME, PATH, DISPLAY, XAUTHORITY, ...variables },
  });
  await app.evaluate(({ app: electronApp }) => electronApp.whenReady());
  return {
    app,
    profile,
    close: async () => {
      await app.close();
      fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Playwright takes NODE_OPTIONS away, so what it was to load first is named on the command line. */
function preloads({ NODE_OPTIONS = '' }: Record<string, string>): string[] {
  return [...NODE_OPTIONS.matchAll(/--require "([^"]+)"/g)].flatMap(([, file = '']) => ['-r', file]);
}

async function bundle(outDir: string): Promise<void> {
  await build({
    configFile: false,
    root: projectRoot,
    logLevel: 'error',
    build: {
      ssr: true,
      target: 'node18',
      outDir,
      minify: false,
      lib: {
        entry: { main: path.join(projectRoot, 'src/main/oauth/testing/window-harness.ts') },
        formats: ['cjs'],
        fileName: () => '[name].cjs',
      },
      rolldownOptions: {
        external: ['electron', ...builtinModules, ...builtinModules.map((name) => `node:${name}`)],
        output: { codeSplitting: false, entryFileNames: '[name].cjs' },
      },
    },
    ssr: { noExternal: true },
    resolve: { conditions: ['node'] },
  });
}

/** The Electron that this machine has, found as the start script does. */
async function runtime(): Promise<{ executable: string; variables: Record<string, string> }> {
  const script =
    "import { setUpApp } from './scripts/lib/setup.mjs'; const { electron, variables } = await setUpApp(); console.log(JSON.stringify({ executable: electron.executable, variables }));";
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    cwd: projectRoot,
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as {
    executable: string;
    variables: Record<string, string>;
  };
}
