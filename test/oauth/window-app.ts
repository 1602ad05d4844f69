// Builds and starts the program that has nothing but the log-in window (src/main/login-window/testing/harness.ts).
import fs from 'node:fs';
import { builtinModules } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import type { ElectronApplication } from '@playwright/test';
import { build } from 'vite';
import { launchProgram, spawnProgram } from '../support/program.ts';

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
  const app = await launchProgram(program, profile);
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

/**
 * Starts it without a driver: it opens one log-in, cancels it when `isDone` says so, and ends.
 * @returns how it ended: 0, or the signal that ended it
 */
export async function logInUndriven(issuer: string, isDone: () => boolean): Promise<number | string | null> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'patchbay-undriven-'));
  const stop = path.join(folder, 'stop');
  await bundle(folder);
  const request = { issuer, connectionId: 'connection0000', connectionName: 'Mirror of Acme' };
  fs.writeFileSync(
    path.join(folder, 'package.json'),
    JSON.stringify({ name: 'undriven', version: '0.0.1', main: 'undriven.cjs' }),
  );
  fs.writeFileSync(
    path.join(folder, 'undriven.cjs'),
    `require('./main.cjs');
    const { app } = require('electron');
    const { existsSync } = require('node:fs');
    void app.whenReady().then(async () => {
      const { harness } = globalThis;
      harness.start(${JSON.stringify(request)});
      while (!existsSync(${JSON.stringify(stop)})) await new Promise((resolve) => setTimeout(resolve, 50));
      harness.cancel('${request.connectionId}');
      await harness.result('${request.connectionId}');
      app.exit(0);
    });`,
  );
  const child = await spawnProgram(folder, path.join(folder, 'profile'));
  const ended = new Promise<number | string | null>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? code));
  });
  const watch = setInterval(() => isDone() && fs.writeFileSync(stop, ''), 50);
  const limit = setTimeout(() => child.kill('SIGKILL'), 20_000);
  const how = await ended;
  clearInterval(watch);
  clearTimeout(limit);
  fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  return how;
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
        entry: { main: path.join(projectRoot, 'src/main/login-window/testing/harness.ts') },
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
