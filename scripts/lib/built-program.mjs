// Bundles that run in plain Node, without Electron.
import fs from 'node:fs';
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
    const env = {
      NODE_COMPILE_CACHE: inProject('.vite', 'compile-cache'),
      ...process.env,
      PATCHBAY_LAUNCHER: String(process.pid),
    };
    return runForeground(process.execPath, [file, ...process.argv.slice(2)], { env, onStarted: dieWithNpm });
  });

/** Whoever kills npm alone (kill -9 of what they started) means all of this: no writer may be left behind without a parent. */
function dieWithNpm(child) {
  if (process.env.npm_lifecycle_event === undefined || process.platform === 'win32') return;
  const ancestors = ancestorsOf(process.ppid);
  const timer = setInterval(() => {
    if (ancestorsOf(process.ppid) === ancestors) return;
    child.kill('SIGKILL');
    process.kill(process.pid, 'SIGKILL');
  }, 200);
  timer.unref();
}

/** npm starts us through a shell, which outlives it: where the system tells, the shell's parent counts too. */
function ancestorsOf(parent) {
  try {
    const stat = fs.readFileSync(`/proc/${parent}/stat`, 'utf8');
    return `${parent} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]}`;
  } catch {
    // No such file system: the parent alone.
    return `${parent}`;
  }
}
