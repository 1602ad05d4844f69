// npm start [-- --profile DIR] [-- arguments for the app]: set up, build what is stale, run the app, give its exit code.
import { appArguments } from './lib/app-environment.mjs';
import { ensureBuilt } from './lib/bundles.mjs';
import { hasDisplay, sayHowToLook, startDisplay } from './lib/display.mjs';
import { runScript, say } from './lib/log.mjs';
import { useProjectNode } from './lib/node-runtime.mjs';
import { readOptions } from './lib/options.mjs';
import { runForeground } from './lib/process.mjs';
import { projectRoot } from './lib/project.mjs';
import { setUpApp } from './lib/setup.mjs';

// An app that cannot start ends within this time.
const startTimeMs = 3000;

await runScript(async () => {
  await useProjectNode();
  const { options, rest } = readOptions(process.argv.slice(2), { profile: 'value' });
  const { electron, variables } = await setUpApp();
  await ensureBuilt();
  const display = hasDisplay() ? undefined : await startDisplay();
  try {
    return await runForeground(electron.executable, appArguments({ profile: options.profile, extra: rest }), {
      cwd: projectRoot,
      env: { ...process.env, ...display?.env, ...variables },
      onStarted: (child) => announce(child, display),
    });
  } finally {
    display?.stop();
  }
});

function announce(child, display) {
  const timer = setTimeout(() => {
    say('Patchbay is running. Close its window or press Ctrl-C to end it.');
    if (display) sayHowToLook(display.env);
  }, startTimeMs);
  child.once('exit', () => clearTimeout(timer));
}
