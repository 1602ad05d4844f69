// npm run typecheck: every zone against its own tsconfig. All are checked, also after one has failed.
import fs from 'node:fs';
import { runScript, say } from './lib/log.mjs';
import { useProjectNode } from './lib/node-runtime.mjs';
import { ensurePackages } from './lib/packages.mjs';
import { runForeground } from './lib/process.mjs';
import { inProject, projectRoot } from './lib/project.mjs';

await runScript(async () => {
  await useProjectNode();
  await ensurePackages();
  const failed = [];
  for (const configuration of zoneConfigurations()) {
    const code = await runForeground(
      process.execPath,
      [inProject('node_modules/typescript/bin/tsc'), '-p', configuration],
      {
        cwd: projectRoot,
      },
    );
    if (code !== 0) failed.push(configuration);
  }
  say(failed.length === 0 ? 'Types: all zones pass.' : `Types: ${failed.join(', ')} failed.`);
  return failed.length === 0 ? 0 : 1;
});

function zoneConfigurations() {
  const root = fs.readFileSync(inProject('tsconfig.json'), 'utf8');
  return [...root.matchAll(/"path": "\.\/(tsconfig\.\w+\.json)"/g)].map(([, file]) => file);
}
