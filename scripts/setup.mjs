// npm run setup [-- --retry-official]: everything a start needs, without starting.
import { runScript, say } from './lib/log.mjs';
import { useProjectNode } from './lib/node-runtime.mjs';
import { readOptions } from './lib/options.mjs';
import { setUpApp } from './lib/setup.mjs';

await runScript(async () => {
  await useProjectNode();
  const { options } = readOptions(process.argv.slice(2), { 'retry-official': 'flag' });
  const { electron } = await setUpApp({ retryOfficial: options['retry-official'] });
  say(`Ready: Node ${process.versions.node}, Electron ${electron.version} (${electron.kind}).`);
});
