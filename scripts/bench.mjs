// npm run bench -- ...: the benchmarks, with what they need to start the built app in PATCHBAY_LAUNCH_SPEC.
import { appArguments } from './lib/app-environment.mjs';
import { ensureBuilt } from './lib/bundles.mjs';
import { hasDisplay, startDisplay } from './lib/display.mjs';
import { runScript } from './lib/log.mjs';
import { useProjectNode } from './lib/node-runtime.mjs';
import { runForeground } from './lib/process.mjs';
import { inProject, projectRoot } from './lib/project.mjs';
import { setUpApp } from './lib/setup.mjs';

await runScript(async () => {
  await useProjectNode();
  const { electron, variables } = await setUpApp();
  await ensureBuilt();
  const display = hasDisplay() ? undefined : await startDisplay();
  // The benchmark adds its own --user-data-dir; only the app gets `env`, the benchmark's own Node must not.
  const spec = {
    executablePath: electron.executable,
    args: appArguments(),
    env: { ...display?.env, ...variables },
    cwd: projectRoot,
  };
  try {
    return await runForeground(process.execPath, [inProject('test', 'bench', 'main.mjs'), ...process.argv.slice(2)], {
      cwd: projectRoot,
      env: { ...process.env, ...display?.env, PATCHBAY_LAUNCH_SPEC: JSON.stringify(spec) },
    });
  } finally {
    display?.stop();
  }
});
