// npm run check-electron: fails when the pinned Electron is no longer one of the newest three majors, which alone get security
// fixes. A registry that cannot be asked is told and is no failure: that says nothing about Electron.
import fs from 'node:fs';
import { runScript, say } from './lib/log.mjs';
import { run } from './lib/process.mjs';
import { inProject } from './lib/project.mjs';
import { npmCommand } from './lib/registry.mjs';

const SUPPORTED_MAJORS = 3;

const majorOf = (version) => Number.parseInt(version, 10);

await runScript(async () => {
  const pinned = JSON.parse(fs.readFileSync(inProject('package.json'), 'utf8')).devDependencies.electron;
  const npm = npmCommand();
  let newest;
  try {
    const args = [...npm.args, 'view', 'electron', 'version', '--silent'];
    newest = (await run(npm.command, args, { capture: true, timeoutMs: 60_000 })).trim();
  } catch (error) {
    say(`Not checked: the registry could not be asked (${error.message.split('\n')[0]}).`);
    return 0;
  }
  const behind = majorOf(newest) - majorOf(pinned);
  if (!Number.isInteger(behind)) throw new Error(`The registry answered "${newest}" for the version of electron.`);
  const isSupported = behind < SUPPORTED_MAJORS;
  say(`Electron ${pinned} is pinned, ${newest} is the newest: ${isSupported ? 'supported' : 'no longer supported'}.`);
  if (!isSupported) say(`Next:   npm i -D -E --ignore-scripts electron@${majorOf(newest)}, then npm test.`);
  return isSupported ? 0 : 1;
});
