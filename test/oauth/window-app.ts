// Builds and starts the program that has nothing but the log-in window (src/main/oauth/testing/window-harness.ts).
import fs from 'node:fs';
import { builtinModules } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import type { ElectronApplication } from '@playwright/test';
import { build } from 'vite';
import { launchProgram } from '../support/program.ts';

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
