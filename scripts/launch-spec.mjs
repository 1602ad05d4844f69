// node scripts/launch-spec.mjs --profile DIR: builds when needed and prints one line of JSON, {executablePath, args, env, cwd},
// which is what _electron.launch() of Playwright takes. Everything else goes to stderr.
import { appArguments } from './lib/app-environment.mjs';
import { ensureBuilt } from './lib/bundles.mjs';
import { hasDisplay } from './lib/display.mjs';
import { runScript, SetupError, say } from './lib/log.mjs';
import { useProjectNode } from './lib/node-runtime.mjs';
import { readOptions } from './lib/options.mjs';
import { projectRoot } from './lib/project.mjs';
import { setUpApp } from './lib/setup.mjs';

// Playwright replaces the whole environment by `env`. What a desktop program needs is passed on; the rest of the caller's
// variables are not printed: they may be tokens, PATCHBAY_TOKEN among them.
const passedOn =
  /^(HOME|PATH|Path|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_.*|TZ|TMPDIR|TEMP|TMP|DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|XDG_.*|DBUS_SESSION_BUS_ADDRESS|APPDATA|LOCALAPPDATA|USERPROFILE|SystemRoot|windir|ProgramData|NODE_EXTRA_CA_CERTS|PATCHBAY_SQLITE_BINDING)$/;

await runScript(async () => {
  await useProjectNode();
  const { options } = readOptions(process.argv.slice(2), { profile: 'value' });
  if (!options.profile) throw new SetupError('--profile is missing.', 'node scripts/launch-spec.mjs --profile DIR');
  const { electron, variables } = await setUpApp();
  await ensureBuilt();
  if (!hasDisplay()) say('Note: there is no DISPLAY here; start one (for example with xvfb-run -a) before launching.');
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => passedOn.test(name)));
  const spec = {
    executablePath: electron.executable,
    args: appArguments({ profile: options.profile }),
    env: { ...inherited, ...variables },
    cwd: projectRoot,
  };
  process.stdout.write(`${JSON.stringify(spec)}\n`);
});
