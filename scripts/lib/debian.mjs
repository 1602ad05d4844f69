// What a bare Linux machine lacks: installed when we are root on Debian or its relatives, named exactly when not.
import fs from 'node:fs';
import { SetupError, say, step } from './log.mjs';
import { run, succeeds } from './process.mjs';

const electronLibraries = [
  'libnss3',
  'libatk1.0-0',
  'libatk-bridge2.0-0',
  'libcups2',
  'libgtk-3-0',
  'libgbm1',
  'libasound2',
  'libxss1',
  'libxtst6',
  'libsecret-1-0',
];
const virtualDisplay = ['xvfb'];
const keyring = ['gnome-keyring', 'dbus', 'libsecret-1-0'];
const buildTools = ['make', 'g++', 'python3'];
const makerTools = ['fakeroot', 'dpkg', 'zip', 'unzip'];

const isRoot = () => process.getuid?.() === 0;
let listsAreFresh = false;

/** @param {{display: boolean}} needs whether a virtual display will be started */
export async function ensureElectronLibraries(executable, { display }) {
  if (process.platform !== 'linux') return;
  // The loader itself is the judge on systems that name their packages otherwise.
  const missing = await missingLibraries(executable);
  const wanted = missing.length > 0 ? electronLibraries : [];
  const programs = display && !(await isCommand('Xvfb')) ? virtualDisplay : [];
  if (wanted.length + programs.length === 0) return;
  await install(
    [...wanted, ...programs],
    `to run Electron${missing.length > 0 ? ` (missing: ${missing.join(', ')})` : ''}`,
  );
}

export async function ensureKeyringPrograms() {
  if (process.platform !== 'linux') return;
  const present = await Promise.all(['gnome-keyring-daemon', 'dbus-run-session'].map(isCommand));
  if (present.every(Boolean) && (await isInstalledOrUnknown('libsecret-1-0'))) return;
  await install(keyring, 'to test with a real keyring');
}

export async function ensureBuildTools() {
  const missing = [];
  for (const tool of buildTools) if (!(await isCommand(tool))) missing.push(tool);
  if (missing.length > 0) await install(missing, 'to compile better-sqlite3');
}

export async function ensureMakerTools() {
  if (process.platform !== 'linux') return;
  const missing = [];
  for (const tool of makerTools) if (!(await isCommand(tool === 'dpkg' ? 'dpkg-deb' : tool))) missing.push(tool);
  if (missing.length > 0) await install(missing, 'to make packages');
}

const isCommand = (name) => succeeds('sh', ['-c', `command -v ${name}`]);

async function isInstalledOrUnknown(name) {
  if (!(await isCommand('dpkg-query'))) return true;
  return succeeds('sh', ['-c', `dpkg-query -W -f='\${db:Status-Status}' ${name} 2>/dev/null | grep -qx installed`]);
}

async function missingLibraries(executable) {
  if (!(await isCommand('ldd'))) return [];
  const output = await run('ldd', [executable], { capture: true });
  return output
    .split('\n')
    .filter((line) => line.includes('not found'))
    .map((line) => line.trim().split(' ')[0]);
}

async function install(names, purpose) {
  const command = `apt-get install -y --no-install-recommends ${names.join(' ')}`;
  if (!fs.existsSync('/usr/bin/apt-get')) {
    throw new SetupError(
      `Programs or libraries are missing ${purpose}.`,
      `Install what your system calls: ${names.join(' ')}`,
    );
  }
  if (!isRoot()) {
    throw new SetupError(`Debian packages are missing ${purpose}.`, `sudo apt-get update && sudo ${command}`);
  }
  await step(`Installing Debian packages ${purpose}: ${names.join(' ')}`, async () => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    try {
      if (!listsAreFresh) await run('apt-get', ['update', '-q'], { capture: true, env });
      listsAreFresh = true;
      await run('sh', ['-c', `${command} -q`], { capture: true, env });
    } catch (cause) {
      say(cause.stderr ?? '');
      throw new SetupError('apt-get failed.', `apt-get update && ${command}`, { cause });
    }
  });
}
