// The engine's bundles, built for the tests that need real processes of it.
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { build } from 'vite';
import { nodeBundles } from '../../build/bundles.mjs';
import { nodeBundle } from '../../build/node-bundle.mjs';

const projectRoot = path.resolve(import.meta.dirname, '..', '..');

export interface BuiltEngine {
  readonly worker: string;
  readonly networkThread: string;
  readonly headless: string;
  remove(): void;
}

/** Inside the project, because the bundles take better-sqlite3 from its node_modules. */
export async function buildEngine(names: readonly ('worker' | 'network-thread' | 'headless')[]): Promise<BuiltEngine> {
  const folder = path.join(projectRoot, '.vite', `test-${process.pid}`);
  if (!existsSync(folder)) mkdirSync(folder, { recursive: true });
  for (const bundle of nodeBundles.filter((one) => names.some((name) => name === one.name))) {
    const configuration = nodeBundle(bundle);
    await build({
      ...configuration,
      configFile: false,
      logLevel: 'error',
      build: { ...configuration.build, outDir: folder },
    });
  }
  return {
    worker: path.join(folder, 'worker.cjs'),
    networkThread: path.join(folder, 'network-thread.cjs'),
    headless: path.join(folder, 'headless.cjs'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
