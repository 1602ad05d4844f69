// npm run screenshots: takes the pictures of README.md anew. Node strips the types of test/screenshots/take.ts.
import { ensureBuilt } from './lib/bundles.mjs';
import { ensureKeyringPrograms } from './lib/debian.mjs';
import { hasDisplay, startDisplay } from './lib/display.mjs';
import { runScript } from './lib/log.mjs';
import { useProjectNode } from './lib/node-runtime.mjs';
import { runForeground } from './lib/process.mjs';
import { inProject, projectRoot } from './lib/project.mjs';
import { setUpApp } from './lib/setup.mjs';

await runScript(async () => {
  await useProjectNode();
  await setUpApp();
  await ensureBuilt();
  await ensureKeyringPrograms();
  const display = hasDisplay() ? undefined : await startDisplay();
  try {
    return await runForeground(process.execPath, [inProject('test', 'screenshots', 'take.ts')], {
      cwd: projectRoot,
      env: { ...process.env, ...display?.env },
    });
  } finally {
    display?.stop();
  }
});
