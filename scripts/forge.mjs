// npm run package, npm run make: electron-forge with the right Node, also where only the stand-in Electron is to be had.
import { stampAll } from './lib/bundles.mjs';
import { ensureMakerTools } from './lib/debian.mjs';
import { ensureStandInZip } from './lib/electron-zip.mjs';
import { runScript, SetupError, say } from './lib/log.mjs';
import { useProjectNode } from './lib/node-runtime.mjs';
import { runForeground } from './lib/process.mjs';
import { inProject, projectRoot } from './lib/project.mjs';
import { setUpApp } from './lib/setup.mjs';

const commands = ['package', 'make'];

await runScript(async () => {
  await useProjectNode();
  const [command, ...rest] = process.argv.slice(2);
  if (!commands.includes(command))
    throw new SetupError(`There is no "${command}".`, `npm run ${commands.join(', npm run ')}`);
  const { electron, variables } = await setUpApp();
  await ensureMakerTools();
  const cli = inProject('node_modules', '@electron-forge', 'cli', 'dist', 'electron-forge.js');
  const code = await runForeground(process.execPath, [cli, command, ...rest], {
    cwd: projectRoot,
    env: { ...process.env, ...(await forgeVariables(electron, variables)) },
  });
  if (code === 0) stampAll();
  return code;
});

async function forgeVariables(electron, variables) {
  if (electron.kind !== 'stand-in') return {};
  say('This package is for trying out here only: it must not be given to anybody.');
  return { ...variables, PATCHBAY_STAND_IN_ZIP_DIR: await ensureStandInZip(electron) };
}
