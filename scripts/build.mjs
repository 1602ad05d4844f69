// npm run build [-- --force]: the bundles in .vite/, those that are stale.
import { ensureBuilt } from './lib/bundles.mjs';
import { runScript, say } from './lib/log.mjs';
import { useProjectNode } from './lib/node-runtime.mjs';
import { readOptions } from './lib/options.mjs';
import { ensurePackages } from './lib/packages.mjs';

await runScript(async () => {
  await useProjectNode();
  const { options } = readOptions(process.argv.slice(2), { force: 'flag' });
  await ensurePackages();
  await ensureBuilt(options);
  say('The build is up to date.');
});
