// Bundles that run in plain Node, without Electron.
import { ensureBuilt } from './bundles.mjs';
import { runScript } from './log.mjs';
import { useProjectNode } from './node-runtime.mjs';
import { ensurePackages } from './packages.mjs';
import { runForeground } from './process.mjs';
import { inProject } from './project.mjs';

/** Builds when needed and runs `.vite/build/<name>.cjs` with our command-line arguments; `helpers` are bundles it starts. */
export const runBuiltProgram = (name, helpers = []) =>
  runScript(async () => {
    await useProjectNode();
    await ensurePackages();
    await ensureBuilt({ names: [name, ...helpers] });
    const file = inProject('.vite', 'build', `${name}.cjs`);
    // Compiled once: from the second start on, a tenth of a second less.
    const env = { NODE_COMPILE_CACHE: inProject('.vite', 'compile-cache'), ...process.env };
    return runForeground(process.execPath, [file, ...process.argv.slice(2)], { env });
  });
