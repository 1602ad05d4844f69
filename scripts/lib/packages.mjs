// node_modules as package-lock.json says, without running a single install script of a dependency.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { readNote, withLock, writeNote } from './cache.mjs';
import { SetupError, step } from './log.mjs';
import { run } from './process.mjs';
import { inProject, projectRoot } from './project.mjs';
import { npmCommand } from './registry.mjs';

// Inside node_modules, so that whoever deletes that folder deletes the record with it.
const record = inProject('node_modules', '.patchbay-lock-hash.json');

const lockHash = () =>
  createHash('sha256')
    .update(fs.readFileSync(inProject('package-lock.json')))
    .digest('hex');

export async function ensurePackages() {
  if (readNote(record) === lockHash()) return;
  // Named after the checkout: other checkouts install at their own pace.
  await withLock(`packages-${createHash('sha256').update(projectRoot).digest('hex').slice(0, 12)}`, async () => {
    const hash = lockHash();
    if (readNote(record) === hash) return;
    if (!installedAsLocked()) await install();
    writeNote(record, hash);
  });
}

/** npm keeps its own copy of what it installed; a plain `npm ci` by hand needs no second one from us. */
function installedAsLocked() {
  const installed = readNote(inProject('node_modules', '.package-lock.json'))?.packages;
  const locked = readNote(inProject('package-lock.json'))?.packages;
  if (!installed || !locked) return false;
  return Object.entries(locked).every(
    ([place, entry]) =>
      place === '' || entry.optional || entry.devOptional || installed[place]?.version === entry.version,
  );
}

async function install() {
  const npm = npmCommand();
  await step('Installing packages (npm ci)', async () => {
    try {
      await run(npm.command, [...npm.args, 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
        cwd: projectRoot,
      });
    } catch (cause) {
      throw new SetupError(
        'The packages could not be installed.',
        'Check the connection and `npm config get registry`, then run the same command again; `npm ci --ignore-scripts` alone shows more.',
        { cause },
      );
    }
  });
}
